"""What readers get: plain frozen values for pages, API and command line.  Credits are hundredths, times UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Generic, TypeVar

from creditbank_plugin.formats import json_text
from creditbank_plugin.storage.base import Stored

Item = TypeVar("Item")


@dataclass(frozen=True)
class Name:
    """A name in Thai and, where one is known, in English."""

    th: str
    en: str | None = None


@dataclass(frozen=True)
class Outcome:
    """One outcome of a framework; where no text of it is sourced, its code stands as its title."""

    id: str
    framework: str
    code: str
    title: Name
    source: str | None


def outcome_of(item: Stored) -> Outcome:
    """Return an outcome as every reader is shown it, from its row with its framework's code."""
    return Outcome(item.id, item.framework_code, item.code, Name(item.text_th or item.code, item.text_en), item.source)


@dataclass(frozen=True)
class Movement:
    """One ledger entry, as history: ``amount`` in hundredths."""

    seq: int
    kind: str
    amount: int
    from_state: str | None
    to_state: str | None
    known_at: datetime


@dataclass(frozen=True)
class Authority:
    """Under whose authority a record stands: the comparison and the order that adopted it."""

    comparison_id: str
    body: Name
    reference: str
    approved_at: datetime
    adoption_id: str
    order_number: str
    signatory: str
    ordered_on: date


@dataclass(frozen=True)
class Record:
    """A credit: one for each account and course version."""

    id: str
    account_id: str
    bank_code: str
    bank_name: Name
    course_owner: str
    course_code: str
    course_version: str
    course_title: Name
    scheme: str
    credits: int
    amounts: Mapping[str, int]
    state: str
    outcomes: Sequence[Outcome]
    nqf_level: int | None
    nqf_level_basis: str | None
    grade: str | None
    score: Decimal | None
    assurance_identity: str
    assurance_assessment: str
    completed_on: date
    completed_at_precision: str
    credited_at: datetime
    school: str | None
    authority: Authority
    explanation_text: str = field(repr=False)
    event_id: str
    movements: Sequence[Movement]

    @cached_property
    def explanation(self) -> Sequence[Mapping[str, Any]]:
        """Return the lines of the explanation; ``explanation_text`` is their JSON as it is stored."""
        return _lines(self.explanation_text)


@dataclass(frozen=True)
class TakenBack:
    """Since when a record is revoked or under review, and the reason that the host gave, where it gave one."""

    at: datetime
    reason: str | None


@dataclass(frozen=True)
class Balance:
    """What an account holds in one scheme, in hundredths; schemes are different currencies and are never added."""

    scheme: str
    available: int
    held: int
    redeemed: int
    under_review: int


@dataclass(frozen=True)
class LearnerFound:
    """A learner by our number for the person, the accounts they hold, and ``provisional`` or ``active``."""

    id: str
    account_ids: Sequence[str]
    state: str


@dataclass(frozen=True)
class Credits:
    """A page of a learner's records, newest first; ``next`` is the cursor of the following page."""

    learner_id: str
    balances: Sequence[Balance]
    items: Sequence[Record]
    next: str | None


@dataclass(frozen=True)
class Event:
    """A message and what became of it.  ``id``/``source`` are the message's own, ``event_id`` is ours.

    ``tiding`` is the public form, personal fields redacted.  ``course_title`` is the catalogue's title.
    """

    event_id: str
    id: str | None
    source: str | None
    kind: str
    door: str
    state: str
    reason: str
    record_id: str | None
    comparison_id: str | None
    adoption_id: str | None
    explanation_text: str = field(repr=False)
    received_at: datetime
    decided_at: datetime | None
    tiding: Mapping[str, Any] = field(repr=False)
    issuer: str
    learner: str = field(repr=False)
    course_code: str | None
    course_title: Name | None
    organisation: str | None
    account_id: str | None
    attempts: int
    error: str | None

    @cached_property
    def explanation(self) -> Sequence[Mapping[str, Any]]:
        """Return the lines of the explanation; ``explanation_text`` is their JSON as it is stored."""
        return _lines(self.explanation_text)


def _lines(text: str) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = json_text.loads(text)
    return found


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of a list, and the id to go on after, None at the end."""

    items: Sequence[Item]
    next: str | None


def page_of(found: Sequence[Stored], limit: int) -> Page[Stored]:
    """Return the first ``limit`` of rows of which one more was asked for, to see whether there is more."""
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)

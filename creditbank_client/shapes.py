"""What the API answers, as types.  The texts of days are ISO, of moments RFC 3339 in UTC, of credits decimal (``"1.50"``).

They say what an answer holds in full: with ``fields`` only the asked keys are there.  More keys may come in later versions.
"""

from typing import Any, NotRequired, TypedDict


class Name(TypedDict):
    """A name in Thai and, where one is known, in English."""

    th: str
    en: str | None


class Reason(TypedDict):
    """Why a message is in its state."""

    code: str
    th: str
    en: str


class WhatIsWrong(TypedDict):
    """What is wrong with one field."""

    field: str | None
    th: str
    en: str


class Line(TypedDict):
    """One line of an explanation: which rule, from which source, looked at what, and found what."""

    rule: str
    source: str | None
    inputs: dict[str, Any]
    result: Any
    th: str
    en: str


class Bank(TypedDict):
    """The credit bank that deposited."""

    code: str
    name: Name


class NamedCourse(TypedDict):
    """A course version."""

    owner: str
    code: str
    version: str
    title: Name


class Outcome(TypedDict):
    """A learning outcome of a framework."""

    id: str
    framework: str
    code: str
    title: Name


class Assurance(TypedDict):
    """How sure the sender was."""

    identity: str
    assessment: str


class Movement(TypedDict):
    """One entry of the ledger."""

    seq: int
    kind: str
    credits: str
    from_state: str | None
    to_state: str | None
    known_at: str


class Record(TypedDict):
    """A credit record."""

    id: str
    account_id: str
    bank: Bank
    course: NamedCourse
    scheme: str
    credits: str
    outcomes: list[Outcome]
    nqf_level: int | None
    nqf_level_basis: str | None
    grade: str | None
    score: float | None
    assurance: Assurance
    completed_on: str
    completed_at_precision: str
    credited_at: str
    school: str | None
    state: str
    comparison_id: str
    adoption_id: str
    explanation: list[Line]
    event_id: str
    movements: NotRequired[list[Movement]]


class Balance(TypedDict):
    """What is held in one scheme."""

    scheme: str
    available: str
    held: str
    redeemed: str
    under_review: str


class Me(TypedDict):
    """The learner who let the client in, and for how long."""

    learner_id: str
    state: str
    scopes: list[str]
    token_ends: str | None
    until: str | None


class Learner(TypedDict):
    """A learner by our numbers."""

    id: str
    account_ids: list[str]
    state: str


class Told(TypedDict):
    """What became of one message, as its sender is answered."""

    id: str | None
    source: str | None
    event_id: str | None
    state: str
    reason: Reason
    record_id: str | None
    error: NotRequired[WhatIsWrong]


class Decision(TypedDict):
    """The current decision about a message."""

    state: str
    reason: Reason
    explanation: list[Line]
    record_id: str | None
    comparison_id: str | None
    adoption_id: str | None
    decided_at: str


class Event(Told):
    """A message with its decision."""

    received_at: str
    tiding: dict[str, Any]
    decision: Decision | None


class Change(TypedDict):
    """A change, by ids; what they stand for is read where they lead."""

    id: str
    type: str
    time: str
    learner_id: str | None
    account_id: str | None
    record_id: str | None
    event_id: str | None
    statement_id: str | None


class ChangePage(TypedDict):
    """Changes, the oldest first."""

    items: list[Change]
    next: str
    more: bool


class Subscription(TypedDict):
    """An address that is told of changes; its secret is shown when it is made, and never again."""

    id: str
    url: str
    organisation: str
    types: list[str]
    created_at: str
    old_secret_until: str | None


class NewSubscription(Subscription):
    """A subscription with its secret."""

    secret: str

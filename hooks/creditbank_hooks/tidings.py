"""Tidings: what a host tells us, as frozen values of facts that have happened.

Each checks itself when it is made, so that a tiding that exists is sound; the error names the field.
Personal data stands apart in ``Personal`` and is never part of a ``repr``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from creditbank_hooks import checks

IDENTITY_ASSURANCE = ("unknown", "login", "verified", "proctored")
ASSESSMENT_ASSURANCE = ("self", "automatic", "teacher", "proctored", "standard_test")
PRECISIONS = ("exact", "upper_bound")


def _set(value: object, **changes: Any) -> None:
    for name, change in changes.items():
        object.__setattr__(value, name, change)


@dataclass(frozen=True, kw_only=True)
class Personal:
    """What identifies a human being; kept encrypted, shown to nobody by ``repr``."""

    name: str | None = field(default=None, repr=False)
    national_id: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.name is not None:
            _set(self, name=checks.text("learner.name", self.name))
        if self.national_id is not None:
            _set(self, national_id=checks.text("learner.national_id", self.national_id, longest=40))
        if self.birth_date is not None:
            checks.day("learner.birth_date", self.birth_date)


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A learner as the issuer (a host, by its home page) knows them: ``id`` never changes for one learner."""

    id: str
    issuer: str
    personal: Personal = field(default=Personal(), repr=False)

    def __post_init__(self) -> None:
        _set(self, id=checks.identifier("learner.id", self.id), issuer=checks.identifier("learner.issuer", self.issuer))


@dataclass(frozen=True, kw_only=True)
class Course:
    """A course as the host names it.  ``owner`` is an organisation's code, ``version`` a curriculum year พ.ศ.;
    ``iri`` is the address by which a host without our codes names it.
    """

    code: str
    version: str | None = None
    owner: str | None = None
    title: str | None = None
    iri: str | None = None

    def __post_init__(self) -> None:
        _set(self, code=checks.text("course.code", self.code))
        for name, longest in (("version", 20), ("owner", 60), ("title", 500), ("iri", 1000)):
            value = getattr(self, name)
            if value is not None:
                _set(self, **{name: checks.text(f"course.{name}", value, longest=longest)})


@dataclass(frozen=True, kw_only=True)
class Assurance:
    """How sure the host is of who learned (``identity``) and of how it was assessed (``assessment``)."""

    identity: str = "unknown"
    assessment: str = "self"

    def __post_init__(self) -> None:
        checks.one_of("assurance.identity", self.identity, IDENTITY_ASSURANCE)
        checks.one_of("assurance.assessment", self.assessment, ASSESSMENT_ASSURANCE)


@dataclass(frozen=True, kw_only=True)
class Tiding:
    """What every tiding has.

    ``event_id`` and ``source`` are the message's own; without an id the facts themselves are the key.
    ``time`` orders corrections of the same fact (default: the moment the fact itself names).
    ``extra`` holds what the sender said beside the contract: kept (encrypted), otherwise ignored.
    """

    kind: ClassVar[str]
    event_id: str | None = None
    source: str | None = None
    time: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.event_id is not None:
            _set(self, event_id=checks.text("id", self.event_id))
        if self.source is not None:
            _set(self, source=checks.text("source", self.source, longest=1000))
        if self.time is not None:
            _set(self, time=checks.instant("time", self.time))


@dataclass(frozen=True, kw_only=True)
class CourseCompleted(Tiding):
    """A learner finished a course: ``lms.course.completed.v1``.

    ``score`` is 0–100, ``attendance`` percent, ``hours`` clock hours (told, never the source of credit).
    ``completed_at_precision`` is ``upper_bound`` where the host only knows that it was not later.
    """

    kind: ClassVar[str] = "lms.course.completed.v1"
    learner: Learner
    course: Course
    completed_at: datetime
    completed_at_precision: str = "exact"
    attempt: int = 1
    school: str | None = None
    score: Decimal | None = None
    grade: str | None = None
    attendance: Decimal | None = None
    hours: Decimal | None = None
    assurance: Assurance | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _set(
            self,
            completed_at=checks.instant("completed_at", self.completed_at),
            attempt=checks.whole("attempt", self.attempt, 1, 9999),
        )
        checks.one_of("completed_at_precision", self.completed_at_precision, PRECISIONS)
        if self.school is not None:
            _set(self, school=checks.text("school", self.school, longest=60))
        if self.grade is not None:
            _set(self, grade=checks.text("grade", self.grade, longest=20))
        for name, high in (("score", 100), ("attendance", 100), ("hours", 100_000)):
            value = getattr(self, name)
            if value is not None:
                _set(self, **{name: checks.number(name, value, 0, high)})


@dataclass(frozen=True, kw_only=True)
class CompletionRevoked(Tiding):
    """The host takes a completion back: ``lms.course.revoked.v1``.

    It voids completions of the course with ``completed_at`` ≤ ``revoked_at``: of one ``attempt``, or (None) of all.
    """

    kind: ClassVar[str] = "lms.course.revoked.v1"
    learner: Learner
    course: Course
    revoked_at: datetime
    reason: str
    attempt: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _set(
            self,
            revoked_at=checks.instant("revoked_at", self.revoked_at),
            reason=checks.text("reason", self.reason, longest=500),
        )
        if self.attempt is not None:
            checks.whole("attempt", self.attempt, 1, 9999)


@dataclass(frozen=True, kw_only=True)
class LearnerMerged(Tiding):
    """The host found that two of its learners are one person: ``lms.learner.merged.v1``."""

    kind: ClassVar[str] = "lms.learner.merged.v1"
    learner: Learner
    merged: Learner
    merged_at: datetime

    def __post_init__(self) -> None:
        super().__post_init__()
        _set(self, merged_at=checks.instant("merged_at", self.merged_at))
        if (self.learner.issuer, self.learner.id) == (self.merged.issuer, self.merged.id):
            raise checks.TidingError("merged.id", "ต้องเป็นผู้เรียนคนละรหัส", "must be another learner")


@dataclass(frozen=True, kw_only=True)
class LearnerErased(Tiding):
    """The host removed a learner: ``lms.learner.erased.v1``.

    Only the host's identifier is unlinked, and a task for a person is opened: credits are public records.
    """

    kind: ClassVar[str] = "lms.learner.erased.v1"
    learner: Learner
    erased_at: datetime

    def __post_init__(self) -> None:
        super().__post_init__()
        _set(self, erased_at=checks.instant("erased_at", self.erased_at))

"""The side door: what the credit bank asks of plugins before it decides.

Asked before anything is locked; the bank's own policies answer through the same hooks.
``check_evidence`` and ``weigh_credit`` fail closed: one that raises makes the completion wait (``plugin_unavailable``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from creditbank_hooks import checks
from creditbank_hooks.markers import hookspec
from creditbank_hooks.tidings import CourseCompleted, Learner


@dataclass(frozen=True, kw_only=True)
class LearnerIdentity:
    """Under which issuer and id a learner is known to the credit bank, spelt as in a `Learner`."""

    issuer: str
    id: str

    def __post_init__(self) -> None:
        for name in ("issuer", "id"):
            object.__setattr__(self, name, checks.identifier(f"learner.{name}", getattr(self, name)))


@dataclass(frozen=True, kw_only=True)
class HostUser:
    """Who is logged in at the host.

    ``roles`` are of ``student, teacher, registrar, director, committee, admin``; ``learner`` is set for one who learns;
    ``organisation`` is the code of the organisation a member of staff works for.  A ``committee`` acts for it and those
    below it, a ``director`` signs for it (orders of its bank, mandates), an ``admin`` acts for the whole platform, so no
    school's staff is one.
    """

    id: str
    roles: frozenset[str] = frozenset()
    learner: LearnerIdentity | None = None
    organisation: str | None = None
    display_name: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The approved comparison that a completion is measured by, in plain values; credits in hundredths."""

    comparison_id: str
    course_owner: str
    course_code: str
    course_version: str
    scheme: str
    credits: int
    conditions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EvidenceVerdict:
    """One checker's word on one completion.

    ``code``, when not accepted, is a public reason: ``score_below``, ``evidence_missing``, ``refused_by_policy`` …
    """

    accepted: bool
    rule: str
    source: str
    th: str
    en: str
    code: str = "refused_by_policy"
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CreditWeight:
    """How many credits (hundredths) one policy allows at most, and why; it may lower, never raise."""

    credits: int
    rule: str
    source: str
    th: str
    en: str


@hookspec(firstresult=True)
def resolve_learner(learner: Learner) -> LearnerIdentity | None:
    """Name the learner behind a host's user; the first answer that is not None wins, ours comes last."""


@hookspec(firstresult=True)
def map_outcomes(completion: CourseCompleted, rule: Rule, outcomes: Sequence[str]) -> Sequence[str] | None:
    """Choose among the approved outcome ids those that this completion shows; others are ignored."""


@hookspec(firstresult=True)
def current_user() -> HostUser | None:
    """Say who is logged in at the host in this request; None for nobody."""


@hookspec
def check_evidence(completion: CourseCompleted, rule: Rule) -> EvidenceVerdict | None:
    """Accept or refuse a completion; every checker is heard, one refusal withholds."""


@hookspec
def weigh_credit(completion: CourseCompleted, rule: Rule, credits: int) -> CreditWeight | None:
    """Lower the credits (hundredths) of a completion; the lowest answer holds."""

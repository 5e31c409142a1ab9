"""What stands of one course for one account: a pure function of the *set* of facts told, so that their order of arrival
never matters.

A fact is a completion that a rule has judged; a revocation voids completions up to its moment.  `stand` folds them into
what stands; `movements` turns the step from one standing to the next into ledger movements.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from creditbank_plugin.rules.grades import grade

#: How a scheme chooses among attempts.  No national source was found: configuration, and it says so on screen.
ATTEMPT_RULES = ("best", "latest")

#: The states an amount can be in; every hundredth deposited is in exactly one.
AMOUNT_STATES = ("available", "held", "redeemed", "under_review", "revoked", "expired", "duplicate")


@dataclass(frozen=True)
class Fact:
    """One judged completion.  ``credits`` are hundredths; ``reason`` says why it did not pass.

    ``issuer``, ``school`` and ``sender`` (the organisation whose client sent it) say whose word it is: a school corrects
    and takes back what it said itself, never what another school said.  ``questioned``: the comparison it rests on was
    withdrawn with all credit put under review, and nobody has decided about this one yet.
    """

    inbox_id: str
    issuer: str
    school: str | None
    sender: str | None
    attempt: int
    time: datetime
    digest: bytes
    completed_at: datetime
    exact: bool
    score: Decimal | None
    grade: str | None
    passed: bool
    reason: str
    scheme: str
    credits: int
    questioned: bool = False

    @property
    def result(self) -> tuple[object, ...]:
        """Return what the learner achieved; two facts of one result cannot contradict one another."""
        return (self.attempt, self.score, self.grade)

    @property
    def rank(self) -> tuple[object, ...]:
        """Return the order of versions of one attempt: an exact report beats an upper bound, then time, then digest."""
        return (self.exact, self.time, self.digest)


@dataclass(frozen=True)
class Revocation:
    """Completions of ``attempt`` (None: of every attempt) up to ``revoked_at``, included, are void.

    ``organisation`` is whose client said so; None is the host itself, whose word covers everything of its ``issuer``.
    """

    issuer: str
    organisation: str | None
    attempt: int | None
    revoked_at: datetime

    def voids(self, fact: Fact) -> bool:
        """Tell whether it voids ``fact``: in time, of that attempt, and the revoker's own to take back."""
        own = self.organisation is None or self.organisation in (fact.school, fact.sender)
        in_time = self.attempt in (None, fact.attempt) and fact.completed_at <= self.revoked_at
        return in_time and own and self.issuer == fact.issuer


@dataclass(frozen=True)
class Standing:
    """What stands: the fact that counts (None: nothing), in which state, and which facts are void."""

    fact: Fact | None
    under_review: bool
    void: frozenset[str]

    @property
    def credits(self) -> int:
        """Return the credits that stand, in hundredths."""
        return self.fact.credits if self.fact else 0


def stand(facts: Iterable[Fact], revocations: Iterable[Revocation], attempt_rule: str = "best") -> Standing:
    """Fold everything told about one course of one account into what stands."""
    facts, revocations = list(facts), list(revocations)
    if len(facts) == 1 and not revocations:  # nearly always, and then there is nothing to choose
        only = facts[0]
        return Standing(only, only.questioned, frozenset()) if only.passed else Standing(None, False, frozenset())
    void = frozenset(fact.inbox_id for fact in facts if any(revocation.voids(fact) for revocation in revocations))
    schools: dict[str, dict[int, list[Fact]]] = {}
    for fact in facts:
        if fact.inbox_id not in void:
            schools.setdefault(fact.school or "", {}).setdefault(fact.attempt, []).append(fact)
    candidates = [found for attempts in schools.values() for found in _of_school(attempts, attempt_rule)]
    if not candidates:
        return Standing(None, False, void)
    # Between schools the better result stands, whatever the rule: neither may lower what the other gave.
    fact, lowered = max(candidates, key=lambda candidate: (not candidate[1], *_merit(candidate[0])))
    return Standing(fact, lowered or fact.questioned, void)


def _of_school(attempts: Mapping[int, list[Fact]], attempt_rule: str) -> list[tuple[Fact, bool]]:
    """Return the attempts at one school that may count, and whether each was lowered; under ``latest`` the last one."""
    found = [counting for versions in attempts.values() if (counting := _of_attempt(versions)) is not None]
    if attempt_rule != "latest" or not found:
        return found
    fact, lowered = max(found, key=lambda candidate: candidate[0].attempt)
    earlier = [other for other, _ in found if other.attempt < fact.attempt]
    return [(fact, lowered or any(_lower(fact, other) for other in earlier))]


def _of_attempt(versions: list[Fact]) -> tuple[Fact, bool] | None:
    """Return the version of one attempt that counts and whether it was lowered from a better one."""
    newest = max(versions, key=lambda fact: fact.rank)
    passed = [fact for fact in versions if fact.passed]
    if not newest.passed:
        # A pass that was later corrected into a fail: a person decides, whichever was heard first.
        return (max(passed, key=lambda fact: fact.rank), True) if passed and _binding(newest, passed) else None
    lowered = any(_lower(newest, other) for other in passed if _binding(newest, [other]))
    if newest.exact:
        return newest, lowered
    # Of several upper bounds for one result the earliest is the closest to the truth.
    same = [fact for fact in passed if not fact.exact and fact.result == newest.result]
    return min(same, key=lambda fact: (fact.completed_at, fact.digest, fact.inbox_id)), lowered


def _binding(newest: Fact, others: list[Fact]) -> bool:
    """Tell whether ``newest`` says something about the result of the others, rather than nothing at all."""
    return any(fact.rank <= newest.rank for fact in others)


def _lower(newer: Fact, older: Fact) -> bool:
    """Tell whether ``newer`` takes something away that ``older`` gave; an absent result takes nothing away."""
    if newer.credits < older.credits:
        return True
    if newer.score is not None and older.score is not None:
        return newer.score < older.score
    points = [found.point if (found := grade(fact.grade)) else None for fact in (newer, older) if fact.grade]
    return len(points) == 2 and points[0] is not None and points[1] is not None and points[0] < points[1]


def _merit(fact: Fact) -> tuple[object, ...]:
    """Return the order among attempts under the rule ``best``; ties go to the later attempt.

    Of as many credits, those in question do not count: nobody has to wait for a decision that would change nothing.
    """
    score = fact.score if fact.score is not None else Decimal(-1)
    return (fact.credits, not fact.questioned, score, fact.attempt, fact.rank, fact.school or "")


def label(fact: Fact, before: Standing, after: Standing) -> str:
    """Return the reason code of a fact just told, from what stood before it and what stands with it."""
    if fact.inbox_id in after.void:
        return "completion_revoked"
    if not fact.passed:
        return fact.reason
    if before.fact is None:
        return "credited"
    if fact.result == before.fact.result and (not fact.exact or fact.completed_at == before.fact.completed_at):
        return "credited.already"
    counts = after.fact is not None and after.fact.inbox_id == fact.inbox_id
    return "credited.superseded_attempt" if counts else "credited.stale"


@dataclass(frozen=True)
class Movement:
    """A ledger movement: ``amount`` hundredths of ``scheme`` from one state to another (None: from or to outside)."""

    kind: str
    scheme: str
    amount: int
    from_state: str | None
    to_state: str | None


def movements(
    amounts: Mapping[str, int],
    scheme: str | None,
    before: Standing,
    after: Standing,
    came: Mapping[str, int] | None = None,
) -> list[Movement]:
    """Return the entries that bring a record from one standing to the next.

    ``amounts`` is what the record holds now, in hundredths of ``scheme`` (None: there is no record yet); ``came`` is from
    which states what is under review came (`rules.review`), None for all from ``available``.  When nothing about the
    standing changed, nothing moves: what a person has decided since is left alone.
    """
    if (before.fact, before.under_review) == (after.fact, after.under_review):
        return []
    came = {"available": amounts["under_review"]} if came is None else came
    if after.fact is None:
        return _take_back(amounts, scheme, before, came)
    if scheme is None:
        return _deposit(after)
    if scheme != after.fact.scheme:
        out = {
            "available": amounts["available"],
            "under_review": came.get("available", 0) if before.under_review else 0,
        }
        gone = [Movement("adjust", scheme, amount, state, None) for state, amount in out.items() if amount]
        return gone + _deposit(after)
    return _change(amounts, scheme, before, after, came)


def _deposit(after: Standing) -> list[Movement]:
    fact = after.fact
    if fact is None:
        return []
    made = [Movement("deposit", fact.scheme, fact.credits, None, "available")]
    if after.under_review:
        made.append(Movement("review", fact.scheme, fact.credits, "available", "under_review"))
    return made


def _take_back(
    amounts: Mapping[str, int], scheme: str | None, before: Standing, came: Mapping[str, int]
) -> list[Movement]:
    """Reverse an available credit at once; what is held or redeemed, or was before a review, goes to a person."""
    if scheme is None:
        return []
    if any(amounts[state] or came.get(state) for state in ("held", "redeemed")):
        made = [
            Movement("review", scheme, amounts[state], state, "under_review")
            for state in ("available", "held", "redeemed")
            if amounts[state]
        ]
        return made or [Movement("review", scheme, 0, "available", "under_review")]
    states = ("available", "duplicate", *(("under_review",) if before.under_review else ()))
    taken = [Movement("revoke", scheme, amounts[state], state, "revoked") for state in states if amounts[state]]
    return taken or [Movement("revoke", scheme, 0, "available", "revoked")]


def _change(
    amounts: Mapping[str, int], scheme: str, before: Standing, after: Standing, came: Mapping[str, int]
) -> list[Movement]:
    made: list[Movement] = []
    held = {state: amounts[state] for state in ("available", "held", "redeemed")}
    # What another account of the person has as well is there too, only set aside.
    live = sum(held.values()) + amounts["under_review"] + amounts["duplicate"]
    if before.fact is None:  # it was taken back, and a later completion counts
        back = min(amounts["revoked"], max(after.credits - live, 0))
        made.append(Movement("clear", scheme, back, "revoked", "available"))
        held["available"] += back
        live += back
    elif before.under_review and not after.under_review:
        for state, amount in came.items() or (("available", 0),):
            made.append(Movement("clear", scheme, amount, "under_review", state))
            held[state] += amount
    more = after.credits - live
    if more > 0:
        kind = "deposit" if live == 0 and not made else "adjust"
        made.append(Movement(kind, scheme, more, None, "available"))
        held["available"] += more
    if after.under_review and (more > 0 or not before.under_review):
        made += [
            Movement("review", scheme, amount, state, "under_review")
            for state, amount in held.items()
            if amount or state == "available"
        ]
    elif more < 0 and not after.under_review:
        down = min(-more, held["available"])
        made.append(Movement("adjust", scheme, down, "available", None))
    return made or [Movement("adjust", scheme, 0, None, "available")]

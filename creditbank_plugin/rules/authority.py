"""Under which comparison, adopted by which order, a completion of a given day is credited."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any


def _covers(day: date, first: date, last: date | None, ended: date | None) -> bool:
    return first <= day and (last is None or day <= last) and (ended is None or day < ended)


@dataclass(frozen=True)
class Comparison:
    """An approved comparison; ``credits`` in hundredths of the scheme's credit, days are Bangkok days of completion.

    ``questioned``: it was withdrawn with all credit that rests on it put under review.
    """

    id: str
    course_id: str
    body: str
    scheme: str
    credits: int
    nqf_level: int | None
    nqf_level_basis: str | None
    conditions: Mapping[str, Any] = field(hash=False)
    outcomes: tuple[str, ...]
    reference: str
    approved_at: datetime
    applies_from: date
    applies_until: date | None = None
    ended_from: date | None = None
    credits_rule: str | None = None
    questioned: bool = False

    def covers(self, day: date) -> bool:
        """Tell whether completions of ``day`` fall under it."""
        return _covers(day, self.applies_from, self.applies_until, self.ended_from)

    @property
    def last_day(self) -> date | None:
        """Return the last day it applies to, None while it has none."""
        ended = self.ended_from - timedelta(days=1) if self.ended_from is not None else None
        return min((each for each in (self.applies_until, ended) if each is not None), default=None)

    def days_off(self, day: date) -> int:
        """Return how many days ``day`` lies outside the days it applies to, 0 for one inside."""
        last = self.last_day
        return max((self.applies_from - day).days, (day - last).days if last is not None else 0, 0)

    def effect(self) -> tuple[Any, ...]:
        """Return what it gives; two comparisons of the same effect cannot disagree."""
        conditions = tuple(sorted((key, str(value)) for key, value in self.conditions.items()))
        return (self.scheme, self.credits, self.nqf_level, tuple(sorted(self.outcomes)), conditions)


@dataclass(frozen=True)
class Adoption:
    """A bank's order: for one comparison, or standing for all of a body (in one level or occupational group, or any)."""

    id: str
    bank: str
    comparison_id: str | None
    body: str | None
    level_group: str | None
    order_number: str
    signatory: str
    ordered_on: date
    applies_from: date
    applies_until: date | None = None
    revoked_from: date | None = None
    occupational_group: str | None = None

    def covers(self, day: date) -> bool:
        """Tell whether completions of ``day`` fall under it."""
        return _covers(day, self.applies_from, self.applies_until, self.revoked_from)

    def adopts(self, comparison: Comparison, level_group: str | None, occupational_group: str | None = None) -> bool:
        """Tell whether the order names the comparison: itself, or by its body and the groups of its course."""
        if self.comparison_id is not None:
            return self.comparison_id == comparison.id
        if self.level_group not in (None, level_group) or self.occupational_group not in (None, occupational_group):
            return False
        return self.body == comparison.body


@dataclass(frozen=True)
class Authority:
    """The pair that applies, or the reason why none does; ``nearest`` is what would have applied on another day."""

    comparison: Comparison | None
    adoption: Adoption | None
    reason: str
    nearest: Comparison | None = None


def choose(
    comparisons: Iterable[Comparison],
    adoptions: Iterable[Adoption],
    *,
    bank: str | None,
    level_group: str | None,
    day: date,
    occupational_group: str | None = None,
) -> Authority:
    """Choose the pair: the bank's own order for the course first, then its standing ones; two that disagree wait."""
    known = list(comparisons)
    if not known:
        return Authority(None, None, "no_comparison")
    applying = [comparison for comparison in known if comparison.covers(day)]
    if not applying:
        return Authority(None, None, "outside_dates", min(known, key=lambda each: (each.days_off(day), each.id)))
    pairs = pairs_of_first_rank(applying, adoptions, bank, level_group, occupational_group, day)
    if len({comparison.effect() for comparison, _ in pairs}) > 1:
        return Authority(None, None, "adoptions_disagree")
    if pairs:
        # Pairs of one effect differ only in their papers: the oldest approval and order are the ones to cite.
        pairs.sort(key=lambda pair: (pair[0].approved_at, pair[0].id, pair[1].ordered_on, pair[1].id))
        return Authority(*pairs[0], "")
    return Authority(applying[0] if len(applying) == 1 else None, None, "not_adopted")


def pairs_of_first_rank(
    applying: Iterable[Comparison],
    adoptions: Iterable[Adoption],
    bank: str | None,
    level_group: str | None,
    occupational_group: str | None,
    day: date,
) -> list[tuple[Comparison, Adoption]]:
    """Return the pairs that are to be chosen from: those of the bank's own orders for the course, else the standing ones.

    ``applying`` are comparisons of one course that cover ``day``.
    """
    known = list(applying)
    ours = [adoption for adoption in adoptions if bank is not None and adoption.bank == bank and adoption.covers(day)]
    for own_order in (True, False):
        pairs = [
            (comparison, adoption)
            for comparison in known
            for adoption in ours
            if (adoption.comparison_id is not None) == own_order
            and adoption.adopts(comparison, level_group, occupational_group)
        ]
        if pairs:
            return pairs
    return []

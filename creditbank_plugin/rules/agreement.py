"""How far raters agree, in counts: of every two ratings of one round, how many say the same.

Counts and percent with their number, and nothing more: with the few ratings that a working group makes, a coefficient of
agreement (such as kappa) would pretend to an exactness that is not there.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

#: The three aspects of the draft criteria of 2569 (2026), and what may be found of each.
ASPECTS = ("design", "measurement", "quality")
MARKS = ("met", "partly", "not_met")
ADVICE = ("approve", "return", "reject")
#: Where the criteria are reported; they are a draft, and the pages say so.
CRITERIA_SOURCE = "https://en.thairath.co.th/news/politic/2915894"
CRITERIA_EVIDENCE = "secondary"
#: Below so many pairs a percentage says little, and the pages say that too.
FEW = 30


@dataclass(frozen=True)
class Judged:
    """One rating as far as agreement goes: ``level`` is the NQF level found, None for none."""

    design: str
    measurement: str
    quality: str
    level: int | None
    advice: str


@dataclass(frozen=True)
class Agreed:
    """Of ``pairs`` pairs of ratings, from ``rounds`` rounds with two ratings or more, ``agreeing`` say the same.

    ``near`` counts, of levels alone, the pairs that lie no more than one level apart.
    """

    rounds: int
    pairs: int
    agreeing: int
    near: int | None = None

    @property
    def percent(self) -> int | None:
        """Return the share in whole percent; None where there is no pair."""
        return round(100 * self.agreeing / self.pairs) if self.pairs else None

    @property
    def is_small(self) -> bool:
        """Tell whether there are too few pairs for the percentage to say much."""
        return self.pairs < FEW


@dataclass(frozen=True)
class Decisions:
    """Of ``decided`` rounds with ratings, the chair followed most of the raters in ``followed`` and not in ``against``.

    In ``divided`` no advice had most of the ratings: there was nothing to follow.
    """

    decided: int
    followed: int
    against: int
    divided: int


def agreement(rounds: Iterable[Sequence[Judged]]) -> dict[str, Agreed]:
    """Return the agreement on each aspect, on the ``level`` and on the ``advice``."""
    many = [round_ for round_ in rounds if len(round_) > 1]
    return {what: _agreed(many, what) for what in (*ASPECTS, "level", "advice")}


def _agreed(rounds: Sequence[Sequence[Judged]], what: str) -> Agreed:
    pairs = [(getattr(a, what), getattr(b, what)) for round_ in rounds for a, b in combinations(round_, 2)]
    same = sum(a == b for a, b in pairs)
    near = None
    if what == "level":
        near = sum(a == b or (a is not None and b is not None and abs(a - b) <= 1) for a, b in pairs)
    return Agreed(len(rounds), len(pairs), same, near)


def advised(advice: Iterable[str]) -> str | None:
    """Return what more than half of the raters advise; None where they are divided, or nobody has rated."""
    counted = Counter(advice)
    if not counted:
        return None
    most, number = counted.most_common(1)[0]
    return most if number * 2 > counted.total() else None


def is_against(decision: str, advice: Iterable[str]) -> bool:
    """Tell whether a decision (``approve``, ``return``, ``reject``) is not what most of the raters advise."""
    wanted = advised(advice)
    return wanted is not None and wanted != decision


def decisions(rounds: Iterable[tuple[str, Sequence[str]]]) -> Decisions:
    """Count decided rounds, each given as the decision and the raters' advice; those that nobody rated are left out."""
    known = [(decision, list(advice)) for decision, advice in rounds if advice]
    against = sum(is_against(decision, advice) for decision, advice in known)
    divided = sum(advised(advice) is None for _, advice in known)
    return Decisions(len(known), len(known) - against - divided, against, divided)


def differing(ratings: Sequence[Judged]) -> tuple[str, ...]:
    """Return on what the ratings of one round differ: aspects, ``level``, ``advice``."""
    return tuple(
        what for what in (*ASPECTS, "level", "advice") if len({getattr(rating, what) for rating in ratings}) > 1
    )

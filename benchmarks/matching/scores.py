"""How good a ranking is: hits among the first, with 95 % intervals, and the mean of reciprocal ranks."""

from collections.abc import Callable, Sequence
from math import sqrt
from random import Random

from benchmarks.figures import Figures
from benchmarks.matching.items import SEED, Outcome
from benchmarks.matching.pairs import Pair
from creditbank_plugin.rules.matching.place import of_item

Ask = Callable[[Pair, int], Sequence[str]]
FIRST = (1, 3, 10)
#: More than ten are asked for, since what is hidden of an answer does not count.
_MORE = 60


def ranks(pairs: Sequence[Pair], ask: Ask, outcomes: dict[str, Outcome], *, strict: bool = True) -> list[int | None]:
    """Return for each pair the place (1 is the first) of the first right outcome among ten, None where there is none.

    What a pair says is to be passed over is passed over; unless ``strict``, what was made of a right outcome is too.
    """
    found = []
    for pair in pairs:
        shown = [each for each in ask(pair, 10 + _MORE) if not _passed_over(pair, outcomes[each], strict)][:10]
        found.append(next((place for place, each in enumerate(shown, 1) if each in pair.right), None))
    return found


def _passed_over(pair: Pair, outcome: Outcome, strict: bool) -> bool:
    if pair.hidden is not None and (outcome.id == pair.hidden or pair.hidden in outcome.made_of):
        return True
    if not strict and not pair.right.isdisjoint(outcome.made_of):
        return True
    if pair.own is None or not outcome.made_of:
        return False
    at = of_item(outcome.code, framework=outcome.framework, grade=outcome.grade)
    return at.area == pair.own.area and bool(at.years & pair.own.years)


def told(found: Sequence[int | None]) -> Figures:
    """Return hit@1, 3 and 10 with Wilson's interval, and the mean reciprocal rank with a bootstrap interval."""
    number = len(found)
    figures: Figures = {"n": number}
    for first in FIRST:
        hits = sum(place is not None and place <= first for place in found)
        low, high = wilson(hits, number)
        figures[f"hit_at_{first}"] = f"{hits / number:.3f} ({low:.3f} to {high:.3f})" if number else "–"
    each = [1 / place if place else 0.0 for place in found]
    low, high = _resampled(each)
    figures["mrr"] = f"{sum(each) / number:.3f} ({low:.3f} to {high:.3f})" if number else "–"
    return figures


def wilson(hits: int, number: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson)."""
    if not number:
        return 0.0, 1.0
    share, square = hits / number, z * z
    middle = (share + square / (2 * number)) / (1 + square / number)
    wide = z / (1 + square / number) * sqrt(share * (1 - share) / number + square / (4 * number * number))
    return max(0.0, middle - wide), min(1.0, middle + wide)


def _resampled(each: Sequence[float], times: int = 1000) -> tuple[float, float]:
    if not each:
        return 0.0, 1.0
    chance = Random(SEED)  # noqa: S311 - the same each time
    means = sorted(sum(chance.choices(each, k=len(each))) / len(each) for _ in range(times))
    return means[int(times * 0.025)], means[int(times * 0.975)]

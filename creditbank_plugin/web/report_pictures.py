"""Pictures of a report as numbers: columns by month, and small columns of one province beside another.

Everything a picture shows stands in a table beside it; what is hidden is drawn as an open frame, never as a height.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from creditbank_plugin.rules.report import LEVEL_GROUPS, Month, Overview, Summary

#: The picture's own units: the width of a column with its gap, how high the highest may be, where the ground lies.
STEP, WIDTH, HIGHEST, GROUND = 26, 18, 64, 84
_LEAST = 2


@dataclass(frozen=True)
class Column:
    """A column of a picture: ``label`` is what is written above it, empty for nothing; ``hidden`` is an open frame."""

    x: int
    y: int
    height: int
    label: str
    hidden: bool


def columns(numbers: Sequence[int | None], labels: Sequence[str], highest: int | None = None) -> list[Column]:
    """Return a column for each number, the tallest for ``highest`` (else the largest of them); None is hidden."""
    most = max([highest or 0, *(number or 0 for number in numbers)])
    made = []
    for place, (number, label) in enumerate(zip(numbers, labels, strict=True)):
        hidden = number is None
        height = HIGHEST // 3 if hidden else _height(number or 0, most)
        made.append(Column(place * STEP + (STEP - WIDTH) // 2, GROUND - height, height, label, hidden))
    return made


def _height(number: int, most: int) -> int:
    """Return how high a column is; what is there at all stays visible, and what is less than nothing is not drawn."""
    return max(_LEAST, round(HIGHEST * number / most)) if number > 0 and most > 0 else 0


def shown_months(months: Sequence[Month]) -> list[Month]:
    """Return the months of a series, without what came before."""
    return [each for each in months if each.month is not None]


def largest_group(overview: Overview) -> int:
    """Return how many courses the largest group of any province holds: one scale for all the small pictures."""
    return max((number for each in overview.provinces for number in by_level(each)), default=0)


def by_level(summary: Summary) -> list[int]:
    """Return how many courses a province has in each of the four groups."""
    numbers = {each.kind: each.number for each in summary.level_groups}
    return [numbers.get(group, 0) for group in LEVEL_GROUPS]

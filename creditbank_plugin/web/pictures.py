"""Pictures drawn by the server: where credits come from, how high a level stands.  Numbers only; templates draw.

Whatever a picture shows stands beside it in words: colours are never alone in meaning something.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from creditbank_plugin import reference
from creditbank_plugin.rules.thai import be_year
from creditbank_plugin.services.views import Name, Record

#: What one block of a picture stands for, in hundredths of a credit: steps of basic education are half credits.
BLOCK = {"basic": 50}
WHOLE = 100
_PER_LINE, _SIDE, _GAP = 14, 16, 4
_COLOURS = 8


@dataclass(frozen=True)
class Part:
    """One part of what is available in a scheme: ``amount`` in hundredths, ``colour`` 1–8, arc in percent of the ring."""

    label: Name
    amount: int
    colour: int
    start: float
    length: float


@dataclass(frozen=True)
class Block:
    """A block of a row of blocks, in the picture's own units; the last one may be narrower."""

    x: int
    y: int
    width: int


def parts(records: Iterable[Record], scheme: str) -> list[Part]:
    """Return the available credits of ``scheme`` by learning area (basic education) or by year of completion."""
    sums: dict[tuple[int, str], int] = {}
    labels: dict[tuple[int, str], Name] = {}
    for record in records:
        amount = record.amounts.get("available", 0)
        if record.scheme == scheme and amount > 0:
            key, label = _area(record) if scheme == "basic" else _year(record)
            sums[key] = sums.get(key, 0) + amount
            labels[key] = label
    total, before, out = sum(sums.values()), 0, []
    for place, key in enumerate(sorted(sums)):
        colour = key[0] % _COLOURS + 1 if scheme == "basic" else place % _COLOURS + 1
        out.append(Part(labels[key], sums[key], colour, 100 * before / total, 100 * sums[key] / total))
        before += sums[key]
    return out


def arc(part: Part, of: int) -> str:
    """Return the dashes that draw a part of a ring of 100: parts are set apart by a small gap."""
    drawn = max(part.length - (1.2 if of > 1 else 0), 0.4)
    return f"{drawn:.2f} {100 - drawn:.2f}"


@cache
def _areas() -> dict[str, tuple[int, Name]]:
    rows = reference.load("learning_areas")["rows"]
    return {
        row["letter"]: (place, Name(_short(row["name_th"]), _short(row["name_en"]))) for place, row in enumerate(rows)
    }


def _short(text: str) -> str:
    return text.split(" (")[0]


_OTHER = Name("รายวิชาอื่น", "Other courses")


def _area(record: Record) -> tuple[tuple[int, str], Name]:
    place, label = _areas().get(record.course_code[:1], (_COLOURS, _OTHER))
    return (place, label.th), label


def _year(record: Record) -> tuple[tuple[int, str], Name]:
    year = record.completed_on.year
    return (year, ""), Name(f"พ.ศ. {be_year(year)}", str(year))


def blocks(amount: int, scheme: str) -> list[Block]:
    """Return ``amount`` (hundredths) as blocks of half a credit (basic education) or one credit, in lines of fourteen."""
    unit = BLOCK.get(scheme, WHOLE)
    whole, rest = divmod(amount, unit)
    widths = [_SIDE] * whole + ([max(2, _SIDE * rest // unit)] if rest else [])
    step = _SIDE + _GAP
    return [Block(n % _PER_LINE * step, n // _PER_LINE * step, width) for n, width in enumerate(widths)]


def extent(drawn: Sequence[Block]) -> tuple[int, int]:
    """Return the width and height that blocks need."""
    return max((b.x + b.width for b in drawn), default=0), max((b.y + _SIDE for b in drawn), default=0)


@dataclass(frozen=True)
class Share:
    """A part of one bar: what it stands for, where it begins and how wide it is, in percent of the bar."""

    kind: str
    start: float
    width: float


def parted(parts: Sequence[tuple[str, int]]) -> list[Share]:
    """Return numbers side by side as parts of one bar, in their order, those that are nought left out."""
    total, before, out = sum(number for _, number in parts), 0, []
    for kind, number in parts:
        if number > 0:
            out.append(Share(kind, round(100 * before / total, 1), round(100 * number / total, 1)))
            before += number
    return out


def steps(level: int) -> list[tuple[int, int, bool]]:
    """Return the eight NQF levels as steps: level, height (12 to 40) and whether it is the one reached."""
    return [(step, 8 + 4 * step, step == level) for step in range(1, 9)]


def share(part: int, whole: int) -> float:
    """Return which share of ``whole`` a part is, in percent: the figure to print."""
    return 0.0 if part <= 0 or whole <= 0 else 100 * part / whole


def bar_width(part: int, whole: int) -> float:
    """Return how much of a bar of 100 to draw for a share: what is there at all stays visible."""
    return 0.0 if part <= 0 or whole <= 0 else max(1.0, round(share(part, whole), 1))

"""Which row of a sheet holds the headings, and which column means what: also with a title above, or headings in two rows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from creditbank_plugin.rules import course_words, thai
from creditbank_plugin.rules.cells import Cell

#: How many rows from the top are looked at; a province's sheets have a title and a logo above the table at most.
LOOKED_AT = 30
#: As many columns have to be known for a row to count as headings.
LEAST = 2

Row = Sequence[Cell]


@dataclass(frozen=True)
class Headings:
    """The headings of a sheet: their ``first`` and ``last`` row (from 1), the text of each column, what columns mean.

    ``columns`` leads from ours (see `course_words.COLUMNS`) to places (from 0); where two mean the same, it is the first.
    """

    first: int
    last: int
    texts: tuple[str, ...]
    columns: Mapping[str, int]

    @property
    def digest(self) -> str:
        """Return what tells these headings from others, whatever their spacing."""
        said = "\x1f".join(self.texts)
        return hashlib.sha256(said.encode()).hexdigest()


def find(rows: Sequence[Row]) -> Headings | None:
    """Return the headings among the first rows of a sheet; None where no row looks like them."""
    best: Headings | None = None
    for height in (1, 2):  # one row rather than two, where both say as much
        for place in range(len(rows)):
            block = rows[place : place + height]
            if len(block) < height or (height == 2 and not _continues(block[0], block[1])):
                continue
            found = _headings(block, place + 1)
            if len(found.columns) >= LEAST and (best is None or len(found.columns) > len(best.columns)):
                best = found
    if best is None:
        return None
    # A bilingual table repeats its headings in the other language: what follows is no data either.
    last = best.last
    while last < len(rows) and _repeats(rows[last]):
        last += 1
    if last == best.last:
        return best
    joined = _headings(rows[best.first - 1 : last], best.first)
    return Headings(best.first, last, best.texts, {**joined.columns, **best.columns})


def plain(rows: Sequence[Row]) -> Headings | None:
    """Return the first row with more than one cell as headings, for somebody to say what they mean; None for none."""
    for place, row in enumerate(rows, 1):
        if sum(1 for cell in row if _text(cell)) >= LEAST:
            return Headings(place, place, tuple(_text(cell) for cell in row), {})
    return None


def is_repeated(texts: Sequence[str], row: Row) -> bool:
    """Tell whether a row of data is the headings once more, as on every page of a printed table."""
    same = sum(1 for text, cell in zip(texts, row, strict=False) if text and _text(cell) == text)
    filled = sum(1 for cell in row if _text(cell))
    return same >= LEAST and same == filled


def _text(cell: Cell) -> str:
    return thai.normalise(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def _spread(row: Row, below: Row) -> list[str]:
    """Return the headings of an upper row, each also above the columns to its right that only the lower row names."""
    made: list[str] = []
    for place in range(max(len(row), len(below))):
        own = _text(row[place]) if place < len(row) else ""
        under = _text(below[place]) if place < len(below) else ""
        made.append(own or (made[-1] if made and under else ""))
    return made


def _continues(upper: Row, lower: Row) -> bool:
    """Tell whether a row looks like the second row of headings: most of what stands in it is known as one."""
    over = _spread(upper, lower)
    filled = [(over[place], _text(cell)) for place, cell in enumerate(lower) if _text(cell)]
    known = sum(1 for above, own in filled if _meaning(own, above) is not None)
    return known >= LEAST and known * 2 >= len(filled)


def _repeats(row: Row) -> bool:
    filled = [_text(cell) for cell in row if _text(cell)]
    known = sum(1 for own in filled if course_words.heading(own) is not None)
    return known >= LEAST and known * 2 >= len(filled)


def _meaning(own: str, above: str) -> str | None:
    both = course_words.heading(f"{above} {own}") if above and own else None
    return both or (course_words.heading(own) if own else course_words.heading(above) if above else None)


def _headings(block: Sequence[Row], first: int) -> Headings:
    if len(block) == 1:
        texts = [_text(cell) for cell in block[0]]
        meanings = [course_words.heading(text) if text else None for text in texts]
    else:
        over, under = _spread(block[0], block[1]), [_text(cell) for cell in block[1]]
        under += [""] * (len(over) - len(under))
        texts = [" ".join(part for part in pair if part) for pair in zip(over, under, strict=True)]
        meanings = [_meaning(own, above) for above, own in zip(over, under, strict=True)]
    columns: dict[str, int] = {}
    for place, meaning in enumerate(meanings):
        if meaning is not None:
            columns.setdefault(meaning, place)
    return Headings(first, first + len(block) - 1, tuple(texts), columns)

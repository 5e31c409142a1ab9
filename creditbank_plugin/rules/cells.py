"""What a cell of a spreadsheet can hold, whatever kind of file it came from."""

from datetime import date, datetime, time, timedelta

#: Text, a number, yes or no, a day (or moment, time of day, span of time), or nothing.  A formula is its last result.
Cell = str | int | float | bool | date | datetime | time | timedelta | None


def letters(column: int) -> str:
    """Return a column as a spreadsheet names it: 1 → "A", 27 → "AA"."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name

"""A framework from a spreadsheet: some rows about the framework, the headings, then an item in each row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from creditbank_plugin.formats.sheets import Cell, Sheet, SheetRefused, open_sheet
from creditbank_plugin.rules import framework_row
from creditbank_plugin.rules.cells import letters
from creditbank_plugin.rules.framework import MOST_FAULTS, Fault, Item

#: The headings stand within so many rows of the first.
_SEARCHED = 30


class NotRead(ValueError):  # noqa: N818 - named by what became of the file
    """A spreadsheet that is refused; ``faults`` say why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True)
class Told:
    """What a spreadsheet says: of the framework, in ``leading``, and its items, which have no ids of ours yet.

    ``columns`` are those it has at all; ``ignored`` the headings that mean nothing to us.
    """

    leading: Mapping[str, str]
    columns: frozenset[str]
    ignored: tuple[str, ...]
    items: tuple[Item, ...]


def read(content: bytes, name: str, framework: str | None = None) -> Told:
    """Return what a spreadsheet says; raises `NotRead`.

    ``framework`` is the code of the framework where it is known beside the file: it decides which codes fit.
    """
    try:
        sheet = open_sheet(content, name)
        leading, headings, start = _head(sheet)
        columns = framework_row.named(headings)
        code = framework or leading.get("framework", "")
        items, found = _items(sheet, columns, start, code)
    except SheetRefused as error:
        where = f"{error.column or ''}{error.row or ''}"
        raise NotRead([Fault("", where, error.code, error.th, error.en)]) from None
    if found:
        raise NotRead(found)
    if not items:
        raise NotRead([Fault("", "", "no_items", "ไฟล์ไม่มีรายการเลย", "The file has no items.")])
    ignored = tuple(text for place, text in enumerate(headings) if text and place not in columns)
    return Told(leading, frozenset(columns.values()), ignored, tuple(items))


def _head(sheet: Sheet) -> tuple[dict[str, str], list[str], int]:
    """Return what stands above the headings, the headings, and the number of the row after them."""
    leading: dict[str, str] = {}
    for number, row in enumerate(islice(sheet.rows(), _SEARCHED), start=1):
        cells = [_text(cell) for cell in row]
        columns = framework_row.named(cells).values()
        if "code" in columns and ({"text_th", "text_en"} & set(columns)):
            return leading, cells, number + 1
        key = framework_row.named(cells[:1], framework_row.LEADING).get(0)
        if key is not None and len(cells) > 1 and cells[1]:
            leading.setdefault(key, cells[1])
    raise NotRead(
        [
            Fault(
                "",
                "code",
                "no_headings",
                "ไม่พบแถวหัวตารางที่มีคอลัมน์ code (รหัส) กับ text_th (ข้อความ)",
                "There is no row of headings with the columns code and text_th.",
            )
        ]
    )


def _items(sheet: Sheet, columns: Mapping[int, str], start: int, framework: str) -> tuple[list[Item], list[Fault]]:
    items: list[Item] = []
    found: list[Fault] = []
    for number, row in _filled(sheet, start):
        for place, column in columns.items():
            if place < len(row) and not isinstance(row[place], str | int | float | None):
                found.append(
                    Fault(
                        f"แถว {number} / row {number}",
                        f"{column} ({letters(place + 1)})",
                        "cell_was_changed",
                        "โปรแกรมตารางคำนวณเปลี่ยนค่านี้เป็นวันที่หรือค่าอื่น ให้จัดรูปแบบคอลัมน์เป็นข้อความแล้วพิมพ์ใหม่",
                        "The spreadsheet turned this into a date or the like. Format the column as text and type it again.",
                    )
                )
        cells = {column: _text(row[place]) for place, column in columns.items() if place < len(row)}
        read_ = framework_row.read(number, cells, framework)
        found += read_.faults
        if read_.item is not None:
            items.append(read_.item)
        if len(found) >= MOST_FAULTS:
            break
    return items, found[:MOST_FAULTS]


def _filled(sheet: Sheet, start: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    for number, row in enumerate(sheet.rows(), start=1):
        if number >= start and any(_text(cell) for cell in row):
            yield number, row


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date | datetime | time | timedelta):
        return "?"
    return str(cell).strip()

"""The program that opens XLSX, XLS and ODS: a process of its own, with limits, so that a hostile file harms only it.

A few kilobytes can name a cell in the last row and column, or the same long text a million times, and the reader then
asks for more memory than a machine has, which ends its process.  The file comes on standard input; on standard output
go one line about the workbook and one for each row, as JSON.  ``sheets.py`` starts it; nothing imports it.
"""

import datetime
import io
import json
import sys
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)


def _bound(megabytes: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for kind, most in ((resource.RLIMIT_AS, megabytes << 20), (resource.RLIMIT_CPU, seconds)):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # a lower limit is set already
            continue


def _say(value: Any) -> None:
    sys.stdout.buffer.write(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
    )


def _plain(cell: Any) -> Any:
    """Return a cell as JSON keeps it: what JSON has no word for stands in a list behind its kind."""
    if cell == "":
        return None
    if isinstance(cell, float):
        if cell != cell or cell in (float("inf"), float("-inf")):
            return None
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    if isinstance(cell, datetime.datetime):
        return ["moment", cell.isoformat()]
    if isinstance(cell, datetime.date):
        return ["day", cell.isoformat()]
    if isinstance(cell, datetime.time):
        return ["time", cell.isoformat()]
    if isinstance(cell, datetime.timedelta):
        return ["span", cell.total_seconds()]
    return cell


def _chosen(book: CalamineWorkbook, wanted: str | None, visible: list[str], hidden: list[str]) -> CalamineSheet | str:
    """Return the sheet that is wanted, else the first visible one with anything in it; a code where there is none."""
    if wanted is not None:
        if wanted in visible:
            return book.get_sheet_by_name(wanted)
        return "sheet_hidden" if wanted in hidden else "sheet_unknown"
    for name in visible:
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            return sheet
    if any(book.get_sheet_by_name(name).height for name in hidden):
        return "only_hidden_sheets"
    return "empty_file"


def _tell(
    content: bytes, wanted: str | None, rows: int, columns: int, longest: int, most: int, areas: int
) -> str | list[Any] | None:
    """Say what is in the workbook; return the code (with row and column) for which it is refused, if any."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    visible = [each.name for each in sheets if each.visible == SheetVisibleEnum.Visible]
    hidden = [each.name for each in sheets if each.visible != SheetVisibleEnum.Visible]
    sheet = _chosen(book, wanted, visible, hidden)
    if isinstance(sheet, str):
        return sheet
    if sheet.start is None or sheet.end is None:
        return "empty_file"
    if sheet.end[0] >= rows:
        return "too_many_rows"
    if sheet.end[1] >= columns:
        return "too_many_columns"
    try:
        merged = sheet.merged_cell_ranges or []
    except CalamineError:
        merged = []
    if len(merged) > areas:
        return "file_too_large"
    ranges = [[top + 1, left + 1, bottom + 1, right + 1] for (top, left), (bottom, right) in merged]
    _say(
        {
            "names": visible,
            "hidden": hidden,
            "name": sheet.name,
            "merged": ranges,
            "width": sheet.end[1] + 1,
            "height": sheet.end[0] + 1,
        }
    )
    left: list[Any] = [None] * sheet.start[1]  # rows begin at the first used column, but at the first row of all
    total = 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        for place, cell in enumerate(cells, len(left) + 1):
            if isinstance(cell, str):
                total += len(cell)
                if len(cell) > longest:
                    return ["cell_too_long", number, place]
        if total > most:
            return "file_too_large"
        _say(left + [_plain(cell) for cell in cells])
    return None


def main(arguments: list[str]) -> None:
    """Read a workbook from standard input and tell it; the last line says how it ended."""
    limits = json.loads(arguments[0])
    _bound(limits["megabytes"], limits["seconds"])
    try:
        ended = _tell(
            sys.stdin.buffer.read(),
            limits["sheet"],
            limits["rows"],
            limits["columns"],
            limits["longest"],
            limits["most"],
            limits["areas"],
        )
    except PasswordError:
        ended = "file_encrypted"
    except MemoryError:
        ended = "file_too_large"
    except (CalamineError, ValueError, OSError):
        ended = "file_broken"
    _say({"end": ended})
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

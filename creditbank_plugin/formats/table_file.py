"""Tables as files that spreadsheet programs open: CSV and XLSX, in which nothing can run."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import xlsxwriter

from creditbank_plugin.rules.guarded import guarded

#: What a cell is written as: text (never a formula), a number, or nothing.
Value = str | int | float | None
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LONGEST_CELL = 32_767  # of an XLSX cell, in characters


def write_table(
    file: BinaryIO, kind: str, heading: Sequence[str], rows: Iterable[Sequence[Value]], *, name: str = "1"
) -> int:
    """Write a table of ``kind`` ``csv`` or ``xlsx`` (a sheet called ``name``); return how many rows it has.

    CSV is UTF-8 with its mark, as spreadsheet programs want it for Thai.  ``ValueError`` for another kind.
    """
    if kind == "csv":
        return _csv(file, heading, rows)
    if kind == "xlsx":
        return _xlsx(file, heading, rows, name)
    raise ValueError(kind)


def _csv(file: BinaryIO, heading: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(heading)
    number = 0
    for number, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    text.flush()
    text.detach()
    return number


def _xlsx(file: BinaryIO, heading: Sequence[str], rows: Iterable[Sequence[Value]], name: str) -> int:
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    sheet = book.add_worksheet(name)
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heading) - 1, 18)
    for place, said in enumerate(heading):
        sheet.write_string(0, place, said, bold)
    number = 0
    for number, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, place, guarded(cell)[:_LONGEST_CELL], text)
            elif cell is not None:
                sheet.write_number(number, place, cell)
    book.close()
    return number

"""CSV and TSV: UTF-8 with and without its mark, UTF-16 with one, Windows-874; commas, semicolons or tabs."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from creditbank_plugin.formats import sheet_faults as faults
from creditbank_plugin.formats.sheet_limits import Limits
from creditbank_plugin.rules.cells import Cell, letters

_DELIMITERS = (",", ";", "\t")
_SAMPLE_ROWS = 30
_SAID = re.compile("sep=(.)\r?\n", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A text file as a sheet."""

    encoding: str
    delimiter: str
    width: int
    height: int
    text: str = field(repr=False)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the rows; cells are text, empty ones None."""
        for row in csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter):
            yield tuple(cell or None for cell in row)


def read_text(content: bytes, limits: Limits, name: str = "") -> Text:
    """Return text as a sheet; ``SheetRefused`` for what is no text, or more than allowed."""
    text, encoding = _decoded(content)
    if "\x00" in text:
        raise faults.unknown_kind()
    said = _SAID.match(text)
    if said is not None:  # what spreadsheet programs write and read as a first line of its own
        text, delimiter = text[said.end() :], said.group(1)
    else:
        delimiter = _delimiter(text, "\t" if name.lower().endswith((".tsv", ".tab")) else ",")
    width, height = _measured(text, delimiter, limits)
    if not width:
        raise faults.empty()
    return Text(encoding, delimiter, width, height, text)


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise faults.unknown_encoding() from None
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        _refuse_mixed(content, content.count(b"\n", 0, error.start) + 1)
    try:
        return content.decode("cp874"), "cp874"
    except UnicodeDecodeError:
        raise faults.unknown_encoding() from None


def _refuse_mixed(content: bytes, first_other: int) -> None:
    """Refuse text with whole lines of Thai in UTF-8 beside lines that are not: a line of Windows-874 hardly ever is both."""
    if content.startswith(b"\xef\xbb\xbf"):
        raise faults.mixed_encodings(first_other)
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            continue
        raise faults.mixed_encodings(max(number, first_other))


def _delimiter(text: str, usual: str) -> str:
    """Return the delimiter that cuts the first rows into most cells; ``usual`` where none cuts any."""
    cells = dict.fromkeys((usual, *_DELIMITERS), 0)
    for delimiter in cells:
        try:
            for place, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
                cells[delimiter] += len(row) - 1 if row else 0
                if place >= _SAMPLE_ROWS:
                    break
        except csv.Error:
            cells[delimiter] = 0
    return max(cells, key=lambda each: cells[each])


def _measured(text: str, delimiter: str, limits: Limits) -> tuple[int, int]:
    """Return columns and rows up to the last with anything in it, having read everything once against the limits."""
    width = height = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader, 1):
            if number > limits.rows:
                raise faults.too_many_rows(limits.rows - 1)
            used = max((place for place, cell in enumerate(row, 1) if cell), default=0)
            if used > limits.columns:
                raise faults.too_many_columns(limits.columns)
            for place, cell in enumerate(row, 1):
                if len(cell) > limits.cell_characters:
                    raise faults.cell_too_long(limits.cell_characters, number, letters(place))
            if used:
                width, height = max(width, used), number
    except csv.Error:
        raise faults.cell_too_long(limits.cell_characters, reader.line_num, "A") from None
    return width, height

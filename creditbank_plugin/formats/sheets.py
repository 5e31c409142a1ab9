"""Spreadsheets as rows of plain values: XLSX, XLS, ODS, CSV and TSV, whatever stands in them and whoever sent them.

Formulas are their last results and macros are never looked at; hidden sheets are named and not read.  A workbook is
opened by a process of its own (see `sheet_process`); text is read here.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from creditbank_plugin.formats import sheet_faults as faults
from creditbank_plugin.formats.sheet_faults import SheetRefused
from creditbank_plugin.formats.sheet_limits import LIMITS, Limits
from creditbank_plugin.formats.sheet_text import read_text
from creditbank_plugin.formats.sheet_workbook import Range, read_workbook
from creditbank_plugin.rules.cells import Cell

__all__ = ["LIMITS", "Cell", "Limits", "Range", "Sheet", "SheetRefused", "open_sheet"]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet of a file, ``height`` rows of ``width`` cells.

    ``kind`` is ``xlsx, xls, ods`` or ``csv``; ``names`` are the visible sheets of the file, ``hidden`` the others, ``name``
    is this one's (empty for text).  ``merged`` are the merged areas, as far as the kind of file tells them: only the first
    cell of one has a value.  ``encoding`` is that of text.
    """

    kind: str
    name: str = ""
    names: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    merged: tuple[Range, ...] = ()
    width: int
    height: int
    encoding: str | None = None
    read: Callable[[], Iterator[tuple[Cell, ...]]] = field(repr=False)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the rows from the first of the sheet on, empty ones too: ``enumerate(…, 1)`` numbers them as people do."""
        return self.read()


def open_sheet(content: bytes, name: str, *, sheet: str | None = None, limits: Limits = LIMITS) -> Sheet:
    """Return the sheet called ``sheet``, else the first visible one with anything in it.

    What kind of file it is its content says; ``name`` is only asked where that leaves a doubt.  ``SheetRefused``:
    ``empty_file, file_too_large, file_bomb, too_many_rows, too_many_columns, cell_too_long, file_encrypted, file_broken,
    file_unknown, encoding_unknown, encoding_mixed, sheet_unknown, sheet_hidden, only_hidden_sheets``.
    """
    if len(content) > limits.file_bytes:
        raise faults.too_large(limits.file_bytes >> 20)
    kind = _kind(content, limits)
    if kind == "csv":
        if sheet:
            raise faults.unknown_sheet(hidden=False)
        text = read_text(content, limits, name)
        return Sheet(kind=kind, width=text.width, height=text.height, encoding=text.encoding, read=text.rows)
    book = read_workbook(content, sheet, limits)
    return Sheet(
        kind=kind,
        name=book.name,
        names=book.names,
        hidden=book.hidden,
        merged=book.merged,
        width=book.width,
        height=book.height,
        read=book.rows,
    )


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def _kind(content: bytes, limits: Limits) -> str:
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content.strip():
        raise faults.empty()
    if content.startswith(b"PK"):
        return _packed(content, limits)
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise faults.encrypted()
        return "xls"
    # Web pages and XML under the name of a spreadsheet, and other programs' files, which text never begins like.
    if start.startswith((b"<", b"%pdf", b"{\\rtf", b"\x89png", b"\xff\xd8\xff")):
        raise faults.unknown_kind()
    return "csv"


def _packed(content: bytes, limits: Limits) -> str:
    """Return the kind of a packed workbook, having looked at how much it would unpack to."""
    if _directory(content) > limits.directory_bytes:
        raise faults.too_packed()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            names = {part.filename for part in parts}
            manifest = b"META-INF/manifest.xml".decode() in names and _small(packed, "META-INF/manifest.xml")
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError):
        raise faults.broken() from None
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise faults.too_much(limits.rows - 1)
    for part in parts:
        if part.file_size > limits.ratio_from_bytes and part.file_size > limits.ratio * max(1, part.compress_size):
            raise faults.too_packed()
    if any(part.flag_bits & 1 for part in parts) or (manifest and b"encryption-data" in manifest):
        raise faults.encrypted()
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names and manifest and b"opendocument.spreadsheet" in manifest:
        return "ods"
    raise faults.unknown_kind()


def _directory(content: bytes) -> int:
    """Return how long the list of the parts says it is; a million empty parts would take a minute to list."""
    old, new = content.rfind(b"PK\5\6"), content.rfind(b"PK\6\6")
    said = int.from_bytes(content[old + 12 : old + 16], "little") if old >= 0 else 0
    if new >= 0:  # the longer form of the same record, by which the shorter one may be overruled
        said = max(0 if said == 0xFFFFFFFF else said, int.from_bytes(content[new + 40 : new + 48], "little"))
    return said


def _small(packed: zipfile.ZipFile, name: str) -> bytes:
    with packed.open(name) as part:
        return part.read(1 << 20)

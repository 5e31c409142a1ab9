"""Files as people and their programs make them, and as nobody should."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import odf.style
import odf.table
import odf.text
import openpyxl
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet

Rows = Iterable[Sequence[Any]]


def xlsx(rows: Rows, *, merge: Sequence[str] = (), hidden: Rows = (), name: str = "รายวิชา") -> bytes:
    """A workbook of openpyxl: formulas have no last result in it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    for area in merge:
        sheet.merge_cells(area)
    hidden = list(hidden)
    if hidden:
        other = book.create_sheet("ซ่อน")
        for row in hidden:
            other.append(list(row))
        other.sheet_state = "hidden"
    return _saved(book.save)


def written(write: Callable[[Any, Any], None]) -> bytes:
    """A workbook of XlsxWriter; ``write`` fills its sheet."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        write(book, book.add_worksheet())
    return kept.getvalue()


def xls(rows: Rows, *, hidden: bool = False) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("รายวิชา")
    day = xlwt.easyxf(num_format_str="D/M/YYYY")
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.write(number, place, value, day) if isinstance(value, date) else sheet.write(number, place, value)
    if hidden:
        other = book.add_sheet("ซ่อน")
        other.write(0, 0, "x")
        other.visibility = 1
    return _saved(book.save)


def ods(rows: Rows, *, hidden: bool = False) -> bytes:
    document = OpenDocumentSpreadsheet()
    sheet = odf.table.Table(name="รายวิชา")
    for row in rows:
        line = odf.table.TableRow()
        for value in row:
            line.addElement(_ods_cell(value))
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    if hidden:
        style = odf.style.Style(name="ta2", family="table")
        style.addElement(odf.style.TableProperties(display="false"))
        document.automaticstyles.addElement(style)
        document.spreadsheet.addElement(odf.table.Table(name="ซ่อน", stylename="ta2"))
    return _saved(document.save)


def _ods_cell(value: Any) -> Any:
    if value is None:
        return odf.table.TableCell()
    if isinstance(value, date):
        return odf.table.TableCell(valuetype="date", datevalue=value.isoformat())
    if isinstance(value, int | float):
        return odf.table.TableCell(valuetype="float", value=str(value))
    cell = odf.table.TableCell(valuetype="string")
    cell.addElement(odf.text.P(text=value))
    return cell


def ods_of(table: str) -> bytes:
    """An ODS file with the rows given as XML."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b'<manifest media-type="application/vnd.oasis.opendocument.spreadsheet"/>',
            "content.xml": (
                f'<?xml version="1.0"?><office:document-content{spaces}><office:body><office:spreadsheet>'
                f'<table:table table:name="A">{table}</table:table>'
                "</office:spreadsheet></office:body></office:document-content>"
            ).encode(),
        }
    )


def packed(parts: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return kept.getvalue()


def many_rows(number: int) -> bytes:
    """A workbook with so many rows of courses, none like another; written by hand, which is quick."""
    lines = "".join(
        f'<row r="{row}"><c t="inlineStr"><is><t>{row * 7919 % 1_000_003}-{row}</t></is></c><c><v>2551</v></c></row>'
        for row in range(1, number + 1)
    ).encode()

    def fill(xml: bytes) -> bytes:
        head, rest = xml.split(b"<sheetData", 1)
        return head + b"<sheetData>" + lines + b"</sheetData>" + rest.split(b"</sheetData>", 1)[1]

    return changed(xlsx([["x"]]), "xl/worksheets/sheet1.xml", fill)


def changed(workbook: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The packed file with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as opened:
        parts = {each: opened.read(each) for each in opened.namelist()}
    return packed({**parts, name: change(parts.get(name, b""))})


def _saved(save: Callable[[Any], None]) -> bytes:
    kept = io.BytesIO()
    save(kept)
    return kept.getvalue()

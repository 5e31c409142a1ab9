"""Spreadsheets of every kind as rows of values, and what no file can do to us."""

import os
import resource
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creditbank_plugin.formats.sheets import LIMITS, SheetRefused, open_sheet
from tests.formats import sheet_files as made

ROWS = [["code", "title"], ["ท21101", "ภาษาไทย 1"], [20001101, 1.5], [None, "ท้าย"]]


def cells(content: bytes, name: str = "file.xlsx", **more: Any) -> list[tuple[Any, ...]]:
    return list(open_sheet(content, name, **more).rows())


def refused(content: bytes, name: str = "file.xlsx", **more: Any) -> SheetRefused:
    with pytest.raises(SheetRefused) as caught:
        open_sheet(content, name, **more)
    return caught.value


@pytest.mark.parametrize(("kind", "make"), [("xlsx", made.xlsx), ("xls", made.xls), ("ods", made.ods)])
def test_workbooks_of_every_kind_give_the_same_rows(kind: str, make: Any) -> None:
    sheet = open_sheet(make(ROWS), "whatever.dat")
    assert (sheet.kind, sheet.name, sheet.names, sheet.width, sheet.height) == (kind, "รายวิชา", ("รายวิชา",), 2, 4)
    assert list(sheet.rows()) == [tuple(row) for row in ROWS]
    assert list(sheet.rows()) == list(sheet.rows())  # read as often as one likes


def test_numbers_days_and_truths_keep_their_kind() -> None:
    values = [
        1,
        1.5,
        20000,
        date(2025, 1, 2),
        datetime(2025, 1, 2, 3, 4, tzinfo=UTC).replace(tzinfo=None),
        time(3, 4),
        timedelta(hours=30),
        True,
        False,
    ]
    row = cells(made.xlsx([values]))[0]
    assert list(row) == values
    assert [type(each) for each in row] == [type(each) for each in values]
    assert cells(made.xls([[date(2025, 1, 2)]])) == [(date(2025, 1, 2),)]
    assert cells(made.ods([[date(2025, 1, 2)]])) == [(date(2025, 1, 2),)]


def test_a_formula_is_its_last_result_and_never_run() -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_formula(0, 0, "=1+1", None, 2)
        sheet.write_formula(0, 1, '=HYPERLINK("http://x.example")', None, "x")
        sheet.write_formula(0, 2, "=1/0", None, "#DIV/0!")
        sheet.write_string(0, 3, "=cmd|' /C calc'!A0")
        sheet.write_string(0, 4, "end")

    assert cells(made.written(write)) == [(2, "x", None, "=cmd|' /C calc'!A0", "end")]
    assert cells(made.xlsx([["=1+1", "x"]])) == [(None, "x")]


def test_empty_rows_and_columns_before_the_data_are_counted() -> None:
    assert cells(made.xlsx([[], [None, None, "x"], [], [None, "y"]])) == [
        (None, None, None),
        (None, None, "x"),
        (None, None, None),
        (None, "y", None),
    ]


def test_macros_are_never_looked_at() -> None:
    book = made.changed(made.xlsx(ROWS), "xl/vbaProject.bin", lambda _: b"\xd0\xcf not a program")
    assert cells(book, "courses.xlsm")[1] == ("ท21101", "ภาษาไทย 1")


def test_merged_areas_are_known() -> None:
    sheet = open_sheet(made.xlsx([["a", "b"], ["c", "d"], ["e", "f"]], merge=["A2:A3"]), "x.xlsx")
    assert list(sheet.rows())[2] == (None, "f")
    (area,) = sheet.merged
    assert (area.top, area.bottom, area.left, area.right) == (2, 3, 1, 1)


def test_hidden_sheets_are_told_and_not_read() -> None:
    for content in (made.xlsx(ROWS, hidden=[["x"]]), made.xls(ROWS, hidden=True), made.ods(ROWS, hidden=True)):
        sheet = open_sheet(content, "x")
        assert (sheet.names, sheet.hidden) == (("รายวิชา",), ("ซ่อน",))
        assert refused(content, sheet="ซ่อน").code == "sheet_hidden"
    assert refused(made.xlsx([], hidden=[["x"]])).code == "only_hidden_sheets"
    assert refused(made.xlsx(ROWS), sheet="อื่น").code == "sheet_unknown"
    assert cells(made.xlsx(ROWS), sheet="รายวิชา")[0] == ("code", "title")


def test_rows_and_columns_that_a_filter_hides_are_read_like_any_other() -> None:
    def write(book: Any, sheet: Any) -> None:
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})

    assert cells(made.written(write)) == [tuple(row) for row in ROWS]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_in_every_encoding_and_with_every_delimiter(encoding: str, delimiter: str) -> None:
    lines = [["code", "title", "note"], ["ท21101", 'ภาษา "ไทย" 1', ""], ["x", "สองบรรทัด\nในเซลล์", f"a{delimiter}b"]]
    text = "\r\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    sheet = open_sheet(text.encode(encoding), "x.csv")
    assert sheet.kind == "csv"
    assert sheet.encoding == encoding.removesuffix("-sig")
    assert list(sheet.rows()) == [tuple(cell or None for cell in line) for line in lines]
    assert (sheet.width, sheet.height) == (3, 3)


def test_the_first_line_of_spreadsheet_programs_says_the_delimiter() -> None:
    assert cells(b"sep=|\r\na|b\r\n", "x.csv") == [("a", "b")]
    assert cells(b"only one column\nx\n", "x.csv") == [("only one column",), ("x",)]


def test_mixed_encodings_are_refused_with_the_line() -> None:
    thai = "ภาษาไทย,2551\n"
    mixed = refused(b"title,version\n" + thai.encode() * 3 + thai.encode("cp874"), "x.csv")
    assert (mixed.code, mixed.row) == ("encoding_mixed", 5)
    assert refused(thai.encode("cp874") + thai.encode(), "x.csv").code == "encoding_mixed"
    assert cells("อเนกประสงค์,1\nเนย,2\n".encode("cp874"), "x.csv")[0] == ("อเนกประสงค์", "1")
    assert refused(b"a,b\n\x81\x82\xff\xfe\n", "x.csv").code == "encoding_unknown"


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


def test_what_is_no_spreadsheet_is_refused_by_its_content() -> None:
    book = made.xlsx(ROWS)
    assert refused(b"").code == "empty_file"
    assert refused(b" \r\n ").code == "empty_file"
    assert refused(b",,,\n,,\n").code == "empty_file"
    assert refused(made.xlsx([])).code == "empty_file"
    for other in (b"<html><table><tr><td>x", b"%PDF-1.7 x", b"\x89PNG\r\n", b"a\x00b,c"):
        assert refused(other, "courses.xls").code == "file_unknown"
    assert refused(made.packed({"word/document.xml": b"<x/>"})).code == "file_unknown"
    assert refused(book[: len(book) // 2]).code == "file_broken"
    assert refused(b"PK\x03\x04 and so on").code == "file_broken"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)).code == "file_broken"
    assert refused(made.changed(book, "xl/worksheets/sheet1.xml", lambda xml: xml[:200])).code in (
        "file_broken",
        "empty_file",
    )


def test_a_password_is_told_from_a_broken_file() -> None:
    encrypted = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert refused(encrypted).code == "file_encrypted"
    ods = made.changed(made.ods(ROWS), "META-INF/manifest.xml", lambda xml: xml + b"<manifest:encryption-data/>")
    assert refused(ods).code == "file_encrypted"


def test_entities_of_a_document_are_never_filled_in() -> None:
    def laugh(xml: bytes) -> bytes:
        head, _, rest = xml.partition(b"?>")
        return head + b"?>" + ENTITIES + rest.replace(b"code", b"&c;")

    content = made.changed(made.xlsx(ROWS), "xl/sharedStrings.xml", laugh)
    assert refused(content).code == "file_broken"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = made.packed({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(40 << 20)})
    assert len(bomb) < 100_000
    assert refused(bomb).code == "file_bomb"
    assert refused(made.xlsx(ROWS), limits=replace(LIMITS, unpacked_bytes=1000)).code == "file_too_large"
    assert refused(made.xlsx(ROWS), limits=replace(LIMITS, file_bytes=1000)).code == "file_too_large"


def test_a_file_of_nothing_but_parts_or_merged_areas_is_refused() -> None:
    parts = made.packed({"xl/workbook.xml": b"<workbook/>", **{f"p{number}": b"" for number in range(30_000)}})
    assert refused(parts).code == "file_bomb"
    merged = made.xlsx([["a", "b"], ["c", "d"], ["e", "f"]], merge=["A2:A3", "B2:B3"])
    assert len(open_sheet(merged, "x").merged) == 2
    assert refused(merged, limits=replace(LIMITS, merged_areas=1)).code == "file_too_large"


def test_a_file_that_asks_for_all_memory_harms_only_the_process_that_reads_it() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    full = made.ods_of(f'<table:table-row table:number-rows-repeated="1000000">{cell * 30}</table:table-row>')
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(full).code in ("file_too_large", "too_many_rows")

    def far(xml: bytes) -> bytes:
        return xml.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')

    corner = made.changed(made.xlsx(ROWS), "xl/worksheets/sheet1.xml", far)
    assert refused(corner).code in ("file_too_large", "too_many_rows")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes


def test_one_long_text_a_million_times_is_refused() -> None:
    def write(book: Any, sheet: Any) -> None:
        text = "ก" * 32_000
        for row in range(4000):
            sheet.write_string(row, 0, text)

    assert refused(made.written(write), limits=replace(LIMITS, memory_megabytes=400)).code == "file_too_large"


def test_too_many_rows_and_columns_and_too_long_cells_are_refused() -> None:
    few = replace(LIMITS, rows=3, columns=1, cell_characters=20)
    for content in (made.xlsx([["a"]] * 4), b"a\n" * 4):
        assert refused(content, limits=few).code == "too_many_rows"
    for content in (made.xlsx([["a", "b"]]), b"a,b\n"):
        assert refused(content, limits=few).code == "too_many_columns"
    for content in (made.xlsx([["a"], ["b" * 21]]), b"a\n" + b"b" * 21):
        refusal = refused(content, limits=few)
        assert (refusal.code, refusal.row, refusal.column) == ("cell_too_long", 2, "A")
    assert refused(b'a\n"never closed' + b"x" * 200_000, "x.csv").code == "cell_too_long"


def test_formatted_empty_cells_to_the_end_of_a_sheet_are_no_rows() -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_string(0, 0, "x")
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))

    assert cells(made.written(write)) == [("x",)]
    cell = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows = f"<table:table-row>{cell}</table:table-row>"
    rows += f'<table:table-row table:number-rows-repeated="1048575">{empty}</table:table-row>'
    assert cells(made.ods_of(rows)) == [("x",)]


def test_the_process_that_reads_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would fail loudly: Python refuses to start with a hash seed that is no number."""
    monkeypatch.setenv("PYTHONHASHSEED", "no number")
    monkeypatch.setenv("CREDITBANK_KEYS", "secret")
    assert cells(made.xlsx(ROWS))[0] == ("code", "title")
    assert os.environ["CREDITBANK_KEYS"] == "secret"


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=300))
def test_whatever_is_sent_as_text_is_rows_or_a_refusal(content: bytes) -> None:
    if content.startswith((b"PK", b"\xd0\xcf")):
        return
    try:
        sheet = open_sheet(content, "x.csv")
    except SheetRefused:
        return
    rows = list(sheet.rows())
    assert max(len(row) for row in rows) >= sheet.width
    assert all(cell is None or isinstance(cell, str) for row in rows for cell in row)

"""The workbook of a report, opened again by another program."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from creditbank_plugin.formats.report_sheets import safe, workbook
from creditbank_plugin.rules.report import PROPOSED, STAGES, Report
from creditbank_plugin.rules.report_words import MEANINGS
from creditbank_plugin.services import reports
from tests.builders import PROVINCE, House, Place
from tests.conftest import close
from tests.reports_world import at, course, group, make_world


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    made = make_world(shared_place)
    at(made, datetime(2026, 11, 1, tzinfo=UTC))
    for text in ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)"):
        course(made, f"F{text}", level_group="diploma", agency=text, occupational_group=text, province="51")
    group(made, '=HYPERLINK("http://evil.example")', PROVINCE)
    yield made
    close(made)


@pytest.fixture(scope="module")
def found(house: House) -> Report:
    return reports.report(house.runtime, "51")


def sheets(found: Report, language: str = "th") -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(BytesIO(workbook(found, language)))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_sheets_hold_the_figures_of_the_report(found: Report) -> None:
    read = sheets(found)
    assert list(read) == [
        *("สรุป", "รายวิชา", "คณะทำงาน", "ข้อเสนอที่รอนาน", "ผู้เรียนและหน่วยกิต", "รายเดือน", "คำอธิบาย"),
    ]
    summary = {row[0]: row[1] for row in read["สรุป"]}
    assert summary["รายวิชาที่รวบรวม"] == found.summary.courses.number
    assert summary["จังหวัด"] == "ลำพูน"
    heads, *rows = read["รายวิชา"]
    assert heads[2:] == (
        *("มีผลการเทียบที่ใช้อยู่", "อยู่ระหว่างพิจารณา", "เสนอแล้ว", "ส่งกลับให้แก้", "กำลังจัดทำข้อเสนอ", "ไม่อนุมัติ"),
        *("ผลการเทียบยุติแล้ว", "ยังไม่เริ่มเทียบ", "รวม"),
    )
    by_level = [row for row in rows if row[0] == "ระดับ"]
    assert [row[-1] for row in by_level] == [each.number for each in found.summary.level_groups]
    assert by_level[0][2:-1] == tuple(found.summary.level_groups[0].stages[stage] for stage in STAGES)
    assert len(read["คณะทำงาน"]) == len(found.groups) + 1
    assert len(read["คณะทำงาน"][0]) == len(PROPOSED) + 3
    assert [row[-1] for row in read["ข้อเสนอที่รอนาน"][1:]] == [each.days for each in found.pending]
    assert [row[1] for row in read["รายเดือน"][1:]] == [each.courses for each in found.months]
    assert read["รายเดือน"][-1][0] == "พฤศจิกายน 2569"
    assert len(read["คำอธิบาย"]) == len(MEANINGS) + 2


def test_small_numbers_are_not_in_the_file(found: Report) -> None:
    rows = {row[0]: row[3:] for row in sheets(found)["ผู้เรียนและหน่วยกิต"]}
    assert rows["หน่วยกิตที่ให้: การศึกษาขั้นพื้นฐาน"] == (29, 29, 42.5)
    assert rows["หน่วยกิตที่ให้: อาชีวศึกษา"] == ("น้อยกว่า 5", "ไม่แสดง", "ไม่แสดง")
    assert rows["หน่วยกิตที่ให้: ผลลัพธ์ที่ไม่มีหน่วยกิต"] == (6, 6, None)


def test_in_english(found: Report) -> None:
    read = sheets(found, "en")
    assert list(read)[:2] == ["Summary", "Courses"]
    assert read["By month"][-1][0] == "November 2026"
    assert any("fewer than 5" in map(str, row) for row in read["Learners and credits"])


def test_what_somebody_entered_is_never_a_formula(found: Report) -> None:
    book = load_workbook(BytesIO(workbook(found, "th")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=cmd|' /C calc'!A0" in texts
    assert not [cell for cell in cells if cell.hyperlink]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra"])
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert safe(f"a{text}") == f"a{text}"

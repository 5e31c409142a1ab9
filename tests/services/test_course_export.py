"""The catalogue as a file: in the template's columns, with nothing that runs, and taken in again it changes nothing."""

import csv
import io
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats.sheets import open_sheet
from creditbank_plugin.rules.course import CourseValues
from creditbank_plugin.rules.course_row import RowContext, check_row, spoken_of
from creditbank_plugin.rules.course_words import TEMPLATE
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import course_export, courses
from creditbank_plugin.services.catalogue.courses import SpokenOf
from tests.builders import OTHER_SCHOOL, PROVINCE, SCHOOL, House

ADMIN = administrator("test")
BAD = "=cmd|' /C calc'!A0"
ROWS = (
    CourseValues(
        owner=SCHOOL,
        code="20000-1101",
        version="2567",
        title_th="ภาษาไทยพื้นฐาน",
        title_en="Basic Thai",
        description="อ่าน, เขียน “ไทย”",
        outcomes=("อ่านจับใจความได้", "เขียนรายงานได้"),
        hours=5450,
        hours_theory=1850,
        hours_practice=3600,
        level_group="upper_secondary_vocational",
        sector="formal",
        delivery="ในชั้นเรียน",
        provider="วิทยาลัยอาชีวศึกษา",
        province="51",
        agency="สอศ.",
        occupational_group="บริหารธุรกิจ",
    ),
    CourseValues(
        owner=PROVINCE, code="0012", version="2567", title_th=BAD, level_group="short_course", sector="informal"
    ),
    CourseValues(
        owner=OTHER_SCHOOL,
        code="นวด-1",
        version="2567",
        title_th="'-นวด",
        description="+นวด",
        outcomes=("- ข้อหนึ่ง", "2) ข้อสอง", "ข้อสาม 2. ข้อสี่"),
        level_group="short_course",
        sector="work_experience",
        agency="@กรม",
    ),
)
MORE = (
    replace(ROWS[0], code="20000-1102", hours=7200, hours_theory=None, hours_practice=None, tpn="2-2-3"),
    replace(ROWS[0], code="20000-1103", hours=7200, hours_theory=None, hours_practice=None),
)


def read_again(content: bytes, name: str) -> tuple[list[CourseValues], SpokenOf]:
    """The rows of a file as an import reads them, and the fields it speaks of."""
    sheet = open_sheet(content, name)
    heading, *rows = sheet.rows()
    columns = [str(each) for each in heading if each]
    owners = {code: code for code in (SCHOOL, OTHER_SCHOOL, PROVINCE, "national")}
    found = [check_row(dict(zip(columns, row, strict=False)), RowContext(owners=owners)) for row in rows]
    assert [each for each in found if isinstance(each, list)] == []
    return [each for each in found if isinstance(each, CourseValues)], partial(spoken_of, columns)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("rows", [ROWS, (*ROWS, *MORE)], ids=["template", "more"])
def test_what_is_taken_in_again_changes_nothing(
    house: House, tmp_path: Path, kind: str, rows: tuple[CourseValues, ...]
) -> None:
    courses.put_courses(house.runtime, rows, by=ADMIN)
    file = tmp_path / f"courses.{kind}"
    told = {"owner": SCHOOL}
    assert course_export.export_to(house.runtime, file, wanted=told) == len(
        [each for each in rows if each.owner == SCHOOL]
    )
    for owner in (SCHOOL, PROVINCE, OTHER_SCHOOL):
        content = course_export.exported(house.runtime, kind, wanted={"owner": owner})
        again, only = read_again(content, file.name)
        assert again == sorted((each for each in rows if each.owner == owner), key=lambda each: each.code)
        done = courses.put_courses(house.runtime, again, by=ADMIN, only=only)
        assert {each.state for each in done} == {"unchanged"}


def test_the_columns_are_those_of_the_template_and_more_only_where_needed(house: House) -> None:
    courses.put_courses(house.runtime, [*ROWS, *MORE], by=ADMIN)
    plain = course_export.exported(house.runtime, "csv", wanted={"owner": PROVINCE}).decode("utf-8-sig")
    more = course_export.exported(house.runtime, "csv", wanted={"owner": SCHOOL}).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(plain))) == list(TEMPLATE)
    assert next(csv.reader(io.StringIO(more))) == [*TEMPLATE, "hours", "tpn"]


def test_nothing_in_a_file_runs(house: House) -> None:
    courses.put_courses(house.runtime, ROWS, by=ADMIN)
    text = course_export.exported(house.runtime, "csv").decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert f"'{BAD}" in cells
    book = openpyxl.load_workbook(io.BytesIO(course_export.exported(house.runtime, "xlsx")))
    found: list[Any] = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert "f" not in {cell.data_type for cell in found}
    cells += [cell.value for cell in found if isinstance(cell.value, str)]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    code = next(cell for cell in found if cell.value == "0012")
    assert code.number_format == "@"


def test_a_file_of_another_kind_is_refused_and_what_stood_there_stays(house: House, tmp_path: Path) -> None:
    file = tmp_path / "courses.ods"
    file.write_text("mine")
    with pytest.raises(Refused) as refusal:
        course_export.export_to(house.runtime, file)
    assert refusal.value.code == "file_kind_unknown"
    assert [each.name for each in tmp_path.iterdir() if each.suffix in (".ods", ".part")] == ["courses.ods"]
    assert file.read_text() == "mine"


def test_more_than_a_page_can_wait_for_is_left_to_the_command_line(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    courses.put_courses(house.runtime, ROWS, by=ADMIN)
    monkeypatch.setattr(course_export, "MOST_AT_ONCE", 3)
    with pytest.raises(Refused) as refusal:
        course_export.exported(house.runtime, "csv")
    assert refusal.value.code == "too_many"
    assert course_export.exported(house.runtime, "csv", wanted={"owner": SCHOOL})

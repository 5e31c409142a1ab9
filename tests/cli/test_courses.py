"""``creditbank courses``: the contract of import, export and template, and every bad file."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from creditbank_hooks import Course
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.course import LEVEL_GROUPS, SECTORS
from creditbank_plugin.rules.course_words import LEVEL_WORD, SECTOR_WORD, TEMPLATE
from creditbank_plugin.services import events, organisations
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import aliases
from creditbank_plugin.services.importing import course_imports
from creditbank_plugin.services.importing.course_template import template
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import CourseVersion
from tests.builders import PROVINCE, SCHOOL, House, completed
from tests.cli.shell import Ran, Shell
from tests.formats import sheet_files as made

HEADING = ["code", "version", "title_th", "level_group", "sector"]
ROW = ["ท21102", "2551", "ภาษาไทย 2", "ม.ต้น", "ในระบบ"]
LINE = ",".join(ROW)
KEYS = {"rows", "new", "changed", "unchanged", "errors"}


class Desk:
    """A shell with a folder for files."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.shell, self.folder = house, Shell.of(house), folder

    def file(self, content: bytes | str, name: str = "courses.csv") -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def load(self, content: Any, *options: str, name: str = "courses.xlsx") -> Ran:
        content = made.xlsx(content) if isinstance(content, list) else content
        return self.shell("courses", "import", self.file(content, name), "--province", "51", *options, "--json")

    def courses(self) -> dict[tuple[str, str, str], Any]:
        with reading(self.house.runtime.engine) as connection:
            rows = connection.execute(CourseVersion.__table__.select()).all()
        return {(row.owner_code, row.code, row.version): row for row in rows if row.owner_code != "national"}


@pytest.fixture
def desk(house: House, tmp_path: Path) -> Desk:
    return Desk(house, tmp_path)


def errors(ran: Ran) -> list[tuple[int | None, str | None, str]]:
    assert set(ran.json) - {"notes"} == KEYS
    assert ran.code == 1
    for error in ran.json["errors"]:
        assert set(error) == {"row", "column", "code", "th", "en"}
    return [(error["row"], error["column"], error["code"]) for error in ran.json["errors"]]


def test_good_rows_are_loaded_and_refused_ones_told(desk: Desk) -> None:
    rows = [HEADING, ROW, ["ท21103", 2008, "ภาษาไทย 3", "ม.ต้น", "ในระบบ"], [20001101, "2567", "x", "ปวช.", "นอกระบบ"]]
    first = desk.load(rows)
    assert {name: first.json[name] for name in KEYS - {"errors"}} == {"rows": 3, "new": 1, "changed": 0, "unchanged": 0}
    assert errors(first) == [(3, "version", "version_is_ce"), (4, "code", "code_is_number")]
    assert set(desk.courses()) == {(PROVINCE, "ท21102", "2551")}
    again = desk.load(rows)
    assert (again.json["new"], again.json["unchanged"]) == (0, 1)
    changed = desk.load([HEADING, [*ROW[:2], "ภาษาไทย สอง", *ROW[3:]]])
    assert (changed.code, changed.json) == (0, {"rows": 1, "new": 0, "changed": 1, "unchanged": 0, "errors": []})
    course = desk.courses()[PROVINCE, "ท21102", "2551"]
    assert (course.title_th, course.revision, course.level_group, course.sector, course.province) == (
        *("ภาษาไทย สอง", 2, "lower_secondary", "formal", "51"),
    )


def test_nothing_is_loaded_with_all_or_nothing_and_in_a_dry_run(desk: Desk) -> None:
    rows = [HEADING, ROW, ["", "2551", "ไม่มีรหัส", "ม.ต้น", "ในระบบ"]]
    refused = desk.load(rows, "--all-or-nothing")
    assert errors(refused) == [(3, "code", "missing")]
    assert refused.json["new"] == 0
    dry = desk.load(rows, "--dry-run")
    assert (dry.code, dry.json["new"]) == (1, 1)
    assert desk.load([HEADING, ROW], "--dry-run").code == 0
    assert desk.courses() == {}
    assert desk.load([HEADING, ROW], "--all-or-nothing").json["new"] == 1
    assert len(desk.courses()) == 1


def test_what_waited_for_a_course_is_woken(desk: Desk) -> None:
    desk.house.bank.hear(completed(1, course=Course(code="ท21102", owner=PROVINCE)))
    before = events.counts(desk.house.runtime)
    desk.load([HEADING, ROW])
    with reading(desk.house.runtime.engine) as connection:
        reasons = (
            connection.exec_driver_sql("select reason from creditbank_decision order by decided_at").scalars().all()
        )
    assert before == {"waiting": 1}
    assert list(reasons) == ["course_unknown", "no_comparison"]


def test_a_centre_that_is_not_registered_is_entered_with_its_name(desk: Desk) -> None:
    content = made.xlsx([[*HEADING, "province"], [*ROW, "เชียงใหม่"]])
    assert desk.load(content, "--dry-run").json["new"] == 1
    assert "province-50" not in set(organisations.organisations(desk.house.runtime))
    assert desk.load(content).json["new"] == 1
    centre = organisations.organisations(desk.house.runtime)["province-50"]
    assert (centre.kind, centre.province, centre.name_th) == ("province", "50", "ศูนย์ธนาคารหน่วยกิตจังหวัดเชียงใหม่")
    assert ("province-50", "ท21102", "2551") in desk.courses()
    assert desk.load(content).json["unchanged"] == 1


def test_owners_by_code_and_by_name(desk: Desk) -> None:
    rows = [["owner", *HEADING], [SCHOOL, *ROW], [f"โรงเรียน {SCHOOL}", "ท20201", *ROW[1:]], ["ที่ไหน", *ROW]]
    assert errors(desk.load(rows)) == [(4, "owner", "owner_unknown")]
    assert {key[:2] for key in desk.courses()} == {(SCHOOL, "ท21102"), (SCHOOL, "ท20201")}
    number = made.xlsx([["owner", *HEADING], [int(SCHOOL), *ROW]])
    assert desk.load(number).json["unchanged"] == 1
    no_province = desk.shell("courses", "import", desk.file(made.xlsx([HEADING, ROW])), "--json")
    assert errors(no_province) == [(2, "owner", "owner_missing")]


def test_the_same_course_twice_in_a_file(desk: Desk) -> None:
    other = [*ROW[:2], "ชื่ออื่น", *ROW[3:]]
    found = desk.load([HEADING, ROW, other, ["ค21101", *ROW[1:]], ROW])
    assert errors(found)[:2] == [(2, "title_th", "duplicate_title"), (3, "title_th", "duplicate_title")]
    assert "3" in found.json["errors"][0]["th"]
    assert "2" in found.json["errors"][1]["th"]
    assert {key[1] for key in desk.courses()} == {"ค21101"}
    same = desk.load([HEADING, ROW, ROW, ["  ท ๒๑๑๐๒", *ROW[1:]]])
    assert (same.json["new"], same.json["unchanged"], same.json["errors"]) == (1, 2, [])
    different = desk.load([[*HEADING, "provider"], [*ROW, "a"], [*ROW, "b"]])
    assert errors(different) == [(2, "code", "duplicate_differs"), (3, "code", "duplicate_differs")]


def test_what_is_taken_back_had_been_found_unchanged(desk: Desk) -> None:
    desk.load([HEADING, ROW])
    found = desk.load([HEADING, ROW, [*ROW[:2], "ชื่ออื่น", *ROW[3:]]])
    assert errors(found) == [(2, "title_th", "duplicate_title"), (3, "title_th", "duplicate_title")]
    assert found.json["unchanged"] == 0


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods", "a.csv"])
def test_every_kind_of_file(desk: Desk, name: str) -> None:
    rows = [["รหัสวิชา", "ปีหลักสูตร", "ชื่อวิชา", "ระดับ", "รูปแบบการศึกษา", "ทฤษฎี"], [*ROW, "๔๐"]]
    text = "\r\n".join(",".join(row) for row in rows)
    make = {"xlsx": made.xlsx, "xls": made.xls, "ods": made.ods, "csv": lambda _: text.encode("cp874")}
    ran = desk.load(make[name[-3:] if name != "a.xlsx" else "xlsx"](rows), name=name)
    assert (ran.code, ran.json["new"]) == (0, 1)
    assert desk.courses()[PROVINCE, "ท21102", "2551"].hours_theory == 4000


def test_a_code_that_means_another_course_is_refused(desk: Desk) -> None:
    aliases.alias(desk.house.runtime, "SCI-1", "ท21101")
    assert errors(desk.load([HEADING, ["SCI-1", *ROW[1:]], ROW])) == [(2, "code", "code_is_alias")]
    assert len(desk.courses()) == 1


def test_files_that_are_no_table_of_courses(desk: Desk) -> None:
    for content, code in (
        (b"", "empty_file"),
        (b"%PDF-1.7", "file_unknown"),
        (b"PK\x03\x04", "file_broken"),
        (made.xlsx([["ก", "ข"], ["1", "2"]]), "headings_missing"),
        (made.xlsx([], hidden=[HEADING, ROW]), "only_hidden_sheets"),
        ("\n".join(["code,version"] + ["a,1"] * 200_000).encode(), "too_many_rows"),
        (made.many_rows(200_000), "too_many_rows"),
        (made.packed({"xl/workbook.xml": b"x", "xl/worksheets/sheet1.xml": bytes(40 << 20)}), "file_bomb"),
        (f"{LINE}\n".encode() + LINE.encode("cp874"), "encoding_mixed"),
    ):
        ran = desk.load(content)
        assert errors(ran) == [(None, None, code)]
        assert all(ran.json["errors"][0][language] for language in ("th", "en"))
        assert desk.courses() == {}
    assert errors(desk.load(made.xlsx([HEADING[:3], ROW[:3]]))) == [
        (1, "level_group", "column_missing"),
        (1, "sector", "column_missing"),
    ]
    assert "province_unknown" in desk.shell.refused("courses", "import", desk.file("x"), "--province", "99")


def test_awkward_sheets(desk: Desk) -> None:
    merged = [
        ["รายวิชาจังหวัดลำพูน"],
        HEADING,
        ROW,
        [None, *ROW[1:]],
        [],
        ["ท21104", *ROW[1:]],
        HEADING,
        ["ตัวอย่าง ท1", *ROW[1:]],
    ]
    ran = desk.load(made.xlsx(merged, merge=["A1:E1", "A3:A4"], hidden=[HEADING, ["ซ่อน", *ROW[1:]]]))
    assert errors(ran) == [(4, "code", "cell_merged")]
    assert [each["code"] for each in ran.json["notes"]] == ["hidden_sheets", "merged_cells"]
    assert ran.json["rows"] == 3
    assert {key[1] for key in desk.courses()} == {"ท21102", "ท21104"}


def test_headings_in_two_rows_with_merged_cells_above(desk: Desk) -> None:
    upper = ["รหัสวิชา", "ปีหลักสูตร", "ชื่อรายวิชา", None, "ระดับ", "รูปแบบการศึกษา", "จำนวนชั่วโมง", None]
    lower = [None, None, "ภาษาไทย", "ภาษาอังกฤษ", None, None, "ทฤษฎี", "ปฏิบัติ"]
    row = [*ROW[:3], "Thai 2", *ROW[3:], 20, "๔๐"]
    ran = desk.load(made.xlsx([["ตารางรายวิชา"], upper, lower, row], merge=["C2:D2", "G2:H2", "A2:A3"]))
    assert (ran.code, ran.json["new"], ran.json["rows"]) == (0, 1, 1)
    course = desk.courses()[PROVINCE, "ท21102", "2551"]
    assert (course.title_th, course.title_en, course.hours_theory, course.hours_practice) == (
        *("ภาษาไทย 2", "Thai 2", 2000, 4000),
    )


def test_what_columns_mean_to_a_province_is_remembered_here_too(desk: Desk) -> None:
    content = made.xlsx([["ก", "ข", "ค", "ง", "จ"], ROW])
    assert errors(desk.load(content)) == [(None, None, "headings_missing")]
    runtime, by = desk.house.runtime, administrator("test")
    import_id = course_imports.upload(runtime, content, "a.xlsx", by=by, province="51")
    course_imports.check(runtime, import_id, {name: place for place, name in enumerate(HEADING)}, by=by)
    assert desk.load(content).json["new"] == 1
    elsewhere = desk.shell("courses", "import", desk.file(content), "--province", "50", "--json")
    assert errors(elsewhere) == [(None, None, "headings_missing")]


def test_what_would_run_elsewhere_is_kept_as_text_and_given_out_safely(desk: Desk) -> None:
    evil = "=cmd|' /C calc'!A0"
    desk.load(("\n".join([",".join(HEADING), f'X1,2551,"{evil}",ม.ต้น,ในระบบ'])).encode())
    assert desk.courses()[PROVINCE, "X1", "2551"].title_th == evil
    out = str(desk.folder / "all.csv")
    assert desk.shell("courses", "export", out, "--json").json["courses"] == 2
    assert f"'{evil}" in Path(out).read_text("utf-8-sig")
    again = desk.shell("courses", "import", out, "--json")
    assert (again.json["rows"], again.json["new"], again.json["changed"], again.json["unchanged"]) == (2, 0, 0, 1)


def test_the_template_is_filled_in_and_brought_in(desk: Desk) -> None:
    for kind in ("xlsx", "csv"):
        path = str(desk.folder / f"template.{kind}")
        assert desk.shell("courses", "template", path).code == 0
        empty = desk.shell("courses", "import", path, "--province", "51", "--json")
        assert (empty.code, empty.json["rows"]) == (0, 0)
    book = openpyxl.load_workbook(desk.folder / "template.xlsx")
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(TEMPLATE)
    assert sheet.column_dimensions["B"].width
    assert sheet.cell(3, 2).number_format == "@"
    lists = sorted(rule.formula1 for rule in sheet.data_validations.dataValidation)
    assert lists == sorted(f'"{",".join(words)}"' for words in (LEVEL_WORD.values(), SECTOR_WORD.values()))
    assert (set(LEVEL_WORD), set(SECTOR_WORD)) == (set(LEVEL_GROUPS), set(SECTORS))
    sheet.append([None, "ท21102", "2551", "ภาษาไทย 2", *[None] * 6, "ม.ปลาย/ปวช.", "ตามอัธยาศัย"])
    kept = io.BytesIO()
    book.save(kept)
    assert desk.load(kept.getvalue()).json == {"rows": 1, "new": 1, "changed": 0, "unchanged": 0, "errors": []}
    with pytest.raises(Refused):
        template("pdf")


def test_a_person_reads_a_summary_and_what_to_do(desk: Desk) -> None:
    path = desk.file(made.xlsx([HEADING, ROW, ["", *ROW[1:]]]), "a.xlsx")
    ran = desk.shell("courses", "import", path, "--province", "51")
    assert ran.code == 1
    assert "new 1" in ran.out
    assert "row 3, code: " in ran.out


def test_hidden_sheets_and_merged_cells_are_told_and_nothing_where_there_are_none(desk: Desk) -> None:
    content = made.xlsx([HEADING, ROW], merge=["A3:B3"], hidden=[HEADING, ["ซ่อน", *ROW[1:]]])
    path = desk.file(content, "a.xlsx")
    ran = desk.shell("courses", "import", path, "--province", "51")
    assert ran.code == 0
    assert "hidden sheets, which are not read: “ซ่อน”" in ran.out
    assert "ไฟล์นี้มีแผ่นงานที่ซ่อนไว้ ระบบไม่อ่าน: “ซ่อน”" in ran.out
    assert "เซลล์ที่ผสานไว้ 1 แห่ง" in ran.out
    assert {key[1] for key in desk.courses()} == {ROW[0]}
    again = desk.load(content)
    assert (again.code, again.json["unchanged"]) == (0, 1)
    assert set(again.json) == KEYS | {"notes"}
    assert [set(each) for each in again.json["notes"]] == [{"code", "th", "en"}] * 2
    assert set(desk.load([HEADING, ROW]).json) == KEYS

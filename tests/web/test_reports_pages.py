"""The pages of the progress report: the service's figures, in both languages, with nothing that is hidden."""

import json
import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook

from creditbank_plugin.formats import json_text, report_json
from creditbank_plugin.rules.report import LEVEL_GROUPS, SECTORS, STAGES
from creditbank_plugin.rules.report_words import MEANINGS, WORDS
from creditbank_plugin.services import organisations, reports
from creditbank_plugin.web import report_pictures
from creditbank_plugin.web.words import texts
from tests.builders import PROVINCE, SCHOOL, House, Place
from tests.conftest import close
from tests.reports_world import NEIGHBOUR, make_world
from tests.web.world import log_in

ONE, ALL = "/creditbank/reports/51", "/creditbank/reports"


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    made = make_world(shared_place)
    organisations.add_organisation(made.runtime, code="MOE", kind="ministry", name_th="กระทรวง")
    yield made
    close(made)


def text_of(html: str) -> str:
    """What a reader sees of a page."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def test_a_province_shows_its_figures_and_when_they_were_counted(house: House) -> None:
    said = text_of(log_in(house, "committee", organisation=PROVINCE).get(ONE).text)
    assert "รายงานความก้าวหน้า จังหวัดลำพูน" in said
    assert "ข้อมูล ณ 21 พฤศจิกายน 2569 เวลา 01.30 น." in said
    assert "รายวิชาที่รวบรวม 44" in said
    assert "ข้อเสนอรอนานที่สุด 324 วัน" in said
    assert "การศึกษาขั้นพื้นฐาน 42.50 29 29" in said
    assert "อาชีวศึกษา ไม่แสดง ไม่แสดง น้อยกว่า 5 0" in said
    assert "เกณฑ์ 5 คนเป็นค่าที่ระบบนี้ตั้งไว้ ยังไม่พบประกาศที่กำหนดเรื่องนี้" in said
    assert "พฤศจิกายน 2569" in said
    assert all(meaning.th in said for meaning in MEANINGS.values())


def test_in_english_with_common_years(house: House) -> None:
    said = text_of(log_in(house, "admin").get(f"{ONE}?lang=en").text)
    assert "Progress of Lamphun" in said
    assert "Figures as of 21 November 2026 01:30" in said
    assert "fewer than 5" in said
    assert "November 2026" in said


def test_all_provinces_stand_beside_one_another(house: House) -> None:
    page = log_in(house, "registrar").get(ALL)
    said = text_of(page.text)
    assert 'href="/creditbank/reports/50"' in page.text
    assert "ลำพูน 44" in said
    assert "จังหวัดที่ยังไม่มีข้อมูล 75 จังหวัด" in said
    assert "รวมเฉพาะที่แสดง 57 10" in said
    assert "รวมเฉพาะที่แสดง – – 42.50 0.00" in said
    assert page.text.count('<svg viewBox="0 0 104') == 3, "a small picture of each"


@pytest.mark.parametrize(
    ("role", "organisation", "own"),
    [
        ("admin", None, True),
        ("committee", PROVINCE, True),
        ("committee", NEIGHBOUR, False),
        ("committee", SCHOOL, False),
        ("committee", "MOE", False),
        ("registrar", SCHOOL, False),
        ("director", PROVINCE, False),
    ],
)
def test_links_to_work_are_for_its_own_people(
    house: House, monkeypatch: pytest.MonkeyPatch, role: str, organisation: str | None, own: bool
) -> None:
    monkeypatch.setattr("creditbank_plugin.web.reports.Figures.link", lambda *_, **values: f"/to/{next(iter(values))}")
    page = log_in(house, role, organisation=organisation).get(ONE).text
    assert ("/to/proposal_id" in page) == own
    assert ("/to/course_id" in page) == own
    assert "42.50" in page, "the counts are the same for all of them"


def test_a_page_that_is_not_there_is_not_linked(house: House) -> None:
    page = log_in(house, "admin").get(ONE).text
    known = {rule.endpoint for rule in house.app.url_map.iter_rules()}
    assert ("/admin/proposals/" in page) == ("creditbank.proposal" in known)


@pytest.mark.parametrize("path", ["99", "99.xlsx", "99.json", "x"])
def test_an_unknown_province_is_not_found(house: House, path: str) -> None:
    assert log_in(house, "admin").get(f"{ALL}/{path}").status_code == 404


def test_an_empty_province_says_so(house: House) -> None:
    said = text_of(log_in(house, "admin").get(f"{ALL}/96").text)
    assert "ยังไม่มีรายวิชาของจังหวัดนี้" in said
    assert "ธนาคารในจังหวัดนี้ยังไม่ได้ให้หน่วยกิต" in said


def test_files_hold_the_same_figures(house: House) -> None:
    client = log_in(house, "director", organisation=SCHOOL)
    found = reports.report(house.runtime, "51")
    sheet = client.get(f"{ONE}.xlsx")
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="creditbank-51-2026-11-21.xlsx"'
    assert load_workbook(BytesIO(sheet.data)).sheetnames[0] == "สรุป"
    assert load_workbook(BytesIO(client.get(f"{ONE}.xlsx?lang=en").data)).sheetnames[0] == "Summary"
    told = json_text.plain(report_json.report(found))
    assert json.loads(client.get(f"{ONE}.json").data) == told
    every = json.loads(client.get(f"{ALL}/all.json").data)
    assert every == json_text.plain(report_json.overview(reports.overview(house.runtime)))


def test_words_of_reports_are_those_of_the_pages() -> None:
    for room in ("level_group", "scheme"):
        words = {key.partition(".")[2]: said for key, said in texts().items() if key.startswith(f"{room}.")}
        assert {code: (said["th"], said["en"]) for code, said in words.items()} == {
            code: (said.th, said.en) for code, said in WORDS[room].items()
        }
    assert set(WORDS["stage"]) == set(STAGES)
    assert set(WORDS["sector"]) == set(SECTORS)
    assert set(WORDS["level_group"]) > set(LEVEL_GROUPS)


def test_columns_are_as_high_as_their_numbers_and_hidden_ones_tell_nothing() -> None:
    drawn = report_pictures.columns([0, 1, 100, None, -5], ["", "1", "100", "", ""])
    assert [column.height for column in drawn] == [0, 2, 64, 21, 0]
    assert [column.y + column.height for column in drawn] == [84] * 5
    assert [column.hidden for column in drawn] == [False, False, False, True, False]
    same = report_pictures.columns([None, 3], ["", ""])
    assert same[0].height == report_pictures.columns([None, 900], ["", ""])[0].height
    assert [column.height for column in report_pictures.columns([5], ["5"], 10)] == [32]
    assert report_pictures.columns([0, 0], ["", ""])[0].height == 0

"""Entering and ending comparisons and adoptions, as a working group does it: every step by forms alone."""

import re
from typing import Any

import pytest

from creditbank_plugin.services import events
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.comparing import comparisons
from tests.builders import PROVINCE, House, Place, adopt, compare, item_ids
from tests.web.test_learner_pages import plain
from tests.web.world import MATHS, UNMATCHED, found, log_in, make_world, post

NEW = "/creditbank/admin/comparisons/new"


@pytest.fixture
def house(place: Place) -> House:
    return make_world(place)


@pytest.fixture(scope="module")
def unchanged(shared_place: Place) -> House:
    """A bank for the tests that are refused everything."""
    return make_world(shared_place)


def day(field: str, number: int, month: int, year: int) -> dict[str, str]:
    return {f"{field}_d": str(number), f"{field}_m": str(month), f"{field}_y": str(year)}


def course_id(house: House, code: str) -> str:
    return str(courses.courses_with(house.runtime, search=code)[0].id)


def comparison(house: House, **more: Any) -> dict[str, Any]:
    """A comparison as a browser sends it: one credit for the course that has none yet."""
    return {
        "course": course_id(house, UNMATCHED[0]),
        "era": "be",
        "step": "save",
        "body": PROVINCE,
        "reference": "ประกาศ ๑/๒๕๖๙",
        "scheme": "basic",
        "credits": "๑.๕",
        "outcomes": item_ids("ท 1.1", "ท 2.1"),
        **day("approved_on", 2, 1, 2569),
        **day("applies_from", 1, 1, 2569),
        **more,
    }


def errors(text: str) -> list[str]:
    """The sentences at the fields."""
    return re.findall(r'<p class="wrong" id="(\w+)-wrong">', text)


@pytest.mark.both_databases
def test_a_comparison_settles_what_waited(house: House) -> None:
    client = log_in(house, "admin")
    answer = post(client, NEW, **comparison(house, nqf_level="1", nqf_level_basis="comparison", min_score="50"))
    assert answer.status_code == 303
    listed = plain(client.get("/creditbank/admin/comparisons").text)
    assert f"บันทึกผลการเทียบของ {UNMATCHED[0]} แล้ว" in listed
    assert "ประกาศ ๑/๒๕๖๙ · 2 มกราคม 2569 1.50 หน่วยกิต การศึกษาขั้นพื้นฐาน คุณวุฒิระดับ 1 ตั้งแต่ 1 มกราคม 2569" in listed
    waiting = events.page(house.runtime, search=UNMATCHED[0]).items[0]
    assert waiting.reason == "not_adopted"
    adopt(house, None, body=PROVINCE, order_number="7/2569")
    assert events.page(house.runtime, search=UNMATCHED[0]).items[0].state == "credited"
    row = comparisons.comparisons(house.runtime, course_id(house, UNMATCHED[0]))[0]
    assert (row.credits, row.conditions, row.nqf_level, row.entered_by) == (150, {"min_score": 50}, 1, "user:u-1")


def test_the_course_is_chosen_by_a_search(unchanged: House) -> None:
    client = log_in(unchanged, "admin")
    text = client.get(NEW, query_string={"q": "คณิต"}).text
    path = found(r'href="(/creditbank/admin/comparisons/new\?course=[\w-]+)"', text)
    assert MATHS[0] in client.get(path).text
    assert "ไม่พบรายวิชาที่ตรงกับคำค้น" in client.get(NEW, query_string={"q": "ไม่มี"}).text


@pytest.mark.both_databases
def test_the_hint_names_its_rule_its_source_and_that_rounding_is_configuration(unchanged: House) -> None:
    text = log_in(unchanged, "admin").get(NEW, query_string={"course": course_id(unchanged, MATHS[0])}).text
    words = plain(text)
    assert "ตัวช่วย: รายวิชานี้มี 60 ชั่วโมง" in words
    assert "การศึกษาขั้นพื้นฐาน 60 ชั่วโมง ÷ 40 ชั่วโมงต่อหน่วยกิต = 1.50 หน่วยกิต" in words
    assert "BE-H1 · มีประกาศทางการ · https://ratchakitcha.soc.go.th/" in words
    assert "VE-H1 · ยังไม่ได้ยืนยัน" in words
    assert "การปัดเศษเป็นค่าที่ระบบตั้งไว้ ไม่ใช่ระเบียบที่ประกาศ" in words


def test_outcomes_are_found_without_losing_what_was_typed(unchanged: House) -> None:
    client = log_in(unchanged, "admin")
    first = post(client, NEW, **comparison(unchanged, step="find", find="ท 3.1", outcomes=item_ids("ท 1.1")))
    assert first.status_code == 200
    assert re.search(rf'value="{item_ids("ท 1.1")[0]}" checked', first.text)
    assert re.search(rf'name="outcomes" value="{item_ids("ท 3.1")[0]}">', first.text)
    assert 'value="ประกาศ ๑/๒๕๖๙"' in first.text
    assert f'<option value="{PROVINCE}" selected>' in first.text
    assert comparisons.comparisons(unchanged.runtime, course_id(unchanged, UNMATCHED[0])) == []
    nothing = post(client, NEW, **comparison(unchanged, step="find", find="ไม่มีผลลัพธ์นี้"))
    assert "ไม่พบผลลัพธ์ที่ตรงกับคำค้น" in nothing.text


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"body": ""}, "body", "ต้องเลือกหนึ่งรายการ"),
        ({"body": "nobody"}, "body", "ตัวเลือกนี้ไม่มีในระบบ"),
        ({"scheme": "gold"}, "scheme", "ตัวเลือกนี้ไม่มีในระบบ"),
        ({"reference": " \u200b "}, "reference", "ต้องกรอกช่องนี้"),
        ({"reference": "ก" * 501}, "reference", "ยาวเกิน 500 ตัวอักษร"),
        ({"credits": "1.234"}, "credits", "ทศนิยมไม่เกินสองตำแหน่ง"),
        ({"credits": "-1"}, "credits", "ต้องเป็นตัวเลข 0 ถึง 1000"),
        ({"credits": "NaN"}, "credits", "ต้องเป็นตัวเลข 0 ถึง 1000"),
        ({"scheme": "none"}, "credits", "ต้องเป็น 0"),
        ({"outcomes": []}, "outcomes", "เลือกผลลัพธ์อย่างน้อยหนึ่งรายการ"),
        ({"credits_rule": "BE-H1", "credits": "2"}, "credits_rule", "ไม่ตรงกับที่กฎนี้คำนวณได้"),
        ({"nqf_level": "9"}, "nqf_level", "ตัวเลือกนี้ไม่มีในระบบ"),
        ({"nqf_level": "3"}, "nqf_level_basis", "กำหนดระดับแล้ว ต้องบอกที่มาด้วย"),
        ({"nqf_level_basis": "standard"}, "nqf_level_basis", "บอกที่มาแล้ว ต้องเลือกระดับด้วย"),
        ({"min_score": "101"}, "min_score", "ต้องเป็นตัวเลข 0 ถึง 100"),
        ({"min_attendance": "Infinity"}, "min_attendance", "ต้องเป็นตัวเลข 0 ถึง 100"),
        ({"min_grade": "0"}, "min_grade", "ไม่รู้จักผลการเรียนนี้"),
        ({"min_identity": "magic"}, "min_identity", "ตัวเลือกนี้ไม่มีในระบบ"),
        (day("approved_on", 1, 1, 2026), "approved_on", "ปีต้องเป็น พ.ศ. เช่น 2569"),
        (day("approved_on", 31, 2, 2569), "approved_on", "ไม่มีวันที่นี้ในปฏิทิน"),
        (day("approved_on", 1, 1, 2642), "approved_on", "วันที่นี้ยังมาไม่ถึง"),
        ({"applies_from_y": ""}, "applies_from", "กรอกวัน เดือน และปีให้ครบ"),
        (day("applies_until", 1, 1, 2568), "applies_until", "มาก่อน “ใช้กับการเรียนจบตั้งแต่”"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(unchanged: House, wrong: dict[str, Any], field: str, sentence: str) -> None:
    answer = post(log_in(unchanged, "admin"), NEW, **comparison(unchanged, **wrong))
    assert answer.status_code == 422
    assert errors(answer.text) == [field]
    assert sentence in answer.text
    assert len(comparisons.comparisons(unchanged.runtime)) == 7


def test_the_summary_of_errors_links_to_the_fields_in_the_order_of_the_page(unchanged: House) -> None:
    sent = comparison(unchanged, min_score="101", outcomes=[], scheme="", body="", applies_from_y="")
    text = post(log_in(unchanged, "admin"), NEW, **sent).text
    targets = re.findall(r'<li><a href="#([^"]+)">', text)
    assert targets == ["body", "applies_from_d", "scheme", "outcomes-wrong", "min_score"]
    assert [target for target in targets if f'id="{target}"' not in text] == []


def test_errors_are_said_in_english_with_common_era_years(house: House) -> None:
    client = log_in(house, "admin")
    client.get(f"{NEW}?lang=en")
    answer = post(client, NEW, **comparison(house, era="ce"))
    assert "The year must be of the common era, such as 2026." in answer.text
    sent = comparison(house, era="ce", **day("approved_on", 2, 1, 2026), **day("applies_from", 1, 1, 2026))
    assert post(client, NEW, **sent).status_code == 303


def test_an_outcome_that_does_not_exist_is_refused_by_the_service_too(unchanged: House) -> None:
    made_up = "01a1fc14-cb52-7c38-a4cb-b3c982779184"
    answer = post(log_in(unchanged, "admin"), NEW, **comparison(unchanged, outcomes=[made_up]))
    assert answer.status_code == 422
    assert "มีผลลัพธ์ที่ไม่รู้จัก" in answer.text


@pytest.mark.both_databases
def test_a_comparison_is_ended_once_and_for_completions_from_a_day(house: House) -> None:
    client = log_in(house, "admin")
    made = compare(house, course_id(house, UNMATCHED[0]))
    path = f"/creditbank/admin/comparisons/{made}/end"
    missing = post(client, path, era="be", ended_as="withdrawn")
    assert missing.status_code == 422
    assert "ต้องระบุวันที่" in missing.text
    told = {"era": "be", "ended_as": "withdrawn", **day("ended_from", 1, 6, 2569)}
    assert post(client, path, **told).status_code == 303
    assert "เพิกถอน ตั้งแต่ 1 มิถุนายน 2569" in plain(client.get("/creditbank/admin/comparisons").text)
    again = post(client, path, **told)
    assert again.status_code == 422
    assert post(client, "/creditbank/admin/comparisons/nonsense/end", **told).status_code == 404


def test_a_comparison_from_paper_is_not_dated_back_over_what_was_credited(house: House) -> None:
    client, credited = log_in(house, "admin"), course_id(house, MATHS[0])
    number = len(comparisons.comparisons(house.runtime, credited))
    told = comparison(house, course=credited, **day("applies_from", 1, 3, 2569))
    late = post(client, NEW, **told)
    assert late.status_code == 409
    assert "applies_from" in errors(late.text)
    assert "วันที่ขอใช้ทับกับวันที่มีผู้ได้หน่วยกิตไปแล้ว" in late.text
    assert 'value="ประกาศ ๑/๒๕๖๙"' in late.text, "what was typed is still there"
    assert len(comparisons.comparisons(house.runtime, credited)) == number
    later = {**told, **day("applies_from", 1, 3, 2570)}
    over = post(client, NEW, **later)
    assert (over.status_code, "มีการเทียบอื่นของหน่วยงานนี้ใช้กับวันเดียวกันอยู่แล้ว" in over.text) == (409, True)
    standing = comparisons.comparisons(house.runtime, credited)[0].id
    ended = {"era": "be", "ended_as": "superseded", **day("ended_from", 1, 3, 2570)}
    assert post(client, f"/creditbank/admin/comparisons/{standing}/end", **ended).status_code == 303
    assert post(client, NEW, **later).status_code == 303

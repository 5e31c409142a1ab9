"""The page of a bank, mandates and memoranda: what they say, to whom, and what their forms do."""

import re
from typing import Any

import pytest

from creditbank_hooks import Course, HostUser
from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.adopting import mandates, memoranda
from tests.builders import (
    BANK,
    OTHER_BANK,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    Place,
    adopt,
    compare,
    completed,
    give_mandate,
    revoke,
)
from tests.web.test_authority_pages import course_id, day, errors
from tests.web.test_learner_pages import plain
from tests.web.world import UNMATCHED, found, log_in, make_world, post

BANKS, MANDATES, MEMORANDA = (f"/creditbank/admin/{name}" for name in ("banks", "mandates", "memoranda"))
PAGE = f"{BANKS}/{BANK}"
GIVEN = {"era": "be", "holder": PROVINCE, "reference": "หนังสือที่ 1/2569", **day("since", 1, 1, 2569)}
SIGNED = {
    "era": "be",
    "owner": PROVINCE,
    "title": "บันทึกข้อตกลงธนาคารหน่วยกิตจังหวัดลำพูน",
    "number": "๑/๒๕๖๘",
    "parties": f"ศูนย์จังหวัดลำพูน\r\nโรงเรียนหนึ่ง ({SCHOOL})\r\nหอการค้าจังหวัด",
    **day("signed_on", 1, 3, 2568),
}


@pytest.fixture
def house(place: Place) -> House:
    return make_world(place)


@pytest.fixture(scope="module")
def unchanged(shared_place: Place) -> House:
    """A bank that is only looked at."""
    made = make_world(shared_place)
    made.ids["wanted"] = compare(made, course_id(made, UNMATCHED[0]), 100)
    return made


@pytest.mark.both_databases
def test_a_director_is_led_to_the_own_bank(unchanged: House) -> None:
    answer = log_in(unchanged, "director").get("/creditbank/")
    assert (answer.status_code, answer.headers["Location"]) == (302, BANKS)
    answer = log_in(unchanged, "director").get(BANKS)
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    listed = log_in(unchanged, "committee", organisation=PROVINCE).get(BANKS).text
    assert {BANK, OTHER_BANK} == set(re.findall(r'/admin/banks/([\w-]+)"', listed))
    searched = log_in(unchanged, "admin").get(f"{BANKS}?q={OTHER_SCHOOL}").text
    assert re.findall(r'/admin/banks/([\w-]+)"', searched) == [OTHER_BANK]
    assert "ไม่พบธนาคารหน่วยกิต" in log_in(unchanged, "committee", organisation="nobody").get(BANKS).text


@pytest.mark.both_databases
def test_the_page_says_what_is_adopted_why_and_what_is_wanted(unchanged: House) -> None:
    client = log_in(unchanged, "director")
    words = plain(client.get(PAGE).text)
    assert "ที่รับรองใช้อยู่ 7 รายการ" in words
    assert "1 การเรียนจบ" in words
    assert "1/2563 ผู้อำนวยการสถานศึกษา · 2 มกราคม 2563 คำสั่งเฉพาะรายการ" in words
    assert "ประกาศทดสอบ 1/2563" in words
    form = found(r'(?s)<form method="get" action="/creditbank/admin/adoptions/new">(.*?)</form>', client.get(PAGE).text)
    assert f'value="{BANK}"' in form
    assert f'name="comparison" value="{unchanged.ids["wanted"]}"' in form


def test_numbers_are_not_for_those_above_without_a_mandate(unchanged: House) -> None:
    text = log_in(unchanged, "committee", organisation=PROVINCE).get(PAGE).text
    assert "ยังไม่ได้รับมอบให้รับรองใช้แทน จึงไม่แสดงจำนวนผู้เรียน" in text
    assert "1 การเรียนจบ" not in plain(text)
    assert 'name="comparison"' not in text
    assert "/revoke" not in text
    assert log_in(unchanged, "director", organisation=OTHER_SCHOOL).get(PAGE).status_code == 403
    assert log_in(unchanged, "committee", organisation="nobody").get(PAGE).status_code == 403
    nowhere = log_in(unchanged, "director")
    unchanged.user.now = HostUser(id="u-1", roles=frozenset({"director"}))
    assert nowhere.get(PAGE).status_code == 403


def test_a_disagreement_says_who_waits_and_how_to_solve_it(house: House) -> None:
    organisations.add_organisation(house.runtime, code="P50", kind="province", name_th="ศูนย์จังหวัดเชียงใหม่", province="50")
    course = course_id(house, UNMATCHED[0])
    for credits, body in ((100, PROVINCE), (150, "P50")):
        made = compare(house, course, credits, body=body)
        adopt(house, None, body=body, order_number=f"{credits}/2569")
    house.bank.hear(completed(2, course=Course(code=UNMATCHED[0])))
    client = log_in(house, "director")
    words = plain(client.get(PAGE).text)
    assert f"คำสั่งขัดกัน: {UNMATCHED[0]}" in words
    assert "มีการเรียนจบรออยู่ 1 รายการ" in words
    assert "เรียนจบ 1 มีนาคม 2569" in words
    assert "คำสั่งเฉพาะรายวิชามาก่อนคำสั่งถาวร" in words
    assert f"/adoptions/new?bank={BANK}&amp;comparison={made}" in client.get(PAGE).text
    adopt(house, made, order_number="9/2569")
    assert "คำสั่งขัดกัน" not in client.get(PAGE).text
    other = compare(house, course, 200, body="national")
    adopt(house, other, order_number="10/2569")
    assert "เพิกถอนคำสั่งที่ไม่ต้องการ ให้เหลือผลเดียว" in plain(client.get(PAGE).text)


def test_what_is_over_and_each_part_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    revoke(house, house.ids["adoption"])
    client = log_in(house, "director")
    words = plain(client.get(PAGE).text)
    assert "สิ้นสุดหรือเพิกถอนแล้ว" in words
    assert "เพิกถอนแล้ว เพิกถอนตั้งแต่ 1 มกราคม 2569 ตามคำสั่ง 9/2569 · มีประกาศใหม่" in words
    monkeypatch.setattr("creditbank_plugin.services.adopting.bank_view.MANY", 4)
    first = client.get(f"{PAGE}?part=adopted").text
    assert "ยังไม่ได้รับรองใช้" not in first
    following = found(r'href="(/creditbank/admin/banks/[^"]*after=4)"', first).replace("&amp;", "&")
    assert [text.count('<th scope="row">') for text in (first, client.get(following).text)] == [4, 2]
    assert client.get(f"{PAGE}?part=nonsense&after=-1").status_code == 200
    assert client.get(f"{PAGE}?part=over&after=x").status_code == 200


@pytest.mark.both_databases
def test_a_director_gives_and_ends_a_mandate(house: House) -> None:
    client = log_in(house, "director")
    assert post(client, MANDATES, **GIVEN).status_code == 303
    assert post(client, MANDATES, **GIVEN, organisation=OTHER_SCHOOL).status_code == 303, "what is sent is not asked"
    (row,) = mandates.mandates(house.runtime, None)
    assert (row.organisation_code, row.holder_code, row.entered_by) == (SCHOOL, PROVINCE, "user:u-1")
    words = plain(client.get(MANDATES).text)
    assert "หนังสือที่ 1/2569 ตั้งแต่ 1 มกราคม 2569 มีผลอยู่" in words
    assert "ศูนย์จังหวัดลำพูน (สถานศึกษามอบไว้)" in plain(client.get(PAGE).text)
    held = log_in(house, "committee", organisation=PROVINCE).get(MANDATES).text
    assert ("หนังสือที่ 1/2569" in held, "/end" in held, 'name="holder"' in held) == (True, False, False)
    path = f"{MANDATES}/{row.id}/end"
    assert post(log_in(house, "director", organisation=OTHER_SCHOOL), path).status_code == 403
    assert post(log_in(house, "director", organisation=PROVINCE), path).status_code == 403
    client = log_in(house, "director")
    assert post(client, path).status_code == 303
    assert "สิ้นสุดแล้ว" in plain(client.get(MANDATES).text)
    assert post(client, path).status_code == 303
    assert "การมอบนี้สิ้นสุดไปแล้ว" in client.get(MANDATES).text
    assert post(client, f"{MANDATES}/x/end").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"holder": ""}, "holder"),
        ({"holder": "nobody"}, "holder"),
        ({"holder": SCHOOL}, "holder"),
        ({"reference": " "}, "reference"),
        ({"since_m": ""}, "since"),
        (day("until", 1, 1, 2568), "until"),
    ],
)
def test_what_is_wrong_with_a_mandate_is_said_at_its_field(unchanged: House, wrong: dict[str, Any], field: str) -> None:
    answer = post(log_in(unchanged, "director"), MANDATES, **{**GIVEN, **wrong})
    assert (answer.status_code, errors(answer.text)) == (422, [field])
    assert mandates.mandates(unchanged.runtime, None) == []


def test_an_administrator_names_the_school(house: House) -> None:
    client = log_in(house, "admin")
    assert errors(post(client, MANDATES, **GIVEN).text) == ["organisation"]
    assert errors(post(client, MANDATES, **GIVEN, organisation="nobody").text) == ["organisation"]
    assert post(client, MANDATES, **GIVEN, organisation=OTHER_SCHOOL).status_code == 303
    (row,) = mandates.mandates(house.runtime, None)
    assert row.organisation_code == OTHER_SCHOOL


@pytest.mark.both_databases
def test_a_memorandum_is_kept_with_its_agencies_and_ended(house: House) -> None:
    client = log_in(house, "committee", organisation=PROVINCE)
    assert f'value="{PROVINCE}"' in client.get(f"{MEMORANDA}/new").text
    answer = post(client, f"{MEMORANDA}/new", **SIGNED)
    path = answer.headers["Location"]
    assert answer.status_code == 303
    words = plain(client.get(path).text)
    assert "ร่วมลงนาม 3 หน่วยงาน" in words
    assert f"โรงเรียนหนึ่ง ({SCHOOL}) มีในระบบ โรงเรียน {SCHOOL}" in words
    assert "บันทึกข้อตกลงไม่ได้ทำให้ใครได้หน่วยกิต" in words
    assert "1 มีนาคม 2568" in plain(client.get(MEMORANDA).text)
    assert post(client, f"{MEMORANDA}/new", **SIGNED).headers["Location"] == path
    assert errors(post(client, f"{path}/end", era="be").text) == ["ended_on"]
    assert errors(post(client, f"{path}/end", era="be", **day("ended_on", 1, 1, 2568)).text) == ["ended_on"]
    assert post(client, f"{path}/end", era="be", **day("ended_on", 1, 1, 2569)).status_code == 303
    assert "สิ้นสุดแล้ว" in plain(client.get(MEMORANDA).text)
    assert post(client, f"{path}/end", era="be", **day("ended_on", 1, 1, 2569)).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"parties": "  \n "}, "parties"),
        ({"parties": "ก" * 501}, "parties"),
        ({"signed_on_d": "31", "signed_on_m": "2"}, "signed_on"),
        (day("applies_until", 1, 1, 2568), "applies_until"),
    ],
)
def test_what_is_wrong_with_a_memorandum_is_said_at_its_field(
    unchanged: House, wrong: dict[str, Any], field: str
) -> None:
    client = log_in(unchanged, "committee", organisation=PROVINCE)
    answer = post(client, f"{MEMORANDA}/new", **{**SIGNED, **wrong})
    assert (answer.status_code, errors(answer.text)) == (422, [field])
    assert memoranda.memoranda(unchanged.runtime) == []


def test_nobody_keeps_a_memorandum_for_another_organisation(house: House) -> None:
    for role, who in (("director", SCHOOL), ("committee", "nobody")):
        assert post(log_in(house, role, organisation=who), f"{MEMORANDA}/new", **SIGNED).status_code == 403
    made = memoranda.enter(
        house.runtime,
        owner=PROVINCE,
        title="ข้อตกลง",
        signed_on=completed().completed_at.date(),
        parties=["หน่วยงาน"],
        by=administrator("ผู้ดูแล"),
    )
    path = f"{MEMORANDA}/{made}"
    client = log_in(house, "director", organisation=SCHOOL)
    assert client.get(path).status_code == 200
    for sent in ({}, day("ended_on", 1, 6, 2569)):
        assert post(client, f"{path}/end", era="be", **sent).status_code == 403
    assert memoranda.get(house.runtime, made).row.ended_on is None


def test_a_holder_of_a_mandate_adopts_on_the_page(house: House) -> None:
    compare(house, course_id(house, UNMATCHED[0]), 100)
    give_mandate(house)
    text = log_in(house, "committee", organisation=PROVINCE).get(PAGE).text
    assert 'name="comparison"' in text
    assert "1 การเรียนจบ" in plain(text)

"""Adopting on the pages: choose, see the forecast, sign; several, a whole list, standing; and revoking."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from creditbank_hooks import Course
from creditbank_plugin.services import events, jobs
from creditbank_plugin.services.adopting import adoption_register
from tests.builders import (
    BANK,
    OTHER_BANK,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    Place,
    compare,
    completed,
    give_mandate,
)
from tests.web.test_authority_pages import course_id, day, errors
from tests.web.test_learner_pages import plain
from tests.web.world import MATHS, UNMATCHED, found, log_in, make_world, post

LIST, ADOPT = "/creditbank/admin/adoptions", "/creditbank/admin/adoptions/new"
REVOKED = {"era": "be", "revocation_order": "9/2569", "reason": "มีประกาศใหม่", **day("revoked_from", 1, 6, 2569)}


@pytest.fixture
def house(place: Place) -> House:
    return make_world(place)


@pytest.fixture(scope="module")
def unchanged(shared_place: Place) -> House:
    """A bank for the tests that are refused everything."""
    return make_world(shared_place)


def choice(**more: Any) -> dict[str, Any]:
    """What the first page sends: a standing order on all that the province compares."""
    standing = {"kind": "standing", "body": PROVINCE}
    return {"era": "be", "step": "look", "bank": BANK, **standing, **day("applies_from", 1, 1, 2569), **more}


def signature(**more: Any) -> dict[str, Any]:
    order = {"order_number": "7/2569", "signatory": "ผู้อำนวยการสถานศึกษา", **day("ordered_on", 3, 1, 2569)}
    return {"step": "sign", **order, **more}


def sign(client: FlaskClient, chosen: dict[str, Any], **more: Any) -> TestResponse:
    """Go through both steps as a browser does."""
    looked = post(client, ADOPT, **chosen)
    assert looked.status_code == 200, errors(looked.text)
    return post(client, ADOPT, **{**chosen, **signature(seen=seen(looked.text), **more)})


def seen(text: str) -> str:
    return found(r'name="seen" value="(\w+)"', text)


@pytest.mark.both_databases
def test_a_director_chooses_sees_the_forecast_and_signs(house: House) -> None:
    made = compare(house, course_id(house, UNMATCHED[0]), 100)
    client = log_in(house, "director")
    chosen = choice(kind="some", comparison=[made])
    looked = post(client, ADOPT, **chosen)
    words = plain(looked.text)
    assert "ขั้นที่ 2 จาก 2" in words
    assert "การเรียนจบที่จะได้หน่วยกิต 1 ผู้เรียนที่จะได้หน่วยกิต 1" in words
    assert "รวม 1.00 หน่วยกิต (การศึกษาขั้นพื้นฐาน)" in words
    assert f"{UNMATCHED[0]} {UNMATCHED[1]}" in words
    assert events.page(house.runtime, search=UNMATCHED[0]).items[0].state == "waiting", "nothing is signed yet"
    answer = post(client, ADOPT, **{**chosen, **signature(seen=seen(looked.text))})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/creditbank/admin/banks/{BANK}")
    assert "บันทึกคำสั่ง 7/2569 แล้ว 1 รายการ" in client.get(answer.headers["Location"]).text
    assert events.page(house.runtime, search=UNMATCHED[0]).items[0].state == "credited"
    row = adoption_register.adoptions(house.runtime)[0]
    assert (row.comparison_id, row.body_code, row.order_number, row.entered_by) == (made, None, "7/2569", "user:u-1")


def test_a_large_forecast_is_waited_for_before_anybody_signs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client, chosen = log_in(house, "director"), choice()
    monkeypatch.setattr("creditbank_plugin.services.forecasting.forecast.AT_ONCE", -1)
    monkeypatch.setattr("creditbank_plugin.services.jobs.begin_here", lambda *_: None)
    text = post(client, ADOPT, **chosen).text
    assert "กำลังคำนวณ ลงนามได้เมื่อเห็นผลแล้ว" in text
    assert 'value="sign"' not in text
    assert jobs.run_next(house.runtime)
    text = post(client, ADOPT, **chosen).text
    assert 'value="sign"' in text
    assert post(client, ADOPT, **{**chosen, **signature(seen=seen(text))}).status_code == 303


def test_a_whole_list_and_a_standing_order_are_told_apart(house: House) -> None:
    client = log_in(house, "director")
    before = {row.id for row in adoption_register.adoptions(house.runtime)}
    for kind, said in (("list", "รายการที่ประกาศเพิ่มภายหลังไม่รวม"), ("standing", "รวมรายการที่จะประกาศเพิ่มภายหลังด้วย")):
        looked = post(client, ADOPT, **choice(kind=kind)).text
        assert said in looked
        assert "7 รายการ" in plain(looked)
    assert sign(client, choice(kind="list")).status_code == 303
    rows = [row for row in adoption_register.adoptions(house.runtime) if row.id not in before]
    assert ({row.order_number for row in rows}, len(rows)) == ({"7/2569"}, 7)
    assert sign(client, choice(), order_number="8/2569").status_code == 303
    newest = adoption_register.adoptions(house.runtime)[0]
    assert (newest.body_code, newest.comparison_id) == (PROVINCE, None)


def test_the_same_order_again_is_said_to_stand(house: House) -> None:
    client = log_in(house, "director")
    sign(client, choice())
    before = adoption_register.adoptions(house.runtime)
    assert sign(client, choice()).status_code == 303
    assert "คำสั่ง 7/2569 บันทึกไว้แล้วก่อนหน้านี้ ไม่มีอะไรเปลี่ยน" in client.get(LIST).text
    assert adoption_register.adoptions(house.runtime) == before
    other = sign(client, choice(), signatory="รองผู้อำนวยการ")
    assert other.status_code == 409
    assert "คำสั่งเลขที่นี้บันทึกไว้แล้วด้วยผู้ลงนามหรือวันที่อื่น" in other.text
    post(client, f"{LIST}/{before[0].id}/revoke", **REVOKED)
    sign(client, choice())
    assert "หากต้องการรับรองใช้อีก ให้ออกคำสั่งเลขที่ใหม่" in client.get(LIST).text


def test_a_list_that_changed_since_it_was_shown_is_shown_again(house: House) -> None:
    client = log_in(house, "director")
    looked = post(client, ADOPT, **choice(kind="list"))
    compare(house, course_id(house, UNMATCHED[0]), 100)
    answer = post(client, ADOPT, **{**choice(kind="list"), **signature(seen=seen(looked.text))})
    assert answer.status_code == 422
    assert "รายการเปลี่ยนไปจากที่แสดงไว้เมื่อครู่" in answer.text
    assert 'value="7/2569"' in answer.text
    unseen = post(client, ADOPT, **{**choice(), **signature()})
    assert (unseen.status_code, "รายการเปลี่ยนไปจากที่แสดงไว้เมื่อครู่" in unseen.text) == (422, True)
    again = {**choice(kind="list"), **signature(seen=seen(answer.text))}
    assert post(client, ADOPT, **again).status_code == 303


@pytest.mark.both_databases
def test_what_was_ticked_and_typed_stays_while_one_searches_on(house: House) -> None:
    made = compare(house, course_id(house, UNMATCHED[0]), 100)
    client = log_in(house, "director")
    assert f'value="{made}" checked' in client.get(f"{ADOPT}?comparison={made}").text
    text = post(client, ADOPT, **choice(step="find", kind="some", comparison=[made], find="คณิต")).text
    assert f'value="{made}" checked' in text
    assert MATHS[0] in text
    assert re.search(r'name="kind" value="some" checked', text)
    assert 'value="2569"' in text
    nothing = post(client, ADOPT, **choice(step="find", find="ไม่มีวิชานี้")).text
    assert "ไม่พบผลการเทียบที่ใช้อยู่ตรงกับคำค้น" in nothing


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"bank": ""}, "bank"),
        ({"bank": "B-none"}, "bank"),
        ({"kind": ""}, "kind"),
        ({"kind": "some"}, "comparison"),
        ({"kind": "some", "comparison": ["x"]}, "comparison"),
        ({"kind": "some", "comparison": ["01a1fc14-cb52-7c38-a4cb-b3c982779184"]}, "comparison"),
        ({"body": ""}, "body"),
        ({"body": "national"}, "body"),
        ({"level_group": "nursery"}, "level_group"),
        ({"occupational_group": "x"}, "occupational_group"),
        ({"applies_from_y": ""}, "applies_from"),
        (day("applies_until", 1, 1, 2568), "applies_until"),
    ],
)
def test_what_is_wrong_with_the_choice_is_said_at_its_field(
    unchanged: House, wrong: dict[str, Any], field: str
) -> None:
    before = len(adoption_register.adoptions(unchanged.runtime))
    for step in ({}, signature()):
        answer = post(log_in(unchanged, "director"), ADOPT, **{**choice(), **step, **wrong})
        assert answer.status_code == 422
        assert errors(answer.text) == [field]
    assert len(adoption_register.adoptions(unchanged.runtime)) == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"order_number": ""}, "order_number"),
        ({"order_number": "1" * 201}, "order_number"),
        ({"signatory": " "}, "signatory"),
        (day("ordered_on", 1, 1, 26), "ordered_on"),
    ],
)
def test_what_is_wrong_with_the_order_is_said_at_its_field(unchanged: House, wrong: dict[str, Any], field: str) -> None:
    before = len(adoption_register.adoptions(unchanged.runtime))
    answer = sign(log_in(unchanged, "director"), choice(), **wrong)
    assert answer.status_code == 422
    assert errors(answer.text) == [field]
    assert 'name="body" value="P51"' in answer.text, "the choice is kept"
    assert len(adoption_register.adoptions(unchanged.runtime)) == before


def test_forms_offer_the_banks_one_may_order_for(unchanged: House) -> None:
    for role, who, banks in (
        ("director", SCHOOL, {BANK}),
        ("committee", OTHER_SCHOOL, {OTHER_BANK}),
        ("committee", PROVINCE, set()),
        ("admin", SCHOOL, {BANK, OTHER_BANK}),
    ):
        text = log_in(unchanged, role, organisation=who).get(ADOPT).text
        offered = found(r'(?s)<select id="bank"(.*?)</select>', text)
        assert {code for code in (BANK, OTHER_BANK) if f'value="{code}"' in offered} == banks
        assert "(B-" not in offered, "codes stand only where names are shared"
        assert ("ยังไม่มีธนาคารหน่วยกิตที่ท่านออกคำสั่งได้" in text) == (not banks)


def test_many_banks_are_asked_for_by_code(unchanged: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creditbank_plugin.web.adoption_form.MOST_BANKS", 1)
    text = log_in(unchanged, "admin").get(f"{ADOPT}?bank={BANK}").text
    assert f'<input id="bank" name="bank" value="{BANK}"' in text
    assert f"ธนาคารหน่วยกิต {SCHOOL}" in text


def test_a_province_adopts_for_a_school_only_with_its_mandate(house: House) -> None:
    client = log_in(house, "committee", organisation=PROVINCE)
    refused = post(client, ADOPT, **choice())
    assert refused.status_code == 403
    assert "ยังไม่ได้มอบให้หน่วยงานของคุณรับรองใช้แทน" in refused.text
    give_mandate(house)
    assert sign(client, choice()).status_code == 303
    assert post(client, ADOPT, **choice(bank=OTHER_BANK)).status_code == 403


@pytest.mark.both_databases
def test_an_order_is_revoked_by_an_order_with_a_reason(house: House) -> None:
    client = log_in(house, "director")
    path = f"{LIST}/{house.ids['adoption']}/revoke"
    assert f'href="{path}"' in client.get(LIST).text
    assert "หน่วยกิตที่ให้ไปแล้วตามคำสั่งนี้ยังคงอยู่" in client.get(path).text
    for missing in ("revoked_from_d", "revocation_order", "reason"):
        answer = post(client, path, **{**REVOKED, missing: ""})
        assert (answer.status_code, errors(answer.text)) == (422, [missing.removesuffix("_d")])
    assert post(client, path, **REVOKED).status_code == 303
    text = plain(client.get(f"{LIST}?state=revoked").text)
    assert "เพิกถอนแล้ว เพิกถอนตั้งแต่ 1 มิถุนายน 2569 ตามคำสั่ง 9/2569 · มีประกาศใหม่" in text
    assert f'href="{path}"' not in client.get(LIST).text
    other = post(client, path, **{**REVOKED, "reason": "อื่น"})
    assert (other.status_code, "คำสั่งนี้เพิกถอนไปแล้ว" in other.text) == (409, True)


def test_a_whole_order_is_revoked_from_the_page_of_one_entry(house: House) -> None:
    client = log_in(house, "director")
    sign(client, choice(kind="list"))
    newest = adoption_register.adoptions(house.runtime)[0]
    path = f"{LIST}/{newest.id}/revoke"
    assert "ทั้งคำสั่ง 7/2569 จำนวน 7 รายการ" in client.get(path).text
    assert post(client, path, **REVOKED, whole_order="yes").status_code == 303
    revoked = adoption_register.page(house.runtime, state="revoked").items
    assert [row.order_number for row in revoked] == ["7/2569"] * 7


def test_the_list_is_filtered_by_state_and_bank_and_paged(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = log_in(house, "director")
    assert client.get(f"{LIST}?state=revoked").text.count("<tr>") == 0
    assert client.get(f"{LIST}?bank={OTHER_BANK}").text.count("<tr>") == 0
    monkeypatch.setattr("creditbank_plugin.web.adoptions.LIMIT", 4)
    first = client.get(f"{LIST}?bank={BANK}").text
    following = found(r'href="(/creditbank/admin/adoptions\?[^"]*after=[^"]+)"', first).replace("&amp;", "&")
    numbers = [len(re.findall("/revoke", text)) for text in (first, client.get(following).text)]
    assert numbers == [4, 3]


def test_a_completion_of_another_school_is_not_in_the_forecast(house: House) -> None:
    made = compare(house, course_id(house, UNMATCHED[0]), 100)
    house.bank.hear(completed(7, course=Course(code=UNMATCHED[0]), school=OTHER_SCHOOL))
    client = log_in(house, "director")
    words = plain(post(client, ADOPT, **choice(kind="some", comparison=[made])).text)
    assert "การเรียนจบที่จะได้หน่วยกิต 1 " in words

"""What a first-time visitor sees: where they are, how far a matter is, what an act does, what to do next."""

import re
from typing import Any

import pytest

from creditbank_hooks import Course
from tests.builders import PROVINCE, Place, adopt, completed, furnish, make_app
from tests.committee import CHAIR, NEW_CODE, ONE, TWO, WRITER
from tests.web.committee_world import enter, make_proposals
from tests.web.test_learner_pages import plain
from tests.web.world import log_in, make_world, post

AT = "/creditbank/admin/proposals"


@pytest.fixture
def made(place: Place) -> tuple[Any, dict[str, str]]:
    house = furnish(make_app(place.folder, place.url))
    adopt(house, None, body=PROVINCE)
    for number, score in ((1, 80), (2, 30)):
        house.bank.hear(completed(number, course=Course(code=NEW_CODE), score=score))
    return make_proposals(house)


def menu(text: str) -> str:
    """The menu of a page, from its line to its end."""
    return text[text.index('<details class="menu">') : text.index("</nav>")]


def test_the_menu_is_one_line_that_names_the_room_also_behind_its_pages(made: Any) -> None:
    committee, proposals = made
    writer = enter(committee.house, WRITER)
    for path, page in ((AT, "page"), (f"{AT}/{proposals['draft']}", "true"), (f"{AT}/new", "true")):
        shown = menu(writer.get(path).text)
        line = plain(shown[: shown.index("</summary>")])
        assert "เมนู การเทียบรายวิชา" in line
        assert re.search(rf'href="{AT}" aria-current="{page}"', shown[shown.index('class="sub"') :])
    listed = writer.get(AT).text
    for other in ("/creditbank/admin/groups", "/creditbank/admin/agreement"):
        assert listed.count(f'href="{other}"') == 1, "the menu leads there; the page need not"


def test_a_learners_record_stands_in_the_room_of_their_credits(place: Place) -> None:
    house = make_world(place)
    student = log_in(house, "student", learner="s-1")
    record = re.findall(r'"(/creditbank/records/[\w-]+)"', student.get("/creditbank/").text)[0]
    shown = menu(student.get(record).text)
    assert "เมนู หน่วยกิตของฉัน" in plain(shown[: shown.index("</summary>")])


def test_a_proposal_says_how_far_it_is_and_who_is_next(made: Any) -> None:
    committee, proposals = made
    writer = enter(committee.house, WRITER)
    for state, step, next_one in (
        ("draft", "ร่าง", "ผู้จัดทำกรอกให้ครบ"),
        ("returned", "ร่าง", "ผู้จัดทำแก้ไขตามเหตุผลที่ส่งกลับ"),
        ("proposed", "เสนอ", "คณะทำงานเริ่มการพิจารณา"),
        ("half", "พิจารณา", "แล้วประธานลงนาม"),
        ("law", "ลงนาม", "ออกคำสั่งรับรองใช้"),
    ):
        text = writer.get(f"{AT}/{proposals[state]}").text
        assert f'aria-current="step">{step}</li>' in text
        assert next_one in text


def test_what_signing_does_stands_right_before_the_button(made: Any) -> None:
    committee, proposals = made
    chair = enter(committee.house, CHAIR)
    path = f"{AT}/{proposals['ready']}/sign"
    first = plain(chair.get(path).text)
    assert "มีผู้เรียน 2 คนที่เรียนจบรายวิชานี้แล้วและรอการลงนามนี้อยู่ รวม 2 รายการ" in first
    assert "ขั้นที่ 1 จาก 2" in first
    text = chair.get(path, query_string={"reference": "9/2569"}).text
    before = plain(text[: text.index('<button class="button">ลงนามอนุมัติ')])
    assert "เมื่อกดลงนาม: ได้หน่วยกิต 2 รายการ ไม่ได้ 0 รายการ รอต่อ 0 รายการ" in before[-300:]
    assert "ขั้นที่ 2 จาก 2" in before
    widths = re.findall(r'class="bar-part state-(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"', text)
    assert widths == [("credited", "0.0", "100.0")]


def test_what_is_wrong_with_a_rating_or_a_reason_names_its_field_and_keeps_what_was_typed(made: Any) -> None:
    committee, proposals = made
    rater = enter(committee.house, TWO)
    path = f"{AT}/{proposals['half']}"
    sent = post(rater, f"{path}/rate", note_design="ชื่อไม่ตรง")
    assert sent.status_code == 422
    assert "การวัดและประเมินผล: ต้องเลือกหนึ่งรายการ" in plain(sent.text)
    assert "ชื่อไม่ตรง</textarea>" in sent.text
    chair = enter(committee.house, CHAIR)
    sent = post(chair, f"{AT}/{proposals['ready']}/return", reason=" ")
    assert sent.status_code == 422
    assert 'href="#reason"' in sent.text
    assert sent.text.count('id="reason"') == 1
    assert 'id="reason-wrong"' in sent.text


def test_percentages_of_agreement_carry_their_number_and_one_warning(made: Any) -> None:
    committee, _ = made
    text = plain(enter(committee.house, WRITER).get("/creditbank/admin/agreement").text)
    assert "(n = 1 คู่)" in text
    assert "ควรคุยเกณฑ์ให้เข้าใจตรงกัน" in text
    assert text.count("จำนวนน้อย อ่านด้วยความระมัดระวัง") == 1


def test_members_are_shown_by_their_number_in_words_and_not_by_a_raw_code(made: Any) -> None:
    committee, _ = made
    text = enter(committee.house, WRITER).get(f"/creditbank/admin/groups/{committee.group}").text
    members = plain(text[text.index('id="members"') : text.index("เพิ่มหรือเปลี่ยนวาระกรรมการ")])
    assert f"ผู้ใช้เลขที่ {ONE.id.removeprefix('user:')}" in members
    assert "user:" not in members


def test_who_has_no_page_is_led_to_the_catalogue(place: Place) -> None:
    house = furnish(make_app(place.folder, place.url))
    text = log_in(house, "teacher").get("/creditbank/").text
    assert 'class="button" href="/creditbank/courses"' in text

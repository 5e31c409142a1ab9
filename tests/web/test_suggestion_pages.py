"""What is suggested for a course, and the committee's words: shown, added, ended, each by who may."""

from collections.abc import Iterator

import pytest
from flask import render_template_string

from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue.frameworks import load_frameworks
from creditbank_plugin.services.comparing import suggestions, synonyms
from creditbank_plugin.storage.base import new_id
from tests.builders import CODE, OTHER_SCHOOL, PROVINCE, House, Place, core_curriculum
from tests.web.world import found, log_in, make_world, post

pytestmark = pytest.mark.both_databases

PAGE, WORDS = "/creditbank/admin/suggestions", "/creditbank/admin/synonyms"


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    made = make_world(shared_place)
    load_frameworks(made.runtime, [core_curriculum()])
    return made


def test_a_course_is_found_and_its_outcomes_are_suggested_with_reasons(house: House) -> None:
    client = log_in(house, "committee", organisation=PROVINCE)
    searched = client.get(f"{PAGE}?q=คณิตสาสตร์").text
    course = found(rf'href="{PAGE}\?course=([\w-]+)"', searched)
    text = client.get(f"{PAGE}?course={course}").text
    assert "รหัสรายวิชา ค21101 อยู่ในกลุ่มสาระการเรียนรู้คณิตศาสตร์" in text
    assert text.count('class="why-said"') == 10
    assert "ประกาศทดสอบ 1/2563" in text
    english = client.get(f"{PAGE}?course={course}&lang=en").text
    assert "is of the learning area Mathematics" in english
    assert client.get(f"{PAGE}?lang=th&q=ฮฮฮฮ").text.count("ไม่พบรายวิชา") == 1
    assert client.get(f"{PAGE}?course={new_id()}").status_code == client.get(f"{PAGE}?course=x").status_code == 404


def test_a_form_of_proposing_offers_check_boxes_of_which_none_is_ticked(house: House) -> None:
    client = log_in(house, "committee", organisation=PROVINCE)
    client.get(PAGE)
    shown = suggestions.of_course(house.runtime, "national", CODE, "2551")
    first = shown.items[0].item.id
    part = '{% import "creditbank/parts/suggestions.html" as part with context %}{{ part.choices(found, chosen) }}'
    from creditbank_plugin.web import show
    from creditbank_plugin.web.words import t

    with house.app.test_request_context("/creditbank/"):
        values = {"t": t, "show": show, "lang": "th", "found": shown}
        plain = render_template_string(part, **values, chosen=())
        ticked = render_template_string(part, **values, chosen={first})
    assert plain.count('type="checkbox" name="outcomes"') == 10
    assert "checked" not in plain
    assert f'value="{first}" checked' in ticked
    assert ticked.count("checked") == 1


def test_words_are_added_and_ended_by_their_own_body(house: House) -> None:
    client = log_in(house, "committee", organisation=PROVINCE)
    answer = post(client, WORDS, words="วีดิทัศน์\r\nวิดีโอ\r\n\r\nvideo")
    assert (answer.status_code, answer.headers["Location"]) == (303, WORDS)
    text = client.get(WORDS).text
    assert "บันทึกแล้ว" in text
    assert "วีดิทัศน์ = วิดีโอ = video" in text
    (group,) = [row for row in synonyms.all_groups(house.runtime) if row.ended_at is None]
    assert (group.body_code, group.added_by) == (PROVINCE, "ผู้ใช้ทดลอง")

    other = log_in(house, "committee", organisation=OTHER_SCHOOL)
    assert f"{WORDS}/{group.id}/end" not in other.get(WORDS).text
    assert post(other, f"{WORDS}/{group.id}/end").status_code == 403
    assert synonyms.all_groups(house.runtime)[0].ended_at is None

    client = log_in(house, "committee", organisation=PROVINCE)
    assert post(client, f"{WORDS}/{group.id}/end").status_code == 303
    text = client.get(WORDS).text
    assert "เลิกใช้คำกลุ่มนี้แล้ว" in text
    assert "เลิกใช้เมื่อ" in text
    assert post(client, f"{WORDS}/{group.id}/end").status_code == 409
    assert post(client, f"{WORDS}/{new_id()}/end").status_code == 404


def test_words_that_cannot_be_equal_are_shown_again_with_what_is_wrong(house: House) -> None:
    client = log_in(house, "committee", organisation=PROVINCE)
    answer = post(client, WORDS, words="คำเดียว <b>")
    assert answer.status_code == 422
    assert "ต้องมีอย่างน้อยสองคำที่ต่างกัน" in answer.text
    assert "คำเดียว &lt;b&gt;" in answer.text
    synonyms.add(house.runtime, ["ก่อน", "แต่ก่อน"], by=administrator("test"), body=None)
    answer = post(client, WORDS, words="แต่ก่อน\nก่อน")
    assert answer.status_code == 409
    assert "ถือว่ามีความหมายเดียวกันอยู่แล้ว" in answer.text


def test_who_sits_at_no_desk_adds_nothing(house: House) -> None:
    client = log_in(house, "committee", organisation="")
    house.user.now = type(house.user.now)(id="u-1", roles=frozenset({"committee"}))
    assert 'name="words"' not in client.get(WORDS).text
    assert post(client, WORDS, words="หนึ่ง\nสอง").status_code == 403

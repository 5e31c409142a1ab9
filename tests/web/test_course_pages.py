"""The catalogue's pages: what a learner finds before enrolling, and what staff enter and edit."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import aliases, course_view, courses
from tests.builders import CODE, OTHER_BANK, OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, adopt, compare
from tests.conftest import close
from tests.services.test_course_pages import WELD
from tests.web.test_learner_pages import plain
from tests.web.world import empty_bank, found, log_in, post

ADMIN = administrator("test")
LIST, NEW = "/creditbank/courses", "/creditbank/courses/new"
FULL = replace(WELD, tpn="2-2-3", description="งานเชื่อมไฟฟ้า", outcomes=("เชื่อมแนวราบได้",), hours_theory=3600, hours=3600)


@pytest.fixture
def house(place: Place) -> Iterator[House]:
    """The furnished bank and one course of the school that is not compared yet."""
    made = empty_bank(place)
    [put] = courses.put_courses(made.runtime, [FULL], by=ADMIN)
    made.ids["weld"] = put.course_id
    yield made
    close(made)


def one(house: House, name: str = "weld", tail: str = "") -> str:
    return f"{LIST}/{house.ids[name]}{tail}"


def learner(house: House, **more: Any) -> FlaskClient:
    return log_in(house, "student", learner="s-1", **more)


def fields(**more: Any) -> dict[str, str]:
    return {
        "era": "be",
        "title_th": FULL.title_th,
        "title_en": "Basic welding",
        "description": "งานเชื่อมไฟฟ้า",
        "outcomes": "เชื่อมแนวราบได้\nตรวจแนวเชื่อมได้",
        "level_group": "upper_secondary_vocational",
        "sector": "formal",
        "hours_theory": "36",
        "tpn": "๒-๒-๓",
        "province": "51",
        **more,
    }


@pytest.mark.both_databases
def test_a_learner_finds_a_course_and_sees_what_it_will_count_for(house: House) -> None:
    client = learner(house)
    assert f'href="{LIST}"' in client.get("/creditbank/").text
    listed = plain(client.get(f"{LIST}?q=ไทย").text)
    assert "ภาษาไทย 1" in listed
    assert "ธนาคารของสถานศึกษาคุณรับรองใช้แล้ว" in listed
    shown = plain(client.get(one(house, "course")).text)
    for words in (
        *("ได้ 1.50 หน่วยกิต (การศึกษาขั้นพื้นฐาน)", "ได้คะแนนไม่ต่ำกว่า 50 จาก 100", "ประกาศทดสอบ 1/2563"),
        *("ศูนย์จังหวัดลำพูน", f"ธนาคารหน่วยกิต {SCHOOL}", "คำสั่ง 1/2563", "ธนาคารของสถานศึกษาคุณ", "ท 1.1"),
    ):
        assert words in shown
    assert "ประวัติการแก้ไข" not in shown
    english = plain(client.get(f"{one(house, 'course')}?lang=en").text)
    assert "Gives 1.50 credits (Basic education)" in english
    assert "A score of at least 50 of 100" in english


def test_a_course_that_is_not_compared_says_so_plainly(house: House) -> None:
    client = learner(house)
    assert "ยังไม่ได้เทียบ" in plain(client.get(f"{LIST}?q=20103-2001").text)
    shown = plain(client.get(one(house)).text)
    assert "รายวิชานี้ยังไม่ได้เทียบ จึงยังไม่นับเป็นหน่วยกิต" in shown
    assert "ท-ป-น 2-2-3 (รายวิชาระบุ 3 หน่วยกิต ตรงกับผลคำนวณ)" in shown
    assert "ยังไม่ได้ยืนยัน" in shown


def test_a_learner_is_told_when_their_own_bank_has_not_adopted_it(house: House) -> None:
    compare(house, house.ids["weld"], 300, scheme="vocational", credits_rule=None, conditions={})
    shown = plain(learner(house).get(one(house)).text)
    assert "ขอเพียงเรียนจบ" in shown
    assert "ยังไม่มีธนาคารหน่วยกิตใดรับรองใช้" in shown
    adopt(house, None, body=PROVINCE, bank=OTHER_BANK)
    shown = plain(learner(house).get(one(house)).text)
    assert f"ธนาคารหน่วยกิต {OTHER_SCHOOL}" in shown
    assert "ธนาคารหน่วยกิตของสถานศึกษาคุณยังไม่ได้รับรองใช้ผลการเทียบนี้" in shown


def test_filters_and_pages_work_without_scripts(house: House) -> None:
    rows = [replace(WELD, code=f"9-{number:02}", province="50", sector="informal") for number in range(25)]
    courses.put_courses(house.runtime, rows, by=ADMIN)
    client = learner(house)
    first = client.get(f"{LIST}?province=50").text
    after = found(r'href="([^"]*after=[^"]*)"', first).replace("&amp;", "&")
    assert "province=50" in after
    rest = client.get(after).text
    seen = [row.code for text in (first, rest) for row in rows if f">{row.code}<" in text]
    assert seen == [row.code for row in rows]
    assert "ภาษาไทย 1" not in first + rest
    assert "ภาษาไทย 1" in client.get(f"{LIST}?counts=true").text
    assert "งานเชื่อม" not in client.get(f"{LIST}?mine=true").text
    assert "ไม่พบรายวิชา" in client.get(f"{LIST}?q=zzzzzz").text
    for wrong in ("?after=x", "?level_group=nursery", "?q=a&after=-1"):
        assert "ไม่พบรายวิชา" in client.get(LIST + wrong).text, wrong


@pytest.mark.both_databases
@pytest.mark.parametrize("role", ["committee", "registrar", "director", "admin"])
def test_staff_edit_and_everybody_can_read_what_it_was(house: House, role: str) -> None:
    client = log_in(house, role)
    form = client.get(one(house, tail="/edit")).text
    assert 'name="revision" value="1"' in form
    answer = post(client, one(house, tail="/edit"), **fields(revision="1", title_en="Welding"))
    assert (answer.status_code, answer.headers["Location"]) == (303, one(house))
    shown = plain(client.get(one(house)).text)
    assert "บันทึกแล้ว เป็นฉบับแก้ไขที่ 2" in shown
    assert "เดิม: Basic welding" in shown
    assert "เป็น: Welding" in shown
    view = course_view.view(house.runtime, WELD.key)
    assert (view.values.tpn, view.values.outcomes) == ("2-2-3", ("เชื่อมแนวราบได้", "ตรวจแนวเชื่อมได้"))
    assert view.revisions[0].by == "user:u-1"
    again = post(client, one(house, tail="/edit"), **fields(revision="2", title_en="Welding"))
    assert again.status_code == 303
    assert "ไม่มีอะไรเปลี่ยน" in plain(client.get(one(house)).text)


def test_what_the_form_does_not_speak_of_stays(house: House) -> None:
    sourced = replace(FULL, code="7-7", source="https://example.ac.th/", evidence="secondary", owner=SCHOOL)
    [put] = courses.put_courses(house.runtime, [sourced], by=ADMIN)
    house.ids["sourced"] = put.course_id
    client = log_in(house, "committee")
    days = {"in_force_from_d": "1", "in_force_from_m": "5", "in_force_from_y": "2567"}
    post(client, one(house, "sourced", "/edit"), **fields(revision="1", **days))
    values = course_view.view(house.runtime, sourced.key).values
    assert (values.source, values.evidence, str(values.in_force_from)) == (
        "https://example.ac.th/",
        "secondary",
        "2024-05-01",
    )


def test_two_people_at_the_same_form_never_overwrite_each_other(house: House) -> None:
    client = log_in(house, "registrar")
    course_view.edit(house.runtime, replace(FULL, title_en="Theirs"), revision=1, by=ADMIN)
    answer = post(client, one(house, tail="/edit"), **fields(revision="1", title_en="Mine"))
    assert answer.status_code == 409
    shown = plain(answer.text)
    assert "มีผู้อื่นแก้ไขรายวิชานี้" in shown
    assert "Theirs" in shown
    assert 'value="Mine"' in answer.text
    assert course_view.view(house.runtime, WELD.key).values.title_en == "Theirs"
    assert post(client, one(house, tail="/edit"), **fields(revision="2", title_en="Mine")).status_code == 303
    assert course_view.view(house.runtime, WELD.key).values.title_en == "Mine"


def test_an_edit_says_that_comparisons_rest_on_what_was_judged(house: House) -> None:
    compare(house, house.ids["weld"], 300, scheme="vocational", credits_rule=None)
    form = plain(log_in(house, "committee").get(one(house, tail="/edit")).text)
    assert "การแก้ไขไม่เปลี่ยนผลนั้น" in form


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title_th": " "}, "title_th"),
        ({"sector": ""}, "sector"),
        ({"level_group": "nursery"}, "level_group"),
        ({"hours_theory": "มาก"}, "hours_theory"),
        ({"hours": "99"}, "hours"),
        ({"tpn": "2-2"}, "tpn"),
        ({"province": "99"}, "province"),
        ({"in_force_from_d": "1"}, "in_force_from"),
    ],
)
def test_what_is_wrong_stands_at_its_field(house: House, change: dict[str, str], field: str) -> None:
    client = log_in(house, "committee")
    answer = post(client, one(house, tail="/edit"), **fields(revision="1", **change))
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert course_view.view(house.runtime, WELD.key).revision == 1


def test_a_new_curriculum_year_is_a_new_version(house: House) -> None:
    client = log_in(house, "committee")
    form = client.get(f"{NEW}?from={house.ids['weld']}").text
    assert "เพิ่มหลักสูตรปีใหม่" in form
    assert 'name="version" value=""' in form
    sent = {**fields(version="๒๕๖๘"), "from": house.ids["weld"], "owner": "national", "code": "other"}
    answer = post(client, NEW, **sent)
    assert answer.status_code == 303
    assert course_view.view(house.runtime, (SCHOOL, WELD.code, "2568")).revision == 1
    assert course_view.view(house.runtime, WELD.key).versions == ["2568", "2567"]
    twice = post(client, NEW, **sent)
    assert twice.status_code == 409
    assert "อยู่แล้ว" in twice.text


@pytest.mark.both_databases
def test_a_course_is_entered_by_a_form(house: House) -> None:
    client = log_in(house, "director")
    assert client.get(NEW).status_code == 200
    sent = fields(owner=SCHOOL, code="นวด-๑", version="2567", title_th="นวดไทย")
    answer = post(client, NEW, **sent)
    assert answer.status_code == 303
    assert "เพิ่มรายวิชา นวด-1 แล้ว" in plain(client.get(answer.headers["Location"]).text)
    wrong = post(client, NEW, **fields(owner=OTHER_SCHOOL, code="1-1", version="2567"))
    assert wrong.status_code == 422
    assert 'id="owner-wrong"' in wrong.text
    aliases.alias(house.runtime, "TH-1", CODE)
    assert post(client, NEW, **fields(owner=SCHOOL, code="TH-1", version="2567")).status_code == 409


def test_the_list_is_handed_out_as_a_file(house: House) -> None:
    client = log_in(house, "registrar")
    answer = client.get(f"{LIST}/export.csv?owner={SCHOOL}")
    assert answer.headers["Content-Disposition"] == "attachment; filename=courses.csv"
    assert "งานเชื่อมโลหะเบื้องต้น" in answer.data.decode("utf-8-sig")
    assert "ภาษาไทย 1" not in answer.data.decode("utf-8-sig")
    assert client.get(f"{LIST}/export.xlsx").data.startswith(b"PK")
    assert client.get(f"{LIST}/export.pdf").status_code == 404


def test_a_revision_that_is_no_number_of_ours_is_refused(house: House) -> None:
    client, edit = log_in(house, "committee", organisation=PROVINCE), one(house, tail="/edit")
    for revision in ("", "x", "-1", "9" * 5000):
        assert post(client, edit, **fields(revision=revision)).status_code == 422


@pytest.mark.both_databases
def test_who_may_enter_and_edit(house: House) -> None:
    course, edit = one(house), one(house, tail="/edit")
    pages = (LIST, course, edit, NEW, f"{LIST}/export.csv")
    nobody = log_in(house)
    assert [nobody.get(path).status_code for path in pages] == [401] * 5
    student = learner(house)
    assert [student.get(path).status_code for path in pages] == [200, 200, 403, 403, 403]
    teacher = log_in(house, "teacher")
    assert [teacher.get(path).status_code for path in pages] == [200, 200, 403, 403, 403]
    assert post(teacher, edit, **fields(revision="1")).status_code == 403
    assert post(log_in(house), edit, **fields(revision="1")).status_code == 401
    assert post(learner(house), edit, **fields(revision="1")).status_code == 403
    stranger = log_in(house, "committee", organisation=OTHER_SCHOOL)
    assert [stranger.get(path).status_code for path in pages] == [200, 200, 403, 200, 200]
    assert "แก้ไขข้อมูลรายวิชา" not in stranger.get(course).text
    assert post(stranger, edit, **fields(revision="1")).status_code == 403
    assert stranger.get(f"{NEW}?from={house.ids['weld']}").status_code == 403
    province = log_in(house, "committee", organisation=PROVINCE)
    assert province.get(edit).status_code == 200
    assert course_view.view(house.runtime, WELD.key).revision == 1
    assert log_in(house, "committee").post(edit, data=fields(revision="1")).status_code == 400
    for missing in ("none", "019308a0-6d2e-7c11-9a55-0d6f0a2b3c41"):
        assert learner(house).get(f"{LIST}/{missing}").status_code == 404

"""Entering and editing course versions: idempotent, each edit a revision, nothing overwritten in silence."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from creditbank_hooks import Course
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.course import CourseValues, of_content
from creditbank_plugin.services import events
from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.catalogue import aliases, courses
from creditbank_plugin.services.catalogue.courses import Put
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.queries import generations
from creditbank_plugin.storage.session import reading, writing
from tests.builders import CODE, OTHER_SCHOOL, PROVINCE, SCHOOL, House, completed

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADMIN = administrator("test")
PLAIN = CourseValues(
    owner=SCHOOL,
    code="20000-1101",
    version="2567",
    title_th="ภาษาไทยพื้นฐาน",
    title_en="Basic Thai",
    description="อ่าน เขียน",
    outcomes=("อ่านจับใจความได้", "เขียนรายงานได้"),
    hours=5400,
    hours_theory=1800,
    hours_practice=3600,
    tpn="1-2-2",
    level_group="upper_secondary_vocational",
    sector="formal",
    province="51",
    in_force_from=date(2024, 5, 1),
)


def put(house: House, *rows: CourseValues, **more: Any) -> list[Put]:
    with writing(house.runtime.engine) as connection:
        return courses.put(connection, rows, by="user:1", now=NOW, **more)


def states(done: list[Put]) -> list[tuple[str, int]]:
    return [(each.state, each.revision) for each in done]


def generation(house: House) -> int:
    with reading(house.runtime.engine) as connection:
        return generations.current(connection, generations.COURSES)


def stored(house: House, course_id: str) -> Any:
    with reading(house.runtime.engine) as connection:
        return connection.execute(
            select(tables.CourseVersion.__table__).where(tables.CourseVersion.id == course_id)
        ).one()


def revisions(house: House, course_id: str) -> list[Any]:
    table = tables.CourseRevision.__table__
    with reading(house.runtime.engine) as connection:
        query = select(table).where(table.c.course_id == course_id).order_by(table.c.revision)
        return list(connection.execute(query))


def test_the_same_again_changes_nothing_and_an_edit_keeps_what_was(house: House) -> None:
    before = generation(house)
    [first] = put(house, PLAIN)
    assert states([first]) == [("new", 1)]
    assert courses.values_of(stored(house, first.course_id)) == PLAIN
    assert states(put(house, PLAIN)) == [("unchanged", 1)]
    assert generation(house) == before + 1
    edited = replace(PLAIN, title_th="ภาษาไทยเพื่ออาชีพ", outcomes=())
    [second] = put(house, edited)
    assert second == Put("changed", first.course_id, 2)
    row = stored(house, first.course_id)
    assert (row.revision, row.generation, row.changed_at) == (2, before + 2, NOW)
    assert courses.values_of(row) == edited
    [kept] = revisions(house, first.course_id)
    assert (kept.revision, kept.replaced_by, kept.replaced_at) == (1, "user:1", NOW)
    assert of_content(PLAIN.key, kept.content) == PLAIN


def test_many_at_once_are_told_apart_and_raise_the_generation_once(house: House) -> None:
    many = [replace(PLAIN, code=f"3{number:04}-0001", title_th=f"วิชา {number}") for number in range(2100)]
    assert set(states(put(house, *many))) == {("new", 1)}
    before = generation(house)
    mixed = [replace(many[0], title_en=None), *many[1:2000], replace(PLAIN, version="2568"), *many[:0]]
    done = states(put(house, *mixed))
    assert (done[0], done[-1], set(done[1:-1])) == (("changed", 2), ("new", 1), {("unchanged", 1)})
    assert generation(house) == before + 1
    assert set(states(put(house, *many[1:]))) == {("unchanged", 1)}
    assert generation(house) == before + 1


def test_said_twice_a_course_is_one_and_with_other_words_refused(house: House) -> None:
    assert states(put(house, PLAIN, PLAIN)) == [("new", 1), ("unchanged", 1)]
    with pytest.raises(Refused) as refusal:
        put(house, PLAIN, replace(PLAIN, title_th="อื่น"))
    assert refusal.value.code == "course_twice"
    assert states(put(house, PLAIN)) == [("unchanged", 1)]


def test_nothing_is_half_entered(house: House) -> None:
    aliases.alias(house.runtime, "TH-101", CODE)
    before = generation(house)
    for wrong, code, field in (
        (replace(PLAIN, code="TH-101"), "code_is_alias", "code"),
        (replace(PLAIN, owner="nobody"), "owner_unknown", "owner"),
    ):
        with pytest.raises(Refused) as refusal:
            put(house, PLAIN, wrong)
        assert (refusal.value.code, refusal.value.field) == (code, field)
    with reading(house.runtime.engine) as connection:
        owned = select(func.count()).where(tables.CourseVersion.owner_code == SCHOOL)
        assert connection.scalar(owned) == 0
        assert list(courses.alias_refusals(connection, ["TH-101", CODE])) == ["TH-101"]
    assert generation(house) == before


def test_what_a_sheet_does_not_speak_of_stays(house: House) -> None:
    [made] = put(house, PLAIN)
    sheet = CourseValues(owner=SCHOOL, code=PLAIN.code, version="2567", title_th=PLAIN.title_th, title_en="Thai")
    assert states(put(house, sheet, only=("title_th", "title_en"))) == [("changed", 2)]
    assert courses.values_of(stored(house, made.course_id)) == replace(PLAIN, title_en="Thai")
    parts = replace(sheet, hours_theory=3600, hours_practice=3600)
    put(house, parts, only=("hours_theory", "hours_practice", "hours_field"))
    assert stored(house, made.course_id).hours == 7200
    whole = [("unchanged", 3)]
    assert states(put(house, parts, only=("hours_theory", "hours_practice", "hours_field"))) == whole


def test_an_older_word_for_the_sector_is_no_change(house: House) -> None:
    course_id = courses.add_course(
        house.runtime, owner=SCHOOL, code="อ1", version="2551", title_th="เก่า", sector="basic"
    )
    assert courses.values_of(stored(house, course_id)).sector == "formal"
    told = CourseValues(owner=SCHOOL, code="อ1", version="2551", title_th="เก่า", sector="formal")
    assert states(put(house, told)) == [("unchanged", 1)]
    assert stored(house, course_id).sector == "basic"


def test_what_waited_for_a_course_is_settled(house: House) -> None:
    house.bank.hear(completed(1, course=Course(code="ท29999"), school=SCHOOL, event_id="e1"))
    assert events.page(house.runtime, search="e1").items[0].reason == "course_unknown"
    row = replace(PLAIN, code="ท29999", version="2551", in_force_from=None)
    courses.put_courses(house.runtime, [row], by=ADMIN)
    assert events.page(house.runtime, search="e1").items[0].reason == "no_comparison"


@pytest.mark.parametrize(("owner", "allowed"), [(SCHOOL, True), (OTHER_SCHOOL, False), ("national", False)])
def test_only_ones_own_courses_are_entered(house: House, owner: str, allowed: bool) -> None:
    who, row = Actor("user:7", "ครู", SCHOOL), replace(PLAIN, owner=owner)
    if allowed:
        assert states(courses.put_courses(house.runtime, [row], by=who)) == [("new", 1)]
        province = Actor("user:8", "จังหวัด", PROVINCE)
        assert states(courses.put_courses(house.runtime, [row], by=province)) == [("unchanged", 1)]
        return
    with pytest.raises(Refused) as refusal:
        courses.put_courses(house.runtime, [row], by=who)
    assert (refusal.value.code, refusal.value.status) == ("not_yours", 403)

"""Suggestions come from what the database holds at that moment, whichever process changed it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from creditbank_plugin.errors import Refused
from creditbank_plugin.reference.frameworks import stable_id
from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.comparing import comparisons, suggestions, synonyms
from creditbank_plugin.services.kept_index import KeptIndex
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries import generations
from creditbank_plugin.storage.queries.writes import insert_all, table_of
from creditbank_plugin.storage.session import open_engine, writing
from tests.builders import CODE, PROVINCE, SCHOOL, House, add_course, compare, furnish, item_ids, make_app
from tests.conftest import close

ADMIN = administrator("test")
COMMITTEE = Actor("user:7", "กรรมการทดสอบ", PROVINCE)
MATHS = "ค22101"


@pytest.fixture
def house(tmp_path: Path, url: str) -> Iterator[House]:
    """With the whole core curriculum: much to choose from."""
    made = furnish(make_app(tmp_path, url, doors=False), whole=True)
    yield made
    close(made)


def codes(found: suggestions.Suggestions) -> list[str]:
    return [each.item.code for each in found.items]


def reasons(found: suggestions.Suggestions, code: str) -> set[str]:
    return {reason.code for each in found.items if each.item.code == code for reason in each.reasons}


def course(house: House, code: str, title: str, **more: Any) -> suggestions.Suggestions:
    made = courses.add_course(
        house.runtime, owner="national", code=code, version="2551", title_th=title, hours=4000, **more
    )
    return suggestions.of_id(house.runtime, made)


def beside(house: House) -> Runtime:
    """The same database as another process has it open."""
    url = house.runtime.engine.url
    return Runtime(open_engine(url), house.runtime.settings, house.runtime.keyring, house.runtime.plugins)


def put_item(runtime: Runtime, code: str, text_th: str, **more: Any) -> str:
    with writing(runtime.engine) as connection:
        generation = generations.raise_to_next(connection, generations.ITEMS)
        item = {"id": new_id(), "framework_id": stable_id("core-curriculum-2551"), "code": code, "text_th": text_th}
        insert_all(connection, tables.Item, [{**item, "generation": generation, **more}])
    return str(item["id"])


def change_item(runtime: Runtime, item_id: str, **values: Any) -> None:
    table = table_of(tables.Item)
    with writing(runtime.engine) as connection:
        generation = generations.raise_to_next(connection, generations.ITEMS)
        connection.execute(update(table).where(table.c.id == item_id).values(generation=generation, **values))


def test_a_basic_course_gets_outcomes_of_its_area_and_year(house: House) -> None:
    found = course(house, MATHS, "คณิตศาสตร์ 3")
    assert len(found.items) == 10
    assert all(code.startswith("ค ") for code in codes(found))
    assert [code for code in codes(found) if "ม.1" in code or "ม.3" in code] == []
    assert {"area", "year"} <= reasons(found, codes(found)[0])
    scores = [each.score for each in found.items]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    for each in found.items:
        assert all(reason.th and reason.en for reason in each.reasons)


def test_what_similar_courses_chose_comes_first(house: House) -> None:
    chosen = item_ids("ค 2.1")
    first = add_course(house, MATHS, owner=SCHOOL, version="2560")
    table = table_of(tables.CourseVersion)
    with writing(house.runtime.engine) as connection:
        connection.execute(update(table).where(table.c.id == first).values(title_th="คณิตศาสตร์", title_en=None))
    comparison = compare(house, first, outcomes=chosen, reference="ประกาศจังหวัด 9/2568")
    found = course(house, MATHS, "คณิตศาสตร์ 3")
    assert codes(found)[0] == "ค 2.1"
    said = [reason for reason in found.items[0].reasons if reason.code == "precedent"]
    assert "ประกาศจังหวัด 9/2568" in said[0].th
    assert said[0].values["code"] == MATHS
    assert [(each.course.id, [one.id for one in each.comparisons]) for each in found.similar] == [(first, [comparison])]

    comparisons.end_comparison(house.runtime, comparison, ended_from=date(2026, 1, 1))
    again = suggestions.of_id(house.runtime, found.course.id)
    assert again.similar == ()
    assert "precedent" not in reasons(again, "ค 2.1")


def test_its_own_comparison_is_named_as_such(house: House) -> None:
    found = suggestions.of_course(house.runtime, "national", CODE, "2551")
    assert [each.own for each in found.similar] == [True]
    assert set(codes(found)[:2]) == {"ท 1.1", "ท 2.1"}
    assert "own" in reasons(found, "ท 1.1")


def test_another_process_is_never_stale(house: House) -> None:
    other = beside(house)
    try:
        asked = course(house, "X-100", "การเลี้ยงผึ้งชันโรง", level_group="short_course")
        assert "X 1.1" not in codes(asked)
        item = put_item(other, "X 1.1", "เลี้ยงผึ้งชันโรงและเก็บน้ำผึ้งได้")
        for runtime in (house.runtime, other):
            assert codes(suggestions.of_id(runtime, asked.course.id))[0] == "X 1.1"
        change_item(house.runtime, item, text_th="ซ่อมเครื่องยนต์เล็ก")
        for runtime in (other, house.runtime):
            assert "X 1.1" not in codes(suggestions.of_id(runtime, asked.course.id))
        change_item(other, item, text_th="เลี้ยงผึ้งชันโรง")
        change_item(other, item, retired_at=house.runtime.clock())
        for runtime in (other, house.runtime):
            assert "X 1.1" not in codes(suggestions.of_id(runtime, asked.course.id)), "it is retired"
    finally:
        other.engine.dispose()


def test_a_restored_database_is_read_anew(house: House) -> None:
    asked = course(house, "X-100", "การเลี้ยงผึ้งชันโรง")
    item = put_item(house.runtime, "X 1.1", "เลี้ยงผึ้งชันโรง")
    assert codes(suggestions.of_id(house.runtime, asked.course.id))[0] == "X 1.1"
    with writing(house.runtime.engine) as connection:  # as a backup taken before would have it
        connection.execute(delete(table_of(tables.Item)).where(table_of(tables.Item).c.id == item))
        connection.execute(update(table_of(tables.Generation)).values(number=1))
    assert "X 1.1" not in codes(suggestions.of_id(house.runtime, asked.course.id))


def test_synonyms_count_at_once_in_every_process_until_they_are_ended(house: House) -> None:
    other = beside(house)
    try:
        asked = course(house, "X-200", "การอภิบาลปศุสัตว์น้ำ")
        put_item(house.runtime, "X 2.1", "ใช้ยานพาหนะลอยฟ้าได้")
        assert "X 2.1" not in codes(suggestions.of_id(other, asked.course.id))
        group = synonyms.add(house.runtime, ["ปศุสัตว์น้ำ", "ยานพาหนะลอยฟ้า"], by=COMMITTEE, body=PROVINCE)
        found = suggestions.of_id(other, asked.course.id)
        assert codes(found)[0] == "X 2.1"
        assert "synonym" in reasons(found, "X 2.1")
        synonyms.end(house.runtime, group, by=COMMITTEE)
        assert "X 2.1" not in codes(suggestions.of_id(other, asked.course.id))
        (row,) = synonyms.all_groups(house.runtime)
        assert (row.added_by, row.ended_by, row.words) == (COMMITTEE.name, COMMITTEE.name, ["ปศุสัตว์น้ำ", "ยานพาหนะลอยฟ้า"])
    finally:
        other.engine.dispose()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["คำเดียว"], "too_few"),
        (["Word", " WORD. ", ""], "too_few"),
        ([f"คำที่{number}" for number in range(13)], "too_many"),
        (["ก" * 101, "ข้อ"], "too_long"),
        (["ก", "ข้อ"], "too_short"),
    ],
)
def test_words_that_cannot_be_equal_are_refused(house: House, words: list[str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        synonyms.add(house.runtime, words, by=COMMITTEE, body=PROVINCE)
    assert (refused.value.code, refused.value.field) == (code, "words")
    assert synonyms.all_groups(house.runtime) == []


def test_synonyms_are_those_of_the_own_body(house: House) -> None:
    pair = ["วีดิทัศน์", "วิดีโอ"]
    group = synonyms.add(house.runtime, pair, by=ADMIN, body=None)
    elsewhere = Actor("user:8", "กรรมการอื่น", SCHOOL)
    for act in (
        lambda: synonyms.add(house.runtime, ["ก ข", "ค ง"], by=elsewhere, body=PROVINCE),
        lambda: synonyms.add(house.runtime, ["ก ข", "ค ง"], by=elsewhere, body=None),
        lambda: synonyms.end(house.runtime, group, by=COMMITTEE),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "not_yours"
    with pytest.raises(Refused) as known:
        synonyms.add(house.runtime, [" วิดีโอ", "วีดิทัศน์"], by=COMMITTEE, body=PROVINCE)
    assert (known.value.code, known.value.status) == ("synonyms_known", 409)
    synonyms.end(house.runtime, group, by=ADMIN)
    for wrong, status in ((group, 409), (new_id(), 404), ("nothing", 404)):
        with pytest.raises(Refused) as gone:
            synonyms.end(house.runtime, wrong, by=ADMIN)
        assert gone.value.status == status


def test_unknown_courses_are_not_found(house: House) -> None:
    for ask in (
        lambda: suggestions.of_course(house.runtime, "national", "none", "2551"),
        lambda: suggestions.of_id(house.runtime, new_id()),
        lambda: suggestions.of_id(house.runtime, "x"),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.status == 404


def test_an_index_that_could_not_be_read_is_read_again(house: House) -> None:
    failing = [True]

    def read(connection: Any, since: int | None) -> Any:
        if failing.pop():
            raise OSError("the database went away")
        yield from suggestions._documents(connection, since)

    kept = KeptIndex(generations.ITEMS, suggestions.ranking.FIELDS, suggestions.ranking.FILTERS, read)
    with pytest.raises(OSError, match="went away"):
        kept.of(house.runtime)
    failing.append(False)
    assert len(kept.of(house.runtime)) > 700

"""The catalogue as a list: filters, pages that miss nothing, and words that find in spite of how they are typed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from creditbank_plugin.rules.course import CourseValues
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import course_pages, courses
from creditbank_plugin.services.catalogue.course_pages import Filter
from creditbank_plugin.services.views import Page
from tests.builders import (
    BANK,
    CODE,
    OTHER_BANK,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    Place,
    adopt,
    compare,
    furnish,
    make_app,
)
from tests.conftest import close

ADMIN = administrator("test")
WELD = CourseValues(
    owner=SCHOOL,
    code="20103-2001",
    version="2567",
    title_th="งานเชื่อมโลหะเบื้องต้น",
    title_en="Basic welding",
    level_group="upper_secondary_vocational",
    sector="formal",
    province="51",
    agency="สอศ.",
    occupational_group="อุตสาหกรรม",
    delivery="onsite",
    provider="วิทยาลัยเทคนิคลำพูน",
)
_MATHS = CourseValues(owner=PROVINCE, code="ค", version="2551", title_th="คณิตศาสตร์", sector="formal")
ROWS = (
    WELD,
    replace(WELD, code="20103-2002", title_th="งานเชื่อมท่อ", title_en="Pipe welding"),
    replace(WELD, code="20201-2001", title_th="การบัญชีเบื้องต้น", title_en="Accounting", occupational_group="บริหารธุรกิจ"),
    replace(WELD, code="20201-2001", version="2568", title_th="การบัญชีเบื้องต้น 1", title_en="Accounting 1"),
    replace(WELD, owner=OTHER_SCHOOL, code="นวดไทย-01", title_th="นวดไทยเพื่อสุขภาพ", title_en=None, province="50"),
    CourseValues(
        owner=PROVINCE, code="ค21101", version="2551", title_th="คณิตศาสตร์", title_en="Mathematics", sector="formal"
    ),
    replace(_MATHS, code="ค21102", title_th="คณิตศาสตร์ 2", sector="informal"),
    *(
        CourseValues(
            owner=PROVINCE, code=f"99-{number:03}", version="2567", title_th=f"อบรมที่ {number}", delivery="online"
        )
        for number in range(60)
    ),
)


@pytest.fixture(scope="module")
def world(shared_place: Place) -> Iterator[House]:
    """Courses of several kinds; two compared, one of them adopted by a standing order, the national one singly."""
    house = furnish(make_app(shared_place.folder, shared_place.url))
    made = courses.put_courses(house.runtime, ROWS, by=ADMIN)
    for place in (0, 2):
        compare(house, made[place].course_id, 200, scheme="vocational", credits_rule=None)
    adopt(house, None, body=PROVINCE, level_group="upper_secondary_vocational", bank=OTHER_BANK)
    yield house
    close(house)


def codes(house: House, words: str | None = None, wanted: dict[str, str] | None = None, **more: Any) -> list[str]:
    found = course_pages.page(house.runtime, Filter(wanted or {}, **more), words, limit=100)
    return [row.code for row in found.items]


def test_a_page_follows_the_other_and_nothing_is_missed(world: House) -> None:
    seen: list[tuple[str, str, str]] = []
    after = None
    while True:
        page = course_pages.page(world.runtime, Filter(), after=after, limit=7)
        seen += [(row.code, row.version, row.owner_code) for row in page.items]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == len(ROWS) + 1
    assert {code for code, _, _ in seen} == {row.code for row in ROWS} | {CODE}
    assert seen[:60] == sorted(seen[:60])


def test_what_is_entered_between_two_pages_is_neither_lost_nor_told_twice(house: House) -> None:
    rows = [replace(WELD, code=f"20000-{number}") for number in range(1000, 1010)]
    courses.put_courses(house.runtime, rows, by=ADMIN)
    first = course_pages.page(house.runtime, Filter({"owner": SCHOOL}), limit=5)
    courses.put_courses(house.runtime, [replace(WELD, code="20000-0001"), replace(WELD, code="20000-9999")], by=ADMIN)
    rest = course_pages.page(house.runtime, Filter({"owner": SCHOOL}), after=first.next, limit=50)
    told = [row.code for row in (*first.items, *rest.items)]
    assert told == [row.code for row in rows] + ["20000-9999"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"owner": OTHER_SCHOOL}, ["นวดไทย-01"]),
        ({"province": "50"}, ["นวดไทย-01"]),
        ({"level_group": "diploma"}, []),
        ({"sector": "informal"}, ["ค21102"]),
        ({"occupational_group": "บริหารธุรกิจ"}, ["20201-2001"]),
        (
            {"agency": "สอศ.", "owner": SCHOOL, "occupational_group": "อุตสาหกรรม"},
            [*["20103-2001", "20103-2002"], "20201-2001"],
        ),
    ],
)
def test_filters_limit_a_list_and_a_search_alike(world: House, wanted: dict[str, str], found: list[str]) -> None:
    assert codes(world, wanted=wanted) == found
    assert set(codes(world, "เชื่อม บัญชี นวด คณิต", wanted)) <= set(found)
    assert len(codes(world, wanted={"delivery": "online"})) == 60


def test_an_older_word_for_the_sector_is_found_by_the_new_one(house: House) -> None:
    courses.add_course(house.runtime, owner=SCHOOL, code="ก1", version="2551", title_th="เก่า", sector="basic")
    for words in (None, "เก่า"):
        assert codes(house, words, {"sector": "formal"}) == ["ก1"]


def test_what_counts_and_at_which_bank(world: House) -> None:
    assert codes(world, counts=True) == ["20103-2001", "20201-2001", CODE]
    assert len(codes(world, counts=False)) == len(ROWS) - 2
    assert codes(world, bank=BANK) == [CODE]
    assert codes(world, bank=OTHER_BANK) == ["20103-2001", "20201-2001"]
    assert codes(world, bank="nobody") == []
    assert codes(world, "เชื่อม", counts=True) == ["20103-2001"]
    assert codes(world, "เชื่อม", counts=False) == ["20103-2002"]
    assert codes(world, "บัญชี", bank=OTHER_BANK) == ["20201-2001"]
    assert codes(world, "บัญชี", bank=BANK) == []


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("งานเชื่อมโลหะ", "20103-2001"),
        ("เชื่อมท่อ", "20103-2002"),
        ("งานเชือมโลหะ", "20103-2001"),
        ("คณิตสาสตร์", "ค21101"),
        ("acounting", "20201-2001"),
        ("WELDING", "20103-2001"),
        ("๒๐๑๐๓-๒๐๐๒", "20103-2002"),
        ("03-2002", "20103-2002"),
        ("ค๒๑๑๐๒", "ค21102"),
        ("นวด", "นวดไทย-01"),
        ("นว", "นวดไทย-01"),
        ("ไทย", "นวดไทย-01"),
        ("elding", "20103-2001"),
        ("สุขภา", "นวดไทย-01"),
        ("โลห", "20103-2001"),
        ("เชือม", "20103-2002"),
        ("บัญชีเบืองตน", "20201-2001"),
    ],
)
def test_words_find_in_spite_of_how_they_are_typed(world: House, words: str, first: str) -> None:
    assert first in codes(world, words)[:3]


@pytest.mark.parametrize("words", ["zzzzzz", "'; drop table", '"', "*", "NEAR(", "\x00", "ๆ", "()", "-"])
def test_words_that_mean_nothing_find_nothing_and_break_nothing(world: House, words: str) -> None:
    assert isinstance(codes(world, words), list)


def test_the_best_come_a_page_at_a_time(world: House) -> None:
    whole = codes(world, "อบรมที่")
    told: list[str] = []
    after = None
    while True:
        page = course_pages.page(world.runtime, Filter(), "อบรมที่", after=after, limit=25)
        told += [row.code for row in page.items]
        after = page.next
        if after is None:
            break
    assert told == whole
    assert len(whole) == 60


@pytest.mark.parametrize(
    ("words", "after"),
    [
        *((None, after) for after in ("x", "[1, 2, 3]", "{}", '{"a": 1, "b": 2, "c": 3}', "[" * 5000)),
        (None, '["\\ud800", "a", "b"]'),
        ("นวด", "-1"),
    ],
)
def test_a_place_of_no_list_of_ours_has_nothing_after_it(world: House, words: str | None, after: str) -> None:
    assert course_pages.page(world.runtime, Filter(), words, after=after) == Page((), None)

"""Outcomes are ranked for a course, each with reasons that are true; nothing is decided."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditbank_plugin.rules.matching import place, reasons, similar
from creditbank_plugin.rules.matching.index import Index
from creditbank_plugin.rules.matching.suggest import FIELDS, FILTERS, Course, Precedent, document, suggest
from creditbank_plugin.rules.matching.synonyms import Synonyms
from creditbank_plugin.rules.matching.text import joined

THAI, LATIN = re.compile("[\u0e01-\u0e5b]"), re.compile("[A-Za-z]")
ITEMS = {
    "t1": {"framework": "core", "code": "ท 1.1", "text_th": "ใช้กระบวนการอ่านสร้างความรู้และความคิด"},
    "t1m1": {"framework": "core", "code": "ท 1.1 ม.1/1", "text_th": "อ่านออกเสียงบทร้อยแก้วและบทร้อยกรอง"},
    "t1m2": {"framework": "core", "code": "ท 1.1 ม.2/1", "text_th": "อ่านออกเสียงบทร้อยแก้วและบทร้อยกรอง"},
    "k1m1": {"framework": "core", "code": "ค 1.1 ม.1/1", "text_th": "เข้าใจจำนวนตรรกยะและความสัมพันธ์ของจำนวน"},
    "k1m1b": {"framework": "core", "code": "ค 1.1 ม.1/10", "text_th": None},
    "k1m1a": {"framework": "core", "code": "ค 1.1 ม.1/9", "text_th": "ใช้เลขยกกำลัง"},
    "massage": {
        "framework": "tpqi",
        "code": "HDS-1",
        "text_th": "ให้บริการนวดไทย",
        "text_en": "Thai massage",
        "level": 3,
    },
    "boss": {"framework": "tpqi", "code": "HDS-9", "text_th": "บริหารร้านนวดไทย", "level": 6},
    "weld": {"framework": "dsd", "code": "DSD-1", "text_th": "ช่างเชื่อมโลหะด้วยไฟฟ้า", "level": 1},
}


@pytest.fixture(scope="module")
def index() -> Index:
    made = Index(FIELDS, FILTERS)
    made.put(document(item=name, area=None, **values) for name, values in ITEMS.items())  # type: ignore[arg-type]
    return made


def order(index: Index, course: Course, **more: object) -> list[str]:
    return [each.item for each in suggest(index, course, **more)]  # type: ignore[arg-type]


def test_the_code_tells_area_and_year(index: Index) -> None:
    found = suggest(index, Course("ท21101", "ภาษาไทย 1", description="อ่านออกเสียงบทร้อยแก้ว"))
    assert found[0].item == "t1m1"
    assert {reason.code for reason in found[0].reasons} >= {"area", "year", "words"}
    other = next(each for each in found if each.item == "t1m2")
    assert "other_year" in {reason.code for reason in other.reasons}
    assert order(index, Course("ท22101", "ภาษาไทย 3", description="อ่านออกเสียงบทร้อยแก้ว"))[0] == "t1m2"


def test_equal_ones_stand_as_people_count_and_those_without_a_text_after(index: Index) -> None:
    found = order(index, Course("ค21101", "คณิตศาสตร์"))
    assert found[:3] == ["k1m1", "k1m1a", "k1m1b"]


def test_a_title_that_is_an_areas_name_says_the_area(index: Index) -> None:
    for title, english in (("คณิตศาสตร์ 2", None), ("วิชาเลข", "Mathematics 2")):
        (first, *_) = suggest(index, Course("X-1", title, english, level_group="lower_secondary"))
        assert first.item == "k1m1"
        assert "area" in {reason.code for reason in first.reasons}


def test_levels_are_those_that_the_group_leads_to(index: Index) -> None:
    found = suggest(index, Course("X-1", "นวดไทย", level_group="upper_secondary_vocational"))
    assert [each.item for each in found][:2] == ["massage", "boss"]
    assert "level" in {reason.code for reason in found[0].reasons}
    assert place.of_item("DSD-1", framework="dsd", level=1).levels == {3}
    assert place.of_item("Y", framework="imported", level=1).levels == frozenset()


def test_precedents_and_synonyms_bring_what_shares_no_word(index: Index) -> None:
    course = Course("X-2", "ดัดผมขั้นสูง")
    assert "weld" not in order(index, course)
    given = Precedent("X-9", "2567", "ดัดผม", None, 0.9, "ประกาศ 1/2568", frozenset({"weld", "unknown"}))
    found = suggest(index, course, precedents=[given])
    assert found[0].item == "weld"
    assert found[0].reasons[0].values["reference"] == "ประกาศ 1/2568"
    words = Synonyms([["ดัดผม", "เชื่อมโลหะ"]])
    found = suggest(index, course, synonyms=words)
    assert found[0].item == "weld"
    assert found[0].reasons[0].values == {"word": "ดัดผม", "other": "เชื่อมโลหะ"}


def test_nothing_is_suggested_for_nothing(index: Index) -> None:
    assert suggest(index, Course("", "")) == []
    assert suggest(Index(FIELDS, FILTERS), Course("ท21101", "ภาษาไทย")) == []


TEXT = st.text(st.sampled_from("กขค งานไฟฟ้าวิทย์ abc12ท"), max_size=30)


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT, st.lists(TEXT, max_size=3), st.sampled_from(["", "ท21101", "อ30201", "20104-2002"]))
def test_scores_are_shares_best_first_and_every_reason_speaks_both(
    index: Index, title: str, description: str, outcomes: list[str], code: str
) -> None:
    found = suggest(index, Course(code, title, title, description, tuple(outcomes)))
    assert len({each.item for each in found}) == len(found) <= 10
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    for each in found:
        assert 0 <= each.score <= 1
        for reason in each.reasons:
            assert THAI.search(reason.th)
            assert LATIN.search(reason.en)


@given(st.lists(st.text(st.sampled_from("กขคงจab "), min_size=1, max_size=6), min_size=2, max_size=5))
def test_synonyms_are_symmetric(words: list[str]) -> None:
    held = Synonyms([words])
    kept = [word for word in words if joined(word)]
    for one in kept:
        for other in kept:
            said = {joined(each.other) for each in held.meant(one)}
            back = {joined(each.other) for each in held.meant(other)}
            assert joined(one) not in said, "a word is not told as its own"
            if joined(other) in said and joined(one) not in joined(other):
                assert joined(one) in back


def test_english_synonyms_are_whole_words() -> None:
    held = Synonyms([["art", "ศิลปะ"]])
    assert [each.other for each in held.meant("Modern ART, 2")] == ["ศิลปะ"]
    assert held.meant("Starting a party") == []


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("วงจรไฟฟ้ากระแสตรง", "ต่อวงจรไฟฟ้าได้", "วงจรไฟฟ้า"),
        ("การนวดเพื่อสุขภาพ", "มีผลต่อสุขภาพ", "สุขภาพ"),
        ("Thai Massage 1", "Basic massage", "massage"),
        ("Massages", "mass", ""),
        ("ไม้", "ไม้", ""),
        ("สังคมศึกษา ศาสนา และวัฒนธรรม", "ศาสนาและวัฒนธรรม", "ศาสนา และวัฒนธรรม"),
    ],
)
def test_words_in_common_are_cut_where_words_may_end(one: str, other: str, words: str) -> None:
    assert reasons.common(one, other) == words


@given(TEXT, TEXT)
def test_words_in_common_stand_in_both(one: str, other: str) -> None:
    found = joined(reasons.common(one, other)).replace(" ", "")
    assert found in joined(one).replace(" ", "")
    assert found in joined(other).replace(" ", "")


def test_courses_are_alike_by_title_code_area_and_year() -> None:
    maths = ("ค21101", "คณิตศาสตร์ 1", "Mathematics 1", "lower_secondary")
    assert similar.alike(maths, maths) == 1
    assert similar.alike(maths, ("ค21102", "คณิตศาสตร์ 2", None, "lower_secondary")) == 1
    assert similar.alike(maths, ("ค22101", "คณิตศาสตร์ 3", None, "lower_secondary")) <= 0.5
    assert similar.alike(maths, ("ว21101", "คณิตศาสตร์ 1", None, "lower_secondary")) < similar.LEAST
    assert similar.alike(maths, ("X", "Maths", "Mathematics", "lower_secondary")) == 1
    assert similar.alike(maths, ("X", "คณิตศาสตร์", None, "diploma")) < 1
    assert similar.alike(maths, ("ค21101", "คณิตศาสตร์เสริม", None, None)) >= 0.9
    assert similar.alike(("20000-1", "งานไม้", None, None), ("20000-1", "แคลคูลัส", None, None)) < similar.LEAST


@pytest.mark.parametrize(
    ("code", "area", "years"),
    [
        ("ท21101", "ท", {1}),
        ("ท ๓๓๑๐๑", "ท", {6}),
        ("อ22101", "ต", {2}),
        ("ว30201", "ว", {4, 5, 6}),
        ("พท21001", "", set()),
        ("20104-2002", "", set()),
        ("ฮ21101", "", {1}),
    ],
)
def test_where_a_course_belongs_is_read_off_its_code(code: str, area: str, years: set[int]) -> None:
    found = place.of_course(code)
    assert (found.area, found.years) == (area, years)


def test_where_an_outcome_belongs() -> None:
    assert place.of_item("ท 1.1 ม.4-6/2", framework="core").years == {4, 5, 6}
    assert place.of_item("ท๑.๑ ม.๒/๑", framework="core").key == "ท/ม.2"
    assert place.of_item("ท 1.1", framework="core").key == "ท"
    assert place.of_item("ท 1.1/1", framework="core", grade="ม.3").years == {3}
    assert place.Place("ท", frozenset({5})).fitting() == ["ท", "ท/ม.5", "ท/ม.4-6"]

"""Headings as real tables have them: below a title, in two rows, in two languages, once more on every page."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.rules import course_headings
from creditbank_plugin.rules.course_words import TEMPLATE

DATA = ["ท21101", "ภาษาไทย 1", "2551", "ม.ต้น", "ในระบบ"]
THAI = ["รหัสวิชา", "ชื่อวิชา", "ปีหลักสูตร (พ.ศ.)", "ระดับ", "รูปแบบการศึกษา"]


def found(*rows: list[Any]) -> tuple[int, int, dict[str, int]]:
    headings = course_headings.find(rows)
    assert headings is not None
    return headings.first, headings.last, dict(headings.columns)


HOURS = ("hours_theory", "hours_practice", "hours_field")
PLACES = {"code": 0, "title_th": 1, "version": 2, "level_group": 3, "sector": 4}


def test_headings_below_a_title() -> None:
    assert found(THAI, DATA) == (1, 1, PLACES)
    assert found(["ข้อมูลรายวิชา จังหวัดลำพูน"], [], [None, "ปรับปรุง", 2568], THAI, DATA) == (4, 4, PLACES)
    assert found(list(TEMPLATE), DATA)[2] == {name: place for place, name in enumerate(TEMPLATE)}


def test_headings_in_two_languages() -> None:
    english = ["code", "title_th", "version", "level_group", "sector"]
    assert found(english, THAI, DATA) == (1, 2, PLACES)
    assert found(THAI, english, DATA) == (1, 2, PLACES)


def test_headings_in_two_rows_with_merged_cells_above() -> None:
    upper = ["รหัสวิชา", "ชื่อรายวิชา", None, "จำนวนชั่วโมง", None, None, "ระดับ"]
    lower = [None, "ภาษาไทย", "ภาษาอังกฤษ", "ทฤษฎี", "ปฏิบัติ", "ฝึกงาน", None]
    assert found(["เรื่อง"], upper, lower, DATA) == (
        2,
        3,
        dict(zip(("code", "title_th", "title_en", *HOURS, "level_group"), range(7), strict=True)),
    )


def test_a_row_of_data_is_never_taken_for_headings() -> None:
    data = ["ท21101", "ภาษาไทย 1", "2551", "ระดับ", "ทฤษฎี"]  # words of headings in it
    assert found(THAI, data) == (1, 1, PLACES)


def test_what_looks_like_no_headings() -> None:
    assert course_headings.find([DATA, DATA]) is None
    assert course_headings.find([]) is None
    plain = course_headings.plain([["ตาราง"], ["ก", "ข"], DATA])
    assert plain is not None
    assert (plain.first, plain.texts) == (2, ("ก", "ข"))


def test_the_first_of_two_columns_with_one_meaning_counts() -> None:
    assert found(["รหัสวิชา", "รหัสรายวิชา", "ชื่อวิชา"])[2] == {"code": 0, "title_th": 2}


def test_the_headings_once_more_are_no_data() -> None:
    assert course_headings.is_repeated(THAI, THAI)
    assert not course_headings.is_repeated(THAI, DATA)
    assert not course_headings.is_repeated(THAI, [None] * 5)


def test_the_digest_is_that_of_the_headings() -> None:
    one, two = course_headings.find([THAI]), course_headings.find([["x"], [f" {text}  " for text in THAI]])
    other = course_headings.find([[*THAI[:4], "sector"]])
    assert one is not None
    assert two is not None
    assert other is not None
    assert one.digest == two.digest != other.digest


CELLS = st.one_of(st.none(), st.text(max_size=8), st.sampled_from([*THAI, *TEMPLATE]), st.integers(), st.dates())


@given(st.lists(st.lists(CELLS, max_size=8), max_size=6))
def test_whatever_the_first_rows_are(rows: list[list[Any]]) -> None:
    headings = course_headings.find(rows)
    if headings is not None:
        assert 1 <= headings.first <= headings.last <= len(rows)
        assert all(
            0 <= place < len(headings.texts) or headings.last > headings.first for place in headings.columns.values()
        )

"""What a course's own hours would give, from the finest that is known of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin import reference
from creditbank_plugin.rules.course import CourseValues
from creditbank_plugin.rules.course_hours import Tpn, looked_at, of_course, of_tpn, parse_tpn

COURSE = CourseValues(owner="national", code="20000-1101", version="2567", title_th="ภาษาไทย")


@pytest.mark.parametrize("text", ["2-2-3", "๒-๒-๓", " 2 - 2 - 3 ", "2–2–3", "(2-2-3)", "2−2−3"])
def test_a_tpn_is_read_as_people_write_it(text: str) -> None:
    assert parse_tpn(text) == Tpn(2, 2, 3)


@pytest.mark.parametrize("text", ["", "2-2", "2-2-3-4", "a-b-c", "2/2/3", "2026-02-03", "1.5-2-3", "-2-2-3", "2-2-333"])
def test_anything_else_is_none(text: str) -> None:
    assert parse_tpn(text) is None


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_what_is_shown_is_read_back(theory: int, practice: int, credits: int) -> None:
    tpn = Tpn(theory, practice, credits)
    assert parse_tpn(tpn.text) == tpn


def test_the_courses_we_hold_agree_with_their_sum_except_projects() -> None:
    told = [parse_tpn(row["tpn"]) for row in reference.load("courses")["rows"] if row.get("tpn")]
    assert len(told) == 49
    odd = [tpn.text for tpn in told if tpn and of_tpn(tpn).credits != tpn.credits * 100]
    assert odd == ["0-4-4", "0-4-4"]


def test_the_finest_that_is_known_is_taken() -> None:
    known = replace(COURSE, hours=7200, hours_theory=3600, hours_practice=3600, tpn="2-2-3")
    by_tpn = of_course("vocational", known)
    assert by_tpn is not None
    assert (by_tpn.credits, by_tpn.rule, by_tpn.evidence) == (300, "VE-H1", "weak")
    assert "รายวิชาระบุ 3 หน่วยกิต ตรงกับผลคำนวณ" in by_tpn.th
    assert "ยังไม่ได้ยืนยัน" in by_tpn.th
    assert looked_at("vocational", known) == {"tpn": "2-2-3", "credits_stated": "3.00"}
    split = replace(known, tpn=None)
    by_parts = of_course("vocational", split)
    assert by_parts is not None
    assert (by_parts.credits, by_parts.evidence) == (300, "weak")
    assert "ทฤษฎี 36 ชั่วโมง ÷ 18 + ปฏิบัติ 36 ชั่วโมง ÷ 36" in by_parts.th
    assert looked_at("vocational", split) == {"hours_theory": "36", "hours_practice": "36"}
    whole = replace(split, hours_theory=None, hours_practice=None)
    assert of_course("vocational", whole) is None
    assert looked_at("vocational", whole) == {"hours": "72"}
    basic = of_course("basic", known)
    assert basic is not None
    assert (basic.credits, basic.rule) == (150, "BE-H1")
    assert looked_at("basic", known) == {"hours": "72"}
    assert of_course("none", known) is None


def test_hours_that_are_not_the_whole_course_do_not_count_it() -> None:
    part = replace(COURSE, hours=7200, hours_theory=3600)
    assert of_course("vocational", part) is None
    assert of_course("vocational", replace(part, hours=None)) is not None
    assert of_course("vocational", replace(COURSE, hours_field=3600)) is None
    higher = of_course("higher", replace(COURSE, hours_theory=3000, hours_practice=3000, hours_field=4500))
    assert higher is not None
    assert (higher.credits, higher.rule) == (400, "HE-H1")


def test_a_project_that_does_not_agree_says_so() -> None:
    told = of_tpn(Tpn(0, 4, 4))
    assert told.credits == 200
    assert "ไม่ตรงกับผลคำนวณ ให้ถือตามที่รายวิชาระบุ" in told.th
    assert "what it states counts" in told.en

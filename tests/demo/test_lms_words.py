"""What the LMS's pages say: who has a tab to the bank, whose a course is, how long it takes, what is wrong."""

from pathlib import Path

import pytest
from flask import Flask

from creditbank_plugin.demo import app as demo_app
from creditbank_plugin.demo.models import GROUPS
from creditbank_plugin.demo.seed import CourseSeed, seed
from tests.demo.lms import Person


def national_course() -> CourseSeed:
    """A course of the nation whose source states no hours."""
    return CourseSeed(
        owner="national",
        code="พว22002",
        version="2551",
        title_th="การใช้พลังงาน",
        title_en="Using energy",
        group="short_course",
        hours=None,
    )


@pytest.mark.parametrize(
    ("username", "has_tab"),
    [
        ("student1", True),
        ("committee1", True),
        ("director1", True),
        ("admin1", True),
        ("teacher1", False),
        ("registrar1", False),
    ],
)
def test_the_bank_is_shown_to_those_who_have_a_page_in_it(app: Flask, username: str, has_tab: bool) -> None:
    app.extensions["creditbank"] = object()
    assert ('href="/creditbank/"' in Person(app, username).get("/")) == has_tab


def test_hours_that_nobody_stated_are_not_made_up(app: Flask) -> None:
    seed(app, [national_course()])
    student = Person(app, "student1")
    for path in ("/", "/courses/2"):
        assert "ไม่ระบุชั่วโมง" in student.get(path)
    assert "ชั่วโมง" not in student.get("/courses/2/lessons/1")
    assert "{planned}" not in student.get("/courses/2/lessons/1")
    assert "ใช้เวลาเรียนตามแผน 60 ชั่วโมง" in student.get("/courses/1/lessons/1")


def test_the_owner_of_a_course_has_a_name(app: Flask) -> None:
    seed(app, [national_course()])
    student = Person(app, "student1")
    assert "<dd>หลักสูตรระดับชาติ</dd>" in student.get("/courses/2")
    assert "<dd>สถานศึกษาของเรา</dd>" in student.get("/courses/1")
    assert "<dd>Our school</dd>" in student.get("/courses/1?lang=en")


def test_a_reason_that_is_missing_is_asked_for_in_plain_words(app: Flask) -> None:
    student, teacher = Person(app, "student1"), Person(app, "teacher1")
    student.do_lessons()
    student.do_quiz()
    answer = teacher.post("/teach/courses/1/learners/s-0001/revoke", "/teach/courses/1", reason="  ")
    assert "กรุณาระบุเหตุผล" in answer.text
    assert "เหตุผล ต้องไม่ว่าง" not in answer.text


def test_every_group_has_its_picture() -> None:
    static = Path(demo_app.__file__).parent / "static"
    assert [group for group in GROUPS if not (static / f"{group}.svg").is_file()] == []

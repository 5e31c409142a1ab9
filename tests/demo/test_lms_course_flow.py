"""A course from the first lesson to the completion, the second attempt and the revocation."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from creditbank_hooks import host_hookimpl
from creditbank_plugin.demo.models import Completion, QuizTry, db
from tests.demo.lms import ISSUER, SCHOOL, Person, listening


def completions(app: Flask) -> list[Completion]:
    with app.app_context():
        return list(db.session.scalars(select(Completion).order_by(Completion.id)))


def test_a_finished_course_is_told_once_with_the_right_facts(app: Flask) -> None:
    recorder = listening(app)
    student = Person(app, "student1")
    student.do_lessons()
    assert recorder.completions == []
    student.do_quiz(right=3)

    [told] = recorder.completions
    assert recorder.in_transaction == [True]
    assert (told.learner.issuer, told.learner.id) == (ISSUER, "s-0001")
    assert told.learner.personal.name == "นักเรียนทดลอง 1"
    assert (told.course.owner, told.course.code, told.course.version) == (SCHOOL, "ว21101", "2551")
    assert told.course.title == "วิทยาศาสตร์พื้นฐาน"
    assert (told.score, told.attempt, told.school) == (Decimal(75), 1, SCHOOL)
    assert (told.event_id, told.source) == ("completion-1", ISSUER)
    assert told.assurance is not None
    assert (told.assurance.identity, told.assurance.assessment) == ("login", "automatic")
    assert timedelta(0) <= datetime.now(UTC) - told.completed_at < timedelta(minutes=1)
    [kept] = completions(app)
    assert (kept.score, kept.attempt, kept.completed_at) == (75, 1, told.completed_at)
    assert "คุณเรียนจบรายวิชานี้แล้ว" in student.get("/courses/1")


def test_the_quiz_may_come_before_the_last_lesson(app: Flask) -> None:
    recorder = listening(app)
    student = Person(app, "student1")
    student.do_quiz()
    assert recorder.completions == []
    student.do_lessons()
    assert [told.score for told in recorder.completions] == [Decimal(100)]


def test_half_of_the_questions_is_enough_and_a_quarter_is_not(app: Flask) -> None:
    recorder = listening(app)
    student = Person(app, "student1")
    student.do_lessons()
    student.do_quiz(right=1)
    assert recorder.completions == []
    assert "ยังไม่ผ่าน" in student.get("/courses/1/quiz/result")
    student.do_quiz(right=2)
    assert [told.score for told in recorder.completions] == [Decimal(50)]


def test_a_better_retake_is_the_second_attempt_and_a_worse_one_is_none(app: Flask) -> None:
    recorder = listening(app)
    student = Person(app, "student1")
    student.do_lessons()
    student.do_quiz(right=2)
    student.do_quiz(right=4)
    student.do_quiz(right=3)
    assert [(told.attempt, told.score, told.event_id) for told in recorder.completions] == [
        (1, Decimal(50), "completion-1"),
        (2, Decimal(100), "completion-2"),
    ]
    assert "ผลเดิมดีกว่า" in student.get("/courses/1/quiz/result")


def test_a_quiz_with_an_open_question_is_not_graded(app: Flask) -> None:
    student = Person(app, "student1")
    answer = student.post("/courses/1/quiz", "/courses/1/quiz", **{"no-such-question": "1"})
    assert answer.status_code == 422
    assert "ยังตอบไม่ครบ" in answer.text
    with app.app_context():
        assert db.session.scalars(select(QuizTry)).all() == []


def test_nobody_completes_for_somebody_else(app: Flask) -> None:
    recorder = listening(app)
    student = Person(app, "student2")
    forged = {"user": "student1", "user_id": "1", "learner_id": "s-0001"}
    for place in (1, 2, 3):
        page = f"/courses/1/lessons/{place}"
        student.post(f"{page}/done?user_id=1", page, **forged)
    student.do_quiz()
    assert [told.learner.id for told in recorder.completions] == ["s-0002"]
    teacher = Person(app, "teacher1")
    assert teacher.post("/courses/1/lessons/1/done", "/courses/1", **forged).status_code == 403
    assert teacher.client.get("/courses/1/quiz").status_code == 403


def test_a_revoked_completion_is_told_and_can_be_earned_again(app: Flask) -> None:
    recorder = listening(app)
    student, teacher = Person(app, "student1"), Person(app, "teacher1")
    student.do_lessons()
    student.do_quiz(right=2)
    student.do_quiz(right=4)
    revoke, page = "/teach/courses/1/learners/s-0001/revoke", "/teach/courses/1"
    assert teacher.post(revoke, page, reason="  ").status_code == 422
    assert recorder.revocations == []
    assert teacher.post(revoke, page, reason="ทำแบบทดสอบแทนกัน").status_code == 303

    [told] = recorder.revocations
    assert (told.learner.id, told.learner.issuer, told.reason) == ("s-0001", ISSUER, "ทำแบบทดสอบแทนกัน")
    assert (told.event_id, told.attempt, told.course.code) == ("revocation-2", None, "ว21101")
    assert told.learner.personal.name is None
    assert all(told.revoked_at >= completion.completed_at for completion in recorder.completions)
    assert all(kept.revoked_at == told.revoked_at for kept in completions(app))
    assert "ทำแบบทดสอบแทนกัน" in teacher.get(page)
    assert "ถูกยกเลิก" in student.get("/courses/1")

    teacher.post(revoke, page, reason="อีกครั้ง")
    assert len(recorder.revocations) == 1, "there is nothing left to take back"
    student.do_quiz(right=2)
    assert [(told.attempt, told.score) for told in recorder.completions][-1] == (3, Decimal(50))


@pytest.mark.parametrize("username", ["student1", "committee1", "admin1"])
def test_only_teachers_and_registrars_take_completions_back(app: Flask, username: str) -> None:
    person = Person(app, username)
    assert person.client.get("/teach/").status_code == 403
    answer = person.post("/teach/courses/1/learners/s-0001/revoke", "/courses/1", reason="x")
    assert answer.status_code == 403


class Careless:
    """A plugin that breaks its promise, and where ``ruin`` is set leaves the transaction unusable."""

    def __init__(self, *, ruin: bool) -> None:
        self.ruin = ruin

    @host_hookimpl
    def lms_course_completed(self, connection: Any) -> None:
        if self.ruin:
            connection.add(QuizTry(user_id=None, course_id=None))
            connection.flush()
        raise RuntimeError("careless")


@pytest.mark.parametrize("ruin", [False, True])
def test_a_plugin_that_raises_costs_the_learner_nothing(app: Flask, ruin: bool) -> None:
    app.extensions["lms"].register(Careless(ruin=ruin))
    student = Person(app, "student1")
    student.do_lessons()
    assert student.do_quiz().status_code == 303
    assert [kept.score for kept in completions(app)] == [100]
    assert "คุณเรียนจบรายวิชานี้แล้ว" in student.get("/courses/1")


class Writer:
    """A plugin that writes with the connection it is handed."""

    @host_hookimpl
    def lms_course_completed(self, connection: Any) -> None:
        connection.execute(text("INSERT INTO heard (fact) VALUES ('completed')"))


def test_a_plugins_row_shares_the_fate_of_the_completion(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("CREATE TABLE heard (fact TEXT)"))
        db.session.commit()
    app.extensions["lms"].register(Writer())
    student = Person(app, "student1")
    student.do_lessons()
    student.do_quiz()
    with app.app_context():
        assert db.session.scalars(text("SELECT fact FROM heard")).all() == ["completed"]

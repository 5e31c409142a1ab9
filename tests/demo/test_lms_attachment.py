"""How a module attaches itself, and the LMS without any."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from creditbank_hooks import HostUser, LearnerIdentity, host_hookimpl
from creditbank_plugin.demo.app import create_app
from creditbank_plugin.demo.content import QUIZ_LENGTH, pool
from creditbank_plugin.demo.models import Course, User, db
from creditbank_plugin.demo.seed import CourseSeed, seed
from tests.demo.lms import COURSE, ISSUER, SCHOOL, Person, an_lms


class Bank:
    """What a module leaves at ``app.extensions["creditbank"]``: it takes plugins."""

    def __init__(self) -> None:
        self.plugins: list[Any] = []

    def register(self, plugin: Any) -> None:
        self.plugins.append(plugin)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> str:
    """Put an importable module with one hook in the way and return its name."""

    @host_hookimpl
    def lms_load(app: Flask) -> None:
        assert "sqlalchemy" in app.extensions
        app.extensions.setdefault("loads", []).append(app)
        bank = app.extensions["creditbank"] = Bank()
        app.add_url_rule("/creditbank/", "bank", lambda: repr(bank.plugins[0].current_user()))

    made = ModuleType("a_bank_to_attach")
    made.lms_load = lms_load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made.__name__


@pytest.mark.parametrize("spelling", ["{0}", "{0}, {0}"])
def test_a_module_is_attached_once_and_linked(tmp_path: Path, module: str, spelling: str) -> None:
    app = an_lms(tmp_path, LMS_PLUGINS=spelling.format(module))
    assert len(app.extensions["loads"]) == 1
    page = Person(app, "student1").get("/")
    assert 'href="/creditbank/"' in page
    assert "ธนาคารหน่วยกิตของฉัน" in page


def test_the_module_is_told_who_is_logged_in(tmp_path: Path, module: str) -> None:
    app = an_lms(tmp_path, LMS_PLUGINS=(module,))
    student = HostUser(id="1", roles=frozenset({"student"}), learner=LearnerIdentity(issuer=ISSUER, id="s-0001"))
    assert Person(app, "student1").get("/creditbank/") == repr(student)
    registrar = HostUser(id="7", roles=frozenset({"registrar"}), organisation=SCHOOL)
    assert Person(app, "registrar1").get("/creditbank/") == repr(registrar)
    assert app.test_client().get("/creditbank/").text == "None"
    [answerer] = app.extensions["creditbank"].plugins
    assert answerer.current_user() is None, "outside a request nobody is logged in"


def test_members_of_the_working_group_belong_to_the_centre(tmp_path: Path, module: str) -> None:
    app = an_lms(tmp_path, LMS_PLUGINS=(module,), LMS_CENTRE="province-51")
    seed(app, [])
    committee = HostUser(id="8", roles=frozenset({"committee"}), organisation="province-51")
    assert Person(app, "committee1").get("/creditbank/") == repr(committee)
    registrar = HostUser(id="7", roles=frozenset({"registrar"}), organisation=SCHOOL)
    assert Person(app, "registrar1").get("/creditbank/") == repr(registrar)


def test_without_a_module_everything_else_is_as_before(app: Flask) -> None:
    student = Person(app, "student1")
    student.do_lessons()
    student.do_quiz()
    for path in ("/", "/courses/1", "/courses/1/quiz/result"):
        assert "creditbank" not in student.get(path)
    assert "คุณเรียนจบรายวิชานี้แล้ว" in student.get("/courses/1")
    assert student.client.get("/creditbank/").status_code == 404


def test_a_plugin_that_cannot_be_imported_is_loud(tmp_path: Path) -> None:
    with pytest.raises(ImportError):
        an_lms(tmp_path, LMS_PLUGINS=("no_such_plugin_anywhere",))


def test_settings_that_are_missing_are_named() -> None:
    with pytest.raises(ValueError, match="SECRET_KEY, LMS_ISSUER"):
        create_app({"SQLALCHEMY_DATABASE_URI": "sqlite://", "LMS_SCHOOL": SCHOOL})


def test_only_tables_of_the_lms_are_made(app: Flask) -> None:
    with app.app_context():
        tables = inspect(db.engine).get_table_names()
    assert tables
    assert all(table.startswith("lms_") for table in tables)


def test_seeding_again_keeps_passwords_and_adds_what_is_new(app: Flask) -> None:
    other = CourseSeed(
        owner="99",
        code="20000-1101",
        version="2567",
        title_th="ก",
        title_en="A",
        group="upper_secondary_vocational",
        hours=36,
    )
    seeded = seed(app, [COURSE, other])
    assert [user.password for user in seeded.users] == [None] * 13
    assert seeded.courses == {(SCHOOL, "ว21101", "2551"): 1, ("99", "20000-1101", "2567"): 2}
    assert seeded.users[0].learner_id == "s-0001"
    assert {user.role for user in seeded.users} == {
        *("student", "teacher", "registrar", "director", "committee", "admin")
    }
    Person(app, "student1")
    with app.app_context():
        assert len(db.session.scalars(select(User)).all()) == 13


def test_new_users_get_random_passwords_returned_once_and_kept_hashed(tmp_path: Path) -> None:
    config = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'x.sqlite'}", "SECRET_KEY": "k"}
    app = create_app({**config, "LMS_ISSUER": ISSUER, "LMS_SCHOOL": SCHOOL, "LMS_PLUGINS": ()})
    first = seed(app, [])
    passwords = [user.password or "" for user in first.users]
    assert min(len(password) for password in passwords) >= 12
    assert len(set(passwords)) == 13
    assert passwords[0] not in repr(first)
    assert passwords[0].encode() not in (tmp_path / "x.sqlite").read_bytes()


def test_a_course_of_an_unknown_group_is_refused(app: Flask) -> None:
    wrong = CourseSeed(owner="99", code="x", version="2567", title_th="ก", title_en="A", group="primary", hours=1)
    with pytest.raises(ValueError, match="lower_secondary"):
        seed(app, [wrong])


def test_every_question_has_one_right_answer_in_both_languages(app: Flask) -> None:
    assert len(pool()) >= 20
    for question in pool().values():
        assert len(question.th.choices) == len(question.en.choices) == len(set(question.th.choices)) == 4
        assert 0 <= question.answer < 4
        assert question.th.question
        assert question.en.question
        assert question.th.why
        assert question.en.why
    with app.app_context():
        [course] = db.session.scalars(select(Course))
        assert len(set(course.quiz)) == QUIZ_LENGTH
        assert "{" not in "".join(lesson.body_th + lesson.body_en for lesson in course.lessons)

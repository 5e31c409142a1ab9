"""An LMS to test with, somebody at its keyboard, and a plugin that writes down what it hears."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from creditbank_hooks import CompletionRevoked, CourseCompleted, host_hookimpl
from creditbank_plugin.demo.app import create_app
from creditbank_plugin.demo.content import pool
from creditbank_plugin.demo.models import Course, db
from creditbank_plugin.demo.seed import PEOPLE, CourseSeed, seed

ISSUER, SCHOOL = "https://demo.lms.example", "99010001"
COURSE = CourseSeed(
    owner=SCHOOL,
    code="ว21101",
    version="2551",
    title_th="วิทยาศาสตร์พื้นฐาน",
    title_en="Basic science",
    group="lower_secondary",
    hours=60,
)
PASSWORDS = {username: f"pass-{username}" for username, *_ in PEOPLE}


@dataclass
class Recorder:
    """Keeps the tidings it was told, and whether the host's transaction was open then."""

    completions: list[CourseCompleted] = field(default_factory=list)
    revocations: list[CompletionRevoked] = field(default_factory=list)
    in_transaction: list[bool] = field(default_factory=list)

    @host_hookimpl
    def lms_course_completed(self, completion: CourseCompleted, connection: Any) -> None:
        self.completions.append(completion)
        self.in_transaction.append(connection.in_transaction())

    @host_hookimpl
    def lms_completion_revoked(self, revocation: CompletionRevoked, connection: Any) -> None:
        self.revocations.append(revocation)
        self.in_transaction.append(connection.in_transaction())


def an_lms(folder: Path, **config: Any) -> Flask:
    """Return a seeded LMS with one course and, unless told otherwise, no plugin."""
    defaults = {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'lms.sqlite'}",
        "SECRET_KEY": "only-for-tests",
        "LMS_ISSUER": ISSUER,
        "LMS_SCHOOL": SCHOOL,
        "LMS_PLUGINS": (),
    }
    (folder / "lms.sqlite").write_bytes(_seeded_database())
    return create_app({**defaults, **config})


@cache
def _seeded_database() -> bytes:
    """Return the file of a seeded database, made once for all tests of a process."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "seeded.sqlite"
        config = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{file}", "SECRET_KEY": "only-for-tests", "LMS_PLUGINS": ()}
        app = create_app({**config, "LMS_ISSUER": ISSUER, "LMS_SCHOOL": SCHOOL})
        seed(app, [COURSE], PASSWORDS)
        with app.app_context():
            db.engine.dispose()
        return file.read_bytes()


def listening(app: Flask) -> Recorder:
    """Register a recorder with the LMS's own manager."""
    recorder = Recorder()
    app.extensions["lms"].register(recorder)
    return recorder


class Person:
    """Somebody at a browser."""

    def __init__(self, app: Flask, username: str) -> None:
        self.app, self.client = app, app.test_client()
        answer = self.log_in(username, PASSWORDS[username])
        assert answer.status_code == 303

    def log_in(self, username: str, password: str) -> TestResponse:
        return post(self.client, "/login", {"username": username, "password": password}, form_at="/login")

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status
        return answer.text

    def post(self, path: str, form_at: str, **values: str) -> TestResponse:
        return post(self.client, path, values, form_at=form_at)

    def do_lessons(self) -> None:
        for place in (1, 2, 3):
            page = f"/courses/1/lessons/{place}"
            assert self.post(f"{page}/done", page).status_code == 303

    def do_quiz(self, right: int = 4) -> TestResponse:
        """Hand in the quiz with ``right`` right answers of four."""
        return self.post("/courses/1/quiz", "/courses/1/quiz", **answers(self.app, right))


def answers(app: Flask, right: int) -> dict[str, str]:
    """Return a form of the first course's quiz with ``right`` right answers."""
    with app.app_context():
        course = db.session.get(Course, 1)
        assert course is not None
        questions = [pool()[number] for number in course.quiz]
    return {
        question.id: str(question.answer if place < right else (question.answer + 1) % 4)
        for place, question in enumerate(questions)
    }


def post(client: FlaskClient, path: str, values: dict[str, str], form_at: str) -> TestResponse:
    """Send a form the way a browser does: with the hidden token of the page it stands on."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(form_at).text)
    assert found is not None, f"no form at {form_at}"
    return client.post(path, data={**values, "csrf_token": found.group(1)})

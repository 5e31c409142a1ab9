"""A furnished installation to measure: one school, ten courses compared and adopted."""

from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from creditbank_hooks import Course, CourseCompleted, Learner, Personal
from creditbank_plugin.host.attach import CreditBank
from creditbank_plugin.plugin import load
from creditbank_plugin.services import authority
from creditbank_plugin.storage.session import open_engine
from creditbank_plugin.storage.upgrade import upgrade

ISSUER = "https://lms.example"
COURSES = 50


def open_house(folder: Path, url: str | None, batch: int) -> CreditBank:
    """Return the module attached to a bare host, with what completions need."""
    app = Flask("benchmark")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url or f"sqlite:///{folder / 'bench.db'}",
        SECRET_KEY="a benchmark",  # noqa: S106 - nothing to protect
        CREDITBANK_DATA=str(folder),
        CREDITBANK_ISSUER=ISSUER,
        CREDITBANK_BATCH=batch,
    )
    SQLAlchemy(app)
    upgrade(open_engine(app.config["SQLALCHEMY_DATABASE_URI"]))
    bank = load(app)
    runtime = bank.runtime
    authority.add_organisation(runtime, code="S", kind="school", name_th="สถานศึกษา")
    authority.add_bank(runtime, code="B", organisation="S", tier="school", name_th="ธนาคารหน่วยกิต")
    for number in range(COURSES):
        course = authority.add_course(
            runtime, owner="S", code=f"C{number}", version="2567", title_th=f"รายวิชา {number}"
        )
        authority.approve_comparison(
            runtime,
            course_id=course,
            body="S",
            scheme="basic",
            credits=100,
            outcomes=[],
            reference="-",
            applies_from=date(2020, 1, 1),
            conditions={"min_score": 50},
        )
    authority.adopt(
        runtime,
        bank="B",
        body="S",
        order_number="1",
        signatory="-",
        ordered_on=date(2020, 1, 1),
        applies_from=date(2020, 1, 1),
    )
    return bank


def completion(number: int) -> CourseCompleted:
    """Return one of ten completions of a learner, with a name to seal."""
    return CourseCompleted(
        event_id=f"e{number}",
        source=ISSUER,
        learner=Learner(id=f"L{number // 10}", issuer=ISSUER, personal=Personal(name="ผู้เรียน")),
        course=Course(code=f"C{number % 10}"),
        completed_at=datetime(2026, 3, 1, tzinfo=UTC),
        score=80,  # type: ignore[arg-type]
    )

"""A furnished installation to measure: one school and its bank, fifty courses compared and adopted; and what is told."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from creditbank_hooks import Course, CourseCompleted, Learner, Personal
from creditbank_plugin.host.attach import CreditBank
from creditbank_plugin.plugin import load
from creditbank_plugin.services import organisations
from creditbank_plugin.services.adopting import adoptions
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.keep import Sender, keep, letter
from creditbank_plugin.storage.session import open_engine, writing
from creditbank_plugin.storage.upgrade import upgrade

ISSUER, SCHOOL, BANK = "https://lms.example", "S", "B"
COURSES = 50
#: How many completions a learner has had where an installation is filled; the other courses are still to come.
EACH = 10
NAME = "ผู้เรียน"
SENDER = Sender(door="events", organisation=SCHOOL, issuer=ISSUER, client_id="c", may_open=True)
_SINCE = date(2020, 1, 1)
_FINISHED = datetime(2026, 3, 1, 2, tzinfo=UTC)


def open_house(folder: Path, url: str, batch: int, settle: str = "inline") -> CreditBank:
    """Return the module attached to a bare host on an empty database, with what completions need."""
    app = Flask("benchmark")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url,
        SECRET_KEY="a benchmark",  # noqa: S106 - nothing to protect
        CREDITBANK_DATA=str(folder),
        CREDITBANK_ISSUER=ISSUER,
        CREDITBANK_RATE_PER_MINUTE=0,
        CREDITBANK_BATCH=batch,
        CREDITBANK_SETTLE=settle,
    )
    SQLAlchemy(app)
    upgrade(open_engine(url))
    bank = load(app)
    runtime = bank.runtime
    organisations.add_organisation(runtime, code=SCHOOL, kind="school", name_th="สถานศึกษา")
    organisations.add_bank(runtime, code=BANK, organisation=SCHOOL, tier="school", name_th="ธนาคารหน่วยกิต")
    for number in range(COURSES):
        approve(runtime, add_course(runtime, f"C{number}"))
    adoptions.adopt(
        runtime,
        bank=BANK,
        body=SCHOOL,
        order_number="1",
        signatory="-",
        ordered_on=_SINCE,
        applies_from=_SINCE,
    )
    return bank


def add_course(runtime: Runtime, code: str) -> str:
    """Enter a course; return its id."""
    return courses.add_course(runtime, owner=SCHOOL, code=code, version="2567", title_th=f"รายวิชา {code}")


def approve(runtime: Runtime, course_id: str) -> str:
    """Approve the comparison of a course, as its page does."""
    return comparisons.enter_from_paper(
        runtime,
        course_id=course_id,
        body=SCHOOL,
        scheme="basic",
        credits=100,
        outcomes=[],
        reference="-",
        applies_from=_SINCE,
        conditions={"min_score": 50},
    )


def finished(learner: str, course: str, event: str) -> CourseCompleted:
    """Return a completion, with a name to seal."""
    return CourseCompleted(
        event_id=event,
        source=ISSUER,
        learner=Learner(id=learner, issuer=ISSUER, personal=Personal(name=NAME)),
        course=Course(code=course),
        completed_at=_FINISHED,
        score=80,  # type: ignore[arg-type]
    )


def completion(number: int) -> CourseCompleted:
    """Return one of the ``EACH`` completions of a learner: that of the event ``number`` of all."""
    return finished(f"L{number // EACH}", f"C{number % EACH}", f"e{number}")


def learner(number: int) -> list[CourseCompleted]:
    """Return every completion of one learner."""
    return [completion(number * EACH + each) for each in range(EACH)]


def tell(runtime: Runtime, told: Sequence[CourseCompleted], batch: int) -> None:
    """Put completions into the inbox, a batch a transaction; nothing is settled."""
    for start in range(0, len(told), batch):
        letters = [letter(each) for each in told[start : start + batch]]
        with writing(runtime.engine) as connection:
            keep(connection, runtime, letters, SENDER)

"""What stands in the LMS's own tables before anybody logs in; safe to run again."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import select

from creditbank_plugin.demo.content import choose_quiz, sample_lessons
from creditbank_plugin.demo.learning import PASS_PERCENT
from creditbank_plugin.demo.models import (
    ADMIN,
    COMMITTEE,
    DIRECTOR,
    GROUPS,
    REGISTRAR,
    STUDENT,
    TEACHER,
    Course,
    User,
    db,
)
from creditbank_plugin.demo.passwords import hashed

# made-up roles, not people: user name, role, Thai name, English name
PEOPLE = (
    *((f"student{n}", STUDENT, f"นักเรียนทดลอง {n}", f"Demo student {n}") for n in range(1, 6)),
    ("teacher1", TEACHER, "ครูทดลอง 1", "Demo teacher 1"),
    ("registrar1", REGISTRAR, "นายทะเบียนทดลอง 1", "Demo registrar 1"),
    ("committee1", COMMITTEE, "คณะทำงานทดลอง 1", "Demo working-group member 1"),
    ("admin1", ADMIN, "ผู้ดูแลระบบทดลอง 1", "Demo administrator 1"),
    *((f"committee{n}", COMMITTEE, f"คณะทำงานทดลอง {n}", f"Demo working-group member {n}") for n in range(2, 5)),
    ("director1", DIRECTOR, "ผู้อำนวยการทดลอง 1", "Demo director 1"),
)


@dataclass(frozen=True, kw_only=True)
class CourseSeed:
    """A course to offer: ``group`` of ``models.GROUPS``, ``version`` a curriculum year พ.ศ., ``hours`` None if unknown."""

    owner: str
    code: str
    version: str
    title_th: str
    title_en: str
    group: str
    hours: int | None


@dataclass(frozen=True, kw_only=True)
class SeededUser:
    """A user; ``password`` only when it was set just now, ``learner_id`` only for one who learns."""

    id: int
    username: str
    name_th: str
    role: str
    learner_id: str | None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """What is there after seeding: the users in their order, and the number of courses of the LMS by their names."""

    users: tuple[SeededUser, ...]
    courses: Mapping[tuple[str, str, str], int]


def seed(app: Flask, courses: Sequence[CourseSeed], passwords: Mapping[str, str] | None = None) -> Seeded:
    """Make the LMS's tables, users and courses where they are missing.

    ``passwords`` by user name are set, also for a user who is there already.  A new user without one gets a random
    password, returned this once; a user who is there keeps theirs.  Raises ValueError for an unknown course group.
    """
    with app.app_context():
        db.create_all()
        users = tuple(_user(app, place, passwords or {}) for place in range(len(PEOPLE)))
        for course in courses:
            _course(course)
        db.session.commit()
        numbers = {(c.owner, c.code, c.version): c.id for c in db.session.scalars(select(Course))}
    return Seeded(users=users, courses=numbers)


def _user(app: Flask, place: int, passwords: Mapping[str, str]) -> SeededUser:
    username, role, name_th, name_en = PEOPLE[place]
    user = db.session.scalars(select(User).where(User.username == username)).one_or_none()
    password = passwords.get(username)
    if user is None:
        password = password or secrets.token_urlsafe(12)
        user = User(username=username, role=role, name_th=name_th, name_en=name_en)
        if role == STUDENT:
            user.learner_id = f"s-{place + 1:04d}"
        db.session.add(user)
    if role == COMMITTEE:
        user.organisation = app.config["LMS_CENTRE"] or app.config["LMS_SCHOOL"]
    elif role != STUDENT:
        user.organisation = app.config["LMS_SCHOOL"]
    if password is not None:
        user.password_hash = hashed(password)
    db.session.flush()  # gives a new user their number
    return SeededUser(
        id=user.id, username=username, name_th=name_th, role=role, learner_id=user.learner_id, password=password
    )


def _course(wanted: CourseSeed) -> None:
    if wanted.group not in GROUPS:
        raise ValueError(f"a course group must be one of {', '.join(GROUPS)}")
    name = {"owner": wanted.owner, "code": wanted.code, "version": wanted.version}
    if db.session.scalars(select(Course).filter_by(**name)).one_or_none() is not None:
        return
    course = Course(
        **name,
        title_th=wanted.title_th,
        title_en=wanted.title_en,
        group=wanted.group,
        hours=wanted.hours,
        quiz=choose_quiz(wanted.owner, wanted.code, wanted.version),
    )
    course.lessons = sample_lessons(course, PASS_PERCENT)
    db.session.add(course)

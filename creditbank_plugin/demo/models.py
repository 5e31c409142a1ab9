"""The LMS's own tables, all with the prefix ``lms_``; nothing here knows of credits."""

from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, ForeignKey, Integer, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

STUDENT, TEACHER, REGISTRAR, COMMITTEE, ADMIN = "student", "teacher", "registrar", "committee", "admin"
DIRECTOR = "director"
GROUPS = ("lower_secondary", "upper_secondary_vocational", "diploma", "short_course")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept as UTC without a zone and read back with one: SQLite would forget the zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Read UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The LMS's models; their metadata is the one of ``db``."""


db = SQLAlchemy(metadata=Base.metadata)


class User(Base):
    """Somebody who can log in; ``learner_id`` is the opaque, never changing id of one who learns."""

    __tablename__ = "lms_user"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    name_th: Mapped[str] = mapped_column(String(255))
    name_en: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20))
    learner_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    organisation: Mapped[str | None] = mapped_column(String(60))


class Course(Base):
    """A course in one edition; ``quiz`` lists the ids of its questions in ``questions.json``."""

    __tablename__ = "lms_course"
    __table_args__ = (UniqueConstraint("owner", "code", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(20))
    title_th: Mapped[str] = mapped_column(String(500))
    title_en: Mapped[str] = mapped_column(String(500))
    group: Mapped[str] = mapped_column("course_group", String(40))
    hours: Mapped[int | None] = mapped_column(Integer)
    quiz: Mapped[list[str]] = mapped_column(JSON)
    lessons: Mapped[list["Lesson"]] = relationship(order_by="Lesson.number", back_populates="course")


class Lesson(Base):
    """One lesson; bodies are paragraphs parted by an empty line."""

    __tablename__ = "lms_lesson"
    __table_args__ = (UniqueConstraint("course_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    number: Mapped[int]
    title_th: Mapped[str] = mapped_column(String(255))
    title_en: Mapped[str] = mapped_column(String(255))
    body_th: Mapped[str] = mapped_column(Text)
    body_en: Mapped[str] = mapped_column(Text)
    course: Mapped[Course] = relationship(back_populates="lessons")


class LessonDone(Base):
    """A learner marked a lesson as done."""

    __tablename__ = "lms_lesson_done"
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey(Lesson.id), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuizTry(Base):
    """One handing-in of a quiz: ``score`` in whole percent, ``answers`` the choice per question id."""

    __tablename__ = "lms_quiz_try"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id), index=True)
    score: Mapped[int]
    answers: Mapped[dict[str, int]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Completion(Base):
    """A learner finished a course, or did so better than before: one row per attempt, changed by a revocation only."""

    __tablename__ = "lms_completion"
    __table_args__ = (UniqueConstraint("user_id", "course_id", "attempt"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id), index=True)
    attempt: Mapped[int]
    score: Mapped[int]
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    revoke_reason: Mapped[str | None] = mapped_column(String(500))

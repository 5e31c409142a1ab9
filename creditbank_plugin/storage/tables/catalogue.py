"""Courses by owner, code and curriculum year, what they were before, and the addresses other hosts use for them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class CourseVersion(Base):
    """รายวิชาหนึ่งฉบับ: owner + code + curriculum year พ.ศ.

    Its key never changes; whatever else is edited makes a new ``revision``, and the one before is kept in `CourseRevision`.
    All hours are whole hundredths of an hour: ``hours`` is the whole course, the others are its parts where they are
    known.  ``tpn`` is a vocational course's weekly ท-ป-น as printed ("2-2-3").  ``generation`` is that of the catalogue
    (see `tables.work.Generation`) in which the row was last changed.
    """

    __tablename__ = "creditbank_course"
    __table_args__ = (UniqueConstraint("owner_code", "code", "version"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"))
    code: Mapped[str] = mapped_column(String(255), index=True)
    version: Mapped[str] = mapped_column(String(20))
    title_th: Mapped[str]
    title_en: Mapped[str | None]
    level_group: Mapped[str | None] = mapped_column(String(40))
    sector: Mapped[str | None] = mapped_column(String(30))
    hours: Mapped[int | None]
    in_force_from: Mapped[date | None]
    in_force_until: Mapped[date | None]
    source: Mapped[str | None]
    evidence: Mapped[str | None] = mapped_column(String(40))
    added_at: Mapped[datetime]
    description: Mapped[str | None]
    outcomes: Mapped[list[Any] | None]
    hours_theory: Mapped[int | None]
    hours_practice: Mapped[int | None]
    hours_field: Mapped[int | None]
    tpn: Mapped[str | None] = mapped_column(String(20))
    delivery: Mapped[str | None] = mapped_column(String(40))
    provider: Mapped[str | None]
    province: Mapped[str | None] = mapped_column(String(2), index=True)
    agency: Mapped[str | None]
    occupational_group: Mapped[str | None] = mapped_column(String(100))
    revision: Mapped[int] = mapped_column(server_default="1")
    generation: Mapped[int] = mapped_column(BigInteger, server_default="0", index=True)
    changed_at: Mapped[datetime | None]


class CourseRevision(Base):
    """What a course version was before it was edited: append-only; the present revision stands in the course itself."""

    __tablename__ = "creditbank_course_revision"

    course_id: Mapped[str] = mapped_column(ForeignKey("creditbank_course.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str | None] = mapped_column(String(255))


class CourseAlias(Base):
    """An address (IRI) or foreign code that a host uses for a course of ours, mapped by an admin."""

    __tablename__ = "creditbank_course_alias"

    iri: Mapped[str] = mapped_column(String(1000), primary_key=True)
    code: Mapped[str] = mapped_column(String(255))
    owner_code: Mapped[str | None] = mapped_column(String(60))
    version: Mapped[str | None] = mapped_column(String(20))
    added_by: Mapped[str | None] = mapped_column(String(255))
    added_at: Mapped[datetime]

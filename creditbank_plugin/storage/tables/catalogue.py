"""Courses by owner, code and curriculum year; the addresses other hosts use for them; frameworks and their items."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class CourseVersion(Base):
    """รายวิชาหนึ่งฉบับ: owner + code + curriculum year พ.ศ.  ``hours`` are whole hundredths of an hour, of the catalogue."""

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


class CourseAlias(Base):
    """An address (IRI) or foreign code that a host uses for a course of ours, mapped by an admin."""

    __tablename__ = "creditbank_course_alias"

    iri: Mapped[str] = mapped_column(String(1000), primary_key=True)
    code: Mapped[str] = mapped_column(String(255))
    owner_code: Mapped[str | None] = mapped_column(String(60))
    version: Mapped[str | None] = mapped_column(String(20))
    added_by: Mapped[str | None] = mapped_column(String(255))
    added_at: Mapped[datetime]


class Framework(Base):
    """A list of outcomes that comparisons point into: core curriculum, TPQI, DSD, NQF levels …"""

    __tablename__ = "creditbank_framework"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    title_th: Mapped[str]
    title_en: Mapped[str | None]
    version: Mapped[str | None] = mapped_column(String(60))
    source: Mapped[str]
    evidence: Mapped[str] = mapped_column(String(40))


class Item(Base):
    """One outcome of a framework; it has a text only where the text has a source."""

    __tablename__ = "creditbank_item"
    __table_args__ = (
        UniqueConstraint("framework_id", "code"),
        Index("ix_creditbank_item_code", "code"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    framework_id: Mapped[str] = mapped_column(ForeignKey("creditbank_framework.id"))
    code: Mapped[str] = mapped_column(String(100))
    text_th: Mapped[str | None]
    text_en: Mapped[str | None]
    level: Mapped[int | None]
    area: Mapped[str | None]
    note_th: Mapped[str | None]
    note_en: Mapped[str | None]
    parent_code: Mapped[str | None] = mapped_column(String(100))
    source: Mapped[str | None]
    evidence: Mapped[str | None] = mapped_column(String(40))

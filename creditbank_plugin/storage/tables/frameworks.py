"""Frameworks, their items, the ties between items, and the words that a committee holds for equal."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Framework(Base):
    """A list of outcomes that comparisons point into: core curriculum, TPQI, DSD, NQF levels …

    ``case_more`` is what a CASE package said of it that has no column here, so that it is given out as it came.
    """

    __tablename__ = "creditbank_framework"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    title_th: Mapped[str]
    title_en: Mapped[str | None]
    version: Mapped[str | None] = mapped_column(String(60))
    source: Mapped[str]
    evidence: Mapped[str] = mapped_column(String(40))
    uri: Mapped[str | None] = mapped_column(String(1000))
    publisher: Mapped[str | None]
    language: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str | None] = mapped_column(String(40))
    case_more: Mapped[dict[str, Any] | None]
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str | None] = mapped_column(String(255))


class Item(Base):
    """One outcome of a framework; it has a text only where the text has a source.

    ``kind`` is CASE's CFItemType (level, domain, standard, indicator, unit …), ``generation`` that of the frameworks in
    which the row was last changed, ``retired_at`` when a new edition of its framework no longer held it: it is not offered
    any more, and keeps explaining what rests on it.  ``description_th``/``_en`` is a longer sourced text beside the
    statement itself, ``changed_at`` when its publisher (or our own edition) changed it last.
    """

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
    kind: Mapped[str | None] = mapped_column(String(60))
    uri: Mapped[str | None] = mapped_column(String(1000))
    grade: Mapped[str | None] = mapped_column(String(60))
    position: Mapped[int | None]
    case_more: Mapped[dict[str, Any] | None]
    generation: Mapped[int] = mapped_column(BigInteger, server_default="0", index=True)
    retired_at: Mapped[datetime | None]
    description_th: Mapped[str | None]
    description_en: Mapped[str | None]
    changed_at: Mapped[datetime | None]


class ItemAssociation(Base):
    """A typed tie from an item to another item or to something outside (CASE's CFAssociation).

    Its ends are item ids where the item is ours (``origin_id``, ``target_id``); the URIs stand for what is not.
    """

    __tablename__ = "creditbank_item_association"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    framework_id: Mapped[str] = mapped_column(ForeignKey("creditbank_framework.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    origin_id: Mapped[str | None] = mapped_column(Id, index=True)
    origin_uri: Mapped[str | None] = mapped_column(String(1000))
    origin_title: Mapped[str | None]
    target_id: Mapped[str | None] = mapped_column(Id, index=True)
    target_uri: Mapped[str | None] = mapped_column(String(1000))
    target_title: Mapped[str | None]
    position: Mapped[int | None]
    source: Mapped[str | None]
    case_more: Mapped[dict[str, Any] | None]


class Synonyms(Base):
    """Words that a committee holds for equal when outcomes are looked for; ended ones stay for the record."""

    __tablename__ = "creditbank_synonyms"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    body_code: Mapped[str | None] = mapped_column(ForeignKey("creditbank_organisation.code"))
    words: Mapped[list[Any]]
    added_by: Mapped[str | None] = mapped_column(String(255))
    added_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(String(255))
    ended_at: Mapped[datetime | None]

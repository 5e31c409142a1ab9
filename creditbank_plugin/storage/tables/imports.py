"""Spreadsheets on their way into the catalogue: the file, its checked rows, and how a province names its columns."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Import(Base):
    """One file: ``state`` is ``mapping, checking, checked, loading, loaded, failed`` or ``dropped``.

    ``content`` is emptied when it is loaded or dropped.  ``mapping`` is what its sheet looks like and what its columns
    mean.  ``rows_read`` is the last row of the sheet that stands in `ImportRow`: who goes on after a crash begins behind it.
    """

    __tablename__ = "creditbank_import"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"), index=True)
    province: Mapped[str | None] = mapped_column(String(2))
    file_name: Mapped[str] = mapped_column(String(255))
    sheet: Mapped[str | None] = mapped_column(String(255))
    content: Mapped[bytes | None]
    mapping: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(String(12))
    whole_only: Mapped[bool]
    rows: Mapped[int | None]
    rows_read: Mapped[int]
    counts: Mapped[dict[str, Any]]
    fault: Mapped[dict[str, Any] | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime]


class ImportRow(Base):
    """A row of a file, checked: ``state`` is ``new, changed, unchanged`` or ``refused`` (then ``faults`` say why)."""

    __tablename__ = "creditbank_import_row"
    __table_args__ = (Index("ix_creditbank_import_row_state", "import_id", "state", "number"),)

    import_id: Mapped[str] = mapped_column(ForeignKey("creditbank_import.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(10))
    content: Mapped[dict[str, Any]]
    faults: Mapped[list[Any] | None]


class ImportMapping(Base):
    """How the columns of a province's files are called: ``headings`` are the headings in their order, as one digest."""

    __tablename__ = "creditbank_import_mapping"

    province: Mapped[str] = mapped_column(String(2), primary_key=True)
    headings: Mapped[str] = mapped_column(String(64), primary_key=True)
    mapping: Mapped[dict[str, Any]]
    used_at: Mapped[datetime]

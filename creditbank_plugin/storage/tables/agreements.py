"""What agencies have agreed on paper: memoranda, and the consent of a school to its province's orders."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Memorandum(Base):
    """บันทึกข้อตกลง (MOU) or declaration between agencies; it records, it grants nothing by itself."""

    __tablename__ = "creditbank_memorandum"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"), index=True)
    title: Mapped[str]
    number: Mapped[str | None]
    signed_on: Mapped[date]
    applies_until: Mapped[date | None]
    reference: Mapped[str | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(String(255))
    ended_on: Mapped[date | None]


class MemorandumParty(Base):
    """One agency of a memorandum, by the name it signed with; ``organisation_code`` where we know it."""

    __tablename__ = "creditbank_memorandum_party"

    memorandum_id: Mapped[str] = mapped_column(ForeignKey("creditbank_memorandum.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    organisation_code: Mapped[str | None] = mapped_column(ForeignKey("creditbank_organisation.code"))


class Mandate(Base):
    """A school lets another organisation (its province) adopt for its bank, from a day on, by a paper it names."""

    __tablename__ = "creditbank_mandate"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"), index=True)
    holder_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"))
    reference: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str | None] = mapped_column(String(255))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(255))

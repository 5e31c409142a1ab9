"""Who takes part: organisations, their banks, and the issuers (hosts) whose word we hear."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base


class Organisation(Base):
    """หน่วยงาน: school, college, training centre, university, agency, province, or the nation (owner of national courses)."""

    __tablename__ = "creditbank_organisation"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    sector: Mapped[str | None] = mapped_column(String(30))
    province: Mapped[str | None] = mapped_column(String(2))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("creditbank_organisation.code"))
    name_th: Mapped[str]
    name_en: Mapped[str | None]


class Bank(Base):
    """ธนาคารหน่วยกิต: the registered bank of an organisation, in one of four tiers."""

    __tablename__ = "creditbank_bank"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"), unique=True)
    tier: Mapped[str] = mapped_column(String(20))
    name_th: Mapped[str]
    name_en: Mapped[str | None]
    registered_on: Mapped[date | None]


class Issuer(Base):
    """A host whose learners we hear of, known by its home page; only a trusted one's completions are credited."""

    __tablename__ = "creditbank_issuer"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str | None]
    trusted: Mapped[bool]
    added_at: Mapped[datetime]

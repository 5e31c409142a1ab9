"""The identity map: which identifiers lead to which account, and which person an account belongs to.

The ledger knows accounts only.  Everything that names a human being stands here, encrypted, and can be emptied.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Person(Base):
    """A human being, by a number of ours."""

    __tablename__ = "creditbank_person"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    opened_at: Mapped[datetime]


class Account(Base):
    """An account of the ledger: provisional until its learner (or guardian) first looks and accepts."""

    __tablename__ = "creditbank_account"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("creditbank_person.id"), index=True)
    opened_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]


class AccountLink(Base):
    """A merge: from ``since`` on (until ``until``) the account belongs to ``person_id``; no ledger row moves."""

    __tablename__ = "creditbank_account_link"
    __table_args__ = (
        Index(
            "uq_creditbank_account_link_open",
            "account_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("creditbank_account.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("creditbank_person.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class Identifier(Base):
    """An issuer's id for a learner, with history: an ended one stays, a new one may take its place."""

    __tablename__ = "creditbank_identifier"
    __table_args__ = (
        Index(
            "uq_creditbank_identifier_open",
            "issuer",
            "value",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        Index(
            "ix_creditbank_identifier_ended",
            "issuer",
            "value",
            sqlite_where=text("until IS NOT NULL"),
            postgresql_where=text("until IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("creditbank_account.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    value: Mapped[str] = mapped_column(String(255))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class Identity(Base):
    """Name, birth date and national ID of an account's holder, sealed; the ID also as a keyed digest to compare by."""

    __tablename__ = "creditbank_identity"

    account_id: Mapped[str] = mapped_column(ForeignKey("creditbank_account.id"), primary_key=True)
    sealed: Mapped[bytes]
    national_id_digest: Mapped[bytes | None] = mapped_column(index=True)
    updated_at: Mapped[datetime]


class Enrolment(Base):
    """A learner belongs to a school's learners: its staff and clients may see what was deposited through its bank."""

    __tablename__ = "creditbank_enrolment"

    account_id: Mapped[str] = mapped_column(ForeignKey("creditbank_account.id"), primary_key=True)
    organisation_code: Mapped[str] = mapped_column(
        ForeignKey("creditbank_organisation.code"), primary_key=True, index=True
    )
    since: Mapped[datetime]

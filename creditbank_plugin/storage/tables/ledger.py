"""Records and the ledger: append-only, guarded by the database, hash-chained per account."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id

#: Entries that a record may have beside the one that opened it; few, so that what has changed is found by an index of them.
CHANGES = text("kind <> 'deposit' or (amount = 0 and scheme <> 'none')")


class Record(Base):
    """A credit: one for each account and course version; what it is worth stands in its entries.

    ``adoption_id`` is the order that its first entry rests on, and so the bank that deposited it.
    """

    __tablename__ = "creditbank_record"
    __table_args__ = (UniqueConstraint("account_id", "course_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("creditbank_account.id"))
    course_id: Mapped[str] = mapped_column(ForeignKey("creditbank_course.id"), index=True)
    opened_at: Mapped[datetime]
    adoption_id: Mapped[str | None] = mapped_column(Id, index=True)


class Entry(Base):
    """One movement of credit between two states of a record; ``amount`` is in hundredths of ``scheme``'s credit.

    ``amounts`` is what the record holds in each state after it.  The unique (account, seq) makes two writers of one
    account collide; ``hash`` covers everything here and ``prev_hash``, so that a silent change shows.  ``evidence`` is
    the hash of the decision ``decision_id`` and of the message it decided (``rules/ledger.py``); null where there is none.
    """

    __tablename__ = "creditbank_entry"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("seq >= 1", name="seq"),
        Index("ix_creditbank_entry_record_id", "record_id", "seq"),
        Index("ix_creditbank_entry_commit_order", "commit_order", "account_id", "seq"),
        Index("ix_creditbank_entry_changes", "record_id", sqlite_where=CHANGES, postgresql_where=CHANGES),
    )

    account_id: Mapped[str] = mapped_column(ForeignKey("creditbank_account.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10))
    record_id: Mapped[str | None] = mapped_column(ForeignKey("creditbank_record.id"))
    scheme: Mapped[str | None] = mapped_column(String(20))
    amount: Mapped[int]
    from_state: Mapped[str | None] = mapped_column(String(12))
    to_state: Mapped[str | None] = mapped_column(String(12))
    amounts: Mapped[dict[str, Any]]
    decision_id: Mapped[str | None] = mapped_column(Id)
    cause: Mapped[str] = mapped_column(String(60))
    happened_at: Mapped[datetime]
    known_at: Mapped[datetime]
    evidence: Mapped[bytes | None]
    prev_hash: Mapped[bytes]
    hash: Mapped[bytes]
    commit_order: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))

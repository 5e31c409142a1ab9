"""What we were told, what waits, and what was decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class DataKey(Base):
    """A key that seals personal data, itself wrapped by a master key; rotating the master re-wraps these rows only."""

    __tablename__ = "creditbank_data_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(20))
    master_id: Mapped[str] = mapped_column(String(40))
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime]


class Inbox(Base):
    """A message as received: never updated, never deleted (guarded by the database).

    ``message_key`` makes a message's id unique within its issuer; a message that reuses an id with other facts is kept
    with ``message_key`` null and ``conflicts_with`` naming the first.
    """

    __tablename__ = "creditbank_inbox"
    __table_args__ = (
        UniqueConstraint("message_key"),
        UniqueConstraint("conflicts_with", "digest"),
        Index("ix_creditbank_inbox_organisation_id", "organisation_code", "id"),
        Index("ix_creditbank_inbox_issuer_learner", "issuer", "learner"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    door: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(60))
    message_id: Mapped[str | None] = mapped_column(String(255))
    source: Mapped[str | None] = mapped_column(String(1000))
    message_key: Mapped[bytes | None]
    conflicts_with: Mapped[str | None] = mapped_column(Id)
    digest: Mapped[bytes]
    issuer: Mapped[str] = mapped_column(String(255))
    learner: Mapped[str] = mapped_column(String(255))
    partition: Mapped[int] = mapped_column(SmallInteger)
    course_code: Mapped[str | None] = mapped_column(String(1000), index=True)
    facts: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None]
    sealed_fields: Mapped[str | None] = mapped_column(String(100))
    time: Mapped[datetime]
    client_id: Mapped[str | None] = mapped_column(String(48))
    organisation_code: Mapped[str | None] = mapped_column(String(60))
    school_code: Mapped[str | None] = mapped_column(String(60))
    may_open: Mapped[bool]
    received_at: Mapped[datetime]


class Queue(Base):
    """The small table of work: a row for each message that is to be settled now; deleted when it is decided.

    ``lane`` 0 is fresh, 1 is backlog.  ``attempts`` counts failures; a row with ``parked_at`` waits for a person.
    """

    __tablename__ = "creditbank_queue"
    __table_args__ = (
        Index("ix_creditbank_queue_lane", "lane", "inbox_id"),
        Index("ix_creditbank_queue_partition", "partition", "lane", "inbox_id"),
    )

    inbox_id: Mapped[str] = mapped_column(ForeignKey("creditbank_inbox.id"), primary_key=True)
    partition: Mapped[int] = mapped_column(SmallInteger)
    lane: Mapped[int] = mapped_column(SmallInteger)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    not_before: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(500))


class Waiting(Base):
    """What an undecided completion waits for, by a key that the arrival of the thing can name."""

    __tablename__ = "creditbank_waiting"
    __table_args__ = (Index("ix_creditbank_waiting_wait_key", "wait_key", "inbox_id"),)

    inbox_id: Mapped[str] = mapped_column(ForeignKey("creditbank_inbox.id"), primary_key=True)
    wait_key: Mapped[str] = mapped_column(String(1100), primary_key=True)


class Decision(Base):
    """What was decided of a message; the highest ``version`` is current, earlier ones are its history.

    ``passed`` and ``credits`` (hundredths) are the rule's own verdict, kept beside the state that came of it.
    ``commit_order`` rises with the order in which transactions may be read (see ``storage/queries/order.py``).
    """

    __tablename__ = "creditbank_decision"
    __table_args__ = (
        UniqueConstraint("inbox_id", "version"),
        Index("ix_creditbank_decision_account_course", "account_id", "course_id"),
        Index("ix_creditbank_decision_state", "state", "inbox_id"),
        Index("ix_creditbank_decision_commit_order", "commit_order", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    inbox_id: Mapped[str] = mapped_column(ForeignKey("creditbank_inbox.id"))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[str | None] = mapped_column(Id)
    course_id: Mapped[str | None] = mapped_column(Id)
    applies_to: Mapped[dict[str, Any] | None]
    record_id: Mapped[str | None] = mapped_column(Id)
    comparison_id: Mapped[str | None] = mapped_column(Id)
    adoption_id: Mapped[str | None] = mapped_column(Id)
    passed: Mapped[bool | None]
    verdict: Mapped[str | None] = mapped_column(String(40))
    credits: Mapped[int | None]
    outcomes: Mapped[list[Any] | None]
    explanation: Mapped[list[Any]]
    decided_at: Mapped[datetime]
    commit_order: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))

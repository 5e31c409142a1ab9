"""Who wants to be told of changes, and each message on its way to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Subscription(Base):
    """An address of a client that is told of changes; its secrets are sealed, as each message is signed with them."""

    __tablename__ = "creditbank_subscription"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("creditbank_client.client_id"), index=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"))
    url: Mapped[str] = mapped_column(String(2000))
    types: Mapped[list[Any]]
    sealed_secret: Mapped[bytes]
    old_sealed_secret: Mapped[bytes | None]
    old_secret_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Delivery(Base):
    """A message to one subscription; ``state`` is ``due``, ``told`` or ``parked``.

    ``message_id`` stays the same however often it is sent.  Messages about one learner (``account_id``) go out in the order
    (``commit_order``, ``number``): a later one waits while an earlier one is due.  Whoever sends it has it until
    ``leased_until``; ``attempts`` tells this taking from any other.
    """

    __tablename__ = "creditbank_delivery"
    __table_args__ = (
        Index(
            "ix_creditbank_delivery_due",
            "next_at",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
        Index("ix_creditbank_delivery_order", "subscription_id", "account_id", "commit_order", "number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    subscription_id: Mapped[str] = mapped_column(ForeignKey("creditbank_subscription.id"))
    message_id: Mapped[str] = mapped_column(Id)
    commit_order: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    account_id: Mapped[str | None] = mapped_column(Id)
    type: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    made_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]

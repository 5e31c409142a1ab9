"""News that must not be lost, and how far it has been told."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class News(Base):
    """A piece of news, written by the transaction that made it true, never updated and never deleted.

    They are what the feed of changes is read from, however late, and what webhooks are sent from.  Its key is its place in
    the order of changes (see ``storage/queries/order.py``); ``id`` stays the same however often it is told.  ``value`` are
    the fields of the news value that ``hook`` announces.
    """

    __tablename__ = "creditbank_news"
    __table_args__ = (Index("ix_creditbank_news_account_id", "account_id", "commit_order", "number"),)

    commit_order: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(Id)
    hook: Mapped[str] = mapped_column(String(30))
    account_id: Mapped[str | None] = mapped_column(Id)
    value: Mapped[dict[str, Any]]


class NewsReader(Base):
    """How far one reader has read: everything up to (``commit_order``, ``number``)."""

    __tablename__ = "creditbank_news_reader"

    reader: Mapped[str] = mapped_column(String(60), primary_key=True)
    commit_order: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    moved_at: Mapped[datetime]

"""Who settles what, and what was woken and is still to be queued."""

from datetime import datetime

from sqlalchemy import Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Lease(Base):
    """A partition of the learners and the worker that settles it; nobody's while ``worker`` is null.

    A lease lasts as long as its holder lives, which the database (or, on SQLite, the system) itself knows: see
    ``storage/bell.py``.  ``suspect``: a holder died with it, so what it was working on is tried one message at a time.
    """

    __tablename__ = "creditbank_lease"

    partition: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    worker: Mapped[int | None] = mapped_column(Integer)
    holder: Mapped[str | None] = mapped_column(String(80))
    since: Mapped[datetime | None]
    suspect: Mapped[bool]


class Woken(Base):
    """A key whose waiting messages are to be queued again, some thousands at a time.

    One approval may wake a million messages: its own transaction writes this one row.  ``turn`` orders the keys, so that
    a small one does not wait for a large one; ``after`` is the last message that was queued.
    """

    __tablename__ = "creditbank_woken"

    wait_key: Mapped[str] = mapped_column(String(1100), primary_key=True)
    turn: Mapped[str] = mapped_column(Id)
    after: Mapped[str | None] = mapped_column(Id)

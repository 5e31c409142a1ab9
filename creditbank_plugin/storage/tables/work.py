"""Who settles what, what was woken and is still to be queued, long work and how far it is, and what has changed when."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, String
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


class Generation(Base):
    """How often something was changed: ``courses``, ``items``, ``authority``.

    Raised by the transaction that changes it, so that whoever holds a copy (a search index) sees by one row whether the
    copy is still true.
    """

    __tablename__ = "creditbank_generation"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class Job(Base):
    """Long work that somebody looks at: ``state`` is ``queued, running, done, failed`` or ``stopped``.

    ``beat_at`` is when its worker last said that it lives: one that is silent for long is taken over.  ``done`` of
    ``total`` is for the progress bar.
    """

    __tablename__ = "creditbank_job"
    __table_args__ = (Index("ix_creditbank_job_state", "state", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    organisation_code: Mapped[str | None] = mapped_column(String(60))
    wanted: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10))
    done: Mapped[int]
    total: Mapped[int | None]
    result: Mapped[dict[str, Any] | None]
    fault: Mapped[dict[str, Any] | None]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(255))
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

"""Our own metadata, so that the host's never holds our tables nor we the host's; and the column types we share."""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Row

    #: A row as a query returned it; its columns are attributes.  (SQLAlchemy 2.0 and 2.1 spell its type differently.)
    Stored = Row[*tuple[Any, ...]]
else:
    Stored = Any

PREFIX = "creditbank_"
VERSION_TABLE = "creditbank_alembic_version"


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: ``timestamptz`` on PostgreSQL, naive UTC on SQLite; always zone-aware in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment; SQLite stores UTC without its offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every moment back as UTC."""
        if value is None:
            return None
        if value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of every table of ours."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        datetime: Instant(),
        bytes: LargeBinary(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
    }


class _Id(Uuid[str]):
    """A UUID as text in Python; SQLite's 32 digits are given their hyphens without asking whether they are a UUID.

    Making a UUID of each and text again was a sixth of the time of reading a learner's records.
    """

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None] | None:
        """Return what makes the text; PostgreSQL's dialect has a type of its own in place of this one."""
        return with_hyphens


def with_hyphens(digits: str | None) -> str | None:
    """Return a UUID's 32 digits in groups."""
    if digits is None:
        return None
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def without_hyphens(id_: str) -> str:
    """Return a UUID's 32 digits, by which ids are compared where some come as SQLite stores them."""
    return id_.replace("-", "")


#: Public identifiers are UUIDs, native on PostgreSQL, written as text in Python.
Id = _Id(as_uuid=False)


_ids = threading.Lock()
_last_tick = 0


def new_id() -> str:
    """Return a new UUID of version 7 (RFC 9562): ordered by time, so that indexes grow at their end.

    The 12 bits after the version are the fraction of the millisecond (section 6.2, method 3).  Ids of one process rise
    strictly, also within one tick and when the clock steps back: the messages of a batch are settled in their order.
    """
    global _last_tick
    with _ids:
        _last_tick = max(time.time_ns() * 4096 // 1_000_000, _last_tick + 1)  # 4096 ticks in a millisecond
        tick = _last_tick
    random = int.from_bytes(os.urandom(8), "big") >> 2
    digits = f"{(tick >> 12 << 80) | (0x7 << 76) | ((tick & 0xFFF) << 64) | (0x2 << 62) | random:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def is_uuid(text: str) -> bool:
    """Tell whether ``text`` can be one of our public identifiers; anything else is simply not found."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def is_ours(name: str | None, type_: str) -> bool:
    """Tell whether a reflected name belongs to us (for a host's ``include_name``)."""
    return type_ == "table" and bool(name) and str(name).startswith(PREFIX)


def include_name(name: str | None, type_: str, parents: object) -> bool:
    """Leave our tables out of a host's own ``alembic revision --autogenerate``: pass it to ``context.configure``."""
    return not is_ours(name, type_)

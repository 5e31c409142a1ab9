"""The wrapped data keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.tables import DataKey


def lock(connection: Connection) -> None:
    """Let only one process change the keys at a time (SQLite's write lock already does)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(hashtext('creditbank keys'))"))


def all_keys(connection: Connection) -> Sequence[Stored]:
    """Return every data key, oldest first."""
    return connection.execute(select(DataKey.__table__).order_by(DataKey.id)).all()


def next_id(connection: Connection) -> int:
    """Return the number of the next data key."""
    return (connection.scalar(select(func.max(DataKey.id))) or 0) + 1


def add(connection: Connection, number: int, purpose: str, master_id: str, wrapped: bytes, now: datetime) -> None:
    """Keep a new data key."""
    connection.execute(
        insert(DataKey).values(id=number, purpose=purpose, master_id=master_id, wrapped=wrapped, created_at=now)
    )


def rewrap(connection: Connection, number: int, master_id: str, wrapped: bytes) -> None:
    """Put a data key under another master."""
    connection.execute(update(DataKey).where(DataKey.id == number).values(master_id=master_id, wrapped=wrapped))

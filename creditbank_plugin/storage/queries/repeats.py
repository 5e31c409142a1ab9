"""Answers kept under an ``Idempotency-Key``; of two who claim one key, the database lets one through."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, select, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.writes import upsert
from creditbank_plugin.storage.tables import IdempotentAnswer

_ONE = select(IdempotentAnswer.__table__).where(
    IdempotentAnswer.client_id == bindparam("client_id"), IdempotentAnswer.key_hash == bindparam("key_hash")
)


def find(connection: Connection, client_id: str, key_hash: bytes) -> Stored | None:
    """Return what stands under a key."""
    return connection.execute(_ONE, {"client_id": client_id, "key_hash": key_hash}).first()


def begin(connection: Connection, client_id: str, key_hash: bytes, request_hash: bytes, now: datetime) -> bool:
    """Take a key that nobody has; tell whether it was taken."""
    statement = upsert(connection, IdempotentAnswer).values(
        client_id=client_id, key_hash=key_hash, request_hash=request_hash, begun_at=now
    )
    taken = statement.on_conflict_do_nothing(index_elements=["client_id", "key_hash"])
    return connection.execute(taken.returning(IdempotentAnswer.begun_at)).first() is not None


def take_over(connection: Connection, row: Stored, request_hash: bytes, now: datetime) -> bool:
    """Take the key of a call that never ended or is forgotten, unless another took it first; tell whether it was."""
    mine = _held(row.client_id, row.key_hash, row.begun_at)
    empty = {"acted_at": None, "status": None, "headers": None, "sealed": None}
    statement = update(IdempotentAnswer).where(mine).values(request_hash=request_hash, begun_at=now, **empty)
    return connection.execute(statement).rowcount == 1


def act(connection: Connection, client_id: str, key_hash: bytes, begun_at: datetime, now: datetime) -> bool:
    """Note that the call does what it was sent for; False where another has taken its key over."""
    statement = update(IdempotentAnswer).where(_held(client_id, key_hash, begun_at)).values(acted_at=now)
    return connection.execute(statement).rowcount == 1


def keep(
    connection: Connection,
    client_id: str,
    key_hash: bytes,
    begun_at: datetime,
    *,
    status: int,
    headers: Sequence[Sequence[str]],
    sealed: bytes,
) -> None:
    """Keep the answer of the call that holds the key."""
    told: dict[str, Any] = {"status": status, "headers": [list(each) for each in headers], "sealed": sealed}
    connection.execute(update(IdempotentAnswer).where(_held(client_id, key_hash, begun_at)).values(**told))


def release(connection: Connection, client_id: str, key_hash: bytes, begun_at: datetime) -> None:
    """Give a key back, unless something was done under it."""
    held = _held(client_id, key_hash, begun_at)
    connection.execute(delete(IdempotentAnswer).where(held, IdempotentAnswer.acted_at.is_(None)))


def forget(connection: Connection, before: datetime) -> None:
    """Delete what was begun before a moment."""
    connection.execute(delete(IdempotentAnswer).where(IdempotentAnswer.begun_at < before))


def _held(client_id: str, key_hash: bytes, begun_at: datetime) -> ColumnElement[bool]:
    """Return the condition of the one call that holds a key: whoever takes over begins at another moment."""
    return and_(
        IdempotentAnswer.client_id == client_id,
        IdempotentAnswer.key_hash == key_hash,
        IdempotentAnswer.begun_at == begun_at,
        IdempotentAnswer.status.is_(None),
    )

"""Checkpoints, the heads of the ledger, and the heads that a checkpoint was made of; heads come in order of account.

Heads are streamed by one query each: whatever their number, little of them is in memory, and a database without
statistics (one just restored) plans badly once at most, not for every page.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, func, select

from creditbank_plugin.rules.checkpoint import Head
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.bulk import insert_many
from creditbank_plugin.storage.queries.streaming import streamed
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.tables import CheckpointHead, Entry, StoredCheckpoint

_AT_ONCE = 5000


def newest(connection: Connection) -> Stored | None:
    """Return the last checkpoint; None where there is none."""
    return connection.execute(_stored().order_by(StoredCheckpoint.number.desc()).limit(1)).first()


def one(connection: Connection, number: int) -> Stored | None:
    """Return a checkpoint by its number."""
    return connection.execute(_stored().where(StoredCheckpoint.number == number)).first()


def page(connection: Connection, below: int | None, limit: int) -> Sequence[Stored]:
    """Return checkpoints, newest first, of which the number is less than ``below``, if that is given."""
    query = _stored().order_by(StoredCheckpoint.number.desc()).limit(limit)
    return connection.execute(query if below is None else query.where(StoredCheckpoint.number < below)).all()


def series(connection: Connection) -> Iterator[Stored]:
    """Stream every checkpoint, oldest first."""
    return streamed(connection, _stored().order_by(StoredCheckpoint.number), _AT_ONCE)


def add(connection: Connection, number: int, document: str, heads: Iterable[Head]) -> None:
    """Keep a checkpoint, and of its heads those that are new since the one before; IntegrityError when it stands already.

    The checkpoint comes first: of two that make the same number at once one ends there, before it writes a million rows.
    """
    insert_all(connection, StoredCheckpoint, [{"number": number, "document": document}])
    rest = iter(heads)
    while some := list(islice(rest, _AT_ONCE)):
        insert_many(connection, CheckpointHead, [{"checkpoint": number, **vars(head)} for head in some])


def ledger_heads(connection: Connection) -> Iterator[Head]:
    """Stream the last entry of every account in the ledger."""
    last = select(Entry.account_id, func.max(Entry.seq).label("seq")).group_by(Entry.account_id).subquery()
    query = (
        select(Entry.account_id, Entry.seq, Entry.hash)
        .join(last, and_(Entry.account_id == last.c.account_id, Entry.seq == last.c.seq))
        .order_by(Entry.account_id)
    )
    for account_id, seq, own in streamed(connection, query, _AT_ONCE):
        yield Head(account_id, seq, bytes(own))


def stored_heads(connection: Connection, number: int) -> Iterator[Head]:
    """Stream the heads that checkpoint ``number`` was made of, as they were stored with it and with those before."""
    for account_id, seq, own in streamed(connection, _heads_of(number), _AT_ONCE):
        yield Head(account_id, seq, bytes(own))


def stored_and_present(connection: Connection, number: int) -> Iterator[tuple[Head, bytes | None]]:
    """Stream the same, each with the hash that the ledger has today at this place of the chain; None where it has none."""
    query = _heads_of(number).outerjoin(
        Entry, and_(Entry.account_id == CheckpointHead.account_id, Entry.seq == CheckpointHead.seq)
    )
    for account_id, seq, own, present in streamed(connection, query.add_columns(Entry.hash), _AT_ONCE):
        yield Head(account_id, seq, bytes(own)), None if present is None else bytes(present)


def _stored() -> Any:  # a Select: SQLAlchemy 2.0 and 2.1 spell its type differently
    return select(StoredCheckpoint.number, StoredCheckpoint.document)


def _heads_of(number: int) -> Any:
    last = (
        select(CheckpointHead.account_id, func.max(CheckpointHead.checkpoint).label("checkpoint"))
        .where(CheckpointHead.checkpoint <= number)
        .group_by(CheckpointHead.account_id)
        .subquery()
    )
    return (
        select(CheckpointHead.account_id, CheckpointHead.seq, CheckpointHead.hash)
        .select_from(CheckpointHead)
        .join(
            last,
            and_(CheckpointHead.account_id == last.c.account_id, CheckpointHead.checkpoint == last.c.checkpoint),
        )
        .order_by(CheckpointHead.account_id)
    )

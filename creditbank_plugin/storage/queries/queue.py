"""The queue of work, and what undecided completions wait for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, literal, or_, select, text, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.writes import insert_new, table_of, upsert
from creditbank_plugin.storage.tables import Inbox, Queue, Waiting

#: The class of PostgreSQL advisory locks under which partitions are claimed.
LOCKS = 0x0CB1


def _due(now: datetime) -> Any:
    return and_(Queue.parked_at.is_(None), or_(Queue.not_before.is_(None), Queue.not_before <= now))


def due(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Return the ids of messages to settle next: fresh ones first, each lane in the order of arrival."""
    query = select(Queue.inbox_id).where(_due(now)).order_by(Queue.lane, Queue.inbox_id).limit(limit)
    return list(connection.scalars(query))


def claim(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return those of ``ids`` that are ours to settle in this transaction.

    On PostgreSQL a partition (a hash of issuer and learner) is claimed whole, so that one learner's completions keep
    their order and two workers never meet on one account; on SQLite the write lock has done that already.
    """
    query = select(Queue.inbox_id, Queue.partition).where(Queue.inbox_id.in_(list(ids)), Queue.parked_at.is_(None))
    if connection.dialect.name != "postgresql":
        return sorted(row.inbox_id for row in connection.execute(query))
    partitions = sorted({row.partition for row in connection.execute(query)})
    lock = text("select pg_try_advisory_xact_lock(:class, :partition)")
    ours = [p for p in partitions if connection.scalar(lock, {"class": LOCKS, "partition": p})]
    # Read again under the locks: what another worker has just decided is gone from the queue.
    again = query.where(Queue.partition.in_(ours)).with_for_update(skip_locked=True)
    return sorted(row.inbox_id for row in connection.execute(again))


def done(connection: Connection, ids: Iterable[str]) -> None:
    """Take decided messages out of the queue."""
    connection.execute(delete(Queue).where(Queue.inbox_id.in_(list(ids))))


def failed(connection: Connection, inbox_id: str, error: str, retry_at: datetime, park_after: int) -> None:
    """Count a failure; a message that failed ``park_after`` times is parked for a person."""
    row = connection.execute(select(Queue.attempts).where(Queue.inbox_id == inbox_id)).first()
    if row is not None:
        attempts = row.attempts + 1
        connection.execute(
            update(Queue)
            .where(Queue.inbox_id == inbox_id)
            .values(
                attempts=attempts,
                error=error[:500],
                not_before=retry_at,
                parked_at=retry_at if attempts >= park_after else None,
            )
        )


def later(connection: Connection, inbox_ids: Iterable[str], at: datetime) -> None:
    """Queue messages again (in the backlog lane), not before ``at``."""
    rows = connection.execute(select(Inbox.id, Inbox.partition).where(Inbox.id.in_(list(inbox_ids)))).all()
    again = [
        {"inbox_id": row.id, "partition": row.partition, "lane": 1, "attempts": 0, "not_before": at} for row in rows
    ]
    insert_new(connection, Queue, again, ["inbox_id"])


def retry(connection: Connection, inbox_ids: Iterable[str]) -> int:
    """Put messages (parked, waiting or withheld) back to be settled now; return how many."""
    ids = list(inbox_ids)
    rows = connection.execute(select(Inbox.id, Inbox.partition).where(Inbox.id.in_(ids))).all()
    connection.execute(
        update(Queue).where(Queue.inbox_id.in_(ids)).values(attempts=0, parked_at=None, not_before=None, error=None)
    )
    insert_new(
        connection,
        Queue,
        [{"inbox_id": row.id, "partition": row.partition, "lane": 0, "attempts": 0} for row in rows],
        ["inbox_id"],
    )
    return len(rows)


def parked(connection: Connection) -> list[str]:
    """Return the ids of every parked message."""
    return list(connection.scalars(select(Queue.inbox_id).where(Queue.parked_at.is_not(None))))


def waits(connection: Connection, waiting: Iterable[tuple[str, str]]) -> None:
    """Remember what messages wait for: pairs of inbox id and key."""
    rows = [{"inbox_id": inbox_id, "wait_key": key} for inbox_id, key in waiting]
    insert_new(connection, Waiting, rows, ["inbox_id", "wait_key"])


def waits_no_more(connection: Connection, ids: Iterable[str]) -> None:
    """Forget what messages waited for."""
    connection.execute(delete(Waiting).where(Waiting.inbox_id.in_(list(ids))))


def wake(connection: Connection, keys: Iterable[str]) -> int:
    """Queue again (in the backlog lane) whatever waits for one of ``keys``; return how many messages that is."""
    keys = list(keys)
    if not keys:
        return 0
    waiting = (
        select(Inbox.id, Inbox.partition, literal(1), literal(0))
        .join(Waiting, Waiting.inbox_id == Inbox.id)
        .where(Waiting.wait_key.in_(keys))
        .distinct()
    )
    columns = [table_of(Queue).c[name] for name in ("inbox_id", "partition", "lane", "attempts")]
    statement = upsert(connection, Queue).from_select(columns, waiting).on_conflict_do_nothing()
    return int(connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount)


def rows(connection: Connection, ids: Iterable[str]) -> Sequence[Stored]:
    """Return those of the messages that are in the queue, as received, in the order of arrival."""
    query = select(Inbox.__table__).join(Queue, Queue.inbox_id == Inbox.id)
    query = query.where(Inbox.id.in_(list(ids)), Queue.parked_at.is_(None))
    return connection.execute(query.order_by(Inbox.id)).all()


def oldest_due(connection: Connection) -> datetime | None:
    """Return when the oldest message that is still to be settled was received."""
    query = select(Inbox.received_at).join(Queue, Queue.inbox_id == Inbox.id).where(Queue.parked_at.is_(None))
    return connection.scalar(query.order_by(Inbox.id).limit(1))

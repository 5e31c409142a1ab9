"""The queue of work, and what undecided completions wait for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    SmallInteger,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql

from creditbank_plugin.storage.base import Id, Instant, Stored
from creditbank_plugin.storage.queries.bulk import insert_many_new
from creditbank_plugin.storage.queries.inbox import facts_text
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.writes import insert_new
from creditbank_plugin.storage.tables import Inbox, Queue, Waiting

#: The class of PostgreSQL advisory locks under which partitions are claimed.
LOCKS = 0x0CB1
#: Settling shares this lock (key 0 of its class); whoever enters what messages wait for takes it alone, for a moment.
GATE = 0x0CB0
FRESH, BACKLOG = 0, 1
#: Nothing is put off for so long: what seems to be was put off by a clock that was ahead, and is due.
TOO_LONG = timedelta(minutes=10)


def _due(now: Any, too_long: Any) -> Any:
    put_off = and_(Queue.not_before > now, Queue.not_before <= too_long)
    return and_(Queue.parked_at.is_(None), or_(Queue.not_before.is_(None), not_(put_off)))


_NOW = bindparam("now", type_=Instant())
_NEXT = (
    select(Queue.inbox_id)
    .where(Queue.lane == bindparam("lane"), _due(_NOW, bindparam("too_long", type_=Instant())))
    .order_by(Queue.lane, Queue.inbox_id)
    .limit(bindparam("limit", type_=Integer()))
)
_NEXT_OF_PARTITIONS = _NEXT.where(among(Queue.partition, "partitions"))


def due(
    connection: Connection,
    now: datetime,
    limit: int,
    *,
    partitions: Sequence[int] | None = None,
    lane: int,
) -> list[str]:
    """Return the ids of messages of a lane to settle next, in the order of arrival.

    Only those of ``partitions``, where they are given.  PostgreSQL reads a few of each partition, so that
    the rows of other workers cost nothing however many they are; between partitions the order is then nearly that of
    arrival, within one it is exact.
    """
    if connection.dialect.name != "postgresql" or partitions is None:
        given = {"now": now, "too_long": now + TOO_LONG, "limit": limit, "lane": lane}
        if partitions is None:
            return list(connection.scalars(_NEXT, given))
        return list(connection.scalars(_NEXT_OF_PARTITIONS, {**given, "partitions": list(partitions)}))
    if not partitions:
        return []
    each = max(4, 2 * limit // len(partitions))
    found = _first_of_each(connection, now, limit, partitions, lane, each)
    numbers = Counter(row.partition for row in found)
    if len(found) < limit and max(numbers.values(), default=0) >= each:
        found = _first_of_each(connection, now, limit, partitions, lane, limit)
    return [row.inbox_id for row in found]


def _first_of_each(
    connection: Connection, now: datetime, limit: int, partitions: Sequence[int], lane: int, each: int
) -> Sequence[Stored]:
    given = func.unnest(cast(list(partitions), postgresql.ARRAY(SmallInteger)))
    wanted = given.table_valued("partition").render_derived(name="wanted")
    first = select(Queue.inbox_id, Queue.partition, Queue.lane).where(
        Queue.partition == wanted.c.partition, Queue.lane == lane, _due(now, now + TOO_LONG)
    )
    # By the partition as well: it is one, and so this is the order of the index.
    rows = first.order_by(Queue.partition, Queue.lane, Queue.inbox_id).limit(each).lateral("first")
    query = select(rows.c.inbox_id, rows.c.partition).select_from(wanted.join(rows, true()))
    return connection.execute(query.order_by(rows.c.lane, rows.c.inbox_id).limit(limit)).all()


#: One statement.  What another worker has decided since the statement began is left out by FOR UPDATE, which looks at each
#: row as it stands under the lock.
_CLAIM = text(
    """
    with gate as materialized (select pg_advisory_xact_lock_shared(:gate, 0)),
         present as materialized (
             select distinct q.partition from gate, creditbank_queue q
             where q.inbox_id = any(cast(:ids as uuid[])) and q.parked_at is null
         ),
         ours as materialized (
             select partition from present where pg_try_advisory_xact_lock(:locks, partition)
         )
    select q.inbox_id from creditbank_queue q
    where q.inbox_id = any(cast(:ids as uuid[])) and q.parked_at is null and q.partition in (select partition from ours)
    for update of q skip locked
    """
).columns(inbox_id=Id)


def claim(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return those of ``ids`` that are ours to settle in this transaction.

    On PostgreSQL a partition (a hash of issuer and learner) is claimed whole, so that one learner's completions keep
    their order and two workers never meet on one account; on SQLite the write lock has done that already.
    """
    if connection.dialect.name == "postgresql":
        given = {"ids": list(ids), "gate": GATE, "locks": LOCKS}
        return sorted(connection.scalars(_CLAIM, given))
    return sorted(queued(connection, ids))


_DONE = delete(Queue).where(among(Queue.inbox_id))


def done(connection: Connection, ids: Iterable[str]) -> None:
    """Take decided messages out of the queue."""
    connection.execute(_DONE, {"ids": these(ids)})


def begin_attempt(connection: Connection, inbox_id: str, park_after: int, now: datetime) -> bool:
    """Count an attempt before it is made; False for a message that is gone, or was tried ``park_after`` times.

    The latter is parked: its attempts ended without a word, for the process died with them (``ProcessDied``).
    """
    mine = and_(Queue.inbox_id == inbox_id, Queue.parked_at.is_(None))
    tried = connection.scalar(select(Queue.attempts).where(mine).with_for_update())
    if tried is None:
        return False
    if tried >= park_after:
        connection.execute(
            update(Queue).where(mine).values(parked_at=now, error=func.coalesce(Queue.error, "ProcessDied"))
        )
        return False
    connection.execute(update(Queue).where(mine).values(attempts=tried + 1))
    return True


def forget_attempt(connection: Connection, inbox_id: str) -> None:
    """Take back an attempt that came to nothing: another worker has the message."""
    query = update(Queue).where(Queue.inbox_id == inbox_id, Queue.attempts > 0)
    connection.execute(query.values(attempts=Queue.attempts - 1))


def failed(connection: Connection, inbox_id: str, error: str, retry_at: datetime, park_after: int) -> None:
    """Say why an attempt, which is counted already, failed; after ``park_after`` of them the message is parked."""
    parked = case((Queue.attempts >= park_after, literal(retry_at, Instant())), else_=None)
    query = update(Queue).where(Queue.inbox_id == inbox_id)
    connection.execute(query.values(error=error[:500], not_before=retry_at, parked_at=parked))


def later(connection: Connection, inbox_ids: Iterable[str], at: datetime) -> None:
    """Queue messages again (in the backlog lane), not before ``at``."""
    ids = list(inbox_ids)
    if not ids:
        return
    rows = connection.execute(select(Inbox.id, Inbox.partition).where(Inbox.id.in_(ids))).all()
    again = [
        {"inbox_id": row.id, "partition": row.partition, "lane": BACKLOG, "attempts": 0, "not_before": at}
        for row in rows
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
        [{"inbox_id": row.id, "partition": row.partition, "lane": FRESH, "attempts": 0} for row in rows],
        ["inbox_id"],
    )
    return len(rows)


def parked(connection: Connection) -> list[str]:
    """Return the ids of every parked message."""
    return list(connection.scalars(select(Queue.inbox_id).where(Queue.parked_at.is_not(None))))


def waits(connection: Connection, waiting: Iterable[tuple[str, str]]) -> None:
    """Remember what messages wait for: pairs of inbox id and key."""
    rows = [{"inbox_id": inbox_id, "wait_key": key} for inbox_id, key in waiting]
    insert_many_new(connection, Waiting, rows, ("inbox_id", "wait_key"))


_WAITS_NO_MORE = delete(Waiting).where(among(Waiting.inbox_id))


def waits_no_more(connection: Connection, ids: Iterable[str]) -> None:
    """Forget what messages waited for."""
    given = list(ids)
    if given:
        connection.execute(_WAITS_NO_MORE, {"ids": these(given)})


_QUEUED = select(Queue.inbox_id).where(among(Queue.inbox_id), Queue.parked_at.is_(None))
_MESSAGES = select(*Inbox.__table__.c, facts_text()).where(among(Inbox.id)).order_by(Inbox.id)


def queued(connection: Connection, ids: Iterable[str]) -> Sequence[str]:
    """Return those of the messages that are in the queue and not parked."""
    return connection.scalars(_QUEUED, {"ids": these(ids)}).all()


def messages(connection: Connection, ids: Sequence[str]) -> Sequence[Stored]:
    """Return messages as received, in the order of arrival.

    A plain question by key: joined with the queue, PostgreSQL without fresh statistics walked the whole inbox each time.
    """
    return connection.execute(_MESSAGES, {"ids": these(ids)}).all() if ids else []


def oldest_due(connection: Connection) -> datetime | None:
    """Return when the oldest message that is still to be settled was received."""
    query = select(Inbox.received_at).join(Queue, Queue.inbox_id == Inbox.id).where(Queue.parked_at.is_(None))
    return connection.scalar(query.order_by(Inbox.id).limit(1))

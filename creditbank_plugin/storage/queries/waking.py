"""Wake what waits: messages whose course, comparison, order, issuer or learner has arrived are queued again.

An approval may wake a million of them.  Its transaction writes one row a key; whoever settles then queues what waits under
it, some thousands at a time, when the queue runs low: no transaction is long, and the queue stays small.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, literal, select, text, update

from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.bell import ring
from creditbank_plugin.storage.queries.queue import BACKLOG, GATE, LOCKS
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.writes import table_of, upsert
from creditbank_plugin.storage.tables import Inbox, Queue, Waiting, Woken

#: The key, among the locks of partitions (0 to 255), of the one who queues what was woken.
_QUEUEING = 1000
#: How many keys one statement names.
_MOST_KEYS = 5000


def wake(connection: Connection, keys: Iterable[str]) -> int:
    """Remember that what waits for one of ``keys`` is to be queued again; return how many messages wait for them.

    Call it after what they waited for was written, as the last thing of the transaction: on PostgreSQL it waits until the
    batches at work are over and holds up others until the commit, because a message that is judged just now, without what
    is being written, would go on waiting for ever.
    """
    keys = sorted(set(keys))
    if not keys:
        return 0
    # Counted before others are held up: of a million waiting that takes a second or two.
    number = sum(
        connection.scalar(select(func.count(Waiting.inbox_id.distinct())).where(Waiting.wait_key.in_(some))) or 0
        for some in _parts(keys)
    )
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:gate, 0)"), {"gate": GATE})
    waiting = select(Waiting.wait_key).distinct()
    present = [key for some in _parts(keys) for key in connection.scalars(waiting.where(Waiting.wait_key.in_(some)))]
    if not present:
        return 0
    rows = [{"wait_key": key, "turn": new_id(), "after": None} for key in present]
    again = upsert(connection, Woken)
    again = again.on_conflict_do_update(
        index_elements=["wait_key"], set_={"turn": again.excluded.turn, "after": again.excluded.after}
    )
    connection.execute(again, rows)
    ring(connection)
    return int(number)


def _parts(keys: list[str]) -> Iterator[list[str]]:
    """Return thousands of keys (of an import) in parts that a statement can name."""
    for start in range(0, len(keys), _MOST_KEYS):
        yield keys[start : start + _MOST_KEYS]


_WAITS = select(Waiting.wait_key).where(among(Waiting.wait_key, "keys")).limit(1)


def wake_now(connection: Connection, keys: Iterable[str]) -> None:
    """Queue at once what waits for a few keys of few messages each: learners whose account has just been opened."""
    keys = list(keys)
    if keys and connection.scalar(_WAITS, {"keys": these(keys)}) is not None:
        _queue(connection, Waiting.wait_key.in_(keys))


_ANY = select(Woken.wait_key).limit(1)


def is_something_woken(connection: Connection) -> bool:
    """Tell whether messages were woken that are not queued yet."""
    return connection.scalar(_ANY) is not None


def queue_woken(connection: Connection, limit: int) -> int:
    """Queue up to ``limit`` messages of the key whose turn it is; return how many were looked at.

    0 also where another process is doing it just now.
    """
    if connection.dialect.name == "postgresql":
        lock = text("select pg_try_advisory_xact_lock(:locks, :queueing)")
        if not connection.scalar(lock, {"locks": LOCKS, "queueing": _QUEUEING}):
            return 0
    turn = connection.execute(select(Woken.__table__).order_by(Woken.turn).limit(1)).first()
    if turn is None:
        return 0
    waiting = select(Waiting.inbox_id).where(Waiting.wait_key == turn.wait_key)
    if turn.after is not None:
        waiting = waiting.where(Waiting.inbox_id > turn.after)
    ids = list(connection.scalars(waiting.order_by(Waiting.inbox_id).limit(limit)))
    # Somebody may wake the key anew meanwhile: then it is no longer the same turn, and stays as that one left it.
    same = and_(Woken.wait_key == turn.wait_key, Woken.turn == turn.turn)
    if ids:
        walked = and_(Waiting.wait_key == turn.wait_key, Waiting.inbox_id <= ids[-1])
        if turn.after is not None:
            walked = and_(walked, Waiting.inbox_id > turn.after)
        _queue(connection, walked)
    if len(ids) < limit:
        connection.execute(delete(Woken).where(same))
    else:
        connection.execute(update(Woken).where(same).values(turn=new_id(), after=ids[-1]))
    return len(ids)


def _queue(connection: Connection, which: ColumnElement[bool]) -> None:
    lane, attempts = literal(BACKLOG), literal(0)
    waiting = select(Inbox.id, Inbox.partition, lane, attempts).join(Waiting, Waiting.inbox_id == Inbox.id)
    columns = [table_of(Queue).c[name] for name in ("inbox_id", "partition", "lane", "attempts")]
    chosen: Any = waiting.where(which).distinct()
    connection.execute(upsert(connection, Queue).from_select(columns, chosen).on_conflict_do_nothing())

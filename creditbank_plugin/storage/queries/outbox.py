"""The outbox: news in the order of changes, without gaps however many transactions commit at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, text, tuple_

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.order import horizon
from creditbank_plugin.storage.queries.writes import upsert
from creditbank_plugin.storage.tables import News, NewsReader

#: The PostgreSQL advisory lock of the one who tells news.
TELLER = 0x0CB2


@dataclass(frozen=True, order=True)
class Place:
    """A place in the order of changes."""

    commit_order: int
    number: int


def place_of(connection: Connection, reader: str) -> Place | None:
    """Return how far a reader has read; None for one that never began."""
    row = connection.execute(
        select(NewsReader.commit_order, NewsReader.number).where(NewsReader.reader == reader)
    ).first()
    return Place(row.commit_order, row.number) if row is not None else None


def move(connection: Connection, reader: str, place: Place, now: datetime) -> None:
    """Remember how far a reader has read."""
    values = {"commit_order": place.commit_order, "number": place.number, "moved_at": now}
    statement = upsert(connection, NewsReader).values(reader=reader, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["reader"], set_=values))


def after(
    connection: Connection, place: Place, limit: int, accounts: Collection[str] | None = None
) -> Sequence[Stored]:
    """Return the next news after a place, in order; only what no unfinished transaction could still come before.

    With ``accounts``: those about these accounts.
    """
    here = tuple_(News.commit_order, News.number)
    query = select(News.__table__).where(here > (place.commit_order, place.number), *_settled(connection))
    if accounts is not None:
        query = query.where(News.account_id.in_(list(accounts)))
    return connection.execute(query.order_by(News.commit_order, News.number).limit(limit)).all()


def now_place(connection: Connection) -> Place:
    """Return the place of the newest news that can be read: where a new reader begins."""
    row = connection.execute(
        select(News.commit_order, News.number)
        .where(*_settled(connection))
        .order_by(News.commit_order.desc(), News.number.desc())
        .limit(1)
    ).first()
    return Place(row.commit_order, row.number) if row is not None else Place(0, 0)


def try_alone(connection: Connection, reader: int = 0) -> bool:
    """Take PostgreSQL's lock of the one who tells news for this transaction; False when another holds it.

    ``reader``: 0 for the plugins, 1 for webhooks.
    """
    values = {"lock": TELLER, "reader": reader}
    return bool(connection.scalar(text("select pg_try_advisory_xact_lock(:lock, :reader)"), values))


def _settled(connection: Connection) -> list[ColumnElement[bool]]:
    limit = horizon(connection)
    return [] if limit is None else [News.commit_order < limit]

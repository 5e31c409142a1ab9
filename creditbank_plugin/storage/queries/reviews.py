"""What rests on a comparison, so that a person can look at it when the comparison is withdrawn."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, bindparam, cast, func, select, text, update

from creditbank_plugin.storage.base import Id, Stored
from creditbank_plugin.storage.queries.forecast import plain
from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.queries.queue import GATE
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.streaming import in_parts, streamed
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.tables import Comparison, CourseVersion, Decision, Entry, Inbox, Record

#: Present decisions on completions that passed under a comparison and are not in question yet.
_RESTS = and_(
    Record.course_id == bindparam("course", type_=Id),
    Decision.comparison_id == bindparam("comparison", type_=Id),
    Decision.passed.is_(True),
    Decision.verdict.is_(None),
    Decision.state == "credited",
    ~newer(),
)
_JOINED = and_(Decision.account_id == Record.account_id, Decision.course_id == Record.course_id)
_ACCOUNTS = (
    select(Record.account_id)
    .join(Decision, _JOINED)
    .where(_RESTS, Record.account_id > bindparam("after", type_=Id))
    .group_by(Record.account_id)
    .order_by(Record.account_id)
    .limit(bindparam("limit"))
)
_NUMBER = select(func.count(Record.account_id.distinct())).join(Decision, _JOINED).where(_RESTS)


def accounts(connection: Connection, comparison_id: str, course_id: str, after: str, limit: int) -> Sequence[str]:
    """Return accounts above ``after`` with credit that rests on a comparison and is not in question yet, in their order."""
    given = {"comparison": comparison_id, "course": course_id, "after": after, "limit": limit}
    return connection.scalars(_ACCOUNTS, given).all()


def with_several(connection: Connection, course_id: str, at_once: int) -> Iterator[str]:
    """Stream the accounts (without hyphens) of which several completions of a course have been judged."""
    query = (
        select(plain(connection, Record.account_id))
        .join(Decision, _JOINED)
        .where(Record.course_id == course_id, Decision.passed.is_not(None))
        .group_by(Record.account_id)
        .having(func.count(Decision.inbox_id.distinct()) > 1)
    )
    return (row[0] for row in streamed(connection, query, at_once))


def resting(connection: Connection, comparison_id: str, course_id: str, at_once: int) -> Iterator[Sequence[Any]]:
    """Stream by parts the completions that rest on a comparison and are not in question yet.

    Each with its account (without hyphens), its school and the text of what the record holds.
    """
    last = select(cast(Entry.amounts, Text)).where(Entry.record_id == Record.id).order_by(Entry.seq.desc()).limit(1)
    query = (
        select(plain(connection, Record.account_id), Inbox.school_code, last.correlate(Record).scalar_subquery())
        .join(Decision, _JOINED)
        .join(Inbox, Inbox.id == Decision.inbox_id)
        .where(_RESTS)
    )
    return in_parts(connection, query, at_once, {"comparison": comparison_id, "course": course_id})


def how_many(connection: Connection, comparison_id: str, course_id: str) -> int:
    """Return how many such accounts there are."""
    return connection.scalar(_NUMBER, {"comparison": comparison_id, "course": course_id}) or 0


def hold_up(connection: Connection) -> None:
    """Wait until the batches at work are over, and let none begin before this transaction ends; SQLite does so anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:gate, 0)"), {"gate": GATE})


def question(connection: Connection, comparison_id: str, at: datetime) -> bool:
    """Mark a comparison as one whose credit goes under review; tell whether it was not marked before."""
    table = table_of(Comparison)
    fresh = (table.c.id == comparison_id, table.c.questioned_at.is_(None))
    return connection.execute(update(table).where(*fresh).values(questioned_at=at)).rowcount == 1


_OF_RECORDS = (
    select(Record.id, Record.account_id, Record.course_id, CourseVersion.owner_code, CourseVersion.code)
    .add_columns(CourseVersion.version)
    .join(CourseVersion, CourseVersion.id == Record.course_id)
    .where(among(Record.id))
)


def records(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return records with the owner, code and version of their course."""
    return {row.id: row for row in connection.execute(_OF_RECORDS, {"ids": these(ids)})}


def course_of(connection: Connection, course_id: str) -> tuple[str, str, str]:
    """Return the owner, code and version of a course version."""
    row: Any = connection.execute(
        select(CourseVersion.owner_code, CourseVersion.code, CourseVersion.version).where(CourseVersion.id == course_id)
    ).one()
    return (row.owner_code, row.code, row.version)

"""Decisions, records and entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Text, and_, cast, func, or_, select
from sqlalchemy.orm import aliased

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.inbox import facts_text, newer
from creditbank_plugin.storage.tables import CourseVersion, Decision, Entry, Inbox, Record, Task


@dataclass
class Head:
    """The end of an account's chain."""

    seq: int
    hash: bytes


def heads(connection: Connection, account_ids: Iterable[str]) -> dict[str, Head]:
    """Return the last entry of accounts, read from the ledger's own index; no head is kept beside it."""
    last = (
        select(Entry.account_id, func.max(Entry.seq).label("seq"))
        .where(Entry.account_id.in_(list(account_ids)))
        .group_by(Entry.account_id)
        .subquery()
    )
    query = select(Entry.account_id, Entry.seq, Entry.hash).join(
        last, and_(Entry.account_id == last.c.account_id, Entry.seq == last.c.seq)
    )
    return {row.account_id: Head(row.seq, row.hash) for row in connection.execute(query)}


_OF_THE_MESSAGE = (
    Inbox.kind,
    Inbox.facts,
    Inbox.time,
    Inbox.digest,
    Inbox.door,
    Inbox.issuer,
    Inbox.school_code,
    Inbox.organisation_code,
    facts_text(),
)
#: The columns of a decision that hold JSON.
JSON_COLUMNS = ("applies_to", "outcomes", "explanation")
_AS_TEXT = tuple(cast(Decision.__table__.c[name], Text).label(f"{name}_text") for name in JSON_COLUMNS)


def current_decisions(
    connection: Connection, account_ids: Iterable[str], course_ids: Iterable[str] | None = None
) -> Sequence[Stored]:
    """Return the current decisions of accounts together with the messages they are of, JSON columns also as text.

    With ``course_ids``: those about these courses, and those about no course version in particular (revocations).
    """
    query = (
        select(*Decision.__table__.c, *_AS_TEXT, *_OF_THE_MESSAGE)
        .join(Inbox, Inbox.id == Decision.inbox_id)
        .where(Decision.account_id.in_(list(account_ids)), ~newer())
        .order_by(Inbox.id)
    )
    if course_ids is not None:
        query = query.where(or_(Decision.course_id.is_(None), Decision.course_id.in_(list(course_ids))))
    return connection.execute(query).all()


def decisions(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return decisions by id, with the message they are of."""
    query = select(*Decision.__table__.c, Inbox.facts, Inbox.school_code, Inbox.received_at, Inbox.kind).join(
        Inbox, Inbox.id == Decision.inbox_id
    )
    return {row.id: row for row in connection.execute(query.where(Decision.id.in_(list(ids))))}


def versions(connection: Connection, inbox_ids: Iterable[str]) -> dict[str, int]:
    """Return the highest decision version of messages."""
    query = select(Decision.inbox_id, func.max(Decision.version)).where(Decision.inbox_id.in_(list(inbox_ids)))
    return {row.inbox_id: row[1] for row in connection.execute(query.group_by(Decision.inbox_id))}


def records_of(
    connection: Connection, account_ids: Iterable[str], course_ids: Iterable[str] | None = None
) -> Sequence[Stored]:
    """Return the records of accounts (of ``course_ids`` only, where given) with the owner and code of their course."""
    query = (
        select(*Record.__table__.c, CourseVersion.owner_code, CourseVersion.code, CourseVersion.version)
        .join(CourseVersion, CourseVersion.id == Record.course_id)
        .where(Record.account_id.in_(list(account_ids)))
    )
    if course_ids is not None:
        query = query.where(Record.course_id.in_(list(course_ids)))
    return connection.execute(query.order_by(Record.id)).all()


def record(connection: Connection, record_id: str) -> Stored | None:
    """Return one record."""
    return connection.execute(select(Record.__table__).where(Record.id == record_id)).first()


def entries_of(connection: Connection, account_ids: Iterable[str]) -> Sequence[Stored]:
    """Return the entries of accounts in order."""
    query = select(Entry.__table__).where(Entry.account_id.in_(list(account_ids)))
    return connection.execute(query.order_by(Entry.account_id, Entry.seq)).all()


def last_entries(connection: Connection, record_ids: Iterable[str]) -> dict[str, Stored]:
    """Return the last entry of each record, by record id."""
    last = (
        select(Entry.record_id, func.max(Entry.seq).label("seq"))
        .where(Entry.record_id.in_(list(record_ids)))
        .group_by(Entry.record_id)
        .subquery()
    )
    query = select(Entry.__table__).join(last, and_(Entry.record_id == last.c.record_id, Entry.seq == last.c.seq))
    return {row.record_id: row for row in connection.execute(query)}


def records_without_entries(connection: Connection) -> Sequence[Stored]:
    """Return records that no entry speaks of: their entries were deleted."""
    query = select(Record.id, Record.account_id).outerjoin(
        Entry, and_(Entry.record_id == Record.id, Entry.account_id == Record.account_id)
    )
    return connection.execute(query.where(Entry.seq.is_(None)).order_by(Record.account_id)).all()


def open_tasks(connection: Connection, limit: int = 200) -> Sequence[Stored]:
    """Return tasks that wait for a person, oldest first."""
    query = select(Task.__table__).where(Task.closed_at.is_(None)).order_by(Task.opened_at, Task.id)
    return connection.execute(query.limit(limit)).all()


def under_review(connection: Connection, limit: int = 200) -> list[Stored]:
    """Return the last entries of records that are under review now, the longest first.

    Beside them the course's ``code``, ``title_th`` and ``title_en``, and of the entry that put the record under review
    ``review_since`` and ``review_cause``.
    """
    reviewed = (
        select(Entry.record_id, func.max(Entry.seq).label("seq"))
        .where(Entry.kind == "review")
        .group_by(Entry.record_id)
        .subquery()
    )
    last = (
        select(Entry.record_id, func.max(Entry.seq).label("seq"))
        .where(Entry.record_id.in_(select(reviewed.c.record_id)))
        .group_by(Entry.record_id)
        .subquery()
    )
    review = aliased(Entry)
    query = (
        select(
            *Entry.__table__.c,
            *(CourseVersion.code, CourseVersion.title_th, CourseVersion.title_en),
            *(review.known_at.label("review_since"), review.cause.label("review_cause")),
        )
        .join(last, and_(Entry.record_id == last.c.record_id, Entry.seq == last.c.seq))
        .join(reviewed, reviewed.c.record_id == Entry.record_id)
        .join(review, and_(review.record_id == reviewed.c.record_id, review.seq == reviewed.c.seq))
        .join(Record, Record.id == Entry.record_id)
        .join(CourseVersion, CourseVersion.id == Record.course_id)
        .order_by(review.known_at, Entry.record_id)
    )
    return [row for row in connection.execute(query) if row.amounts.get("under_review")][:limit]

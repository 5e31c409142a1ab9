"""Decisions, records and entries."""

from collections import namedtuple
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, and_, cast, func, or_, select
from sqlalchemy.orm import aliased

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.inbox import explanation_text, facts_text, newer
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.tables import (
    Adoption,
    Bank,
    Comparison,
    CourseVersion,
    Decision,
    Entry,
    Inbox,
    Organisation,
    Record,
    Task,
)


@dataclass
class Head:
    """The end of an account's chain."""

    seq: int
    hash: bytes


def _last(column: Any) -> Any:
    """Return a subquery of the last ``seq`` for each value of an entry's column, among the ``ids`` given."""
    return select(column, func.max(Entry.seq).label("seq")).where(among(column)).group_by(column).subquery()


_LAST_OF_ACCOUNT = _last(Entry.account_id)
_HEADS = select(Entry.account_id, Entry.seq, Entry.hash).join(
    _LAST_OF_ACCOUNT, and_(Entry.account_id == _LAST_OF_ACCOUNT.c.account_id, Entry.seq == _LAST_OF_ACCOUNT.c.seq)
)


def heads(connection: Connection, account_ids: Iterable[str]) -> dict[str, Head]:
    """Return the last entry of accounts, read from the ledger's own index; no head is kept beside it."""
    rows = connection.execute(_HEADS, {"ids": these(account_ids)})
    return {row.account_id: Head(row.seq, row.hash) for row in rows}


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

_CURRENT = (
    select(*Decision.__table__.c, *_AS_TEXT, *_OF_THE_MESSAGE)
    .join(Inbox, Inbox.id == Decision.inbox_id)
    .where(among(Decision.account_id), ~newer())
    .order_by(Inbox.id)
)
_CURRENT_OF_COURSES = _CURRENT.where(or_(Decision.course_id.is_(None), among(Decision.course_id, "courses")))


def current_decisions(
    connection: Connection, account_ids: Iterable[str], course_ids: Iterable[str] | None = None
) -> Sequence[Stored]:
    """Return the current decisions of accounts together with the messages they are of, JSON columns also as text.

    With ``course_ids``: those about these courses, and those about no course version in particular (revocations).
    """
    if course_ids is None:
        return connection.execute(_CURRENT, {"ids": these(account_ids)}).all()
    return connection.execute(_CURRENT_OF_COURSES, {"ids": these(account_ids), "courses": these(course_ids)}).all()


_VERSIONS = (
    select(Decision.inbox_id, func.max(Decision.version).label("version"))
    .where(among(Decision.inbox_id))
    .group_by(Decision.inbox_id)
)


def versions(connection: Connection, inbox_ids: Iterable[str]) -> dict[str, int]:
    """Return the highest decision version of messages."""
    rows = connection.execute(_VERSIONS, {"ids": these(inbox_ids)})
    return {row.inbox_id: row.version for row in rows}


_RECORDS = (
    select(*Record.__table__.c, CourseVersion.owner_code, CourseVersion.code, CourseVersion.version)
    .join(CourseVersion, CourseVersion.id == Record.course_id)
    .where(among(Record.account_id))
    .order_by(Record.id)
)
_RECORDS_OF_COURSES = _RECORDS.where(among(Record.course_id, "courses"))


def records_of(
    connection: Connection, account_ids: Iterable[str], course_ids: Iterable[str] | None = None
) -> Sequence[Stored]:
    """Return the records of accounts (of ``course_ids`` only, where given) with the owner and code of their course."""
    if course_ids is None:
        return connection.execute(_RECORDS, {"ids": these(account_ids)}).all()
    return connection.execute(_RECORDS_OF_COURSES, {"ids": these(account_ids), "courses": these(course_ids)}).all()


def record(connection: Connection, record_id: str) -> Stored | None:
    """Return one record."""
    return connection.execute(select(Record.__table__).where(Record.id == record_id)).first()


_ENTRIES = (
    select(
        *(Entry.account_id, Entry.seq, Entry.kind, Entry.record_id, Entry.scheme, Entry.amount, Entry.from_state),
        *(Entry.to_state, Entry.amounts, Entry.decision_id, Entry.cause, Entry.known_at),
    )
    .where(among(Entry.account_id))
    .order_by(Entry.account_id, Entry.seq)
)


def entries_of(connection: Connection, account_ids: Iterable[str]) -> Sequence[Stored]:
    """Return the entries of accounts in order."""
    return connection.execute(_ENTRIES, {"ids": these(account_ids)}).all()


_STATEMENT = (
    select(
        *(Entry.record_id, Entry.account_id, Entry.seq, Entry.kind, Entry.scheme, Entry.amount, Entry.amounts),
        *(Entry.from_state, Entry.to_state, Entry.known_at),
        *(CourseVersion.owner_code, CourseVersion.code, CourseVersion.version),
        *(CourseVersion.title_th, CourseVersion.title_en),
        *(Decision.inbox_id, Decision.credits, Decision.outcomes, explanation_text()),
        *(Decision.comparison_id, Decision.adoption_id, Inbox.facts, Inbox.school_code),
        *(Comparison.reference, Comparison.approved_at, Comparison.nqf_level, Comparison.nqf_level_basis),
        *(Organisation.name_th.label("body_name_th"), Organisation.name_en.label("body_name_en")),
        *(Adoption.bank_code, Adoption.order_number, Adoption.signatory, Adoption.ordered_on),
        *(Bank.name_th.label("bank_name_th"), Bank.name_en.label("bank_name_en")),
        Bank.organisation_code.label("bank_organisation"),
    )
    .join(Record, and_(Record.id == Entry.record_id, Record.account_id == Entry.account_id))
    .join(CourseVersion, CourseVersion.id == Record.course_id)
    .outerjoin(Decision, Decision.id == Entry.decision_id)
    .outerjoin(Inbox, Inbox.id == Decision.inbox_id)
    .outerjoin(Comparison, Comparison.id == Decision.comparison_id)
    .outerjoin(Organisation, Organisation.code == Comparison.body_code)
    .outerjoin(Adoption, Adoption.id == Decision.adoption_id)
    .outerjoin(Bank, Bank.code == Adoption.bank_code)
    .where(among(Entry.account_id))
    .order_by(Entry.account_id, Entry.seq)
)


#: A row of it as a plain tuple with names: what is read of a row takes a tenth of the time of a database's own row.
_LINE: Any = namedtuple("_LINE", _STATEMENT.selected_columns.keys())  # type: ignore[misc]


def statement(connection: Connection, account_ids: Iterable[str]) -> Sequence[Stored]:
    """Return the entries about records of accounts in order, each with its course and with what it rests on.

    That is the decision (``inbox_id`` None where there is none), its message's facts and school, the comparison with its
    body, and the order with its bank: all that a reader is told, at one go.
    """
    as_line: Any = _LINE._make
    return list(map(as_line, connection.execute(_STATEMENT, {"ids": these(account_ids)}).all()))


_LAST_OF_RECORD = _last(Entry.record_id)
_LAST_ENTRIES = select(Entry.__table__).join(
    _LAST_OF_RECORD, and_(Entry.record_id == _LAST_OF_RECORD.c.record_id, Entry.seq == _LAST_OF_RECORD.c.seq)
)


def last_entries(connection: Connection, record_ids: Iterable[str]) -> dict[str, Stored]:
    """Return the last entry of each record, by record id."""
    ids = list(record_ids)
    return {row.record_id: row for row in connection.execute(_LAST_ENTRIES, {"ids": these(ids)})} if ids else {}


_STEPS = (
    select(Entry.record_id, Entry.from_state, Entry.to_state, Entry.amount)
    .where(among(Entry.record_id))
    .order_by(Entry.record_id, Entry.seq)
)


def steps_of(connection: Connection, record_ids: Iterable[str]) -> dict[str, list[tuple[str | None, str | None, int]]]:
    """Return the movements of records in order: from which state to which, and how much."""
    found: dict[str, list[tuple[str | None, str | None, int]]] = {}
    for row in connection.execute(_STEPS, {"ids": these(record_ids)}):
        found.setdefault(row.record_id, []).append((row.from_state, row.to_state, row.amount))
    return found


def how_many_entries(connection: Connection) -> int:
    """Return how many entries there are."""
    return connection.scalar(select(func.count()).select_from(Entry)) or 0


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

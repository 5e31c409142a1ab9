"""The inbox: what we were told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, exists, func, or_, select

from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries.bulk import insert_many, insert_many_new, insert_mostly_new
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.writes import Rows
from creditbank_plugin.storage.tables import CourseVersion, Decision, Inbox, Queue


def keep(connection: Connection, rows: Rows) -> None:
    """Insert messages whose key is new; `by_message_keys` says afterwards which were."""
    new = {row["message_key"]: row for row in reversed(rows)}
    if len(rows) > 1:
        for known in by_message_keys(connection, new):
            del new[known]
    insert_mostly_new(connection, Inbox, [row for row in rows if new.get(row["message_key"]) is row], ("message_key",))


def keep_conflicts(connection: Connection, rows: Rows) -> None:
    """Insert messages that reuse an id with other facts; a repeat of the same conflict is kept once."""
    insert_many_new(connection, Inbox, rows, ("conflicts_with", "digest"))


_FIRST = select(Inbox.message_key, Inbox.id, Inbox.digest).where(among(Inbox.message_key, "keys"))
_CONFLICTS = select(Inbox.conflicts_with, Inbox.digest, Inbox.id).where(among(Inbox.conflicts_with))


def by_message_keys(connection: Connection, keys: Iterable[bytes]) -> dict[bytes, Stored]:
    """Return the first message of each key: ``id`` and ``digest``."""
    rows = connection.execute(_FIRST, {"keys": these(keys)})
    return {row.message_key: row for row in rows}


def conflicts_of(connection: Connection, firsts: Iterable[str]) -> dict[tuple[str, bytes], str]:
    """Return the kept conflicts of first messages by (first id, digest)."""
    ids = list(firsts)
    rows = connection.execute(_CONFLICTS, {"ids": these(ids)}) if ids else ()
    return {(row.conflicts_with, row.digest): row.id for row in rows}


def enqueue(connection: Connection, rows: Iterable[Mapping[str, Any]], lane: int = 0) -> None:
    """Put messages into the queue; ``rows`` need ``id`` and ``partition``."""
    queued = [{"inbox_id": row["id"], "partition": row["partition"], "lane": lane, "attempts": 0} for row in rows]
    insert_many(connection, Queue, queued)


def facts_text() -> Any:
    """Return the facts of a message as they are stored, of which the ledger's evidence is made."""
    return cast(Inbox.facts, Text).label("facts_text")


def explanation_text() -> Any:
    """Return the explanation of a decision as it is stored: most who ask for it pass it on."""
    return cast(Decision.explanation, Text).label("explanation_text")


def newer(decision: Any = Decision) -> Any:
    """Return the condition that a decision has a later version."""
    later = Decision.__table__.alias("later")
    return exists().where(and_(later.c.inbox_id == decision.inbox_id, later.c.version > decision.version))


def _view() -> Any:
    return (
        select(
            *Inbox.__table__.c,
            Decision.id.label("decision_id"),
            Decision.version,
            Decision.state,
            Decision.reason,
            Decision.account_id,
            Decision.course_id,
            Decision.record_id,
            Decision.comparison_id,
            Decision.adoption_id,
            explanation_text(),
            Decision.decided_at,
            CourseVersion.title_th,
            CourseVersion.title_en,
            Queue.parked_at,
            Queue.attempts,
            Queue.error,
        )
        .select_from(Inbox)
        .outerjoin(Decision, and_(Decision.inbox_id == Inbox.id, ~newer()))
        .outerjoin(Queue, Queue.inbox_id == Inbox.id)
        .outerjoin(CourseVersion, CourseVersion.id == Decision.course_id)
    )


_VIEWS = _view().where(among(Inbox.id))


def views(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return messages with their current decision and place in the queue, by inbox id."""
    return {row.id: row for row in connection.execute(_VIEWS, {"ids": these(ids)})}


def page(
    connection: Connection,
    *,
    state: str | None = None,
    organisation: str | None = None,
    account_ids: Sequence[str] | None = None,
    learner: tuple[str, str] | None = None,
    search: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Sequence[Stored]:
    """Return messages, newest first, below the cursor ``after`` (an inbox id).

    ``organisation`` keeps what it sent or what is told of its school; ``search`` looks for the beginning of a course
    code, or a whole learner id, message id or event id.  With ``account_ids`` and ``learner`` (issuer, id) together, both
    what is booked to the accounts and what was told of the learner and is booked to nobody.
    """
    query = _view()
    if state == "received":
        query = query.where(Decision.id.is_(None), Queue.parked_at.is_(None))
    elif state == "parked":
        query = query.where(Queue.parked_at.is_not(None))
    elif state is not None:
        query = query.where(Decision.state == state)
    if organisation is not None:
        query = query.where(or_(Inbox.organisation_code == organisation, Inbox.school_code == organisation))
    theirs: list[ColumnElement[bool]] = []
    if account_ids is not None:
        theirs.append(Decision.account_id.in_(list(account_ids)))
    if learner is not None:
        told_of = and_(Inbox.issuer == learner[0], Inbox.learner == learner[1])
        theirs.append(and_(told_of, Decision.account_id.is_(None)))
    if theirs:
        query = query.where(or_(*theirs))
    if search:
        found = [
            Inbox.course_code.startswith(search, autoescape=True),
            Inbox.learner == search,
            Inbox.message_id == search,
        ]
        query = query.where(or_(*found, *([Inbox.id == search.lower()] if is_uuid(search) else [])))
    if after is not None:
        query = query.where(Inbox.id < after)
    return connection.execute(query.order_by(Inbox.id.desc()).limit(limit)).all()


def counts(connection: Connection) -> dict[str, int]:
    """Return how many messages are in each state."""
    decided = connection.execute(select(Decision.state, func.count()).where(~newer()).group_by(Decision.state))
    found = {row.state: row[1] for row in decided}
    waiting = connection.execute(
        select(Queue.parked_at.is_not(None).label("parked"), func.count())
        .outerjoin(Decision, Decision.inbox_id == Queue.inbox_id)
        .where(Decision.id.is_(None))
        .group_by(Queue.parked_at.is_not(None))
    )
    for parked, number in waiting:
        found["parked" if parked else "received"] = number
    return found

"""What an act would touch: the completions that wait for it, and which of them are not alone with their course.

Ids are texts without hyphens here: making UUIDs of a hundred thousand takes longer than reading them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Integer, String, Text, and_, cast, func, or_, select, type_coerce, union
from sqlalchemy.orm import aliased

from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.queries.people import owner_of
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.streaming import in_parts, streamed
from creditbank_plugin.storage.tables import Account, AccountLink, Decision, Identifier, Inbox, Queue, Waiting

_PARKED = select(Queue.inbox_id).where(Queue.parked_at.is_not(None))
#: What waits for a key and would be woken by it.  What is parked stays as it is, whatever comes.
_WOKEN = and_(among(Waiting.wait_key, "keys"), Waiting.inbox_id.not_in(_PARKED))
_OTHER = aliased(Decision)
_ENDED = aliased(Identifier)
#: Accounts whose host took something back, merged or erased them, or whose person holds several.
_MARKED: Any = union(
    select(Decision.account_id).where(Decision.state == "applied", Decision.account_id.is_not(None)),
    select(Identifier.account_id)
    .join(_ENDED, and_(_ENDED.issuer == Identifier.issuer, _ENDED.value == Identifier.value))
    .where(_ENDED.until.is_not(None)),
    select(AccountLink.account_id).where(AccountLink.until.is_(None)),
    select(Account.id).join(AccountLink, AccountLink.person_id == Account.person_id).where(AccountLink.until.is_(None)),
)


def plain(connection: Connection, column: Any) -> Any:
    """Return the expression of an id as text without hyphens."""
    if connection.dialect.name == "sqlite":
        return type_coerce(column, String)
    return func.replace(cast(column, Text), "-", "")


def of_course(connection: Connection, key: str, at_once: int) -> Iterator[Sequence[Any]]:
    """Stream by parts what waits for a comparison: ``inbox_id, school_code, issuer, sealed_fields, facts`` (as text)."""
    query = select(*_message(connection)).join(Inbox, Inbox.id == Waiting.inbox_id).where(_WOKEN)
    return in_parts(connection, query, at_once, {"keys": [key]})


def of_schools(connection: Connection, keys: Sequence[str], at_once: int) -> Iterator[Sequence[Any]]:
    """Stream by parts what waits for orders: as `of_course`, and ``course_id, account_id`` of the present decision."""
    mine = plain(connection, Decision.account_id).label("account_id")
    query = (
        select(*_message(connection), plain(connection, Decision.course_id).label("course_id"), mine)
        .join(Inbox, Inbox.id == Waiting.inbox_id)
        .join(Decision, Decision.inbox_id == Waiting.inbox_id)
        .where(_WOKEN, ~newer())
    )
    return in_parts(connection, query, at_once, {"keys": list(keys)})


def with_several(connection: Connection, keys: Sequence[str], at_once: int) -> Iterator[str]:
    """Stream the accounts of which several messages wait for orders, of whatever courses.

    Among them are accounts with one message that was decided several times: looking for the present decision takes longer.
    """
    query = (
        select(plain(connection, Decision.account_id))
        .join(Waiting, Waiting.inbox_id == Decision.inbox_id)
        .where(_WOKEN)
        .group_by(Decision.account_id)
        .having(func.count() > 1)
    )
    return (row[0] for row in streamed(connection, query, at_once, {"keys": list(keys)}))


def _message(connection: Connection) -> tuple[Any, ...]:
    inbox_id = plain(connection, Waiting.inbox_id).label("inbox_id")
    return (inbox_id, Inbox.school_code, Inbox.issuer, Inbox.sealed_fields, cast(Inbox.facts, Text).label("facts"))


_JUDGED = or_(_OTHER.passed.is_not(None), _OTHER.record_id.is_not(None))
_SAME_COURSE = and_(_OTHER.account_id == Decision.account_id, _OTHER.course_id == Decision.course_id)


def beside(connection: Connection, keys: Sequence[str], at_once: int) -> Iterator[Any]:
    """Stream what waits beside other messages of its account about its course: ``inbox_id, account_id, judged``.

    ``judged`` is 1 where another of them has been judged, or anything about the course has left a record.
    """
    query = (
        select(
            plain(connection, Waiting.inbox_id).label("inbox_id"),
            plain(connection, Decision.account_id).label("account_id"),
            func.max(cast(_JUDGED, Integer)).label("judged"),
        )
        .join(Decision, Decision.inbox_id == Waiting.inbox_id)
        .join(_OTHER, _SAME_COURSE)
        .where(_WOKEN, or_(_OTHER.inbox_id != Decision.inbox_id, _OTHER.record_id.is_not(None)))
        .group_by(Waiting.inbox_id, Decision.account_id)
    )
    return streamed(connection, query, at_once, {"keys": list(keys)})


def marked(connection: Connection, course_id: str | None, at_once: int) -> Iterator[Any]:
    """Stream ``inbox_id, account_id`` of what (about this course) was decided for accounts that are not like others.

    Their host took something back, merged or erased them, or their person holds several accounts.
    """
    ids = (plain(connection, Decision.inbox_id), plain(connection, Decision.account_id))
    query = select(*ids).where(Decision.account_id.in_(_MARKED))
    if course_id is not None:
        query = query.where(Decision.course_id == course_id)
    return streamed(connection, query.distinct(), at_once)


_OWNERS = (
    select(Inbox.id, func.coalesce(cast(owner_of(), Text), Inbox.issuer + "\x1f" + Inbox.learner).label("person"))
    .outerjoin(
        Identifier,
        and_(Identifier.issuer == Inbox.issuer, Identifier.value == Inbox.learner, Identifier.until.is_(None)),
    )
    .outerjoin(Account, Account.id == Identifier.account_id)
    .where(among(Inbox.id))
)
_BOOKED_TO = (
    select(Decision.inbox_id.label("id"), func.min(cast(owner_of(), Text)).label("person"))
    .join(Account, Account.id == Decision.account_id)
    .where(among(Decision.inbox_id))
    .group_by(Decision.inbox_id)
)


def persons(connection: Connection, inbox_ids: Sequence[str], *, booked: bool) -> dict[str, str]:
    """Return whose messages are, where known: whom their learner's id leads to now, or (``booked``) led to then."""
    query = _BOOKED_TO if booked else _OWNERS
    return {row.id: row.person for row in connection.execute(query, {"ids": these(inbox_ids)})}


def how_many(connection: Connection, keys: Iterable[str], most: int) -> int:
    """Return how many completions wait for one of ``keys``, counted up to ``most``."""
    some = select(Waiting.inbox_id).where(Waiting.wait_key.in_(list(keys))).limit(most).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0

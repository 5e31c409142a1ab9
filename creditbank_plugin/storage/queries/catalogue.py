"""Aliases of courses; courses, frameworks and items themselves stand in files of their own, and here by their names."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, or_, select

from creditbank_plugin.rules import waits
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.courses import by_ids, keys_by_code, search
from creditbank_plugin.storage.queries.frameworks import frameworks as frameworks
from creditbank_plugin.storage.queries.frameworks import items as items
from creditbank_plugin.storage.queries.frameworks import items_by_id as items_by_id
from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.tables import (
    CourseAlias,
    CourseVersion,
    Decision,
    Inbox,
    Waiting,
)

__all__ = [
    "aliases",
    "all_aliases",
    "by_ids",
    "decided_through",
    "frameworks",
    "given_through",
    "items",
    "items_by_id",
    "keys_by_code",
    "search",
    "unknown_courses",
]

_ALIASES = select(CourseAlias.__table__).where(among(CourseAlias.iri, "iris"))


def aliases(connection: Connection, iris: Iterable[str]) -> dict[str, Stored]:
    """Return the aliases of the given addresses."""
    return {row.iri: row for row in connection.execute(_ALIASES, {"iris": these(iris)})}


def decided_through(connection: Connection, iri: str, told_code: str, code: str) -> dict[str, int]:
    """Count by state the completions that name ``iri`` (or its ``told_code``) and were judged as the course ``code``."""
    query = (
        select(Decision.state, func.count())
        .join(Inbox, Inbox.id == Decision.inbox_id)
        .join(CourseVersion, CourseVersion.id == Decision.course_id)
        .where(CourseVersion.code == code, Decision.passed.is_not(None), ~newer())
        .where(or_(Inbox.facts["course"]["iri"].as_string() == iri, Inbox.course_code == told_code))
        .group_by(Decision.state)
    )
    return {row.state: row[1] for row in connection.execute(query)}


def given_through(
    connection: Connection, issuers: Iterable[str], learners: Iterable[str], iris: Iterable[str]
) -> Sequence[Stored]:
    """Return completions with credit that named one of ``iris`` as the course's address or code, newest last.

    Each with its ``iri`` and ``course_code`` as told, and the ``course_id``, owner, code and version it was judged as.
    """
    names, told_iri = list(iris), Inbox.facts["course"]["iri"].as_string()
    query = (
        select(
            Inbox.id,
            Inbox.issuer,
            Inbox.learner,
            told_iri.label("iri"),
            Inbox.course_code,
            CourseVersion.id.label("course_id"),
            CourseVersion.owner_code,
            CourseVersion.code,
            CourseVersion.version,
        )
        .join(Decision, Decision.inbox_id == Inbox.id)
        .join(CourseVersion, CourseVersion.id == Decision.course_id)
        .where(Inbox.issuer.in_(list(issuers)), Inbox.learner.in_(list(learners)))
        .where(or_(told_iri.in_(names), Inbox.course_code.in_(names)))
        .where(Decision.state == "credited", ~newer())
    )
    return connection.execute(query.order_by(Inbox.id)).all()


def all_aliases(connection: Connection, limit: int = 500) -> Sequence[Stored]:
    """Return aliases, newest first."""
    return connection.execute(select(CourseAlias.__table__).order_by(CourseAlias.added_at.desc()).limit(limit)).all()


def unknown_courses(connection: Connection, limit: int = 200) -> Sequence[Stored]:
    """Return the course codes and addresses that completions wait for: ``wait_key, course_code, completions``."""
    query = (
        select(Waiting.wait_key, func.min(Inbox.course_code).label("course_code"), func.count().label("completions"))
        .join(Inbox, Inbox.id == Waiting.inbox_id)
        .where(or_(Waiting.wait_key.startswith(waits.COURSE), Waiting.wait_key.startswith(waits.ADDRESS)))
        .group_by(Waiting.wait_key)
        .order_by(func.count().desc(), Waiting.wait_key)
    )
    return connection.execute(query.limit(limit)).all()

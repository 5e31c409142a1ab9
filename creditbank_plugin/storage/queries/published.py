"""Approved comparisons as everybody may read them, a body's at a time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Select, and_, func, select

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.tables import (
    Comparison,
    ComparisonItem,
    CourseVersion,
    Framework,
    Item,
    Organisation,
    Proposal,
)


def bodies(connection: Connection) -> Sequence[Stored]:
    """Return the bodies that have approved comparisons: their code, names, and the state of the whole.

    The state is ``number`` and ``last_id``, ``ended`` and the last moments of approval and ending: it differs whenever
    anything of them does.
    """
    query = (
        select(
            Comparison.body_code.label("code"),
            Organisation.name_th,
            Organisation.name_en,
            func.count().label("number"),
            func.max(Comparison.approved_at).label("approved_at"),
            func.count(Comparison.ended_at).label("ended"),
            func.max(Comparison.ended_at).label("ended_at"),
        )
        .join(Organisation, Organisation.code == Comparison.body_code)
        .group_by(Comparison.body_code, Organisation.name_th, Organisation.name_en)
        .order_by(Comparison.body_code)
    )
    return connection.execute(query).all()


def body(connection: Connection, code: str) -> Stored:
    """Return the names of a body."""
    query = select(Organisation.name_th, Organisation.name_en).where(Organisation.code == code)
    return connection.execute(query).one()


def _comparisons() -> "Select[tuple[object, ...]]":
    table = CourseVersion
    return select(
        *Comparison.__table__.c,
        *(table.code, table.version, table.owner_code, table.title_th, table.title_en),
    ).join(CourseVersion, CourseVersion.id == Comparison.course_id)


#: One that was ended before its first day applies to nothing, and is not published.
_APPLIES = and_(Comparison.ended_from.is_(None) | (Comparison.ended_from > Comparison.applies_from))


def page(connection: Connection, body: str, after: str | None, limit: int) -> Sequence[Stored]:
    """Return comparisons of a body with their courses, in the order of their ids."""
    query = _comparisons().where(Comparison.body_code == body, _APPLIES)
    if after is not None:
        query = query.where(Comparison.id > after)
    return connection.execute(query.order_by(Comparison.id).limit(limit)).all()


def one(connection: Connection, ids: Sequence[str]) -> Stored | None:
    """Return a comparison with its course by one of the ids it may have."""
    return connection.execute(_comparisons().where(Comparison.id.in_(list(ids)), _APPLIES)).first()


def several(connection: Connection, ids: Sequence[str]) -> Sequence[Stored]:
    """Return comparisons with their courses by their ids, in their order."""
    query = _comparisons().where(Comparison.id.in_(list(ids)), _APPLIES).order_by(Comparison.id)
    return connection.execute(query).all()


def within(connection: Connection, first: str, last: str) -> Sequence[Stored]:
    """Return the comparisons with an id from ``first`` to ``last``: of so few ids there is one at most."""
    query = _comparisons().where(Comparison.id >= first, Comparison.id <= last, _APPLIES)
    return connection.execute(query.limit(2)).all()


def outcomes(connection: Connection, ids: Sequence[str]) -> dict[str, list[Stored]]:
    """Return the outcomes of comparisons, in their order: item id, code and address, and its framework's."""
    query = (
        select(
            ComparisonItem.comparison_id,
            Item.id,
            Item.code,
            Item.uri,
            Framework.id.label("framework_id"),
            Framework.uri.label("framework_uri"),
        )
        .join(Item, Item.id == ComparisonItem.item_id)
        .join(Framework, Framework.id == Item.framework_id)
        .where(among(ComparisonItem.comparison_id))
        .order_by(ComparisonItem.comparison_id, ComparisonItem.position, Item.id)
    )
    found: dict[str, list[Stored]] = {}
    for row in connection.execute(query, {"ids": these(ids)}):
        found.setdefault(row.comparison_id, []).append(row)
    return found


def replacing(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return by the id of a comparison the approved one that superseded it."""
    query = (
        select(Proposal.replaces, Proposal.id)
        .join(Comparison, Comparison.id == Proposal.id)
        .where(among(Proposal.replaces))
        .order_by(Proposal.id)
    )
    return {row.replaces: row.id for row in connection.execute(query, {"ids": these(ids)})}


def changed(row: Stored) -> datetime:
    """Return when a comparison, or a body's, was last approved or ended."""
    moment: datetime = max(filter(None, (row.approved_at, row.ended_at)))
    return moment

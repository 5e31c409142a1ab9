"""Frameworks, their items and ties."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, or_, select

from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules import framework as values
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.tables import (
    Comparison,
    ComparisonItem,
    CourseVersion,
    Framework,
    Item,
    ItemAssociation,
    Organisation,
)

_ITEMS = select(
    *Item.__table__.c,
    Framework.code.label("framework_code"),
    Framework.title_th.label("framework_title_th"),
    Framework.title_en.label("framework_title_en"),
    Framework.uri.label("framework_uri"),
).join(Framework, Framework.id == Item.framework_id)
_ITEMS_BY_ID = _ITEMS.where(among(Item.id))
_HELD = select(Item.id).where(among(Item.id))


def items_by_id(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return outcomes by id, with the code and title of their framework."""
    given = list(ids)
    return {row.id: row for row in connection.execute(_ITEMS_BY_ID, {"ids": these(given)})} if given else {}


def items(
    connection: Connection,
    *,
    words: str | None = None,
    framework: str | None = None,
    ids: Iterable[str] | None = None,
    limit: int = 50,
) -> Sequence[Stored]:
    """Return outcomes with the code and title of their framework; retired ones only where ``ids`` name them."""
    query = _ITEMS
    if words:
        query = query.where(_holds(words))
    if framework:
        query = query.where(Framework.code == framework)
    query = query.where(Item.id.in_(list(ids))) if ids is not None else query.where(Item.retired_at.is_(None))
    return connection.execute(query.order_by(Framework.code, Item.code).limit(limit)).all()


def _holds(words: str) -> Any:
    return or_(
        Item.code.contains(words, autoescape=True),
        Item.text_th.contains(words, autoescape=True),
        func.lower(Item.text_en).contains(words.lower(), autoescape=True),
        Item.area.contains(words, autoescape=True),
    )


def page_of_items(
    connection: Connection,
    framework_id: str,
    *,
    words: str | None = None,
    level: int | None = None,
    kind: str | None = None,
    area: str | None = None,
    retired: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Sequence[Stored]:
    """Return items of a framework in the order of their ids, ``after`` one of them."""
    query = _ITEMS.where(Item.framework_id == framework_id)
    if words:
        query = query.where(_holds(words))
    for column, wanted in ((Item.level, level), (Item.kind, kind), (Item.area, area)):
        if wanted is not None:
            query = query.where(column == wanted)
    if not retired:
        query = query.where(Item.retired_at.is_(None))
    if after is not None:
        query = query.where(Item.id > after)
    return connection.execute(query.order_by(Item.id).limit(limit)).all()


def groups(connection: Connection, framework_id: str) -> Sequence[Stored]:
    """Return the areas and levels of a framework's standing items: ``area, level, number``."""
    query = select(Item.area, Item.level, func.count().label("number")).where(
        Item.framework_id == framework_id, Item.retired_at.is_(None)
    )
    return connection.execute(query.group_by(Item.area, Item.level)).all()


def standing(
    connection: Connection, framework_id: str, limit: int, *, words: str | None, grouping: str | None, group: Any
) -> Sequence[Stored]:
    """Return standing items: those that hold ``words``, or those of one group by ``grouping`` (``area`` or ``level``)."""
    query = _ITEMS.where(Item.framework_id == framework_id, Item.retired_at.is_(None))
    if words:
        query = query.where(_holds(words))
    if grouping is not None:
        column = Item.area if grouping == "area" else Item.level
        query = query.where(column.is_(None) if group is None else column == group)
    return connection.execute(query.order_by(Item.position, Item.code, Item.id).limit(limit)).all()


def frameworks(connection: Connection, *, after: str | None = None, limit: int | None = None) -> Sequence[Stored]:
    """Return every framework in the order of their codes, or up to ``limit`` after the code ``after``."""
    query = select(Framework.__table__).order_by(Framework.code)
    if after is not None:
        query = query.where(Framework.code > after)
    return connection.execute(query.limit(limit)).all()


def counts(connection: Connection) -> dict[str, Stored]:
    """Return of each framework, by id, its ``items``, those ``without_text`` and those ``retired``."""
    standing = Item.retired_at.is_(None)
    none = standing & Item.text_th.is_(None) & Item.text_en.is_(None)
    query = select(
        Item.framework_id,
        func.sum(case((standing, 1), else_=0)).label("items"),
        func.sum(case((none, 1), else_=0)).label("without_text"),
        func.sum(case((standing, 0), else_=1)).label("retired"),
    ).group_by(Item.framework_id)
    return {row.framework_id: row for row in connection.execute(query)}


def find(connection: Connection, code_or_id: str) -> Stored | None:
    """Return a framework by its code, else by its id."""
    table = Framework.__table__
    row = connection.execute(select(table).where(Framework.code == code_or_id)).first()
    if row is None and is_uuid(code_or_id):
        row = connection.execute(select(table).where(Framework.id == code_or_id.lower())).first()
    return row


def by_id(connection: Connection, framework_id: str) -> Stored | None:
    """Return a framework."""
    return connection.execute(select(Framework.__table__).where(Framework.id == framework_id)).first()


def elsewhere(connection: Connection, framework_id: str, ids: Sequence[str]) -> set[str]:
    """Return those of ``ids`` that items of another framework have."""
    found: set[str] = set()
    for start in range(0, len(ids), 500):
        some = these(ids[start : start + 500])
        found.update(connection.scalars(_HELD.where(Item.framework_id != framework_id), {"ids": some}))
    return found


def ties_elsewhere(connection: Connection, framework_id: str, ids: Sequence[str]) -> set[str]:
    """Return those of ``ids`` that ties of another framework have."""
    table, found = ItemAssociation, set[str]()
    query = select(table.id).where(table.framework_id != framework_id, among(table.id))
    for start in range(0, len(ids), 500):
        found.update(connection.scalars(query, {"ids": these(ids[start : start + 500])}))
    return found


def held(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return items, whatever framework they are of, by id, in short lists at a time."""
    given = sorted(set(ids))
    found: dict[str, Stored] = {}
    for start in range(0, len(given), 500):
        found.update(items_by_id(connection, given[start : start + 500]))
    return found


def ties_of_item(connection: Connection, item_id: str) -> Sequence[Stored]:
    """Return the ties that begin or end at an item, of whatever framework, in the order of their kind and place."""
    table = ItemAssociation
    query = select(table.__table__).where(or_(table.origin_id == item_id, table.target_id == item_id))
    return connection.execute(query.order_by(table.kind, table.position, table.id)).all()


def tie(connection: Connection, ids: Sequence[str]) -> Stored | None:
    """Return a tie by one of the ids that it may have."""
    return connection.execute(select(ItemAssociation.__table__).where(ItemAssociation.id.in_(list(ids)))).first()


def comparisons_of(connection: Connection, item_id: str, limit: int = 200) -> Sequence[Stored]:
    """Return approved comparisons that yield an item, standing ones first, each with its course and body."""
    query = (
        select(
            *Comparison.__table__.c,
            CourseVersion.code,
            CourseVersion.version,
            CourseVersion.owner_code,
            CourseVersion.title_th,
            CourseVersion.title_en,
            Organisation.name_th.label("body_name_th"),
            Organisation.name_en.label("body_name_en"),
        )
        .join(ComparisonItem, ComparisonItem.comparison_id == Comparison.id)
        .join(CourseVersion, CourseVersion.id == Comparison.course_id)
        .join(Organisation, Organisation.code == Comparison.body_code)
        .where(ComparisonItem.item_id == item_id)
        .order_by(Comparison.ended_from.is_not(None), Comparison.approved_at.desc(), Comparison.id)
    )
    return connection.execute(query.limit(limit)).all()


def yielded_by(connection: Connection, item_id: str) -> list[str]:
    """Return the ids of the comparisons that yield an item, oldest first."""
    query = select(ComparisonItem.comparison_id).where(ComparisonItem.item_id == item_id)
    return list(connection.scalars(query.order_by(ComparisonItem.comparison_id)))


def kinds(connection: Connection) -> list[str]:
    """Return the kinds of items that there are."""
    return list(connection.scalars(select(Item.kind).where(Item.kind.is_not(None)).distinct().order_by(Item.kind)))


def areas(connection: Connection) -> list[str]:
    """Return the areas of items that there are."""
    return list(connection.scalars(select(Item.area).where(Item.area.is_not(None)).distinct().order_by(Item.area)))


def stored(connection: Connection, framework_id: str) -> values.Framework | None:
    """Return a framework whole, retired items included, in the order of its file."""
    row = by_id(connection, framework_id)
    if row is None:
        return None
    order = (Item.position, Item.code, Item.id)
    found = connection.execute(select(Item.__table__).where(Item.framework_id == framework_id).order_by(*order))
    table = ItemAssociation
    ties = select(table.__table__).where(table.framework_id == framework_id).order_by(table.position, table.id)
    return about(row, tuple(item_value(each) for each in found), tuple(map(tie_value, connection.execute(ties))))


def about(row: Stored, items: tuple[values.Item, ...] = (), ties: tuple[values.Tie, ...] = ()) -> values.Framework:
    """Return a row of a framework as a value, with the given items and ties."""
    return values.Framework(
        id=row.id,
        code=row.code,
        title_th=row.title_th,
        title_en=row.title_en,
        version=row.version,
        source=row.source,
        evidence=row.evidence,
        uri=row.uri,
        publisher=row.publisher,
        language=row.language,
        status=row.status,
        changed=_text(row.changed_at),
        more=row.case_more,
        items=items,
        ties=ties,
    )


_SAME = tuple(name for name in values.Item.__dataclass_fields__ if name not in ("parent", "changed", "retired", "more"))


def item_value(row: Stored) -> values.Item:
    """Return a row of an item as a value."""
    said = row._asdict()
    return values.Item(
        **{name: said[name] for name in _SAME},
        parent=row.parent_code,
        changed=_text(row.changed_at),
        retired=_text(row.retired_at),
        more=row.case_more,
    )


def tie_value(row: Stored) -> values.Tie:
    """Return a row of a tie as a value."""
    said = row._asdict()
    names = (name for name in values.Tie.__dataclass_fields__ if name != "more")
    return values.Tie(**{name: said[name] for name in names}, more=row.case_more)


def _text(moment: datetime | None) -> str | None:
    return instant_text(moment) if moment is not None else None

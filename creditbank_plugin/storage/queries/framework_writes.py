"""Loading an edition of a framework: items are entered, changed and retired, never deleted."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, update

from creditbank_plugin.rules.framework import Framework, Item, Tie
from creditbank_plugin.rules.framework_edition import Edition
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.queries.bulk import insert_many
from creditbank_plugin.storage.queries.writes import table_of

_ITEM, _TIE = table_of(tables.Item), table_of(tables.ItemAssociation)
_AT_ONCE = 500


def load(connection: Connection, edition: Edition, *, generation: int, now: datetime, by: str | None) -> None:
    """Carry out an edition in this transaction; what it changes belongs to ``generation`` of the items."""
    framework = edition.framework
    _framework(connection, edition, now, by)
    for item_id, code in edition.renamed.items():
        original = next(item for item in (edition.before.items if edition.before else ()) if item.id == item_id)
        more = {"humanCodingScheme": original.code, **(original.more or {})}
        values = {"code": code, "case_more": more, "generation": generation}
        connection.execute(update(_ITEM).where(_ITEM.c.id == item_id).values(values))
    _retire(connection, [item.id for item in edition.retired], generation, now)
    # A code may wander from one item to another within an edition: all of them are let go before any is taken.
    wandering = [
        {"b_id": change.after.id, "code": f"~{change.after.id}"}
        for change in edition.changed
        if "code" in change.fields
    ]
    _change(connection, _ITEM, wandering)
    _change(connection, _ITEM, [_bound(item, generation, now) for item in _rewritten(edition)])
    _change(connection, _ITEM, [{"b_id": item.id, "position": item.position} for item in edition.moved])
    insert_many(connection, tables.Item, [_row(item, framework.id, generation, now) for item in edition.new])
    for start in range(0, len(edition.lost_ties), _AT_ONCE):
        lost = edition.lost_ties[start : start + _AT_ONCE]
        connection.execute(delete(_TIE).where(_TIE.c.id.in_(lost)))
    _change(connection, _TIE, [{"b_id": tie.id, **_tie(tie, framework.id)} for tie in edition.changed_ties])
    insert_many(
        connection, tables.ItemAssociation, [{"id": tie.id, **_tie(tie, framework.id)} for tie in edition.new_ties]
    )


def _rewritten(edition: Edition) -> Iterable[Item]:
    yield from (change.after for change in edition.changed)
    yield from edition.returned


def _framework(connection: Connection, edition: Edition, now: datetime, by: str | None) -> None:
    framework, table = edition.framework, table_of(tables.Framework)
    values = {**_about(framework), "changed_at": _moment(framework.changed) or now, "changed_by": by}
    if edition.before is None:
        connection.execute(table.insert().values(id=framework.id, **values))
    else:
        connection.execute(update(table).where(table.c.id == framework.id).values(values))


def _about(framework: Framework) -> dict[str, Any]:
    names = ("code", "title_th", "title_en", "version", "source", "evidence", "uri", "publisher", "language", "status")
    return {**{name: getattr(framework, name) for name in names}, "case_more": _json(framework.more)}


def _retire(connection: Connection, ids: list[str], generation: int, now: datetime) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        values = {"retired_at": now, "changed_at": now, "generation": generation}
        connection.execute(update(_ITEM).where(_ITEM.c.id.in_(some)).values(values))


def _change(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = [name for name in rows[0] if name != "b_id"]
        statement = update(table).where(table.c.id == bindparam("b_id"))
        connection.execute(statement.values({name: bindparam(name) for name in names}), rows)


_SAME = (
    *("code", "text_th", "text_en", "description_th", "description_en", "level", "kind", "area", "grade"),
    *("note_th", "note_en", "source", "evidence", "uri", "position"),
)


def _content(item: Item, generation: int, now: datetime) -> dict[str, Any]:
    return {
        **{name: getattr(item, name) for name in _SAME},
        "parent_code": item.parent,
        "case_more": _json(item.more),
        "retired_at": _moment(item.retired),
        "changed_at": _moment(item.changed) or now,
        "generation": generation,
    }


def _row(item: Item, framework_id: str, generation: int, now: datetime) -> dict[str, Any]:
    return {"id": item.id, "framework_id": framework_id, **_content(item, generation, now)}


def _bound(item: Item, generation: int, now: datetime) -> dict[str, Any]:
    return {"b_id": item.id, **_content(item, generation, now)}


def _tie(tie: Tie, framework_id: str) -> dict[str, Any]:
    names = ("kind", "origin_id", "origin_uri", "origin_title", "target_id", "target_uri", "target_title")
    return {
        "framework_id": framework_id,
        **{name: getattr(tie, name) for name in names},
        "position": tie.position,
        "source": tie.source,
        "case_more": _json(tie.more),
    }


def _json(more: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(more) if more else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None

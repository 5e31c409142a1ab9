"""Frameworks and their items."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, or_, select

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.tables import Framework, Item

_ITEMS = select(
    *Item.__table__.c,
    Framework.code.label("framework_code"),
    Framework.title_th.label("framework_title_th"),
    Framework.title_en.label("framework_title_en"),
).join(Framework, Framework.id == Item.framework_id)
_ITEMS_BY_ID = _ITEMS.where(among(Item.id))


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
    """Return outcomes with the code and title of their framework."""
    query = _ITEMS
    if words:
        query = query.where(
            or_(Item.code.contains(words, autoescape=True), Item.text_th.contains(words, autoescape=True))
        )
    if framework:
        query = query.where(Framework.code == framework)
    if ids is not None:
        query = query.where(Item.id.in_(list(ids)))
    return connection.execute(query.order_by(Framework.code, Item.code).limit(limit)).all()


def frameworks(connection: Connection) -> Sequence[Stored]:
    """Return every framework."""
    return connection.execute(select(Framework.__table__).order_by(Framework.code)).all()

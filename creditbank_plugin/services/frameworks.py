"""The frameworks that comparisons point into, and their items."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from creditbank_plugin.reference.frameworks import Framework
from creditbank_plugin.reference.frameworks import frameworks as shipped_frameworks
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.catalogue import reading_order
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import frameworks
from creditbank_plugin.storage.queries.writes import insert_new, table_of
from creditbank_plugin.storage.session import reading, writing


def load_frameworks(runtime: Runtime, shipped: Iterable[Framework] | None = None) -> int:
    """Bring the shipped frameworks into the database; return how many items are new.  Ids are stable."""
    new = 0
    for framework in shipped if shipped is not None else shipped_frameworks():
        rows = [
            {
                "id": item.id,
                "framework_id": framework.id,
                "code": item.code,
                "text_th": item.text_th,
                "text_en": item.text_en,
                "level": item.level,
                "area": item.area,
                "note_th": item.note_th,
                "note_en": item.note_en,
                "parent_code": item.parent,
                "source": item.source,
                "evidence": item.evidence,
            }
            for item in framework.items
        ]
        names = ("id", "code", "title_th", "title_en", "version", "source", "evidence")
        with writing(runtime.engine) as connection:
            insert_new(connection, tables.Framework, [{name: getattr(framework, name) for name in names}], ["id"])
            item_id, of = table_of(tables.Item).c.id, table_of(tables.Item).c.framework_id
            known = set(connection.scalars(select(item_id).where(of == framework.id)))
            rows = [row for row in rows if row["id"] not in known]
            insert_new(connection, tables.Item, rows, ["id"])
            new += len(rows)
    return new


def items(
    runtime: Runtime,
    search: str | None = None,
    framework: str | None = None,
    limit: int = 50,
    ids: Iterable[str] | None = None,
) -> Sequence[Stored]:
    """Return outcomes whose code or text holds ``search``, with their framework, in the order of their codes."""
    with reading(runtime.engine) as connection:
        words = thai.normalise(thai.digits(search)) if search else None
        rows = frameworks.items(connection, words=words, framework=framework, ids=ids, limit=limit)
    return sorted(rows, key=lambda row: (row.framework_code, reading_order(row.code)))


def all_frameworks(runtime: Runtime) -> Sequence[Stored]:
    """Return every framework."""
    with reading(runtime.engine) as connection:
        return frameworks.frameworks(connection)

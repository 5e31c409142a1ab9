"""Files on their way into the catalogue: the file, its checked rows, how a province names its columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.bulk import insert_many
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.streaming import streamed
from creditbank_plugin.storage.queries.writes import Rows, insert_all, upsert
from creditbank_plugin.storage.tables import Import, ImportMapping, ImportRow, Organisation

_NAMED = select(Organisation.code, Organisation.name_th, Organisation.name_en).where(
    or_(
        among(Organisation.code, "told"),
        among(Organisation.name_th, "told"),
        among(Organisation.name_en, "told"),
    )
)
_CENTRES = (
    select(Organisation.code, Organisation.province)
    .where(Organisation.kind == "province", among(Organisation.province, "provinces"))
    .order_by(Organisation.code.desc())
)
#: What a list shows of an import: all but the file itself.
_SHOWN = [column for column in Import.__table__.c if column.name != "content"]


def owners(connection: Connection, told: Iterable[str]) -> dict[str, str]:
    """Return the organisations that are told by their code, or by a name that only one of them bears."""
    given = set(told)
    if not given:
        return {}
    found: dict[str, set[str]] = {}
    rows = connection.execute(_NAMED, {"told": these(given)}).all()
    for row in rows:
        for name in {row.name_th, row.name_en}:
            found.setdefault(name, set()).add(row.code)
    named = {name: codes.pop() for name, codes in found.items() if len(codes) == 1 and name in given}
    return named | {row.code: row.code for row in rows if row.code in given}


def centres(connection: Connection, provinces: Iterable[str], own: str | None) -> dict[str, str]:
    """Return the code of each province's centre, by province; ``own`` where several are registered and it is one."""
    given = set(provinces)
    found: dict[str, str] = {}
    for row in connection.execute(_CENTRES, {"provinces": these(given)}) if given else ():
        if found.get(row.province) != own or own is None:
            found[row.province] = row.code
    return found


def add(connection: Connection, **columns: Any) -> None:
    """Add an import; ``columns`` are those of the table."""
    insert_all(connection, Import, [columns])


def get(connection: Connection, import_id: str) -> Stored | None:
    """Return an import without its file."""
    return connection.execute(select(*_SHOWN).where(Import.id == import_id)).first()


def content(connection: Connection, import_id: str) -> bytes | None:
    """Return the file of an import; None when it is dropped."""
    return connection.scalar(select(Import.content).where(Import.id == import_id))


def change(connection: Connection, import_id: str, only: Mapping[str, Any], **values: Any) -> bool:
    """Change an import that is still as ``only`` says; tell whether it was."""
    same = [getattr(Import, name) == value for name, value in only.items()]
    return connection.execute(update(Import).where(Import.id == import_id, *same).values(values)).rowcount == 1


def latest(connection: Connection, within: Iterable[str] | None, limit: int) -> Sequence[Stored]:
    """Return imports, newest first, of the organisations ``within`` (None for all)."""
    query = select(*_SHOWN).order_by(Import.id.desc()).limit(limit)
    return connection.execute(query if within is None else query.where(Import.organisation_code.in_(within))).all()


def stale(connection: Connection, states: Iterable[str], before: datetime) -> list[str]:
    """Return the ids of imports in one of ``states`` that nobody has touched since ``before``."""
    query = select(Import.id).where(Import.state.in_(list(states)), Import.changed_at < before)
    return list(connection.scalars(query))


def add_rows(connection: Connection, rows: Rows) -> None:
    """Add checked rows that all name the same columns."""
    insert_many(connection, ImportRow, rows)


def refuse(connection: Connection, import_id: str, number: int, **values: Any) -> None:
    """Change what was checked of a row."""
    same = (ImportRow.import_id == import_id, ImportRow.number == number)
    connection.execute(update(ImportRow).where(*same).values(values))


def row(connection: Connection, import_id: str, number: int) -> Stored | None:
    """Return one checked row."""
    query = select(ImportRow.__table__).where(ImportRow.import_id == import_id, ImportRow.number == number)
    return connection.execute(query).first()


def rows(connection: Connection, import_id: str, state: str, after: int, limit: int) -> Sequence[Stored]:
    """Return up to ``limit`` checked rows in ``state``, in the order of the file, from behind row ``after`` on."""
    query = (
        select(ImportRow.__table__)
        .where(ImportRow.import_id == import_id, ImportRow.state == state, ImportRow.number > after)
        .order_by(ImportRow.number)
    )
    return connection.execute(query.limit(limit)).all()


def rows_in(connection: Connection, import_id: str, states: Iterable[str]) -> Iterator[Stored]:
    """Stream the checked rows in one of ``states``, in the order of the file."""
    query = select(ImportRow.__table__).where(ImportRow.import_id == import_id, ImportRow.state.in_(list(states)))
    return streamed(connection, query.order_by(ImportRow.number), 1000)


def count(connection: Connection, import_id: str) -> dict[str, int]:
    """Count the checked rows of an import by state."""
    query = select(ImportRow.state, func.count()).where(ImportRow.import_id == import_id).group_by(ImportRow.state)
    return {row.state: row[1] for row in connection.execute(query)}


def forget_rows(connection: Connection, import_id: str, but: str | None = None) -> None:
    """Delete the checked rows of an import, all ``but`` those in one state."""
    kept = () if but is None else (ImportRow.state != but,)
    connection.execute(delete(ImportRow).where(ImportRow.import_id == import_id, *kept))


def mapping(connection: Connection, province: str, headings: str) -> dict[str, Any] | None:
    """Return what the columns under these headings (a digest) meant to a province the last time."""
    same = (ImportMapping.province == province, ImportMapping.headings == headings)
    found: dict[str, Any] | None = connection.scalar(select(ImportMapping.mapping).where(*same))
    return found


def keep_mapping(connection: Connection, **columns: Any) -> None:
    """Remember what columns mean; ``columns`` are those of the table."""
    statement = upsert(connection, ImportMapping).values(columns)
    changed = {name: columns[name] for name in ("mapping", "used_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["province", "headings"], set_=changed))

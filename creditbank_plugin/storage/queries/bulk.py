"""Many rows of one table at once: COPY on PostgreSQL, one prepared statement on SQLite.

Measured: of settling's time a third went into binding parameters one by one.  Values are written here as the column
types would write them; the text of a JSON column may be handed over ready (``str``), and then stands as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Date, LargeBinary, String, Table, Uuid, bindparam, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase

from creditbank_plugin.formats import json_text
from creditbank_plugin.rules.ledger import moment_text
from creditbank_plugin.storage.base import Instant
from creditbank_plugin.storage.copying import can_copy, copy_in
from creditbank_plugin.storage.queries.writes import Rows, insert_all, table_of

Write = Callable[[Any], Any]


def insert_many(connection: Connection, model: type[DeclarativeBase], rows: Rows) -> None:
    """Insert rows that all name the same columns, in this transaction; raises what any INSERT raises."""
    if not rows:
        return
    if can_copy(connection):
        _copy(connection, table_of(model), tuple(rows[0]), rows)
    elif connection.dialect.name == "sqlite":
        _prepared(connection, table_of(model), rows)
    else:  # a host's own connection, or another driver: by the column types, which write the JSON themselves
        insert_all(connection, model, [_unwritten(table_of(model), row) for row in rows])


def insert_many_new(connection: Connection, model: type[DeclarativeBase], rows: Rows, key: Sequence[str]) -> None:
    """Insert rows that all name the same columns, leaving out those whose ``key`` (of a unique index) stands already."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _prepared(connection, table_of(model), rows, f" on conflict ({', '.join(key)}) do nothing")
    else:
        connection.execute(_ignoring(table_of(model), tuple(key)), [dict(row) for row in rows])


def insert_mostly_new(connection: Connection, model: type[DeclarativeBase], rows: Rows, key: Sequence[str]) -> None:
    """Do the same where hardly any row stands already: by COPY, and row by row if one does after all."""
    if len(rows) < 2 or not can_copy(connection):
        insert_many_new(connection, model, rows, key)
        return
    try:
        with connection.begin_nested():
            insert_many(connection, model, rows)
    except IntegrityError:
        insert_many_new(connection, model, rows, key)


def update_many(connection: Connection, model: type[DeclarativeBase], rows: Rows) -> None:
    """Write the columns that the rows name (all the same) into rows that stand, each known by its ``id``."""
    if not rows:
        return
    table = table_of(model)
    names = (*(name for name in rows[0] if name != "id"), "id")
    if connection.dialect.name == "sqlite":
        bound = _bound(names, _writers(table, names, _FOR_SQLITE), None, rows)
        connection.exec_driver_sql(_update(table, names), [tuple(values) for values in bound])
        return
    columns = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names[:-1]}
    statement = update(table).where(table.c.id == bindparam("which", type_=table.c.id.type)).values(columns)
    plain = [_unwritten(table, row) for row in rows]
    values = [{"which": row["id"], **{f"new_{name}": row[name] for name in columns}} for row in plain]
    connection.execute(statement, values)


def _copy(connection: Connection, table: Table, names: Sequence[str], rows: Rows) -> None:
    bound = _bound(names, _writers(table, names, _FOR_COPY), "\\N", rows)
    lines = "".join(["\t".join(values) + "\n" for values in bound])
    copy_in(connection, f"copy {table.name} ({', '.join(names)}) from stdin", lines)


def _bound(names: Sequence[str], writers: Sequence[Write], nothing: Any, rows: Rows) -> list[list[Any]]:
    """Return rows as lists of values in the order of ``names``, written by their ``writers``, None as ``nothing``."""
    places = [(place, write) for place, write in enumerate(writers) if write is not _as_it_is]
    bound = [[row[name] for name in names] for row in rows]
    for values in bound:
        for place, write in places:
            value = values[place]
            values[place] = nothing if value is None else write(value)
    return bound


def _prepared(connection: Connection, table: Table, rows: Rows, otherwise: str = "") -> None:
    names = tuple(rows[0])
    bound = _bound(names, _writers(table, names, _FOR_SQLITE), None, rows)
    connection.exec_driver_sql(_insert(table, names) + otherwise, [tuple(values) for values in bound])


@lru_cache
def _ignoring(table: Table, key: Sequence[str]) -> postgresql.Insert:
    return postgresql.insert(table).on_conflict_do_nothing(index_elements=key)


@lru_cache
def _insert(table: Table, names: Sequence[str]) -> str:
    return f"insert into {table.name} ({', '.join(names)}) values ({', '.join('?' * len(names))})"  # noqa: S608 - our own names


@lru_cache
def _update(table: Table, names: Sequence[str]) -> str:
    changes = ", ".join(f"{name} = ?" for name in names[:-1])
    return f"update {table.name} set {changes} where {names[-1]} = ?"  # noqa: S608 - our own names


@lru_cache
def _writers(table: Table, names: Sequence[str], kinds: tuple[tuple[type, Write], ...]) -> tuple[Write, ...]:
    return tuple(next(write for kind, write in kinds if isinstance(table.c[name].type, kind)) for name in names)


def _unwritten(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its JSON columns as values, also those that were handed over as text."""
    return {
        name: json_text.loads(value) if isinstance(value, str) and isinstance(table.c[name].type, JSON) else value
        for name, value in row.items()
    }


def _as_it_is(value: Any) -> Any:
    return value


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment_text(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json_text.dumps(value)


_FOR_SQLITE: tuple[tuple[type, Write], ...] = (
    (Uuid, lambda value: value.replace("-", "")),
    (Instant, _moment),
    (Date, date.isoformat),
    (JSON, _json),
    (object, _as_it_is),
)
_FOR_COPY: tuple[tuple[type, Write], ...] = (
    (Uuid, str),
    (Instant, lambda value: _moment(value) + "+00"),
    (JSON, lambda value: _json(value).replace("\\", "\\\\")),
    (LargeBinary, lambda value: "\\\\x" + bytes(value).hex()),
    (Boolean, lambda value: "t" if value else "f"),
    (String, _escaped),
    (object, str),
)

"""Rows as the driver gives and takes them, many at once: what fills a database, and what a floor writes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import JSON, Connection, Engine, Uuid, bindparam, event, text
from sqlalchemy.orm import DeclarativeBase

from creditbank_plugin.storage.session import open_engine, writing

Row = dict[str, Any]
Model = type[DeclarativeBase]


def unchecked(url: str, *, roomy: bool = False) -> Engine:
    """Return an engine for `loading`: it looks up no foreign keys (PostgreSQL: see there).

    ``roomy`` gives SQLite memory enough to add a million rows to indexes in any order.
    """
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda driver, _: driver.execute("pragma foreign_keys = off"))
        if roomy:
            event.listen(engine, "connect", lambda driver, _: driver.execute("pragma cache_size = -400000"))
    return engine


@contextmanager
def loading(engine: Engine) -> Iterator[Connection]:
    """Open one write transaction of an `unchecked` engine, committed at the end."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("set local session_replication_role = replica")
        yield connection


def read(connection: Connection, model: Model, column: str | None = None, keys: Sequence[str] = ()) -> list[Row]:
    """Return rows (those whose ``column`` is among ``keys``) as `write` takes them: ids and JSON as the text they are."""
    names = [
        f"cast({each.name} as text) as {each.name}" if isinstance(each.type, JSON | Uuid) else each.name
        for each in model.__table__.c
    ]
    query = f"select {', '.join(names)} from {model.__tablename__}"
    if column is None:
        found = connection.execute(text(query))
    else:
        chosen = text(f"{query} where cast({column} as text) in :keys").bindparams(bindparam("keys", expanding=True))
        found = connection.execute(chosen, {"keys": list(keys)})
    return [dict(row._mapping) for row in found]


def write(connection: Connection, model: Model, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns: by COPY, on SQLite by one prepared statement."""
    if not rows:
        return
    names = list(rows[0])
    values = [tuple(row.values()) for row in rows]
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"insert into {model.__tablename__} ({', '.join(names)}) values ({marks})", values)
        return
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(f"copy {model.__tablename__} ({', '.join(names)}) from stdin") as copy:
        for value in values:
            copy.write_row(value)


def settle_down(engine: Engine) -> None:
    """Do now what a database would do by itself some time after a million new rows: look at them, and tidy up."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("set statement_timeout = 0")
            connection.exec_driver_sql("vacuum (analyze)")
            connection.exec_driver_sql("checkpoint")
        else:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()

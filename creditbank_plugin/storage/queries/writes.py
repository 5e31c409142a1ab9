"""Inserts that both databases understand."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

Rows = Sequence[Mapping[str, Any]]


def table_of(model: type[DeclarativeBase]) -> Table:
    """Return the table behind a model."""
    found = model.__table__
    if not isinstance(found, Table):
        raise TypeError(model)
    return found


def insert_all(connection: Connection, model: type[DeclarativeBase], rows: Rows) -> None:
    """Insert rows; nothing happens for none."""
    if rows:
        connection.execute(table_of(model).insert(), [dict(row) for row in rows])


def upsert(connection: Connection, model: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ``on_conflict_do_nothing`` on this connection's database."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table_of(model))
    return sqlite.insert(table_of(model))


def insert_new(connection: Connection, model: type[DeclarativeBase], rows: Rows, key: Sequence[str]) -> None:
    """Insert rows, leaving out those whose ``key`` (of a unique index) stands already."""
    if rows:
        statement = upsert(connection, model).on_conflict_do_nothing(index_elements=list(key))
        connection.execute(statement, [dict(row) for row in rows])

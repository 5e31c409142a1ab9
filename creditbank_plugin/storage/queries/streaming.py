"""Reading a whole table, of a nation if need be, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable


def unhurried(connection: Connection) -> None:
    """Let the statements of this transaction take their time: a nation's rows take longer than a request may."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("set local statement_timeout = 0")


def streamed(
    connection: Connection, query: Executable, at_once: int, given: Mapping[str, Any] | None = None
) -> Iterator[Any]:
    """Stream the rows of a query with the values ``given``, about ``at_once`` of them in memory."""
    for rows in in_parts(connection, query, at_once, given):
        yield from rows


def in_parts(
    connection: Connection, query: Executable, at_once: int, given: Mapping[str, Any] | None = None
) -> Iterator[Sequence[Any]]:
    """Stream the rows of a query with the values ``given``, ``at_once`` of them at a time."""
    unhurried(connection)
    found = connection.execute(query, dict(given or {}), execution_options={"yield_per": at_once})
    yield from found.partitions(at_once)

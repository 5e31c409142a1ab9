"""Reading a whole table, of a nation if need be, row by row."""

from collections.abc import Iterator, Mapping
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
    unhurried(connection)
    found = connection.execute(query, dict(given or {}), execution_options={"yield_per": at_once})
    for rows in found.partitions(at_once):
        yield from rows

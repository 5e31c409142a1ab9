"""Reading a whole table, of a nation if need be, row by row."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection


def streamed(connection: Connection, query: Any, at_once: int) -> Iterator[Any]:
    """Stream the rows of a query (a `str` goes to the driver as it is), about ``at_once`` of them in memory."""
    if connection.dialect.name == "postgresql":
        # A nation's rows take longer than the statement of a request may; only this transaction is freed of it.
        connection.exec_driver_sql("set local statement_timeout = 0")
    run: Any = connection.exec_driver_sql if isinstance(query, str) else connection.execute
    for rows in run(query, execution_options={"yield_per": at_once}).partitions():
        yield from rows

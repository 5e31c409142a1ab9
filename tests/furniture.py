"""What was written into one database, kept as its driver has it and written into others: a fraction of the work."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.storage.base import Base

TABLES = tuple(table.name for table in Base.metadata.sorted_tables)
_ASKED = " union all ".join(f"select '{name}' where exists (select 1 from {name})" for name in TABLES)


def not_empty(connection: Connection) -> set[str]:
    """Return the names of our tables that have rows."""
    return {name for (name,) in connection.exec_driver_sql(_ASKED)}


@dataclass(frozen=True)
class Kept:
    """The rows of some tables, each with the statement that writes them, in an order in which they may be written."""

    tables: tuple[tuple[str, Any], ...]

    @classmethod
    def take(cls, connection: Connection, *, but: set[str]) -> "Kept":
        """Read all our rows ``but`` those of some tables."""
        read = _read_copy if connection.dialect.name == "postgresql" else _read_rows
        return cls(tuple(read(connection, name) for name in TABLES if name in not_empty(connection) - but))

    def put(self, connection: Connection) -> None:
        """Write them, in this transaction."""
        for statement, kept in self.tables:
            if isinstance(kept, bytes):
                with connection.connection.cursor().copy(statement) as copy:
                    copy.write(kept)
            else:
                connection.exec_driver_sql(statement, kept)


def _read_copy(connection: Connection, table: str) -> tuple[str, bytes]:
    with connection.connection.cursor().copy(f"copy {table} to stdout (format binary)") as copy:
        return f"copy {table} from stdin (format binary)", b"".join(copy)


def _read_rows(connection: Connection, table: str) -> tuple[str, list[tuple[Any, ...]]]:
    found = [tuple(row) for row in connection.exec_driver_sql(f"select * from {table}")]
    return f"insert into {table} values ({', '.join('?' * len(found[0]))})", found

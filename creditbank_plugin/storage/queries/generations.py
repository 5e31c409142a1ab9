"""How often something was changed, so that who holds a copy sees by one row whether it is still true."""

from zlib import crc32

from sqlalchemy import Connection, select, text

from creditbank_plugin.storage.queries.writes import upsert
from creditbank_plugin.storage.tables import Generation

COURSES, ITEMS = "courses", "items"

#: The class of PostgreSQL advisory locks under which what has a generation is changed.
_LOCKS = 0x0CB6
_CURRENT = select(Generation.number)


def current(connection: Connection, name: str) -> int:
    """Return the generation of what is called ``name``, 0 while it was never changed."""
    return connection.scalar(_CURRENT.where(Generation.name == name)) or 0


def hold(connection: Connection, name: str) -> None:
    """Let nobody else change what is called ``name`` until this transaction ends: what it reads of it stays true.

    On SQLite a write transaction is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        key = crc32(name.encode()) & 0x7FFFFFFF
        connection.execute(text("select pg_advisory_xact_lock(:locks, :key)"), {"locks": _LOCKS, "key": key})


def raise_to_next(connection: Connection, name: str) -> int:
    """Begin the next generation in this transaction and return its number, to be written on every row it changes.

    Transactions that raise the same name wait for one another: numbers rise in the order in which they may be read.
    """
    statement = upsert(connection, Generation).values(name=name, number=1)
    raised = statement.on_conflict_do_update(index_elements=["name"], set_={"number": Generation.number + 1})
    return int(connection.execute(raised.returning(Generation.number)).scalar_one())

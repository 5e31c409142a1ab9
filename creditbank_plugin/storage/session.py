"""Engines and transactions of ours: the one file that begins, commits and rolls back."""

import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from creditbank_plugin.formats import json_text
from creditbank_plugin.storage import copying
from creditbank_plugin.storage.faults import drop_broken_file, drop_read_only_server
from creditbank_plugin.storage.sqlite_file import WatchedFile

#: Ours, not the host's or the server's: settling is written for it, and an autocommit of the host's must not reach it.
ISOLATION = {"sqlite": "SERIALIZABLE", "postgresql": "READ COMMITTED"}

_JSON: dict[str, Any] = {"json_serializer": json_text.dumps, "json_deserializer": json_text.loads}
_LIKE_ANOTHER = "creditbank_like_another"
_engines: "WeakSet[Engine]" = WeakSet()
_note: ContextVar[Callable[[Connection], None] | None] = ContextVar("creditbank_note", default=None)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many connections one process may hold, and for how long anything may be waited for; whole seconds."""

    pool_size: int = 5
    pool_overflow: int = 10
    pool_seconds: int = 10
    statement_seconds: int = 60
    lock_seconds: int = 20


DEFAULT_LIMITS = Limits()
#: A connection unused for so long is asked whether it lives before it is used; each asking costs a round trip.
RESTED_SECONDS = 1.0
#: How many statements a connection to PostgreSQL keeps prepared.
PREPARED = 500


def is_memory(url: URL) -> bool:
    """Tell whether ``url`` is an SQLite database that lives in one connection only."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def file_of(url: URL) -> Path | None:
    """Return the file that an SQLite ``url`` names; None for a database in memory, a ``file:`` URI or another engine."""
    if url.get_backend_name() != "sqlite" or is_memory(url) or str(url.database).startswith("file:"):
        return None
    return Path(str(url.database))


def open_engine(url: str | URL, like: Engine | None = None, limits: Limits = DEFAULT_LIMITS) -> Engine:
    """Return an engine of our own: on SQLite with explicit BEGIN, on PostgreSQL with time-outs, each within ``limits``.

    Our own, because a host's engine begins its transactions as the host likes; SQLite's plain ``BEGIN`` failed
    302 of 1600 concurrent writes where ``BEGIN IMMEDIATE`` failed none.  ``like`` is the host's engine where ``url`` is
    its database: our connections are then made as its own are, so that both see the same schema.
    """
    url = make_url(url)
    made = _open_sqlite(url, limits) if url.get_backend_name() == "sqlite" else _open_postgresql(url, limits)
    if like is not None:
        made.update_execution_options(**{_LIKE_ANOTHER: True})
        event.listen(made, "do_connect", lambda *_: _connection_like(like))
    if not is_memory(url):
        _engines.add(made)
    return made


def can_be_opened_again(engine: Engine) -> bool:
    """Tell whether another process finds the same database and schema by the engine's address alone."""
    if _LIKE_ANOTHER in engine.get_execution_options():
        return False
    return engine.dialect.name != "sqlite" or file_of(engine.url) is not None


def _open_sqlite(url: URL, limits: Limits) -> Engine:
    engine = create_engine(
        url,
        isolation_level=ISOLATION["sqlite"],
        **_JSON,
        hide_parameters=True,  # neither an exception nor a log of statements repeats what was sent
        connect_args={"timeout": limits.lock_seconds, "check_same_thread": False},
        **({"poolclass": StaticPool} if is_memory(url) else _pool(limits)),
    )
    event.listen(engine, "connect", partial(_prepare_sqlite, limits))
    file = file_of(url)
    if file is not None:
        WatchedFile(file.absolute()).watch(engine)
        event.listen(engine, "handle_error", drop_broken_file)
    return engine


def _open_postgresql(url: URL, limits: Limits) -> Engine:
    engine = create_engine(
        url,
        isolation_level=ISOLATION["postgresql"],
        **_JSON,
        hide_parameters=True,
        connect_args={} if "connect_timeout" in url.query else {"connect_timeout": 5},
        **_pool(limits),
    )
    event.listen(engine, "connect", partial(_prepare_postgresql, limits))
    event.listen(engine, "checkin", _write_as_the_server_says)
    event.listen(engine, "handle_error", drop_read_only_server)
    copying.teach(engine)
    event.listen(engine, "checkin", lambda _, record: record and record.info.update(left=monotonic()))
    event.listen(engine, "checkout", partial(_ask_where_in_doubt, engine))
    return engine


def _ask_where_in_doubt(engine: Engine, connection: Any, record: ConnectionPoolEntry, _: object) -> None:
    """Ask a connection whether it still lives where nobody used it for a while, or its server has said something unasked.

    That is what a server does before it hangs up.  The pool opens another connection where it is dead.
    """
    if monotonic() - record.info.get("left", 0.0) > RESTED_SECONDS or _was_spoken_to(connection):
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


def _was_spoken_to(connection: Any) -> bool:
    """Tell whether something waits on a connection's socket; of another driver than psycopg nobody knows."""
    try:
        waiting = select.poll()
        waiting.register(connection.pgconn.socket, select.POLLIN)
        return bool(waiting.poll(0))
    except Exception:
        return True


def _pool(limits: Limits) -> dict[str, int]:
    return {
        "pool_use_lifo": True,  # the connection last used knows most of our statements already
        "pool_size": limits.pool_size,
        "max_overflow": limits.pool_overflow,
        "pool_timeout": limits.pool_seconds,
    }


def _prepare_sqlite(limits: Limits, connection: Any, record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {limits.lock_seconds * 1000}")
    # NORMAL would leave the last commits in the write-ahead log unsynced: a power cut could lose what was answered 202.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _prepare_postgresql(limits: Limits, connection: Any, record: ConnectionPoolEntry) -> None:
    """Set our time-outs with SET: as a start parameter they would replace a search_path that is given in the same way."""
    cursor = connection.cursor()
    cursor.execute(f"SET statement_timeout = '{limits.statement_seconds}s'")
    cursor.execute(f"SET lock_timeout = '{limits.lock_seconds}s'")
    cursor.execute("SET application_name = 'creditbank'")
    cursor.close()
    if hasattr(connection, "prepared_max"):  # psycopg: each statement comes in some lengths, see `queries.reads.these`
        connection.prepared_max = PREPARED
    connection.commit()


def _write_as_the_server_says(connection: Any, record: ConnectionPoolEntry) -> None:
    """Begin no transaction READ WRITE by name, as a connection that once only read would from then on.

    That overrules ``default_transaction_read_only``, by which an administrator or a full disk stops all writing.
    """
    if connection is not None and not connection.closed:
        connection.read_only = None


def _connection_like(host: Engine) -> Any:
    """Return a connection of the driver that nobody pools, made by the creator, options and listeners of a host's pool."""
    lent = host.pool.recreate().connect()
    made = lent.dbapi_connection
    lent.detach()
    return made


def _forget_the_parents_connections() -> None:
    """In a forked process (a server that loads the application first): the sockets and files at hand are the parent's."""
    for engine in list(_engines):
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parents_connections)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open one write transaction: committed at the end, rolled back when anything is raised."""
    with engine.connect() as connection:
        begin_immediate(connection)
        try:
            yield connection
            note = _note.get()
            if note is not None:
                note(connection)
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


@contextmanager
def together(note: Callable[[Connection], None]) -> Iterator[None]:
    """Let ``note`` write into every transaction that this thread ends within, and be committed with it or not at all."""
    before = _note.set(note)
    try:
        yield
    finally:
        _note.reset(before)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open one consistent view of the database that changes nothing."""
    with engine.connect() as connection:
        try:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            elif not _in_transaction(connection):
                connection.exec_driver_sql("BEGIN")
            yield connection
        finally:
            connection.rollback()


def begin_immediate(connection: Connection) -> None:
    """Take SQLite's write lock now, so that no later statement fails half-way; PostgreSQL needs nothing."""
    if connection.dialect.name == "sqlite" and not _in_transaction(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def autocommits(connection: Connection) -> bool:
    """Tell whether each statement of a host's connection commits by itself, so that there is no transaction to share."""
    if not connection.in_transaction():
        connection.begin()  # what its next statement would do by itself; a host may send a BEGIN of its own here
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        alone = driver.isolation_level is None or getattr(driver, "autocommit", None) is True
        return alone and not driver.in_transaction
    idle = getattr(getattr(driver, "info", None), "transaction_status", 0) == 0
    return bool(getattr(driver, "autocommit", False)) and idle


def begin_for_real(connection: Connection) -> None:
    """Open SQLite's transaction in a host's connection: its driver puts it off, and a savepoint alone would commit."""
    if connection.dialect.name == "sqlite" and not _in_transaction(connection):
        connection.exec_driver_sql("BEGIN")


def _in_transaction(connection: Connection) -> bool:
    driver = connection.connection.dbapi_connection
    return bool(driver is not None and driver.in_transaction)

"""What says that the database cannot be reached, in one place for every door."""

from sqlite3 import (
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_IOERR,
    SQLITE_NOTADB,
    SQLITE_READONLY,
)

from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: Raised when the database cannot be reached or read; nothing was kept, and trying again later may help (503).
UNREACHABLE: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)
RETRY_SECONDS = 30  # what Retry-After then says

# Another writer was in the way (serialization_failure, deadlock_detected, lock_not_available): trying again helps.
_COLLISION = frozenset(("40001", "40P01", "55P03"))
# The statement took too long (query_canceled): the message's own fault, not the server's.
_OWN_FAULT = frozenset(("57014",))
# Tables of another version, or no right to use them (undefined_table, undefined_column, insufficient_privilege).
_FOREIGN_TABLES = frozenset(("42P01", "42703", "42501"))

# Primary result codes of SQLite (https://www.sqlite.org/rescode.html) after which an open connection is of no use.
_BROKEN_FILE = frozenset((SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN))

# What PostgreSQL says to a writer that has reached a standby: read_only_sql_transaction, and feature_not_supported for
# a transaction that is to write (https://www.postgresql.org/docs/15/errcodes-appendix.html).
_READ_ONLY = frozenset(("25006", "0A000"))


def is_collision(error: Exception) -> bool:
    """Tell a deadlock or lock time-out, after which trying again helps, from a database that is gone."""
    return isinstance(error, DBAPIError) and (_code(error) in _COLLISION or "database is locked" in str(error.orig))


def is_gone(error: Exception) -> bool:
    """Tell whether nothing can be done until the database is there again, reads and writes, and has our tables."""
    if isinstance(error, DBAPIError) and _code(error) in _FOREIGN_TABLES:
        return True
    if is_collision(error) or (isinstance(error, DBAPIError) and _code(error) in _OWN_FAULT):
        return False
    return isinstance(error, UNREACHABLE)


def _code(error: DBAPIError) -> str | None:
    code = getattr(error.orig, "sqlstate", None)
    return str(code) if code is not None else None


def driver_error(connection: Connection) -> type[Exception]:
    """Return the error that the driver's own calls raise, which SQLAlchemy did not see."""
    found: type[Exception] = connection.dialect.loaded_dbapi.Error
    return found


def drop_broken_file(context: ExceptionContext) -> None:
    """Count a damaged or vanished SQLite file as a lost connection (a listener of ``handle_error``).

    Its connections are dropped, so that a file put right is found again without a restart.  A file that is no database
    is the driver's plain ``DatabaseError``; it is raised as ``OperationalError``, as every other lost connection is.
    """
    code = getattr(context.original_exception, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _BROKEN_FILE:
        _count_as_lost(context)


def drop_read_only_server(context: ExceptionContext) -> None:
    """Count a PostgreSQL that only reads as a lost connection: the next one may reach the server that writes."""
    if getattr(context.original_exception, "sqlstate", None) in _READ_ONLY:
        _count_as_lost(context)


def _count_as_lost(context: ExceptionContext) -> None:
    context.is_disconnect = True
    found = context.sqlalchemy_exception
    if isinstance(found, DBAPIError) and found.orig is not None and not isinstance(found, OperationalError):
        raise OperationalError(found.statement, None, found.orig, connection_invalidated=True)

"""What the database itself says of its state, for those who look after it."""

from datetime import datetime

from sqlalchemy import Connection, inspect, text

from creditbank_plugin.storage.tables import APPEND_ONLY


def missing_guards(connection: Connection) -> list[str]:
    """Return the append-only tables that have lost a guard against change or deletion."""
    if connection.dialect.name == "postgresql":
        query = "select tgname from pg_trigger where tgenabled <> 'D' and not tgisinternal"
        endings = ("guard", "guard_truncate")
    else:
        query = "select name from sqlite_master where type = 'trigger'"
        endings = ("guard_update", "guard_delete")
    present = set(connection.scalars(text(query)))
    return [table for table in APPEND_ONLY if any(f"{table}_{ending}" not in present for ending in endings)]


def journal_mode(connection: Connection) -> str | None:
    """Return SQLite's journal mode ("wal" is ours); None on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return None
    return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())


def has_foreign_migrations(connection: Connection) -> bool:
    """Tell whether the database is also a host's that migrates with Alembic."""
    return inspect(connection).has_table("alembic_version")


def clock(connection: Connection) -> datetime | None:
    """Return what time the database server has; None where it is this machine (SQLite)."""
    if connection.dialect.name == "sqlite":
        return None
    now = connection.scalar(text("select clock_timestamp()"))
    return now if isinstance(now, datetime) else None

"""What the database itself says of its state, for those who look after it."""

from datetime import datetime

from sqlalchemy import Connection, func, inspect, select, text

from creditbank_plugin.storage.guards import GUARDED, REFUSAL, Guard, guards, plain
from creditbank_plugin.storage.tables import Inbox, Queue

_TRIGGERS = {
    "sqlite": "select name, tbl_name, sql as statement, '' as body from sqlite_master where type = 'trigger'",
    "postgresql": """
        select t.tgname as name, c.relname as tbl_name, pg_get_triggerdef(t.oid, true) as statement, p.prosrc as body
        from pg_trigger t
        join pg_class c on c.oid = t.tgrelid
        join pg_namespace n on n.oid = c.relnamespace
        join pg_proc p on p.oid = t.tgfoid and p.pronamespace = n.oid
        join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
        where n.nspname = current_schema() and t.tgenabled in ('O', 'A') and not t.tgisinternal
    """,
}


def missing_guards(connection: Connection) -> list[str]:
    """Return the tables of which a guard against change is gone, switched off, or no longer says what it must."""
    dialect = connection.dialect.name
    body = plain(REFUSAL) if dialect == "postgresql" else ""
    present = {
        Guard(row.name, row.tbl_name, plain(row.statement))
        for row in connection.execute(text(_TRIGGERS[dialect]))
        if plain(row.body) == body
    }
    bare = {guard.table for guard in guards(dialect) if guard not in present}
    return [table for table in GUARDED if table in bare]


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


def queue_depths(connection: Connection) -> dict[str, int]:
    """Return how many messages stand in the queue: ``fresh`` and ``backlog`` (to be settled), ``parked``."""
    parked = Queue.parked_at.is_not(None)
    found = dict.fromkeys(("fresh", "backlog", "parked"), 0)
    counted = select(Queue.lane, parked.label("is_parked"), func.count().label("number"))
    for row in connection.execute(counted.group_by(Queue.lane, parked)):
        found["parked" if row.is_parked else ("backlog" if row.lane else "fresh")] += row.number
    return found


def oldest_fresh(connection: Connection) -> datetime | None:
    """Return when the oldest fresh message that is still to be settled was received; None when there is none."""
    fresh = select(Queue.inbox_id).where(Queue.lane == 0, Queue.parked_at.is_(None)).order_by(Queue.inbox_id).limit(1)
    return connection.scalar(select(Inbox.received_at).where(Inbox.id == fresh.scalar_subquery()))

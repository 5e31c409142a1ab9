"""Bring our tables to a revision, one process at a time, and say where they stand."""

import logging
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from creditbank_plugin.resources import resource_dir
from creditbank_plugin.storage.base import VERSION_TABLE
from creditbank_plugin.storage.session import is_memory

log = logging.getLogger(__name__)


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration of our own environment."""
    made = Config()
    made.set_main_option("script_location", str(resource_dir("migrations")).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """Return the newest revision we ship."""
    found = ScriptDirectory(str(Path(resource_dir("migrations")))).get_current_head()
    if found is None:
        raise RuntimeError("the package holds no migrations")
    return found


def current(engine: Engine) -> str | None:
    """Return the revision the database stands at; None when our tables are not there."""
    with engine.connect() as connection:
        return _revision(connection)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Upgrade under a lock, so that processes that start together do not collide."""
    _keep_journal(engine, "wal")
    _migrate(engine, lambda connection: command.upgrade(config(connection), revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to ``revision`` under the same lock; ``base`` removes every table of ours, the version table too.

    With the last table SQLite's write-ahead log goes: a host that wants one of its own sets it at its next connection.
    """

    def run(connection: Connection) -> None:
        command.downgrade(config(connection), revision)
        if _revision(connection) is None:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {VERSION_TABLE}")

    _migrate(engine, run)
    if current(engine) is None:
        engine.dispose()  # an idle connection of ours would keep the log
        _keep_journal(engine, "delete")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _migrate(engine: Engine, run: Callable[[Connection], None]) -> None:
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        # The driver's own transactions leave half a migration behind; one explicit transaction does not.
        engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if sqlite:
            # Batch mode rebuilds tables: with foreign keys on, that would delete their children.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("select pg_advisory_xact_lock(hashtext(:key))"), {"key": VERSION_TABLE})
        try:
            run(connection)
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise RuntimeError("the migration would break references; nothing was changed")
        except BaseException:
            connection.exec_driver_sql("ROLLBACK") if sqlite else connection.rollback()
            raise
        connection.exec_driver_sql("COMMIT") if sqlite else connection.commit()
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _keep_journal(engine: Engine, mode: str) -> None:
    """Set the journal of an SQLite file, which all its users share: with a write-ahead log readers need not wait for us."""
    if engine.dialect.name != "sqlite" or is_memory(engine.url):
        return
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
        if found != mode:
            connection.exec_driver_sql("PRAGMA busy_timeout = 2000")
            try:
                found = connection.exec_driver_sql(f"PRAGMA journal_mode = {mode}").scalar()
            except OperationalError as error:
                log.debug("the journal stays as it is (%s)", error.orig)
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
        if found != mode:
            log.warning("the journal mode of the SQLite file stays %s: somebody else has the file open", found)

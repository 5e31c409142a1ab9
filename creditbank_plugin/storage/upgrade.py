"""Bring our tables to a revision, one process at a time, and say where they stand."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from creditbank_plugin.resources import resource_dir
from creditbank_plugin.storage.base import VERSION_TABLE


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
    _migrate(engine, lambda connection: command.upgrade(config(connection), revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to ``revision`` (``base`` removes every table of ours, the version table too) under the same lock."""

    def run(connection: Connection) -> None:
        command.downgrade(config(connection), revision)
        if _revision(connection) is None:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {VERSION_TABLE}")

    _migrate(engine, run)


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

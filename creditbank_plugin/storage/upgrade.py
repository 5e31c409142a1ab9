"""Bring our tables to a revision, one process at a time, and say where they stand.

Alembic is imported by what migrates, not by what asks: a host's start needs the revisions only.
"""

import logging
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from creditbank_plugin.resources import resource_dir
from creditbank_plugin.storage.base import VERSION_TABLE
from creditbank_plugin.storage.session import is_memory

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)
_NAMED = re.compile(r'^(revision|down_revision) = "([^"]+)"$', re.MULTILINE)


def config(connection: Connection | None = None) -> "Config":
    """Return Alembic's configuration of our own environment."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(resource_dir("migrations")).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


@cache
def head() -> str:
    """Return the newest revision we ship: the one that no other comes after (a test holds it against Alembic's answer)."""
    newest = set(_shipped()) - set(_shipped().values())
    if len(newest) != 1:
        raise RuntimeError(f"the package holds {len(newest)} newest migrations, not one")
    return newest.pop()


def is_newer(revision: str | None) -> bool:
    """Tell whether tables at ``revision`` are of a version after this one: we do not ship the way there."""
    return revision is not None and revision not in _shipped()


@cache
def _shipped() -> dict[str, str | None]:
    """Return each revision we ship with the one it comes after."""
    named = [
        dict(_NAMED.findall(path.read_text(encoding="utf-8")))
        for path in (Path(resource_dir("migrations")) / "versions").glob("*.py")
    ]
    return {each["revision"]: each.get("down_revision") for each in named if each}


def current(engine: Engine) -> str | None:
    """Return the revision the database stands at; None when our tables are not there."""
    with engine.connect() as connection:
        return _revision(connection)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Upgrade under a lock, so that processes that start together do not collide."""
    from alembic import command

    _keep_journal(engine, "wal")
    _migrate(engine, lambda connection: command.upgrade(config(connection), revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to ``revision`` under the same lock; ``base`` removes every table of ours, the version table too.

    With the last table SQLite's write-ahead log goes: a host that wants one of its own sets it at its next connection.
    """
    from alembic import command

    def run(connection: Connection) -> None:
        command.downgrade(config(connection), revision)
        if _revision(connection) is None:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {VERSION_TABLE}")

    _migrate(engine, run)
    if current(engine) is None:
        engine.dispose()  # an idle connection of ours would keep the log
        _keep_journal(engine, "delete")


def _revision(connection: Connection) -> str | None:
    """Read the one row of our version table; None where there is no table, or none in it."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.scalar(text(f"select version_num from {VERSION_TABLE}"))  # noqa: S608 - a name of ours
    return str(found) if found is not None else None


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
            # A change to a large table, and the wait for another upgrade, last as long as they must; a lock on a table
            # that is in use is asked for as briefly as ever.
            connection.execute(text("set local statement_timeout = 0"))
            patience = connection.scalar(text("show lock_timeout"))
            connection.execute(text("set local lock_timeout = 0"))
            connection.execute(text("select pg_advisory_xact_lock(hashtext(:key))"), {"key": VERSION_TABLE})
            connection.execute(text("select set_config('lock_timeout', :patience, true)"), {"patience": patience})
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

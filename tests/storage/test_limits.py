"""The limits of an engine: what the settings say is what the database is told."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from creditbank_plugin.resources import resource_dir
from creditbank_plugin.services.runtime import limits_of
from creditbank_plugin.settings import Settings, read
from creditbank_plugin.storage import upgrade
from creditbank_plugin.storage.session import Limits, open_engine, reading
from tests import builders


def test_the_defaults_of_settings_and_engine_are_the_same() -> None:
    assert limits_of(Settings()) == Limits()
    assert {each.name for each in fields(Limits)} <= {each.name for each in fields(Settings)}


def test_the_database_is_told_the_limits(url: str) -> None:
    engine = open_engine(url, limits=Limits(statement_seconds=7, lock_seconds=3))
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 3000
        else:
            assert connection.scalar(text("show statement_timeout")) == "7s"
            assert connection.scalar(text("show lock_timeout")) == "3s"
    engine.dispose()


def test_the_pool_is_as_large_as_it_is_told(url: str) -> None:
    engine = open_engine(url, limits=Limits(pool_size=1, pool_overflow=1, pool_seconds=1))
    with engine.connect(), engine.connect(), pytest.raises(PoolTimeout):
        engine.connect()
    engine.dispose()


def test_a_statement_that_takes_too_long_is_ended(make_url: Any) -> None:
    engine = open_engine(make_url("postgresql"), limits=Limits(statement_seconds=1))
    with pytest.raises(OperationalError, match="statement timeout"), reading(engine) as connection:
        connection.execute(text("select pg_sleep(30)"))
    engine.dispose()


def test_a_migration_may_take_longer_than_a_statement(make_url: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change to a large table takes as long as it must; only its wait for a lock on a table in use is bounded."""
    engine = open_engine(make_url("postgresql"), limits=Limits(statement_seconds=1, lock_seconds=2))
    seen: list[object] = []
    upgrade._migrate(
        engine,
        lambda connection: seen.extend(
            connection.scalar(text(f"show {name}")) for name in ("statement_timeout", "lock_timeout")
        ),
    )
    assert seen == ["0", "2s"]
    engine.dispose()


def test_the_hosts_application_is_given_the_settings(tmp_path: Path, url: str) -> None:
    house = builders.make_app(tmp_path, url, CREDITBANK_POOL_SIZE="2", CREDITBANK_LOCK_SECONDS="4")
    assert house.runtime.engine.pool.size() == 2  # type: ignore[attr-defined]
    assert limits_of(read(house.app.config)).lock_seconds == 4


def test_an_error_does_not_repeat_what_was_sent(url: str) -> None:
    engine = open_engine(url)
    with pytest.raises(StatementError) as caught, reading(engine) as connection:
        connection.execute(text("select * from creditbank_no_such_table where name = :name"), {"name": "สมชาย ใจดี"})
    assert "สมชาย" not in str(caught.value)
    engine.dispose()


def test_the_newest_revision_is_the_one_alembic_names() -> None:
    assert upgrade.head() == ScriptDirectory(str(resource_dir("migrations"))).get_current_head()

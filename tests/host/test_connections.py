"""What a host's connection is like: who commits it, which schema it sees, and whose process opened it."""

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.pool import QueuePool

from creditbank_plugin.host.attach import attach, place_of
from creditbank_plugin.services import spool
from creditbank_plugin.storage.session import open_engine
from creditbank_plugin.storage.upgrade import current, upgrade
from tests import builders
from tests.builders import completed
from tests.host.school import School, open_school


@pytest.mark.parametrize("first", ["host", "tiding"])
def test_an_autocommitting_connection_has_no_transaction_to_share(school: School, first: str) -> None:
    with school.app.app_context(), school.db.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        steps: list[Callable[[], Any]] = [
            lambda: connection.execute(school.Completion.__table__.insert().values(student="s-1")),
            lambda: school.fire(completed(), connection),
        ]
        for step in steps if first == "host" else reversed(steps):
            step()
    assert (school.rows(), school.told()) == (1, {"credited": 1})


def test_an_autocommitting_connection_without_our_tables_is_spooled_for_certain(school: School) -> None:
    with school.without_our_tables(), school.app.app_context(), school.db.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        school.fire(completed(), connection)
        assert len(spool.waiting(school.house.runtime)) == 1
    school.settle()
    assert school.told() == {"credited": 1}


def _options(url: str, **more: Any) -> dict[str, Any]:
    return {"connect_args": {"timeout": 30}, **more} if url.startswith("sqlite") else more


def test_a_host_whose_engine_commits_every_statement(url: str, tmp_path: Path) -> None:
    school = open_school(tmp_path, url, SQLALCHEMY_ENGINE_OPTIONS=_options(url, isolation_level="AUTOCOMMIT"))
    builders.furnish(school.house)
    school.finish(1)
    assert (school.rows(), school.told()) == (1, {"credited": 1})
    with school.house.runtime.engine.connect() as connection:
        connection.execute(text("delete from school_completion"))
        connection.rollback()
    assert school.rows() == 1, "our own connections do not commit by themselves"
    school.close()


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("how", ["session", "connection"])
def test_an_sqlite_host_that_begins_by_itself(make_url: Callable[..., str], tmp_path: Path, end: str, how: str) -> None:
    """SQLAlchemy's own recipe: the driver's transactions are switched off and an event sends BEGIN."""
    school = open_school(tmp_path, make_url("sqlite"))
    with school.app.app_context():
        engine = school.db.engine
        engine.dispose()
        event.listen(engine, "connect", lambda driver, _: setattr(driver, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        builders.furnish(school.house)
        if how == "session":
            school.note(1)
            school.fire(completed(), school.db.session)
            getattr(school.db.session, end)()
        else:
            with engine.connect() as connection:
                school.fire(completed(), connection)
                connection.execute(school.Completion.__table__.insert().values(student="s-1"))
                getattr(connection, end)()
    assert (school.rows(), school.told()) == ((1, {"credited": 1}) if end == "commit" else (0, {}))
    assert spool.waiting(school.house.runtime) == []
    school.close()


def _by_listener(engine: Engine) -> None:
    def search(driver: Any, _: object) -> None:
        driver.execute("set search_path to lms")
        driver.commit()

    event.listen(engine, "connect", search)


@pytest.mark.parametrize("how", ["connect_args", "query", "creator", "listener", "binds"])
def test_our_tables_stand_in_the_schema_of_the_host(
    make_url: Callable[..., str], tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url("postgresql", blank=True)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create schema lms"))
    arguments = {"connect_args": {"options": "-c search_path=lms"}}
    config: dict[str, Any] = {
        "connect_args": {"SQLALCHEMY_ENGINE_OPTIONS": arguments},
        "creator": {"SQLALCHEMY_ENGINE_OPTIONS": {"creator": lambda: _psycopg(url)}},
        "binds": {"SQLALCHEMY_BINDS": {None: {"url": url, **arguments}}},
    }.get(how, {})
    if how == "listener":
        made = SQLAlchemy._make_engine

        def listening(*given: Any) -> Engine:
            found = made(*given)
            _by_listener(found)
            return found

        monkeypatch.setattr(SQLAlchemy, "_make_engine", listening)
    school = open_school(tmp_path, f"{url}?options=-csearch_path%3Dlms" if how == "query" else url, **config)
    runtime = school.house.runtime
    upgrade(runtime.engine)
    builders.furnish(school.house)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "select schemaname, count(*) filter (where tablename like 'creditbank%') > 20, "
                "bool_or(tablename = 'school_completion') from pg_tables where schemaname in ('lms', 'public') group by 1"
            )
        ).all()
    assert [tuple(row) for row in found] == [("lms", True, True)]
    with runtime.engine.connect() as connection:
        assert connection.scalar(text("show lock_timeout")) == "20s"
        assert connection.scalar(text("show statement_timeout")) == "1min"
    school.finish(1)
    school.take_back(2)
    assert (school.rows(), school.told()) == (1, {"credited": 1})
    engine.dispose()
    school.close()


def _psycopg(url: str) -> Any:
    import psycopg

    return psycopg.connect(url.replace("+psycopg", ""), options="-c search_path=lms")


def test_an_address_is_the_same_place_however_it_is_written(tmp_path: Path) -> None:
    def place(url: str) -> tuple[str, ...]:
        return place_of(create_engine(url))

    host = "postgresql+psycopg:"
    assert place(f"{host}//u@LMS.example:6432/lms") == place(f"{host}///lms?host=lms.example&port=6432&user=x")
    assert place(f"{host}//lms.example/lms") == place(f"{host}//lms.example:5432/lms")
    assert place(f"{host}//lms.example:6432/lms") != place(f"{host}///lms?host=lms.example&port=7432")
    assert place(f"{host}//lms.example/lms") != place(f"{host}//lms.example/other")
    assert place(f"sqlite:///{tmp_path}/a/../x.db") == place(f"sqlite:///{tmp_path}/x.db")


def _open_files() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts the files of this process as Linux tells them")
def test_an_application_that_is_made_in_vain_leaves_no_connection_open(url: str, tmp_path: Path) -> None:
    def make() -> Flask:
        app = Flask("made-in-vain")
        app.config.update(SQLALCHEMY_DATABASE_URI=url, CREDITBANK_DATA=str(tmp_path / "data"))
        SQLAlchemy(app)
        return app

    kept = [attach(make())]
    before = _open_files()
    kept += [attach(make()) for _ in range(5)]
    assert _open_files() <= before
    pool = kept[0].runtime.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedin() == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_opens_connections_of_its_own(make_url: Callable[..., str]) -> None:
    engine = open_engine(make_url("postgresql"))
    with engine.connect() as connection:
        ours = connection.scalar(text("select pg_backend_pid()"))
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with engine.connect() as connection:
                os.write(writer, str(connection.scalar(text("select pg_backend_pid()"))).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    theirs = int(os.read(reader, 100))
    os.close(reader)
    os.close(writer)
    assert theirs != ours
    with engine.connect() as connection:
        assert connection.scalar(text("select pg_backend_pid()")) == ours, "and the parent keeps its own"
    engine.dispose()


def test_an_engine_that_nobody_needs_is_let_go(tmp_path: Path) -> None:
    from creditbank_plugin.storage import session

    gc.collect()
    before = len(session._engines)
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    assert len(session._engines) == before + 1
    upgrade(engine)
    assert current(engine) is not None
    engine.dispose()
    del engine
    gc.collect()
    assert len(session._engines) == before

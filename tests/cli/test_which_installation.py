"""Which installation a command works on, and what the doctor says of one inside a host."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import create_engine, text

from creditbank_plugin.cli.main import main
from creditbank_plugin.plugin import load
from creditbank_plugin.storage.base import include_name
from creditbank_plugin.storage.session import open_engine, writing
from creditbank_plugin.storage.upgrade import downgrade, upgrade
from tests.builders import SCHOOL, House
from tests.cli.shell import Shell
from tests.cli.test_database import flask_command


def test_without_a_word_the_console_script_says_what_it_works_on_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["db", "current", "--json"]) == 1
    assert not list(tmp_path.iterdir())
    capsys.readouterr()
    assert main(["db", "upgrade", "--json"]) == 0
    said = capsys.readouterr()
    file = tmp_path / "creditbank-data" / "creditbank.db"
    assert said.out.startswith("{")
    for line, words in zip(said.err.splitlines(), ("making a new database", "flask creditbank"), strict=True):
        assert str(file) in line
        assert words in line
    assert main(["db", "current"]) == 0
    assert str(file) in capsys.readouterr().err
    monkeypatch.setenv("CREDITBANK_DATA", str(file.parent))
    assert main(["db", "current"]) == 0
    assert capsys.readouterr().err == ""


def test_a_course_is_entered_for_an_organisation_that_is_known(house: House) -> None:
    shell = Shell.of(house)
    course = ("courses", "add", SCHOOL, "ท20201", "2551", "--title-th", "การเขียน", "--hours", "40")
    assert shell(*course, "--json").json["owner"] == SCHOOL
    assert "add" in shell.refused("courses", "add", "none", "ท20201", "2551", "--title-th", "การเขียน")
    with house.runtime.engine.connect() as connection:
        found = connection.execute(text("select code, hours from creditbank_course where owner_code = '9951000001'"))
        assert [tuple(row) for row in found] == [("ท20201", 4000)]


def test_an_event_is_found_by_its_own_number(house: House) -> None:
    from tests.builders import completed

    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    shell = Shell.of(house)
    event = shell("events", "list", "--json").json["items"][0]["event_id"]
    found = shell("events", "list", "--search", event.upper(), "--json").json["items"]
    assert [item["event_id"] for item in found] == [event]


def _theirs(name: str | None, type_: str, parents: Any) -> bool:
    return name != "their_own" and include_name(name, type_, parents)


@pytest.mark.parametrize(
    ("asked", "said"), [(include_name, "OK"), (_theirs, "OK"), (lambda *_: True, "WARN"), (None, "WARN")]
)
def test_doctor_sees_include_name_where_flask_migrate_got_it(
    house: House, tmp_path: Path, asked: Any, said: str
) -> None:
    Migrate(house.app, house.db, directory=str(tmp_path), **({"include_name": asked} if asked else {}))
    with writing(house.runtime.engine) as connection:
        connection.execute(text("create table alembic_version (version_num varchar(32))"))
    lines = flask_command(house.app, "doctor")[1].splitlines()
    assert [line.split()[0] for line in lines if "host tables" in line] == [said]


def test_doctor_warns_of_a_school_that_nobody_entered(house: House) -> None:
    assert "no organisation" not in flask_command(house.app, "doctor")[1]
    object.__setattr__(house.runtime.settings, "school", "9951999999")
    code, out, _ = flask_command(house.app, "doctor")
    assert code == 0
    assert "CREDITBANK_SCHOOL 9951999999 is no organisation that we know" in out


def test_doctor_fails_where_host_and_module_look_into_different_schemas(
    make_url: Callable[..., str], tmp_path: Path
) -> None:
    url = make_url("postgresql")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create schema lms"))
    engine.dispose()

    def told(**config: Any) -> str:
        app = Flask("host")
        app.config.update(SQLALCHEMY_DATABASE_URI=f"{url}?options=-csearch_path%3Dlms", CREDITBANK_DATA=str(tmp_path))
        app.config.update(config)
        SQLAlchemy(app)
        bank = load(app)
        upgrade(bank.runtime.engine)
        out = flask_command(app, "doctor")[1]
        bank.runtime.engine.dispose()
        bank.host_engine.dispose()  # type: ignore[union-attr]
        return next(line for line in out.splitlines() if " schema " in line)

    assert told().split()[0] == "OK"
    assert told(CREDITBANK_DATABASE_URL=url).startswith("FAIL")


def _journal(file: Path) -> Any:
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    engine.dispose()
    return found


def test_the_write_ahead_log_comes_and_goes_with_our_tables(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "host.db"
    engine = open_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        assert connection.scalar(text("select 1")) == 1
    assert _journal(file) == "delete", "a host without our tables keeps its own"
    upgrade(engine)
    assert _journal(file) == "wal"
    another = open_engine(f"sqlite:///{file}")
    with another.connect() as connection, caplog.at_level(logging.WARNING):
        connection.scalar(text("select 1"))
        downgrade(engine, "base")
    assert "somebody else has the file open" in caplog.text
    another.dispose()
    upgrade(engine)
    downgrade(engine, "base")
    assert _journal(file) == "delete"
    assert [each.name for each in tmp_path.iterdir()] == ["host.db"]
    engine.dispose()

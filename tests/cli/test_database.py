"""``creditbank db`` and ``creditbank doctor``."""

from pathlib import Path

import pytest
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import make_url, text

from creditbank_plugin.cli.installation import shown
from creditbank_plugin.cli.main import group
from creditbank_plugin.standalone import create_app
from creditbank_plugin.storage.session import writing
from tests.builders import House, completed
from tests.cli.shell import Shell


def test_upgrade_makes_the_file_the_tables_the_outcomes_and_the_keys(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "data")
    first = shell("db", "upgrade", "--json").json
    assert first["before"] is None
    assert first["items"] > 700
    assert (tmp_path / "data" / "keys.json").stat().st_mode & 0o777 == 0o600
    again = shell("db", "upgrade", "--json").json
    assert again == {"before": first["current"], "current": first["current"], "items": 0}
    assert shell("db", "current", "--json").json == {"current": first["current"], "head": first["current"]}
    back = shell("db", "downgrade", "-1", "--json").json["current"]
    assert back not in (None, first["current"])
    assert "stand at" in shell.refused("verify")
    assert shell("db", "downgrade", "base", "--json").json["current"] is None
    assert "db upgrade" in shell.refused("verify")


def test_a_program_older_than_its_tables_says_so_with_a_code_of_its_own(house: House) -> None:
    shell = Shell.of(house)
    with writing(house.runtime.engine) as connection:
        connection.execute(text("update creditbank_alembic_version set version_num = 'creditbank_9000'"))
    for command in (["verify"], ["worker"], ["worker", "--once"]):
        ended = shell(*command)
        assert (ended.code, ended.out, len(ended.err.splitlines())) == (75, "", 1), ended.err
        assert "creditbank_9000" in ended.err


def test_a_worker_for_once_does_not_wait_for_an_upgrade(house: House) -> None:
    shell = Shell.of(house)
    shell("db", "downgrade", "-1")
    assert "run `creditbank db upgrade`" in shell.refused("worker", "--once")


def checks(shell: Shell) -> tuple[int, dict[str, str]]:
    ran = shell("doctor", "--json")
    assert ran.json["ok"] is (ran.code == 0)
    return ran.code, {check["name"]: check["level"] for check in ran.json["checks"]}


def test_doctor_finds_a_fresh_installation_well(blank_url: str, tmp_path: Path) -> None:
    shell = Shell(tmp_path, blank_url)
    shell("db", "upgrade")
    code, found = checks(shell)
    assert code == 0
    assert found.pop("entry point") in ("OK", "WARN")  # a checkout is not installed
    assert set(found.values()) == {"OK"}, found
    table = shell("doctor").out
    assert all(line.split()[0] in ("OK", "WARN", "FAIL") for line in table.splitlines())


def test_doctor_warns_when_others_may_read_the_file(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    shell = Shell(tmp_path)
    shell("db", "upgrade")
    file = tmp_path / "creditbank.db"
    assert file.stat().st_mode & 0o777 == 0o600
    assert checks(shell)[1]["files"] == "OK"
    file.chmod(0o644)
    code, found = checks(shell)
    assert (code, found["files"]) == (0, "WARN")
    assert f"chmod 600 {file}" in shell("doctor").out


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("postgresql+psycopg://me:hidden@db.example:5433/bank?sslmode=require", "postgresql://db.example:5433/bank"),
        ("postgresql+psycopg://db.example/bank?password=hidden&user=me", "postgresql://db.example/bank"),
        ("postgresql+psycopg:///bank?host=/run/postgresql&password=hidden", "postgresql:///run/postgresql/bank"),
        ("sqlite:////srv/bank.db?key=hidden", "sqlite:////srv/bank.db"),
        ("sqlite:///file:/srv/bank.db?key=hidden&uri=true", "sqlite:///file:/srv/bank.db"),
        ("sqlite://", "sqlite:///"),
    ],
)
def test_an_address_is_shown_without_user_password_and_options(address: str, seen: str) -> None:
    assert shown(make_url(address)) == seen


def test_doctor_warns_of_an_sqlite_that_indexes_no_trigrams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blank_url: str
) -> None:
    shell = Shell(tmp_path, blank_url)
    assert checks(shell)[1]["search"] == "OK"
    monkeypatch.setattr("creditbank_plugin.cli.doctor.trigrams_missing", lambda: "3.31.1")
    assert checks(shell)[1]["search"] == "WARN"
    assert "SQLite 3.31.1 has no trigram index" in shell("doctor").out


def test_doctor_fails_without_tables_and_without_the_key(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell("db", "upgrade")
    (tmp_path / "keys.json").chmod(0o644)
    assert checks(shell)[1]["keys"] == "FAIL"
    (tmp_path / "keys.json").unlink()
    code, found = checks(shell)
    assert (code, found["keys"]) == (1, "FAIL")
    assert not (tmp_path / "keys.json").exists()  # looking makes nothing
    shell("db", "downgrade", "base")
    code, found = checks(shell)
    assert (code, found["tables"]) == (1, "FAIL")


def test_doctor_sees_a_removed_guard_a_host_and_a_spool(house: House) -> None:
    shell = Shell.of(house)
    house.bank._spool(completed(1), None)
    with writing(house.runtime.engine) as connection:
        connection.execute(text("create table alembic_version (version_num varchar(32))"))
    code, found = checks(shell)
    assert (code, found["spool"], found["host tables"]) == (0, "WARN", "WARN")
    assert "include_name" in shell("doctor").out
    with writing(house.runtime.engine) as connection:
        postgres = connection.dialect.name == "postgresql"
        name = "creditbank_entry_guard on creditbank_entry" if postgres else "creditbank_entry_guard_delete"
        connection.execute(text(f"drop trigger {name}"))
    code, found = checks(shell)
    assert (code, found["guards"]) == (1, "FAIL")


def flask_command(app: Flask, *arguments: str) -> tuple[int, str, str]:
    from click.testing import CliRunner

    flask = FlaskGroup(create_app=lambda: app, add_default_commands=False)
    flask.add_command(group, "creditbank")
    ran = CliRunner().invoke(flask, ["creditbank", *arguments])
    return ran.exit_code, ran.stdout, ran.stderr


def test_under_flask_the_application_s_own_module_is_used(house: House) -> None:
    house.bank.hear(completed(1))
    assert flask_command(house.app, "verify", "--json")[:2] == (
        0,
        '{\n  "accounts": 1,\n  "entries": 1,\n  "broken": []\n}\n',
    )
    code, out, err = flask_command(house.app, "events", "show", "none")
    assert (code, out) == (1, "")
    assert err.startswith("creditbank: ")
    assert "has not attached" in flask_command(Flask("other"), "verify")[2]


def test_doctor_sees_that_a_host_leaves_our_tables_out(house: House, tmp_path: Path) -> None:
    migrate = pytest.importorskip("flask_migrate")
    folder = tmp_path / "migrations"
    folder.mkdir()
    migrate.Migrate(house.app, house.db, directory=str(folder))
    with writing(house.runtime.engine) as connection:
        connection.execute(text("create table alembic_version (version_num varchar(32))"))
    (folder / "env.py").write_text("context.configure()")
    assert "include_name" in flask_command(house.app, "doctor")[1]
    (folder / "env.py").write_text("from creditbank_plugin.storage.base import include_name")
    assert "leave our tables out" in flask_command(house.app, "doctor")[1]


def test_the_module_stands_alone_on_what_db_upgrade_made(tmp_path: Path) -> None:
    Shell(tmp_path)("db", "upgrade")
    app = create_app({"CREDITBANK_DATA": str(tmp_path)})
    assert app.test_client().get("/creditbank/api/openapi.json").status_code == 200
    assert app.secret_key == create_app({"CREDITBANK_DATA": str(tmp_path)}).secret_key
    assert (tmp_path / "session.key").stat().st_mode & 0o777 == 0o600

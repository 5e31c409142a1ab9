"""``creditbank users``: what it prints, what it refuses, and from where a password comes."""

import io
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from flask.cli import FlaskGroup

from creditbank_plugin.cli.main import group
from creditbank_plugin.login import passwords
from creditbank_plugin.login.users import FILE, Users
from creditbank_plugin.standalone import create_app
from tests.builders import ISSUER, PROVINCE, House
from tests.cli.shell import Ran, Shell

PASSWORD = "รหัสผ่านที่ยาวพอ 2569"


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the next command find a text on its standard input."""
    monkeypatch.setattr(passwords, "_METHOD", "scrypt:1024:8:1")
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_users_are_added_listed_changed_and_removed(house: House, type_in: Any) -> None:
    shell, kept = Shell.of(house), Users(house.runtime.settings.data)
    type_in(f"{PASSWORD}\n")
    officer = shell("users", "add", "Officer1", "--role", "committee", "--organisation", PROVINCE, "--json").json
    type_in(f"{PASSWORD}\r\n")
    learner = shell("users", "add", "learner1", "--learner", "s-1", "--display-name", "ผู้เรียน", "--json").json
    assert learner == {
        "id": learner["id"],
        "name": "learner1",
        "roles": ["student"],
        "organisation": None,
        "learner": {"issuer": ISSUER, "id": "s-1"},
        "display_name": "ผู้เรียน",
    }
    listed = shell("users", "list", "--json")
    assert listed.json == {"items": [learner, officer]}
    assert "scrypt" not in listed.out
    assert shell("users", "list").out.splitlines() == ["learner1  student", f"officer1  committee  {PROVINCE}"]
    found = kept.named("learner1")
    assert found is not None
    assert passwords.is_right(found.password, PASSWORD), "the end of the line is no part of it"
    type_in("another long password")
    assert shell("users", "password", "LEARNER1", "--json").json == learner
    changed = kept.named("learner1")
    assert changed is not None
    assert passwords.is_right(changed.password, "another long password")
    assert shell("users", "remove", "learner1", "--json").json == {**learner, "removed": True}
    assert shell("users", "list", "--json").json == {"items": [officer]}


def test_what_cannot_be_is_refused_in_one_line(house: House, type_in: Any) -> None:
    shell = Shell.of(house)

    def refused(*arguments: str, typed: str = PASSWORD) -> str:
        type_in(typed)
        return shell.refused("users", *arguments)

    assert "role" in refused("add", "who")
    assert "12 to 200" in refused("add", "who", "--role", "admin", typed="short")
    assert "no password" in refused("add", "who", "--role", "admin", typed="")
    assert "no organisation is called P99" in refused("add", "who", "--role", "director", "--organisation", "P99")
    assert "organisation" in refused("add", "who", "--role", "director")
    assert "--learner" in refused("add", "who", "--issuer", ISSUER)
    assert "learner.id" in refused("add", "who", "--learner", " ")
    assert "learner's id" in refused("add", "who", "--role", "student")
    for command in ("remove", "password"):
        assert refused(command, "nobody")
    assert not (house.runtime.settings.data / FILE).exists()
    unknown = Shell(house.runtime.settings.data, shell.url)
    type_in(PASSWORD)
    assert "CREDITBANK_ISSUER" in unknown.refused("users", "add", "who", "--learner", "s-1")


def test_a_terminal_is_asked_twice_and_shows_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def prompt(_: str, **how: Any) -> str:
        asked.append(how)
        return PASSWORD

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(click, "prompt", prompt)
    assert Shell.of(house)("users", "add", "admin1", "--role", "admin").code == 0
    assert asked == [{"hide_input": True, "confirmation_prompt": True, "err": True}]


def test_no_option_takes_a_password(house: House) -> None:
    said = [Shell.of(house)("users", command, "--help").out for command in ("add", "password")]
    assert not any("--password" in each for each in said)


def in_flask(app: Any, *arguments: str) -> Ran:
    cli = FlaskGroup(create_app=lambda: app, add_default_commands=False)
    cli.add_command(group, "creditbank")
    done = CliRunner().invoke(cli, ["creditbank", *arguments])
    return Ran(done.exit_code, done.stdout, done.stderr)


def test_a_hosts_users_are_the_hosts(house: House, tmp_path: Path) -> None:
    ran = in_flask(house.app, "users", "list")
    assert (ran.code, ran.out) == (1, "")
    assert "log-in of its own" in ran.err
    alone = create_app({"CREDITBANK_DATA": str(tmp_path / "alone")})
    assert in_flask(alone, "users", "list", "--json").json == {"items": []}

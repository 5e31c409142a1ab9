"""An error is one line on standard error and a non-zero exit; no file is made by asking."""

from pathlib import Path

import pytest

from creditbank_plugin.cli import checkpoint
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.session import open_engine
from tests.builders import House
from tests.cli.shell import Shell


def test_a_folder_without_a_database_says_what_to_run_and_makes_none(tmp_path: Path) -> None:
    assert "creditbank db upgrade" in Shell(tmp_path / "none").refused("verify", "--json")
    assert not (tmp_path / "none").exists()


def test_a_database_without_our_tables_says_what_to_run(blank_url: str, tmp_path: Path) -> None:
    open_engine(blank_url).connect().close()
    for command in (["verify"], ["settle"], ["events", "list"], ["keys", "rotate"]):
        assert "creditbank db upgrade" in Shell(tmp_path, blank_url).refused(*command)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "no database address"),
        ("mysql://x/y", "SQLite or PostgreSQL"),
        ("postgresql+psycopg://nobody:hidden@127.0.0.1:1/none", "postgresql://127.0.0.1:1/none"),
        ("postgresql+psycopg://127.0.0.1:1/none?user=nobody&password=hidden", "postgresql://127.0.0.1:1/none"),
        ("postgresql+psycopg:///none?host=127.0.0.1&port=1&password=hidden", "postgresql://127.0.0.1/none"),
    ],
)
def test_a_wrong_database_address_is_named_without_its_password(tmp_path: Path, url: str, said: str) -> None:
    line = Shell(tmp_path, url).refused("verify")
    assert said in line
    assert "hidden" not in line


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "creditbank.db").write_text("a letter, not a database " * 100)
    assert "cannot be reached" in Shell(tmp_path).refused("events", "list")


def test_doctor_says_what_is_missing_also_to_machines(tmp_path: Path) -> None:
    ended = Shell(tmp_path / "none")("doctor", "--json")
    assert ended.code == 1
    told = ended.json
    (database,) = (check for check in told["checks"] if check["name"] == "database")
    assert (told["ok"], database["level"]) == (False, "FAIL")
    assert "creditbank db upgrade" in database["found"]


def test_a_demo_never_replaces_an_installation(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert shell("db", "upgrade").code == 0
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert "no demo: nothing was deleted" in shell.refused("demo", "--reset", "--port", "0", "--data", str(tmp_path))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_demo_leaves_files_alone_that_it_did_not_write(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    foreign = tmp_path / "a" / "demo.json"
    foreign.write_text('{"a": 1}')
    for more in ([], ["--reset"]):
        said = Shell(tmp_path).refused("demo", "--port", "0", "--data", str(foreign.parent), *more)
        assert "demo.json was not written by a demo" in said
    assert foreign.read_text() == '{"a": 1}'
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "creditbank.db").write_text("a letter, not a database " * 100)
    ended = Shell(tmp_path)("demo", "--port", "0", "--data", str(tmp_path / "b"))
    assert ended.code == 1
    assert "cannot be reached at" in ended.err.splitlines()[-1]


def test_unknown_ids_and_wrong_options(house: House) -> None:
    shell = Shell.of(house)
    assert "not_found" in shell.refused("events", "show", "no-such-id", "--json")
    assert "not_found" in shell.refused("events", "retry", "no-such-id")
    assert "not both" in shell.refused("events", "retry")
    assert "course_unknown" in shell.refused("courses", "alias", "http://x", "none", "--json")
    assert "client_unknown" in shell.refused("client", "revoke", "no-such")
    create = ("client", "create", "--name", "n", "--scope", "credits:read", "--organisation", "none")
    assert "organisation_unknown" in shell.refused(*create)
    assert "--help" in shell.refused("events", "list", "--limit", "0")
    assert "--help" in shell.refused("no-such-command")
    assert "no-such-revision" in shell.refused("db", "downgrade", "no-such-revision")


def test_a_bad_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITBANK_BATCH", "many")
    assert "CREDITBANK_BATCH" in Shell(tmp_path).refused("verify")


def test_the_unforeseen_is_one_line_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Runtime:
        raise KeyError("1-1001-00001-00-1")

    monkeypatch.setattr(checkpoint, "runtime", fail)
    line = Shell(tmp_path).refused("verify")
    assert "KeyError" in line
    assert "1001" not in line

"""The tests' own databases: what is skipped is said loudly, and in CI nothing is skipped."""

import os
import subprocess
import sys
from collections.abc import Callable

from sqlalchemy import create_engine, text

from tests.house.tree import ROOT

ONE_TEST = "tests/house/test_migrations.py::test_upgrading_twice_changes_nothing"


def without_postgres(ci: str) -> "subprocess.CompletedProcess[str]":
    program = (
        "import sys, pytest\n"
        "from tests import postgres\n"
        "postgres.binaries = lambda: None\n"
        f"sys.exit(pytest.main(['-p', 'no:cacheprovider', {ONE_TEST!r}]))\n"
    )
    environ = {**os.environ, "CI": ci, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}", "PYTEST_ADDOPTS": ""}
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, text=True)


def test_without_postgresql_the_tests_say_so_and_pass() -> None:
    done = without_postgres(ci="")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout
    assert "NOT TESTED ON POSTGRESQL" in done.stdout


def test_without_postgresql_ci_fails() -> None:
    done = without_postgres(ci="true")
    assert done.returncode == 1, done.stdout
    assert "in CI both databases must be tested" in done.stdout


def test_the_postgresql_of_the_tests_knows_thai(make_url: Callable[..., str]) -> None:
    engine = create_engine(make_url("postgresql", blank=True))
    with engine.connect() as connection:
        assert connection.scalar(text("show server_encoding")) == "UTF8"
        thai = "select string_agg(w, '' order by w collate \"th-x-icu\") from unnest(array['ข','เก','ก']) as w"
        assert connection.scalar(text(thai)) == "กเกข", "a vowel written first is sorted by its consonant"
    engine.dispose()


def test_databases_of_two_tests_never_meet(make_url: Callable[..., str]) -> None:
    engines = [create_engine(make_url("postgresql")) for _ in range(2)]
    with engines[0].begin() as connection:
        connection.execute(text("create table mark (id int)"))
    with engines[1].connect() as connection:
        assert connection.scalar(text("select to_regclass('mark')")) is None
        assert connection.scalar(text("select to_regclass('creditbank_inbox')")) is not None, "copied from the template"
    for engine in engines:
        engine.dispose()

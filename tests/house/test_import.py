"""What a host and a command import with us: hosts read every installed plugin, and commands are started all the time."""

import os
import subprocess
import sys

import pytest

from tests.house.tree import ROOT


@pytest.mark.parametrize(
    "heavy",
    [
        "sqlalchemy",
        "cryptography",
        "alembic",
        "flask_smorest",
        "marshmallow",
        "authlib",
        "structlog",
        "prometheus_client",
        "waitress",
    ],
)
def test_the_entry_point_imports_nothing_that_only_some_processes_need(heavy: str, loaded: set[str]) -> None:
    assert heavy not in loaded


@pytest.mark.parametrize("room", ["api", "web", "demo", "cli.demo_run", "cli.courses", "host"])
def test_a_command_imports_neither_the_pages_nor_other_commands(room: str, of_worker: set[str]) -> None:
    assert f"creditbank_plugin.{room}" not in of_worker


@pytest.mark.parametrize("heavy", ["alembic", "marshmallow", "flask_smorest", "xlsxwriter", "authlib"])
def test_a_worker_imports_nothing_that_only_other_commands_need(heavy: str, of_worker: set[str]) -> None:
    assert heavy not in of_worker


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    return {name.partition(".")[0] for name in _modules("import creditbank_plugin.plugin")}


@pytest.fixture(scope="module")
def of_worker() -> set[str]:
    found = _modules("from creditbank_plugin.cli.main import main; main(['worker', '--help'])")
    assert "creditbank_plugin.cli.worker" in found
    return found


def _modules(program: str) -> set[str]:
    """Return what a process that runs this has imported in the end."""
    program += "; import sys; print(*sys.modules)"
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}"}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    return set(done.stdout.split())

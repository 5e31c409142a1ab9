"""What a host imports with us: it reads every installed plugin, also one that it then leaves out."""

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


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    program = "import sys, creditbank_plugin.plugin; print(*{name.partition('.')[0] for name in sys.modules})"
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}"}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    return set(done.stdout.split())

"""The library by itself: what it brings with it, and how it introduces itself."""

import subprocess
import sys
from pathlib import Path

from creditbank_client import Http
from tests.client.scripted import scripted
from tests.client.test_retries import OK, Caller
from tests.house.tree import ROOT


def test_it_brings_neither_the_module_nor_a_framework(tmp_path: Path) -> None:
    (tmp_path / "creditbank_client").symlink_to(ROOT / "creditbank_client")
    program = "import sys, creditbank_client; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"creditbank_client", "requests", "authlib"} <= loaded
    assert loaded & {"creditbank_plugin", "creditbank_hooks", "flask", "sqlalchemy", "marshmallow", "werkzeug"} == set()


def test_it_says_what_it_is() -> None:
    with scripted(OK) as script:
        Caller(script).api.get("/courses")
        (told,) = script.headers("User-Agent")
    assert str(told).startswith("creditbank-client python-requests/")
    assert Http().session is not Http().session

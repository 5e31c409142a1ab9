"""docs/admin.md step by step: a wheel of this tree in a clean environment, a platform of its own, and away again."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

from tests.house.tree import ROOT

PLATFORM = "platform_with_or_without"
OURS = ("creditbank", "__editable__")
IN_THE_WHEEL = ("creditbank_plugin", "creditbank_client", "hooks", "templates", "migrations")


@dataclass
class Machine:
    """A clean environment with the libraries that the module and the platform need, and the platform's folder."""

    bin: Path
    home: Path

    def run(self, *command: str, ok: bool = True, **environ: str) -> str:
        """Run a program of the environment in the platform's folder; return what it printed."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CREDITBANK_", "PYTHON"))}
        ran = subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.home,
            env={**kept, "FLASK_APP": PLATFORM, **environ},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (ran.returncode == 0) is ok, f"{command}: {ran.stdout}{ran.stderr}"
        return ran.stdout if ok else ran.stdout + ran.stderr

    def pip(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.home, timeout=120)

    def finish(self, learner: str, **environ: str) -> int:
        """A learner finishes a course of the platform; return how many rows it has."""
        return int(self.run("flask", "finish", learner, **environ))

    def tables(self) -> tuple[set[str], str]:
        """The tables of the platform's database, and how it keeps its journal."""
        with sqlite3.connect(self.home / "instance" / "platform.db") as connection:
            names = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
            mode: str = connection.execute("pragma journal_mode").fetchone()[0]
        connection.close()
        return names, mode


def make_wheel(folder: Path) -> Path:
    """Build the wheel of this tree from a copy: building leaves its traces in the folder it works in."""
    copy = folder / "source"
    for name in IN_THE_WHEEL:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    alone = ["--no-build-isolation"] if _builds() else []  # else pip fetches what pyproject.toml asks for
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", *alone, "-w", str(folder), str(copy)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr
    return next(folder.glob("*.whl"))


def _builds() -> bool:
    """Whether the setuptools at hand are those that pyproject.toml asks for."""
    try:
        return int(metadata.version("setuptools").split(".")[0]) >= 77
    except metadata.PackageNotFoundError:
        return False


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    place = tmp_path / "venv"
    venv.create(place, with_pip=False, symlinks=True)
    libraries, home = tmp_path / "libraries", tmp_path / "platform"
    libraries.mkdir()
    home.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.lower().startswith(OURS):
            (libraries / entry.name).symlink_to(entry)
    installed = next(place.glob("lib*/python*/site-packages"))
    (installed / "libraries.pth").write_text(f"{libraries}\n")
    (place / "bin" / "flask").write_text(
        f"#!{place / 'bin' / 'python'}\nimport sys\nsys.path.insert(0, '.')\nfrom flask.cli import main\nmain()\n"
    )
    (place / "bin" / "flask").chmod(0o755)
    shutil.copy(ROOT / "hooks" / "examples" / f"{PLATFORM}.py", home)
    return Machine(place / "bin", home)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the environment is laid out as on Linux and macOS")
def test_every_step_of_the_administrators_page(machine: Machine, tmp_path: Path) -> None:
    assert machine.finish("s-1") == 1, "the platform was there before the module"
    alone = machine.tables()
    machine.pip("install", "-q", "--no-deps", "--no-index", str(make_wheel(tmp_path)))

    assert "there is no database at" in machine.run("creditbank", "doctor", ok=False), (
        "it knows nothing of the platform"
    )
    assert {each.name for each in machine.home.iterdir()} <= {"instance", f"{PLATFORM}.py", "__pycache__"}
    machine.run("flask", "creditbank", "db", "upgrade")
    school = ("--kind", "school", "--name-th", "โรงเรียน", "--bank", "B-9951000001")
    machine.run("flask", "creditbank", "organisations", "add", "9951000001", *school)
    assert "FAIL" not in machine.run("flask", "creditbank", "doctor")
    assert machine.finish("s-2") == 2
    assert machine.finish("s-3", PLATFORM_BLOCKS="creditbank") == 3, "off, and on again"
    (told,) = json.loads(machine.run("flask", "creditbank", "events", "list", "--json"))["items"]
    assert (told["state"], told["reason"]["code"]) == ("waiting", "course_unknown")

    blocked = machine.run("flask", "creditbank", "db", "downgrade", "base", ok=False, PLATFORM_BLOCKS="creditbank")
    assert "before it is blocked" in blocked
    machine.run("flask", "creditbank", "db", "downgrade", "base")
    assert machine.tables() == alone
    assert machine.finish("s-4", PLATFORM_BLOCKS="creditbank") == 4
    machine.pip("uninstall", "-q", "-y", "creditbank-plugin")
    assert [path for path in machine.bin.parent.rglob("*creditbank*") if "__pycache__" not in path.parts] == []
    assert machine.finish("s-5") == 5
    assert (machine.home / "instance" / "creditbank" / "keys.json").exists(), "the last thing to go, by hand"

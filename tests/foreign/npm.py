"""Programs of Node with packages of npm: installed once in a folder that is thrown away, as the lock file names them."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).parent / "node"
OLDEST = 18


@cache
def missing() -> str | None:
    """Why none of this can be tried here; None where it can."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"the program {program} is missing: no client of npm was tried"
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    if int(told.strip().removeprefix("v").partition(".")[0]) < OLDEST:
        return f"a Node of version {OLDEST} or later is missing: no client of npm was tried"
    return None


def install(folder: Path) -> Path:
    """Install the packages of the lock file, whose scripts are not run; return where the programs are."""
    why = missing()
    if why is None:
        shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180)
        if done.returncode == 0:
            return folder
        why = f"what npm ought to install is missing: {done.stderr[-500:]}"
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(f"{why}; in CI they must be tried")
    pytest.skip(why)


def run(folder: Path, program: str, *arguments: str, told: object) -> Any:
    """Run a program that reads JSON and prints JSON."""
    command = ["node", program, *arguments]
    done = subprocess.run(command, cwd=folder, input=json.dumps(told), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

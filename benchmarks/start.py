"""What the module costs a host: hearing a completion, being imported and attached, memory."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.house import completion, open_house
from benchmarks.places import Make
from benchmarks.timing import percentiles, timed
from creditbank_plugin.services.keep import Sender, keep, letter
from creditbank_plugin.storage.session import writing

ROOT = Path(__file__).parent.parent
_ATTACH = """
import resource, sys, time
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask("host")
app.config.update(SQLALCHEMY_DATABASE_URI="sqlite:///" + sys.argv[1] + "/host.db", CREDITBANK_DATA=sys.argv[1])
SQLAlchemy(app)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
from creditbank_plugin.plugin import load
imported = time.perf_counter()
load(app)
attached = time.perf_counter()
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(imported - start, attached - imported, (after - before) / 1024)
"""


def hearing(make: Make, folder: Path, times: int = 500) -> dict[str, float]:
    """Return the milliseconds that hearing one completion adds inside a host's open transaction."""
    bank = open_house(folder / "hearing", make(), 200)
    sender = Sender(door="hooks", organisation="S", issuer="https://lms.example", may_open=True)
    with writing(bank.runtime.engine) as connection:
        spent = []
        for number in range(times):
            told = completion(number)
            spent.append(timed(lambda told=told: keep(connection, bank.runtime, [letter(told)], sender)))  # type: ignore[misc]
    return percentiles(spent)


def starting(times: int = 5) -> dict[str, float]:
    """Return seconds to import everything, to import and attach beside a running host, and the memory it adds (MB)."""
    alone = [sys.executable, "-c", "import creditbank_plugin.plugin"]
    whole = min(timed(lambda: subprocess.run(alone, check=True, cwd=ROOT)) for _ in range(times))  # noqa: S603
    bare = min(timed(lambda: subprocess.run([sys.executable, "-c", ""], check=True)) for _ in range(times))
    told: list[list[float]] = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            ran = subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-c", _ATTACH, folder], check=True, cwd=ROOT, capture_output=True, text=True
            )
            told.append([float(each) for each in ran.stdout.split()])
    imported, attached, memory = (min(column) for column in zip(*told, strict=True))
    return {
        "import_seconds": round(whole - bare, 3),
        "import_beside_flask_and_sqlalchemy_seconds": round(imported, 3),
        "attach_seconds": round(attached, 3),
        "memory_mb": round(memory, 1),
    }


def summary(make: Make, folder: Path) -> dict[str, Any]:
    """Return both."""
    return {"hearing": hearing(make, folder), **starting()}

"""start: what a host pays: hearing a completion in its transaction, importing, attaching, memory."""

import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace

from sqlalchemy.orm import Session

from benchmarks.figures import Figures, percentiles, timed
from benchmarks.house import completion, open_house
from benchmarks.places import Place
from benchmarks.processes import ROOT

#: The peak is asked of the system's own book: what `getrusage` tells begins with the peak of the process that started us.
_ATTACH = """
import sys, time
from pathlib import Path
def peak():
    book = Path("/proc/self/status")
    told = book.read_text() if book.exists() else "VmHWM: 0 kB"
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask("host")
app.config.update(SQLALCHEMY_DATABASE_URI="sqlite:///" + sys.argv[1] + "/host.db", CREDITBANK_DATA=sys.argv[1])
SQLAlchemy(app)
before = peak()
start = time.perf_counter()
from creditbank_plugin.plugin import load
imported = time.perf_counter()
load(app)
attached = time.perf_counter()
print(imported - start, attached - imported, peak() - before, peak())
"""


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--heard", type=int, default=500, help="how many completions are heard (500)")
    parser.add_argument("--times", type=int, default=5, help="how often a process is started; the best counts (5)")


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return milliseconds to hear, seconds to import and to attach, and megabytes (on Linux; else 0)."""
    return {"hearing": _hearing(place, chosen.heard), **_starting(chosen.times)}


def _hearing(place: Place, times: int) -> Figures:
    """Measure what hearing adds to a host's transaction, each completion in one of its own, the commit left out."""
    bank = open_house(place.folder / "hearing", place.make(), 200, settle="worker")
    spent = []
    with Session(bank.host_engine) as session:
        for number in range(times):
            told = completion(number)
            spent.append(timed(lambda told=told: bank.hear(told, session)))  # type: ignore[misc]
            session.commit()
    for engine in (bank.runtime.engine, bank.host_engine):
        if engine is not None:
            engine.dispose()
    return percentiles(spent)


def _starting(times: int) -> Figures:
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
    imported, attached, added, peak = (min(column) for column in zip(*told, strict=True))
    return {
        "import_seconds": round(whole - bare, 3),
        "import_beside_flask_and_sqlalchemy_seconds": round(imported, 3),
        "attach_seconds": round(attached, 3),
        "memory_added_mb": round(added, 1),
        "peak_memory_mb": round(peak, 1),
    }

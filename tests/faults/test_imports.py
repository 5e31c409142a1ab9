"""A process that brings in a file is killed without warning: nothing is half loaded, and whoever goes on ends it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from creditbank_plugin.services import jobs
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.importing import course_imports, import_check
from creditbank_plugin.services.jobs import SILENT
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import CourseVersion, Import, ImportRow
from tests.builders import PROVINCE, House, Place, furnish, make_app
from tests.formats import sheet_files as made

ROOT = Path(__file__).parents[2]
OFFICER = Actor("user:o-1", "เจ้าหน้าที่", PROVINCE)
HEADING = ["รหัสวิชา", "ปีหลักสูตร", "ชื่อวิชา", "ระดับ", "รูปแบบการศึกษา"]
ROWS, CHUNK = 25, 10

#: A worker that kills itself where it is told: ``point`` is a function, called ``after`` times before that.
_WORKER = f"""
import os, signal, sys
from datetime import datetime
from pathlib import Path
from creditbank_plugin.services import jobs
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.importing import import_check
from creditbank_plugin.storage.queries import imports
from tests.builders import make_app
folder, url, now, where, point, after = sys.argv[1:]
import_check.CHUNK = {CHUNK}
house = make_app(Path(folder), url, CREDITBANK_SETTLE="manual")
house.runtime.clock = lambda: datetime.fromisoformat(now)
module = dict(imports=imports, courses=courses)[where]
real, calls = getattr(module, point), []
def bent(*arguments, **more):
    done = real(*arguments, **more)
    calls.append(1)
    if len(calls) > int(after):
        os.kill(os.getpid(), signal.SIGKILL)
    return done
setattr(module, point, bent)
jobs.run_next(house.runtime)
"""


@pytest.fixture
def house(place: Place, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(import_check, "CHUNK", CHUNK)
    return furnish(make_app(place.folder, place.url, CREDITBANK_SETTLE="manual"))


def killed(house: House, place: Place, where: str, point: str, after: int) -> None:
    """Let another process do the work that waits, and be killed at the point."""
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}"}
    now = house.runtime.clock()
    told = [str(place.folder), place.url, now.isoformat(), where, point, str(after)]
    done = subprocess.run([sys.executable, "-c", _WORKER, *told], cwd=ROOT, env=environ, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    house.runtime.clock = lambda: now + SILENT * 2


def count(house: House, model: Any) -> int:
    with reading(house.runtime.engine) as connection:
        return connection.scalar(select(func.count()).select_from(model)) or 0


def test_a_worker_killed_at_any_point_leaves_nothing_half_done(house: House, place: Place) -> None:
    runtime = house.runtime
    rows = [[f"20000-{number:04}", "2567", f"วิชา {number}", "ปวช.", "ในระบบ"] for number in range(ROWS)]
    content = made.xlsx([HEADING, *rows])
    import_id = course_imports.upload(runtime, content, "a.xlsx", by=OFFICER, province="51")
    columns = course_imports.get(runtime, import_id, acting_for=None).mapping["columns"]
    before = count(house, CourseVersion)

    course_imports.check(runtime, import_id, columns, by=OFFICER)
    killed(house, place, "imports", "add_rows", 1)
    assert (count(house, ImportRow), count(house, CourseVersion)) == (CHUNK, before)
    assert jobs.run_next(runtime)
    row = course_imports.get(runtime, import_id, acting_for=None)
    assert (row.state, row.counts["new"], count(house, ImportRow)) == ("checked", ROWS, ROWS)

    course_imports.load(runtime, import_id, by=OFFICER)
    killed(house, place, "courses", "put_planned", 0)
    row = course_imports.get(runtime, import_id, acting_for=None)
    assert (row.state, count(house, CourseVersion)) == ("loading", before)
    killed(house, place, "imports", "forget_rows", 0)
    row = course_imports.get(runtime, import_id, acting_for=None)
    assert (row.state, count(house, CourseVersion)) == ("loaded", before + ROWS)
    jobs.run_next(runtime)
    assert (count(house, CourseVersion), count(house, Import)) == (before + ROWS, 1)

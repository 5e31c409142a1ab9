"""importing: a province's spreadsheet into the catalogue by the command line and by a page's work, and who waits for it.

The floor reads the same file bare and inserts its rows.
"""

import io
import json
import os
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import xlsxwriter
from python_calamine import CalamineWorkbook

from benchmarks.figures import Figures, percentiles, ratio, timed
from benchmarks.house import completion, open_house
from benchmarks.places import Place
from benchmarks.processes import ROOT
from creditbank_plugin.host.attach import CreditBank
from creditbank_plugin.rules.course_words import TEMPLATE
from creditbank_plugin.services import jobs
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.importing import course_imports, import_publish
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage import session
from creditbank_plugin.storage.session import open_engine

_CLI = "import sys; from creditbank_plugin.cli.main import main; sys.exit(main(sys.argv[1:]))"
#: How often memory is looked at; seconds.
_LOOK = 0.02


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--rows", type=int, default=20_000, help="how many courses the file has (20000)")
    parser.add_argument("--pause", type=float, default=0.02, help="seconds between two messages of others (0.02)")


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return seconds and megabytes; RuntimeError when a figure of the command's answer is not what the file says."""
    content = _file(chosen.rows)
    file = place.folder / "courses.xlsx"
    file.write_bytes(content)
    url = place.make()
    bank = open_house(place.folder / "cli", url, 200, settle="worker")
    floor = timed(lambda: _floor(bank.runtime, content))
    first, first_memory = _command(file, place.folder / "cli", url, {"rows": chosen.rows, "new": chosen.rows})
    again, again_memory = _command(file, place.folder / "cli", url, {"rows": chosen.rows, "unchanged": chosen.rows})
    paged = _by_page(open_house(place.folder / "page", place.make(), 200, settle="worker"), content, chosen.pause)
    bank.runtime.engine.dispose()
    return {
        "rows": chosen.rows,
        "file_megabytes": round(len(content) / (1 << 20), 1),
        "floor_seconds": round(floor, 2),
        "command": {"seconds": round(first, 2), "to_floor": ratio(floor, first), "megabytes": first_memory},
        "command_again": {"seconds": round(again, 2), "megabytes": again_memory},
        "page": paged,
    }


def _file(rows: int) -> bytes:
    """Return a spreadsheet of courses that differ in everything a province's do."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet("รายวิชา")
        sheet.write_row(0, 0, TEMPLATE)
        for number in range(1, rows + 1):
            sheet.write_row(number, 0, _row(number))
    return kept.getvalue()


def _row(number: int) -> list[Any]:
    groups = ("ม.ต้น", "ม.ปลาย/ปวช.", "ปวส./อนุปริญญา", "ระยะสั้น")
    description = f"ศึกษาและฝึกปฏิบัติเรื่องที่ {number} การวางแผน การใช้เครื่องมือ ความปลอดภัย " * 4
    outcomes = f"1. อธิบายหลักการเรื่องที่ {number} ได้\n2. ปฏิบัติงานตามขั้นตอนได้\n3. ประเมินผลงานของตนเองได้"
    return [
        *(
            "",
            f"{20000 + number // 10_000}-{number % 10_000:04}",
            "2567",
            f"การงานอาชีพ {number}",
            f"Occupation {number}",
        ),
        *(description, outcomes, 18 + number % 20, 36, 0, groups[number % 4], "ในระบบ", "เรียนในชั้นเรียน"),
        *(f"วิทยาลัย {number % 40}", "51", "สำนักงานคณะกรรมการการอาชีวศึกษา", f"กลุ่มอาชีพ {number % 6}"),
    ]


def _floor(runtime: Runtime, content: bytes) -> None:
    """Read the file bare and insert its rows as they are into a table of as many columns, in one transaction."""
    heading, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    engine = open_engine(runtime.engine.url)
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create table bare ({', '.join(f'{name} text' for name in heading)})")
        insert = f"insert into bare values ({', '.join([mark] * len(heading))})"
        connection.exec_driver_sql(insert, [tuple(str(cell) for cell in row) for row in rows])
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table bare")
    engine.dispose()


def _command(file: Path, folder: Path, url: str, wanted: dict[str, int]) -> tuple[float, float]:
    """Run the command as an officer does; return seconds and the peak of megabytes of all its processes."""
    environ = {**os.environ, "CREDITBANK_DATA": str(folder), "CREDITBANK_DATABASE_URL": url}
    arguments = ["courses", "import", str(file), "--province", "51", "--json"]
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", _CLI, *arguments], cwd=ROOT, env=environ, stdout=subprocess.PIPE
    ) as process:
        with _watched(process.pid) as peak:
            told, _ = process.communicate()
        seconds = time.perf_counter() - start
    found = json.loads(told)
    if any(found[name] != number for name, number in wanted.items()):
        raise RuntimeError({name: found[name] for name in wanted})
    return seconds, peak()


@contextmanager
def _watched(pid: int) -> Iterator[Callable[[], float]]:
    """Yield what returns the most megabytes that a process and its children have held together (on Linux; else 0)."""
    most, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(_LOOK):
            most[0] = max(most[0], _held(pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield lambda: round(most[0], 1)
    finally:
        over.set()
        watcher.join()


def _held(pid: int) -> float:
    held = 0.0
    with suppress(OSError):
        threads = Path(f"/proc/{pid}/task").iterdir()
        children = " ".join((each / "children").read_text() for each in threads).split()
        held = sum(_own(int(each)) for each in (str(pid), *children))
    return held / 1024


def _own(pid: int) -> int:
    with suppress(OSError):
        told = Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()
        return int(told[0]) if told else 0
    return 0


def _by_page(bank: CreditBank, content: bytes, pause: float) -> Figures:
    """Measure each step of a page's work, and meanwhile how long others wait to be heard."""
    runtime, by = bank.runtime, administrator("benchmark")
    alone = _heard_during(bank, lambda: time.sleep(1.0), pause, 0)
    ids: list[str] = []

    def upload() -> None:
        ids.append(course_imports.upload(runtime, content, "courses.xlsx", by=by, province="51"))

    def check() -> None:
        row = course_imports.get(runtime, ids[0], acting_for=None)
        course_imports.check(runtime, ids[0], row.mapping["columns"], by=by)
        jobs.run_next(runtime)

    def load() -> None:
        course_imports.load(runtime, ids[0], by=by)
        jobs.run_next(runtime)

    with _watched(os.getpid()) as peak:
        found: Figures = {"upload_seconds": round(timed(upload), 2)}
        found["check_seconds"], checking = _while_others(bank, check, pause, 1)
        with _held_lock() as held:
            found["load_seconds"], loading = _while_others(bank, load, pause, 2)
    row = course_imports.get(runtime, ids[0], acting_for=None)
    if row.state != "loaded" or row.counts["new"] != row.rows:
        raise RuntimeError(row.counts)
    found |= {"transaction_seconds": round(held[0], 2), "megabytes": peak()}
    found["heard"] = {"alone": alone, "while_checked": checking, "while_loaded": loading}
    runtime.engine.dispose()
    return found


def _while_others(bank: CreditBank, work: Callable[[], None], pause: float, turn: int) -> tuple[float, Figures]:
    spent: list[float] = []
    heard = _heard_during(bank, lambda: spent.append(timed(work)), pause, turn)
    return round(spent[0], 2), heard


def _heard_during(bank: CreditBank, work: Callable[[], Any], pause: float, turn: int) -> Figures:
    """Return how long messages of others, one after the other, wait to be kept while ``work`` goes on."""
    over, spent = threading.Event(), []

    def tell() -> None:
        number = turn * 1_000_000
        while not over.is_set():
            number += 1
            told = completion(number)
            spent.append(timed(lambda told=told: bank.hear(told)))  # type: ignore[misc]
            over.wait(pause)

    others = threading.Thread(target=tell)
    others.start()
    try:
        work()
    finally:
        over.set()
        others.join()
    return percentiles(spent)


@contextmanager
def _held_lock() -> Iterator[list[float]]:
    """Measure for how long the publishing transaction is open: on SQLite, how long nobody else writes."""
    held, real = [0.0], session.writing

    @contextmanager
    def measured(engine: Any) -> Iterator[Any]:
        with real(engine) as connection:
            start = time.perf_counter()
            yield connection
        held[0] += time.perf_counter() - start

    with patch.object(import_publish, "writing", measured):
        yield held

"""``python -m benchmarks [--events N] [--url URL] [--json]``: settle throughput, the cost of hearing, start-up.

``--url`` names an empty PostgreSQL database; without it a temporary SQLite file is used.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.house import completion, open_house
from creditbank_plugin.plugin import CreditBank
from creditbank_plugin.services import verify
from creditbank_plugin.services.keep import Sender, keep, letter
from creditbank_plugin.services.settle import settle
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.session import reading, writing


def timed(work: Callable[[], Any]) -> float:
    """Return how many seconds ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fill(bank: CreditBank, events: int, batch: int) -> None:
    """Put completions into the inbox, a batch a transaction; nothing is settled."""
    runtime = bank.runtime
    sender = Sender(door="events", organisation="S", issuer="https://lms.example", client_id="c", may_open=True)
    for start in range(0, events, batch):
        letters = [letter(completion(number)) for number in range(start, min(start + batch, events))]
        with writing(runtime.engine) as connection:
            keep(connection, runtime, letters, sender)


def floor(bank: CreditBank, batch: int) -> tuple[float, int]:
    """Write the very rows that settling wrote into bare copies of the tables, by executemany; seconds and rows."""
    engine, written, seconds = bank.runtime.engine, 0, 0.0
    for model in (tables.Decision, tables.Record, tables.Entry):
        table = table_of(model)
        with reading(engine) as connection:
            rows = [dict(row._mapping) for row in connection.execute(table.select())]
        with writing(engine) as connection:
            connection.exec_driver_sql(f"create table floor_{table.name} as select * from {table.name} where 1 = 0")
        copy = table.to_metadata(type(table.metadata)(), name=f"floor_{table.name}")

        def write(copy: Any = copy, rows: Any = rows) -> None:
            for start in range(0, len(rows), batch):
                with writing(engine) as connection:
                    connection.execute(copy.insert(), rows[start : start + batch])

        seconds += timed(write)
        written += len(rows)
    return seconds, written


def hearing(bank: CreditBank, times: int = 300) -> dict[str, float]:
    """Return milliseconds that hearing one completion adds inside a host's open transaction."""
    sender = Sender(door="hooks", organisation="S", issuer="https://lms.example", may_open=True)
    with writing(bank.runtime.engine) as connection:
        spent = []
        for number in range(times):
            told = letter(completion(10_000_000 + number))
            spent.append(timed(lambda told=told: keep(connection, bank.runtime, [told], sender)))  # type: ignore[misc]
    spent.sort()
    return {"p50_ms": round(spent[times // 2] * 1000, 3), "p99_ms": round(spent[int(times * 0.99)] * 1000, 3)}


def main() -> None:
    """Run everything and print a table or JSON."""
    options = argparse.ArgumentParser(prog="python -m benchmarks")
    options.add_argument("--events", type=int, default=5000)
    options.add_argument("--batch", type=int, default=200)
    options.add_argument("--url")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bank = open_house(Path(folder), chosen.url, chosen.batch)
        intake = timed(lambda: fill(bank, chosen.events, chosen.batch))
        settling = timed(lambda: settle(bank.runtime))
        floor_seconds, rows = floor(bank, chosen.batch)
        checking = timed(lambda: verify.verify(bank.runtime))
        figures: dict[str, Any] = {
            "database": bank.runtime.engine.dialect.name,
            "events": chosen.events,
            "batch": chosen.batch,
            "kept_per_second": round(chosen.events / intake),
            "settled_per_second": round(chosen.events / settling),
            "floor_per_second": round(chosen.events / floor_seconds),
            "floor_rows": rows,
            "settle_to_floor": round(floor_seconds / settling, 3),
            "verified_entries_per_second": round(chosen.events / checking),
            "hearing": hearing(bank),
        }
    started = [sys.executable, "-c", "import creditbank_plugin.plugin"]
    figures["import_seconds"] = round(min(timed(lambda: subprocess.run(started, check=True)) for _ in range(3)), 3)  # noqa: S603
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")


if __name__ == "__main__":
    main()

"""Settling against its floor: writing the very rows that it wrote, in the same batches, and nothing else."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, event, text

from benchmarks.house import completion, open_house
from benchmarks.places import Make
from benchmarks.timing import timed
from creditbank_plugin.formats import json_text
from creditbank_plugin.host.attach import CreditBank
from creditbank_plugin.services import verify
from creditbank_plugin.services.keep import Sender, keep, letter
from creditbank_plugin.services.settle import settle
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.queries.bulk import insert_many
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.session import open_engine, reading, writing
from creditbank_plugin.storage.upgrade import upgrade

WRITTEN = (
    *(tables.Person, tables.Account, tables.Identifier, tables.Identity, tables.Enrolment),
    *(tables.Record, tables.Decision, tables.Entry, tables.News),
)


def fill(bank: CreditBank, first: int, events: int, batch: int) -> None:
    """Put completions into the inbox, a batch a transaction; nothing is settled."""
    runtime = bank.runtime
    sender = Sender(door="events", organisation="S", issuer="https://lms.example", client_id="c", may_open=True)
    for start in range(first, first + events, batch):
        letters = [letter(completion(number)) for number in range(start, min(start + batch, first + events))]
        with writing(runtime.engine) as connection:
            keep(connection, runtime, letters, sender)


def settling(make: Make, folder: Any, events: int, batch: int) -> dict[str, Any]:
    """Return what keeping, settling and verifying ``events`` completions costs, and the floor."""
    bank = open_house(folder / "settling", make(), batch)
    keeping = timed(lambda: fill(bank, 0, events, batch))
    seconds = timed(lambda: settle(bank.runtime))
    floor, rows = _floor(bank, make(), batch)
    checking = timed(lambda: verify.verify(bank.runtime))
    return {
        "events": events,
        "batch": batch,
        "kept_per_second": round(events / keeping),
        "settled_per_second": round(events / seconds),
        "floor_per_second": round(events / floor),
        "floor_rows": rows,
        "settle_to_floor": round(floor / seconds, 3),
        "verified_entries_per_second": round(events / checking),
    }


def growth(make: Make, folder: Any, steps: Sequence[int], measured: int, batch: int) -> list[dict[str, Any]]:
    """Settle ``measured`` completions when there are as many records as each of ``steps`` says."""
    bank = open_house(folder / "growth", make(), batch)
    there, found = 0, []
    for step in steps:
        fill(bank, there, max(0, step - there - measured), batch)
        settle(bank.runtime)
        there = max(there, step - measured)
        fill(bank, there, measured, batch)
        seconds = timed(lambda: settle(bank.runtime))
        there += measured
        found.append({"records": there, "settled_per_second": round(measured / seconds)})
    return found


def _floor(bank: CreditBank, url: str, batch: int) -> tuple[float, int]:
    """Write the rows into the same tables of an empty database: keys and indexes, no foreign keys, no guards."""
    bare = open_engine(url)
    upgrade(bare)
    _without_checks(bare)
    rows = {model: _rows(bank.runtime.engine, model) for model in WRITTEN}
    batches = max(1, len(rows[tables.Decision]) // batch)

    def write() -> None:
        for number in range(batches):
            with writing(bare) as connection:
                _bare(connection)
                for model, every in rows.items():
                    first, last = (len(every) * place // batches for place in (number, number + 1))
                    insert_many(connection, model, every[first:last])

    seconds = timed(write)
    bare.dispose()
    return seconds, sum(map(len, rows.values()))


def _rows(engine: Engine, model: Any) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        rows = [dict(row._mapping) for row in connection.execute(table_of(model).select())]
    return [
        {name: json_text.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
        for row in rows
    ]


def _without_checks(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        return
    event.listen(engine, "connect", lambda driver, _: driver.execute("pragma foreign_keys = off"))
    with engine.connect() as connection:
        names = connection.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all()
        for name in names:
            connection.exec_driver_sql(f"drop trigger {name}")
        connection.commit()
    engine.dispose()


def _bare(connection: Any) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("set local session_replication_role = replica")

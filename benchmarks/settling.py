"""settle: settling against its floor, which is writing the very rows that it wrote, in the same batches, and no more."""

import gc
from argparse import ArgumentParser, Namespace
from typing import Any

from sqlalchemy import Engine, text

from benchmarks.figures import Figures, rate, ratio, timed
from benchmarks.house import completion, open_house, tell
from benchmarks.places import Place
from benchmarks.rows import loading, unchecked
from creditbank_plugin.formats import json_text
from creditbank_plugin.host.attach import CreditBank
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.queries.bulk import insert_many
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.upgrade import upgrade

WRITTEN = (
    *(tables.Person, tables.Account, tables.Identifier, tables.Identity, tables.Enrolment),
    *(tables.Record, tables.Decision, tables.Entry, tables.News),
)


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--events", type=int, default=10_000, help="how many completions (10000)")
    parser.add_argument("--batch", type=int, default=200, help="how many in one transaction (200)")


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return what keeping, settling and verifying completions costs, and the floor of settling."""
    events, batch = chosen.events, chosen.batch
    bank = open_house(place.folder / "settling", place.make(), batch)
    gc.freeze()  # as `creditbank worker` does
    told = [completion(number) for number in range(events)]
    keeping = timed(lambda: tell(bank.runtime, told, batch))
    seconds = timed(lambda: settle(bank.runtime))
    floor, rows = _floor(bank, place.make(), batch)
    checking = timed(lambda: verify.verify(bank.runtime))
    bank.runtime.engine.dispose()
    return {
        "events": events,
        "batch": batch,
        "kept_per_second": rate(events, keeping),
        "settled_per_second": rate(events, seconds),
        "floor_per_second": rate(events, floor),
        "floor_rows": rows,
        "settle_to_floor": ratio(floor, seconds),
        "verified_entries_per_second": rate(events, checking),
    }


def _floor(bank: CreditBank, url: str, batch: int) -> tuple[float, int]:
    """Write the rows into the same tables of an empty database: keys and indexes, no foreign keys, no guards."""
    bare = unchecked(url)
    upgrade(bare)
    _without_guards(bare)
    rows = {model: _rows(bank.runtime.engine, model) for model in WRITTEN}
    batches = max(1, len(rows[tables.Decision]) // batch)

    def store() -> None:
        for number in range(batches):
            with loading(bare) as connection:
                for model, every in rows.items():
                    first, last = (len(every) * place // batches for place in (number, number + 1))
                    insert_many(connection, model, every[first:last])

    seconds = timed(store)
    bare.dispose()
    return seconds, sum(map(len, rows.values()))


def _rows(engine: Engine, model: Any) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        rows = [dict(row._mapping) for row in connection.execute(table_of(model).select())]
    return [
        {name: json_text.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
        for row in rows
    ]


def _without_guards(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        return  # a transaction of `loading` fires none
    with engine.connect() as connection:
        names = connection.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all()
        for name in names:
            connection.exec_driver_sql(f"drop trigger {name}")
        connection.commit()
    engine.dispose()

"""verify: walking every chain with its evidence, against reading the same rows raw and hashing each."""

import hashlib
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine

from benchmarks.copies import Mould, fill
from benchmarks.figures import Figures, rate, ratio, timed
from benchmarks.house import EACH, learner, open_house
from benchmarks.places import Place
from benchmarks.rows import settle_down
from creditbank_plugin.services.proving import verify
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.session import open_engine

#: What an entry's hash and evidence are made of.
RESTS_ON = (tables.Entry, tables.Record, tables.Decision, tables.Inbox)


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--records", type=int, default=1_000_000, help="how many entries (1000000)")


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return how fast a ledger is verified, and the floor; RuntimeError when a chain does not verify."""
    bank = open_house(place.folder / "verify", place.make(), 200)
    engine = bank.runtime.engine
    filling = timed(lambda: fill(Mould(bank.runtime, learner), range(max(1, chosen.records // EACH))))
    settle_down(engine)
    floor = timed(lambda: _floor(engine))
    told: list[dict[str, Any]] = []
    processes = verify.processes_at_hand()
    # As the command line opens it: by its address, not as a host's own connections are made.
    runtime = replace(bank.runtime, engine=open_engine(engine.url))
    seconds = timed(lambda: told.append(verify.verify(runtime, processes=processes)))
    alone = timed(lambda: told.append(verify.verify(runtime)))
    runtime.engine.dispose()
    entries, broken = told[0]["entries"], told[0]["broken"]
    if broken:
        raise RuntimeError(f"{len(broken)} of {entries} entries do not verify, such as {broken[0]}")
    engine.dispose()
    return {
        "entries": entries,
        "accounts": told[0]["accounts"],
        "processes": processes,
        "entries_per_second": rate(entries, seconds),
        "entries_per_second_by_one": rate(entries, alone),
        "floor_per_second": rate(entries, floor),
        "verify_to_floor": ratio(floor, seconds),
        "seconds": round(seconds, 2),
        "seconds_for_a_million": round(seconds / entries * 1_000_000, 1),
        "filled_seconds": round(filling, 1),
    }


def _floor(engine: Engine) -> None:
    """Read every row of the tables as one piece of bytes, and hash it by itself."""
    for model in RESTS_ON:
        with engine.connect() as connection:
            connection.exec_driver_sql("select 1")
            driver: Any = connection.connection.dbapi_connection
            cursor = driver.cursor()
            if connection.dialect.name == "postgresql":
                cursor.execute("set local statement_timeout = 0")
                with cursor.copy(f"copy {model.__tablename__} to stdout") as rows:
                    for row in rows:
                        hashlib.sha256(row).digest()
            else:
                whole = " || ".join(f"coalesce({each.name}, '')" for each in model.__table__.c)
                for (row,) in cursor.execute(f"select cast({whole} as blob) from {model.__tablename__}"):
                    hashlib.sha256(row).digest()
            connection.rollback()

"""Walk every chain of the ledger, and what its entries rest on, and say what is broken."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from creditbank_plugin.rules.ledger import broken
from creditbank_plugin.services.runtime import Runtime, limits_of
from creditbank_plugin.storage.queries import chains, ledger
from creditbank_plugin.storage.queries.chains import EVERYTHING, Part
from creditbank_plugin.storage.session import Limits, is_memory, open_engine, reading

#: Smaller ledgers are walked by one process: starting another takes as long as walking these.
ENTRIES_A_PROCESS = 20_000
#: More parts than processes, so that none is left with the last and longest, and progress is seen.
PARTS_A_PROCESS = 8


@dataclass
class Walked:
    """What was found in some accounts."""

    accounts: int = 0
    entries: int = 0
    broken: list[dict[str, object]] = field(default_factory=list)


def verify(runtime: Runtime, progress: Callable[[int], None] | None = None, *, processes: int = 1) -> dict[str, Any]:
    """Return ``{"accounts", "entries", "broken": [{"account_id", "seq", "why"}]}``; ``broken`` is empty when all is well.

    A record that no entry speaks of is a deleted chain; its place is given as ``seq`` 0.  What cannot be seen: the end
    of a chain cut off, an account deleted whole, everything hashed anew: a signed checkpoint that was kept elsewhere
    shows those (`services.against`).  A large ledger is walked by up to ``processes`` at once, each with a connection
    of its own; what is posted meanwhile may then be counted or not.
    """
    found, seen = Walked(), progress or (lambda _: None)
    with reading(runtime.engine) as connection:
        number = _worth(connection, processes) if not is_memory(runtime.engine.url) else 1
        if number > 1:
            parts = chains.parts(connection, number * PARTS_A_PROCESS)
            walks = _together(runtime.engine.url, limits_of(runtime.settings), parts, number)
        else:
            walks = _alone(connection)
        for walked in walks:
            found.accounts, found.entries = found.accounts + walked.accounts, found.entries + walked.entries
            found.broken += walked.broken
            seen(walked.entries)
        for row in ledger.records_without_entries(connection):
            found.broken.append({"account_id": row.account_id, "seq": 0, "why": "a record has lost its entries"})
    found.broken.sort(key=lambda each: (str(each["account_id"]), each["seq"]))
    return {"accounts": found.accounts, "entries": found.entries, "broken": found.broken}


def _worth(connection: Connection, processes: int) -> int:
    """Return how many of the processes on offer this ledger is worth."""
    if processes == 1:
        return 1
    return min(processes, -(-ledger.how_many_entries(connection) // ENTRIES_A_PROCESS))


def _alone(connection: Connection, part: Part = EVERYTHING) -> Iterator[Walked]:
    for _, chain in groupby(chains.chains(connection, part), key=attrgetter("account_id")):
        steps = list(chain)
        yield Walked(1, len(steps), broken(steps))


def _together(url: URL, limits: Limits, parts: list[Part], number: int) -> Iterator[Walked]:
    with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as pool:
        walks = [pool.submit(partial(_walk, url, limits), part) for part in parts]
        for done in as_completed(walks):
            yield done.result()


def _walk(url: URL, limits: Limits, part: Part) -> Walked:
    """Walk a part of the ledger, in a process of its own."""
    engine, found = open_engine(url, limits=limits), Walked()
    with reading(engine) as connection:
        for walked in _alone(connection, part):
            found.accounts, found.entries = found.accounts + 1, found.entries + walked.entries
            found.broken += walked.broken
    engine.dispose()
    return found

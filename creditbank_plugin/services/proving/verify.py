"""Walk every chain of the ledger, and what its entries rest on, and say what is broken."""

import os
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
from creditbank_plugin.storage.queries.streaming import unhurried
from creditbank_plugin.storage.session import Limits, can_be_opened_again, open_engine, reading

#: Smaller ledgers are walked by one process: starting another takes as long as walking these.
ENTRIES_A_PROCESS = 20_000
#: More parts than processes, so that none is left with the last and longest, and progress is seen.
PARTS_A_PROCESS = 8
#: Each has a connection of its own, and the service goes on beside them.
MOST_PROCESSES = 8


@dataclass
class Walked:
    """What was found in some accounts."""

    accounts: int = 0
    entries: int = 0
    broken: list[dict[str, object]] = field(default_factory=list)

    def add(self, other: "Walked") -> None:
        """Add what was found in other accounts."""
        self.accounts, self.entries = self.accounts + other.accounts, self.entries + other.entries
        self.broken += other.broken


def verify(runtime: Runtime, progress: Callable[[int], None] | None = None, *, processes: int = 1) -> dict[str, Any]:
    """Return ``{"accounts", "entries", "broken": [{"account_id", "seq", "why"}]}``; ``broken`` is empty when all is well.

    A record that no entry speaks of is a deleted chain; its place is given as ``seq`` 0.  What cannot be seen: the end
    of a chain cut off, an account deleted whole, everything hashed anew: a signed checkpoint that was kept elsewhere
    shows those (`against`).  A large ledger is walked by up to ``processes`` at once, each with a connection
    of its own; what is posted meanwhile may then be counted or not.
    """
    found = Walked()
    for walked in _walks(runtime, processes):
        found.add(walked)
        if progress is not None:
            progress(walked.entries)
    with reading(runtime.engine) as connection:
        unhurried(connection)
        for row in ledger.records_without_entries(connection):
            found.broken.append({"account_id": row.account_id, "seq": 0, "why": "a record has lost its entries"})
    found.broken.sort(key=lambda each: (str(each["account_id"]), each["seq"]))
    return {"accounts": found.accounts, "entries": found.entries, "broken": found.broken}


def processes_at_hand() -> int:
    """Return how many processes a ledger may be walked by here: one for each core that is ours, and not too many."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_PROCESSES)


def _walks(runtime: Runtime, processes: int) -> Iterator[Walked]:
    """Walk every account, here or in processes of their own."""
    with reading(runtime.engine) as connection:
        unhurried(connection)
        number = _worth(connection, processes) if can_be_opened_again(runtime.engine) else 1
        if number <= 1:
            yield from _alone(connection)
            return
        parts = chains.parts(connection, number * PARTS_A_PROCESS)
    yield from _together(runtime.engine.url, limits_of(runtime.settings), parts, number)


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
        try:
            for done in as_completed(walks):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # where one failed, or nobody waits any more


def _walk(url: URL, limits: Limits, part: Part) -> Walked:
    """Walk a part of the ledger, in a process of its own."""
    engine, found = open_engine(url, limits=limits), Walked()
    with reading(engine) as connection:
        for walked in _alone(connection, part):
            found.add(walked)
    engine.dispose()
    return found

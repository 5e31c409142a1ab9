"""Clocks that jump by hours, each process its own: what is decided, and which version counts, does not depend on them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from creditbank_hooks import CourseCompleted, EvidenceVerdict, hookimpl
from creditbank_plugin.services import events
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Lease
from tests.api.builders import let_pass, make_client, make_house
from tests.builders import House, Place, completed
from tests.conftest import close
from tests.faults import bent, processes
from tests.faults.client import Client
from tests.faults.end import all_is_well, is_settled, until
from tests.faults.processes import Process
from tests.faults.story import story
from tests.house.tree import files, name_of

#: How far the clock of the server and that of the workers are off, in hours, one after the other.
JUMPS = ((0, 0), (6, 6), (-6, -6), (6, -6), (-6, 6), (0, 0))


class Clock:
    """The clock of some processes; `jump` sets it for those that run, at once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.jump(0)

    def jump(self, hours: int) -> None:
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{hours * 3600:+d}\n")
        draft.replace(self._file)

    def bend(self, process: Process) -> Process:
        """The same process, with this clock."""
        return replace(process, command=[str(bent.__file__), str(self._file), *process.command[1:]])


@pytest.fixture
def house(place: Place) -> Iterator[House]:
    made = make_house(place, CREDITBANK_SETTLE="worker")
    yield made
    close(made)


def leases(house: House) -> dict[int, tuple[str | None, bool]]:
    """Who has which partition, and whether its last holder is held for dead."""
    with reading(house.runtime.engine) as connection:
        rows = connection.execute(select(Lease.partition, Lease.holder, Lease.suspect))
        return {row.partition: (row.holder, row.suspect) for row in rows}


def test_clocks_that_jump_decide_nothing(house: House, tmp_path: Path) -> None:
    two = house.runtime.engine.dialect.name == "postgresql"
    at_server, at_workers = Clock(tmp_path / "server.clock"), Clock(tmp_path / "worker.clock")
    server = at_server.bend(processes.web(house, "gunicorn" if two else "waitress", CREDITBANK_SETTLE="worker"))
    names = ("one", "two") if two else ("one",)
    workers = [at_workers.bend(processes.worker(house, name)) for name in names]
    told, client = story(), Client(server.base, make_client(house))
    messages = told.shuffled()
    size = -(-len(messages) // len(JUMPS))
    with processes.at_work(server, *workers):
        until(lambda: {holder for holder, _ in leases(house).values()} == set(names), "all is leased, to all of them")
        shared = leases(house)
        for number, (hours, hours_of_workers) in enumerate(JUMPS):
            at_server.jump(hours)
            at_workers.jump(hours_of_workers)
            with client.sending(messages[number * size : (number + 1) * size]):
                pass
            until(lambda: is_settled(house.runtime), "the workers settle it")
            assert leases(house) == shared, "nobody is held for dead, and nobody takes what is another's"
    assert client.met["401"] >= 1, "the clock did jump: a token of an hour has ended"
    assert set(client.met) == {"401"}
    all_is_well(house.runtime, list(client.answered), told.standings)


class Unsure:
    """A plugin that fails once."""

    asked = 0

    @hookimpl
    def check_evidence(self, completion: CourseCompleted) -> EvidenceVerdict | None:
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("not today")
        return None


def test_what_was_put_off_while_the_clock_was_ahead_does_not_wait_for_it(house: House) -> None:
    runtime = house.runtime
    runtime.plugins.register(Unsure())
    right = runtime.clock
    let_pass(house, hours=6)
    house.bank.hear(completed(1))
    settle(runtime)
    assert events.counts(runtime) == {"waiting": 1}, "it is to be asked again"
    runtime.clock = lambda: right() + timedelta(minutes=1)
    settle(runtime)
    assert events.counts(runtime) == {"credited": 1}


def test_no_other_clock_is_read() -> None:
    """What `bent` bends is every clock there is: a new place that reads one belongs into its list."""
    asks = re.compile(r"datetime\.now\(|utcnow\(|date\.today\(|func\.now\(|current_timestamp", re.IGNORECASE)
    product = [path for path in files("creditbank_plugin") if "demo" not in str(path)]
    found = {name_of(path) for path in product if asks.search(path.read_text())}
    assert found == {f"{module.__name__.replace('.', '/')}.py" for module in bent.MODULES}

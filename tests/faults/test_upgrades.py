"""Upgrades while servers and workers run: two at once, and those of a later version of this program."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from creditbank_plugin.storage.base import VERSION_TABLE
from creditbank_plugin.storage.upgrade import downgrade
from tests.api.builders import make_client, make_house
from tests.builders import House, Place
from tests.conftest import close
from tests.faults import newer, processes
from tests.faults.client import Client
from tests.faults.end import Recovery, all_is_well, decided, is_settled, until
from tests.faults.processes import Process
from tests.faults.story import story

OLDER = "creditbank_0004"
CLI = ("-m", "creditbank_plugin.cli.main")


@pytest.fixture
def house(place: Place) -> Iterator[House]:
    made = make_house(place, CREDITBANK_SETTLE="worker")
    yield made
    close(made)


def workers_of(house: House) -> list[Process]:
    """As many as the database has room for."""
    names = ("one",) if house.runtime.engine.dialect.name == "sqlite" else ("one", "two")
    return [processes.worker(house, name) for name in names]


def twice_at_once(house: House, *command: str) -> None:
    """Run a command in two processes at once; both must succeed."""
    with held_back(house) as wait_for_both:
        running = [
            subprocess.Popen(
                [sys.executable, *command],
                env=processes.environ_of(house),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(2)
        ]
        wait_for_both()
    said = [each.communicate(timeout=120)[0] for each in running]
    assert [each.returncode for each in running] == [0, 0], said


@contextmanager
def held_back(house: House) -> Iterator[Callable[[], None]]:
    """Let whoever asks for the revision wait, so that two begin at the very same moment; PostgreSQL shows who waits."""
    engine = house.runtime.engine
    if engine.dialect.name == "sqlite":
        yield lambda: None
        return
    waiting = text(
        "select count(*) from pg_stat_activity where datname = current_database() and backend_start > :since"
        " and wait_event_type = 'Lock' and wait_event = 'relation'"
    )

    def both_wait() -> bool:
        with engine.connect() as connection:
            return connection.scalar(waiting, {"since": since}) == 2

    with engine.connect() as gate:
        since = gate.scalar(text("select clock_timestamp()"))
        gate.execute(text(f"lock table {VERSION_TABLE} in access exclusive mode"))
        yield lambda: until(both_wait, "both ask which revision it is")
        gate.rollback()


def still_the_same(*running: Process) -> None:
    assert [each.running.poll() for each in running if each.running] == [None] * len(running), "nobody had to restart"


def test_two_upgrade_at_once_while_servers_and_workers_of_the_new_version_wait(
    house: House, recovery: Recovery
) -> None:
    """Deployed before the database was brought up: nothing falls over, nothing is taken that could not be kept."""
    runtime, told, credentials = house.runtime, story(), make_client(house)
    downgrade(runtime.engine, OLDER)
    runtime.engine.dispose()
    server, workers = processes.web(house, "waitress", CREDITBANK_SETTLE="inline"), workers_of(house)
    client = Client(server.base, credentials)
    with processes.at_work(server, *workers):
        with client.sending(told.shuffled()):
            until(lambda: client.met["503"] + client.met["503 token"] >= 4, "the API says that it cannot")
            for each in workers:
                until(lambda each=each: "waiting for `creditbank db upgrade`" in each.said(), "it says so")  # type: ignore[misc]
            twice_at_once(house, *CLI, "db", "upgrade")
            recovery.measure("two upgrades, all is answered", lambda: client.progress() == len(told.messages))
        until(lambda: is_settled(runtime), "all of it is settled")
        still_the_same(server, *workers)
    all_is_well(runtime, list(client.answered), told.standings)


def test_workers_go_on_while_a_later_version_upgrades_and_takes_over(
    house: House, tmp_path: Path, recovery: Recovery
) -> None:
    runtime, told = house.runtime, story()
    later = (str(Path(newer.__file__)), str(newer.make(tmp_path)))
    server, worker = processes.web(house, "waitress", CREDITBANK_SETTLE="worker"), processes.worker(house)
    client, messages = Client(server.base, make_client(house)), told.shuffled()
    third = len(messages) // 3
    with processes.at_work(server, worker):
        with client.sending(messages[:third]):
            until(lambda: decided(runtime) > 0, "they are at work")
            upgrading = Process([*later, "db", "upgrade"], processes.environ_of(house), tmp_path / "upgrade.log")
            upgrading.start()
            assert upgrading.ended() == 0, upgrading.said()
        assert "creditbank_later" in inspect(runtime.engine).get_table_names()
        before = decided(runtime)
        with client.sending(messages[third : 2 * third]):
            recovery.measure("upgraded by a later version", lambda: decided(runtime) > before)
        until(lambda: is_settled(runtime), "the worker of before settles what came afterwards")
        still_the_same(server, worker)
        assert worker.stop() == 0

        takes_over = Process([*later, "worker", "--name", "later"], processes.environ_of(house), tmp_path / "later.log")
        with processes.at_work(takes_over), client.sending(messages[2 * third :]):
            until(lambda: len(client.answered) == len(messages) and is_settled(runtime), "the later worker settles")
    all_is_well(runtime, list(client.answered), told.standings)

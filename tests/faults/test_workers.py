"""Workers that die of a message, hang, are told to stop or lose their database.  Killed at random: `test_kills`."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from creditbank_plugin.services import events
from creditbank_plugin.services.settling.keep import Sender, letter
from creditbank_plugin.services.settling.receive import receive
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.services.settling.worker import Worker, seat
from creditbank_plugin.storage.session import reading
from tests import postgres
from tests.builders import ISSUER, SCHOOL, House, completed, furnish, make_app, revoked
from tests.conftest import close
from tests.faults.end import all_is_well, until
from tests.faults.processes import WORKER, environ_of

SENDER = Sender(door="events", organisation=SCHOOL, issuer=ISSUER, client_id="c", may_open=True)


@pytest.fixture
def house(tmp_path: Path, url: str) -> Iterator[House]:
    """A house whose completions are settled by workers only, twenty at a time."""
    made = furnish(make_app(tmp_path, url, CREDITBANK_SETTLE="worker", CREDITBANK_BATCH=20))
    yield made
    close(made)


def start(house: House, *command: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *command], env=environ_of(house), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def misbehaving(house: House, how: str, who: str) -> "subprocess.Popen[str]":
    return start(house, str(Path(__file__).with_name("worker_process.py")), how, who)


def distinct(house: House) -> int:
    with reading(house.runtime.engine) as connection:
        return int(connection.scalar(text("select count(distinct inbox_id) from creditbank_decision")) or 0)


def tell(house: House, number: int, learners: int) -> None:
    for begin in range(0, number, 500):
        numbers = range(begin, min(begin + 500, number))
        told = [
            letter((revoked if n % 10 == 9 else completed)(n % learners, event_id=f"e{n}"))  # type: ignore[operator]
            for n in numbers
        ]
        receive(house.runtime, told, SENDER)


def ends_well(house: House, number: int) -> None:
    all_is_well(house.runtime, [f"e{n}" for n in range(number)])


def test_a_message_that_ends_its_process_is_parked_and_the_others_settle(house: House) -> None:
    object.__setattr__(house.runtime.settings, "attempts_before_parking", 2)
    tell(house, 9, learners=9)
    os.environ["CREDITBANK_ATTEMPTS_BEFORE_PARKING"] = "2"
    try:
        codes = []
        for _ in range(4):
            process = misbehaving(house, "dies", "s-4")
            process.communicate()
            codes.append(process.returncode)
    finally:
        del os.environ["CREDITBANK_ATTEMPTS_BEFORE_PARKING"]
    # Once in a batch, which nobody counts; twice counted; then it is parked and the others are settled.
    assert codes == [-signal.SIGKILL] * 3 + [0]
    assert events.counts(house.runtime) == {"credited": 8, "parked": 1}
    (parked,) = events.page(house.runtime, state="parked").items
    assert (parked.learner, parked.error) == ("s-4", "ProcessDied")


def test_a_plugin_that_hangs_holds_no_lock(house: House) -> None:
    tell(house, 5, learners=5)
    hanging = misbehaving(house, "hangs", "s-3")
    until((house.runtime.settings.data / "asked").exists, "the plugin is asked")
    made = Worker(house.runtime)
    # The partitions are still its own; whoever asks for the messages themselves gets them.
    assert settle(house.runtime) == {"credited": 5}
    hanging.kill()
    hanging.communicate()
    made.run(once=True)
    ends_well(house, 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_worker_in_order(house: House, number: signal.Signals) -> None:
    if number == signal.SIGINT and house.runtime.engine.dialect.name != "sqlite":
        pytest.skip("once is enough: the signal is the same to both")
    tell(house, 30, learners=30)
    process = start(house, *WORKER, "--name", "night", "--json")
    until(lambda: distinct(house) == 30, "30 are decided")
    process.send_signal(number)
    out, err = process.communicate()
    told = json.loads(out)
    assert (process.returncode, told["worker"], told["settled"], "Traceback" in err) == (0, "night", 30, False)
    with reading(house.runtime.engine) as connection:
        assert connection.scalar(text("select count(*) from creditbank_lease where worker is not null")) == 0
    ends_well(house, 30)


def test_a_second_worker_on_sqlite_says_so_in_one_line(house: House) -> None:
    if house.runtime.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has room for several")
    with seat(house.runtime):
        process = start(house, *WORKER)
        out, err = process.communicate()
    assert (process.returncode, out, len(err.splitlines())) == (1, "", 1)
    assert "worker_at_work" in err


def test_a_worker_outlives_its_database(tmp_path: Path, postgres_server: postgres.Server) -> None:
    own = postgres.start()
    try:
        house = furnish(make_app(tmp_path, own.url(own.make()), CREDITBANK_SETTLE="worker"))
        process = start(house, *WORKER, "--json")
        tell(house, 20, learners=20)
        until(lambda: distinct(house) == 20, "20 are decided")
        own.restart()
        house.runtime.engine.dispose()
        told = [letter(completed(n, event_id=f"e{n}")) for n in range(20, 40)]
        receive(house.runtime, told, SENDER)
        until(lambda: distinct(house) == 40, "40 are decided")
        process.terminate()
        out, err = process.communicate()
        assert (process.returncode, "Traceback" in err, json.loads(out)["settled"]) == (0, False, 40)
        ends_well(house, 40)
        close(house)
    finally:
        own.stop()

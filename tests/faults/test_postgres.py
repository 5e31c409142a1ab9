"""A PostgreSQL that is stopped, killed, out of connections or read-only in the middle of sending, and then well again.

Meanwhile the API answers 503 and when to come again, a worker waits, and a host with a database of its own goes on: what
it tells waits in the spool.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
import requests
from sqlalchemy import create_engine, text

from creditbank_plugin.services import spool
from tests import postgres
from tests.api.builders import make_client, make_house
from tests.builders import House, Place
from tests.conftest import close
from tests.faults import processes
from tests.faults.client import Client
from tests.faults.end import Recovery, all_is_well, is_settled, until
from tests.faults.story import story

Fault = Callable[[postgres.Server], Iterator[None]]


def stopped_at_once(server: postgres.Server) -> Iterator[None]:
    server.end(signal.SIGQUIT)
    yield
    server.begin_again()


def killed(server: postgres.Server) -> Iterator[None]:
    server.end(signal.SIGKILL)
    yield
    server.begin_again()


def out_of_connections(server: postgres.Server) -> Iterator[None]:
    """Others take every connection there is, those kept for administrators too."""

    def connect() -> "psycopg.Connection[tuple[int]]":
        return psycopg.connect(host="127.0.0.1", port=server.port, user="postgres", autocommit=True)

    with ExitStack() as taken:
        administrator = taken.enter_context(connect())
        for _ in range(200):  # a pool may be quicker than we are, and would go on with what it has
            ended = administrator.execute(_HANG_UP).fetchall()
            with suppress(psycopg.OperationalError):
                while True:
                    taken.enter_context(connect())
            if not ended:
                break
        yield


def read_only(server: postgres.Server) -> Iterator[None]:
    server.execute("alter system set default_transaction_read_only = on")
    server.execute("select pg_reload_conf()")
    yield
    server.execute("alter system reset default_transaction_read_only")
    server.execute("select pg_reload_conf()")


#: End every connection but the one that says so: a pool that keeps its connections does not notice that there are no others.
_HANG_UP = (
    "select pg_terminate_backend(pid) from pg_stat_activity where datname like 'test%' and pid <> pg_backend_pid()"
)
FAULTS = (stopped_at_once, killed, out_of_connections, read_only)


@pytest.fixture(scope="module")
def own_server(postgres_server: postgres.Server) -> Iterator[postgres.Server]:
    """A server of its own that may die, and keeps what it has committed, as one in use does."""
    server = postgres.start({**postgres.DURABLE, "max_connections": "20"})
    yield server
    server.stop()


@contextmanager
def finishing(base: str) -> Iterator[list[str]]:
    """Meanwhile learners finish courses at the host itself, which must never notice anything; yields who did."""
    over, learners = threading.Event(), list[str]()
    wrong: list[str] = []

    def finish() -> None:
        while not over.wait(0.1):
            who = f"h{len(learners)}"
            answer = requests.post(f"{base}/finish/{who}", timeout=60)
            if answer.status_code != 200:
                wrong.append(f"{answer.status_code} for {who}")
            learners.append(f"s-{who}")

    thread = threading.Thread(target=finish)
    thread.start()
    try:
        yield learners
    finally:
        over.set()
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_postgresql_in_trouble_loses_and_doubles_nothing(
    fault: Fault, own_server: postgres.Server, tmp_path: Path, recovery: Recovery
) -> None:
    house = _house(tmp_path, own_server.url(own_server.make()))
    told, client_of = story(), make_client(house)
    limits = {"CREDITBANK_SETTLE": "worker", "CREDITBANK_POOL_SECONDS": "1"}
    server = processes.web(house, "gunicorn", SERVED_DATABASE=_own_database(tmp_path), **limits)
    worker = processes.worker(house, **limits)
    client = Client(server.base, client_of)
    house.runtime.engine.dispose()
    messages, what = told.shuffled(), fault.__name__.replace("_", " ")
    half = len(messages) // 2
    with processes.at_work(server, worker):
        with finishing(server.base) as finished, ExitStack() as sending:
            sending.enter_context(client.sending(messages[:half]))
            until(lambda: client.progress() > half // 2, "a quarter is answered")
            with contextmanager(fault)(own_server):
                already = len(finished)
                sending.enter_context(client.sending(messages[half:]))
                until(lambda: client.met["503"] >= 4, "the API says that it cannot")
                until(lambda: len(finished) > already + 2, "the host goes on")
                assert spool.left(house.runtime), "what the host tells waits"
                answered = client.progress()
            recovery.measure(f"{what}, the API answers", lambda: client.progress() > answered)
        house.runtime.engine.dispose()
        recovery.measure(f"{what}, all is settled", lambda: not spool.left(house.runtime) and is_settled(house.runtime))
        assert worker.running is not None
        assert worker.running.poll() is None, "the same worker as before"
    all_is_well(house.runtime, list(client.answered), told.standings, finished)
    close(house)


def _house(folder: Path, url: str) -> House:
    return make_house(Place(folder, url), CREDITBANK_SETTLE="worker")


def _own_database(folder: Path) -> str:
    """A database of the host's own, on this machine, so that only ours is in trouble."""
    url = f"sqlite:///{folder / 'platform.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table served_finished (learner varchar(40) primary key)"))
    engine.dispose()
    return url

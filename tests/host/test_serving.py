"""Behind real servers: completions from outside while the server is told to stop; what was answered is there, once.

Each server with the database that docs/serving.md names for it.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select, text

from creditbank_plugin.services.proving.verify import verify
from creditbank_plugin.services.settling import settle
from creditbank_plugin.storage.session import reading, writing
from creditbank_plugin.storage.tables import Account, Decision, Inbox, Queue
from tests.api.builders import bearer, completion, make_house
from tests.builders import House, Place
from tests.house.tree import ROOT
from tests.serving import answers, free_port

APP = "tests.host.serving_host:app"
TOKEN = "a-token-for-the-metrics"
SENDERS, LONGEST_STOP = 4, 30


@dataclass(frozen=True)
class Server:
    """How a server is started, and which signal asks it to finish what it has begun."""

    name: str
    database: str
    options: tuple[str, ...]
    stop: signal.Signals = signal.SIGTERM

    def command(self, port: int) -> list[str]:
        return [sys.executable, "-m", self.name, *(each.format(port=port) for each in self.options), APP]


GUNICORN = ("--bind=127.0.0.1:{port}", "--workers=2", "--threads=4", "--preload", "--log-level=warning")
GRANIAN = ("--host=127.0.0.1", "--port={port}", "--interface=wsgi", "--workers=2", "--blocking-threads=4")
SERVERS = (
    Server("gunicorn", "postgresql", GUNICORN),
    Server("granian", "postgresql", (*GRANIAN, "--log-level=warning")),
    Server("waitress", "sqlite", ("--listen=127.0.0.1:{port}", "--threads=8"), signal.SIGINT),
)


@dataclass
class Heard:
    """What the senders were answered: learners whose completion was taken, and the processes that answered."""

    taken: list[str] = field(default_factory=list)
    processes: set[str] = field(default_factory=set)


@pytest.fixture(params=SERVERS, ids=lambda server: server.name)
def server(request: pytest.FixtureRequest) -> Server:
    if find_spec(request.param.name) is None:
        pytest.skip(f"the server {request.param.name} is missing")
    found: Server = request.param
    return found


@pytest.fixture
def house(server: Server, make_url: Any, tmp_path: Path) -> House:
    made = make_house(Place(tmp_path, make_url(server.database)), CREDITBANK_METRICS_TOKEN=TOKEN)
    with writing(made.runtime.engine) as connection:
        connection.execute(text("create table served_finished (learner varchar(40) primary key)"))
    made.runtime.engine.dispose()
    return made


@contextmanager
def served(server: Server, house: House, folder: Path, **more: str) -> "Iterator[tuple[str, subprocess.Popen[str]]]":
    port = free_port()
    environ = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}",
        "SERVED_DATABASE": house.app.config["SQLALCHEMY_DATABASE_URI"],
        "CREDITBANK_DATA": str(house.runtime.settings.data),
        "CREDITBANK_METRICS_TOKEN": TOKEN,
        **more,
    }
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(server.command(port), cwd=ROOT, env=environ, stdout=log, stderr=log, text=True)
    base = f"http://127.0.0.1:{port}"
    try:
        assert answers(f"{base}/creditbank/health/ready", process), (folder / "server.log").read_text()
        yield base, process
    finally:
        process.kill()
        process.wait()


def send_until(base: str, headers: dict[str, str], stopping: threading.Event, sender: int, heard: Heard) -> None:
    """Tell of one learner after the other, in turn through the platform's own page and through the API."""
    media = {**headers, "Content-Type": "application/cloudevents+json"}
    with requests.Session() as session:
        for number in range(sender, 100_000, SENDERS):
            try:
                if number % 2:
                    answer = session.post(f"{base}/finish/{number}", timeout=20)
                else:
                    body = json.dumps(completion(number))
                    answer = session.post(f"{base}/creditbank/api/v1/events", data=body, headers=media, timeout=20)
            except requests.RequestException:
                assert stopping.is_set(), "the server hung up before it was told to stop"
                return
            if answer.status_code not in (200, 202):
                assert stopping.is_set(), answer.text
                return
            heard.taken.append(f"s-{number}")
            if number % 2:
                heard.processes.add(answer.text)


def test_nothing_answered_is_lost_when_the_server_stops(server: Server, house: House, tmp_path: Path) -> None:
    headers, stopping, heard = bearer(house), threading.Event(), Heard()
    with served(server, house, tmp_path) as (base, process), ThreadPoolExecutor(SENDERS) as pool:
        sending = [pool.submit(send_until, base, headers, stopping, each, heard) for each in range(SENDERS)]
        until = time.monotonic() + 60
        while len(heard.taken) < 60 and time.monotonic() < until and not any(each.done() for each in sending):
            time.sleep(0.02)
        stopping.set()
        process.send_signal(server.stop)
        for each in sending:
            each.result(LONGEST_STOP)
        assert process.wait(LONGEST_STOP) in (0, -server.stop), (tmp_path / "server.log").read_text()
    assert len(heard.taken) >= 60
    if server.name != "waitress":
        assert str(process.pid) not in heard.processes, "the forked workers answered, not the process that loaded us"

    settle.settle(house.runtime)  # what was kept and not settled when the server stopped
    with reading(house.runtime.engine) as connection:
        told = set(connection.scalars(select(Inbox.learner)))
        finished = {f"s-{learner}" for learner in connection.scalars(text("select learner from served_finished"))}
        first = connection.scalar(select(func.count()).select_from(Decision).where(Decision.version == 1))
        states = list(connection.scalars(select(Decision.state)))
        left = connection.scalar(select(func.count()).select_from(Queue))
        accounts = connection.scalar(select(func.count()).select_from(Account))
    assert set(heard.taken) <= told
    assert {each for each in told if int(each[2:]) % 2} == finished, "the platform's rows and ours have one fate"
    assert (Counter(states), first, left) == ({"credited": len(told)}, len(told), 0)
    checked = verify(house.runtime)
    assert (checked["accounts"], checked["broken"]) == (accounts, [])
    assert not list((house.runtime.settings.data / "spool").glob("*"))


def test_one_scrape_counts_every_process_where_they_share_a_folder(make_url: Any, tmp_path: Path) -> None:
    server = SERVERS[0]
    if find_spec(server.name) is None:
        pytest.skip(f"the server {server.name} is missing")
    house = make_house(Place(tmp_path, make_url("postgresql")), CREDITBANK_METRICS_TOKEN=TOKEN)
    (tmp_path / "shared").mkdir()
    headers = {**bearer(house), "Content-Type": "application/cloudevents+json"}
    with served(server, house, tmp_path, PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "shared")) as (base, _):
        for number in range(20):
            body = json.dumps(completion(number))
            assert requests.post(f"{base}/creditbank/api/v1/events", data=body, headers=headers, timeout=20).ok
        metrics = requests.get(f"{base}/creditbank/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
    found = {
        (sample.name, sample.labels.get("outcome")): sample.value
        for family in text_string_to_metric_families(metrics.text)
        for sample in family.samples
    }
    assert found["creditbank_messages_total", "kept"] == 20
    assert found["creditbank_database_up", None] == 1
    assert len(list((tmp_path / "shared").glob("counter_*.db"))) >= 1

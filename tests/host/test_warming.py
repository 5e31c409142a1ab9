"""A process that serves sends what is due and reads its indexes beside its first requests; no other process does."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from creditbank_plugin.plugin import load
from creditbank_plugin.services import warming
from creditbank_plugin.services.catalogue import course_search
from creditbank_plugin.services.comparing import suggestions
from creditbank_plugin.services.settling.settle import settle as settle_all
from creditbank_plugin.storage.session import open_engine
from creditbank_plugin.storage.upgrade import upgrade
from tests.builders import Place, completed, furnish, make_app
from tests.cli.shell import Shell
from tests.faults.end import until
from tests.services.receiver import receiving
from tests.services.test_webhooks import sent, subscribe

INDEXES = (course_search.INDEX, suggestions.INDEX)


def host(url: str, folder: Path, **config: Any) -> Flask:
    """A platform as it is served: not under test, its own page says hello."""
    app = Flask("served")
    app.config.update(SECRET_KEY="for tests only", SQLALCHEMY_DATABASE_URI=url, CREDITBANK_DATA=str(folder / "data"))
    app.config.update(config)
    SQLAlchemy(app)
    load(app)
    app.add_url_rule("/", view_func=lambda: "hello", endpoint="hello")
    return app


def read(app: Flask) -> list[bool]:
    """Whether each index of the application's database stands in memory."""
    engine = app.extensions["creditbank"].runtime.engine
    found = [index._states.get(engine) for index in INDEXES]
    return [state is not None and state.index is not None for state in found]


def wait() -> None:
    for thread in threading.enumerate():
        if thread.name == "creditbank indexes":
            thread.join(30)


def test_the_first_request_of_a_serving_host_begins_to_read_them_and_does_not_wait(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(make_app(place.folder, place.url))
    app = host(place.url, place.folder)
    assert read(app) == [False, False], "attaching reads nothing: a command attaches too, and a server may fork"
    go_on, real = threading.Event(), warming._read
    monkeypatch.setattr(warming, "_read", lambda runtime: (go_on.wait(30), real(runtime)))
    assert app.test_client().get("/").text == "hello"
    assert read(app) == [False, False], "and the request was answered"
    go_on.set()
    wait()
    assert read(app) == [True, True]
    index = course_search.INDEX.of(app.extensions["creditbank"].runtime)
    began = time.monotonic()
    assert course_search.INDEX.of(app.extensions["creditbank"].runtime) is index, "a search finds it and reads nothing"
    assert time.monotonic() - began < 1
    before = threading.active_count()
    app.test_client().get("/")
    assert threading.active_count() == before, "once in each process"


@pytest.mark.parametrize("settle", ["inline", "worker"])
def test_what_was_left_unsent_is_sent_after_a_restart_without_another_change(place: Place, settle: str) -> None:
    """The process before had settled it and ended: neither spread over the subscriptions nor sent."""
    private = {"CREDITBANK_WEBHOOK_PRIVATE": True}
    before = furnish(make_app(place.folder, place.url, CREDITBANK_SETTLE="worker", **private))
    with receiving() as receiver:
        subscribe(before, receiver)
        before.bank.hear(completed(1))
        settle_all(before.runtime)
        assert receiver.heard == []
        app = host(place.url, place.folder, CREDITBANK_SETTLE=settle, **private)
        assert app.test_client().get("/").text == "hello"
        wait()
        until(lambda: bool(receiver.heard) or settle == "worker", "the message is sent")
        until(lambda: [each.state for each in sent(before)] == (["told"] if settle == "inline" else []), "and noted")
    assert len(receiver.heard) == (1 if settle == "inline" else 0), (
        "where workers send, a web process leaves it to them"
    )


def test_a_host_without_tables_serves_and_finds_them_later(make_url: Any, tmp_path: Path, caplog: Any) -> None:
    for kind in ("sqlite", "postgresql"):
        url = make_url(kind, blank=True)
        app = host(url, tmp_path / kind)
        assert app.test_client().get("/").text == "hello"
        wait()
        assert read(app) == [False, False]
        engine = open_engine(url)
        upgrade(engine)
        engine.dispose()
        runtime = app.extensions["creditbank"].runtime
        assert course_search.ids(runtime, "ภาษาไทย", {}, 10) == []
        runtime.engine.dispose()


def test_a_database_that_fails_fails_nobody(place: Place, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    app = host(place.url, place.folder)

    def fails(*_: object) -> None:
        raise OSError("a password that nobody may read")

    monkeypatch.setattr(course_search.INDEX, "of", fails)
    assert app.test_client().get("/").status_code == 200
    wait()
    assert "the indexes are not read yet (OSError)" in caplog.text
    assert "password" not in caplog.text


def test_a_machine_without_threads_and_a_database_in_memory_are_left_alone(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = host("sqlite://", tmp_path)
    assert memory.test_client().get("/").text == "hello"
    assert read(memory) == [False, False]

    def none_left(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    app = host(place.url, place.folder)
    monkeypatch.setattr(threading.Thread, "start", none_left)
    assert app.test_client().get("/").text == "hello"


def test_commands_and_a_hosts_own_tests_read_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    monkeypatch.setattr(warming, "begin", begun.append)
    house = furnish(make_app(place.folder, place.url))
    assert house.app.test_client().get("/creditbank/health/live").status_code == 200
    for command in (("frameworks", "list"), ("worker", "--once")):
        assert Shell.of(house)(*command).code == 0
    assert begun == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_what_a_forked_process_found_half_read_it_reads_anew(place: Place) -> None:
    house = furnish(make_app(place.folder, place.url))
    index = course_search.INDEX
    index.of(house.runtime)
    held = index._states[house.runtime.engine].lock
    with held:  # as if the parent were reading while it forks
        child = os.fork()
        if child == 0:  # in the child; nothing of pytest may go on here
            found = 1
            try:
                found = 0 if len(index.of(house.runtime)) == 1 else 2
            finally:
                os._exit(found)
        deadline, ended, status = time.monotonic() + 20, 0, 0
        while not ended and time.monotonic() < deadline:
            ended, status = os.waitpid(child, os.WNOHANG)
            time.sleep(0.05)
        if not ended:
            os.kill(child, 9)
            os.waitpid(child, 0)
    assert ended, "the child waited for a lock that nobody would ever give back"
    assert os.waitstatus_to_exitcode(status) == 0

"""Senders of webhooks in processes of their own: killed in the middle, and several at once."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest

from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.services.settling.worker import Worker
from creditbank_plugin.services.telling import post
from tests.builders import House, Place, completed, furnish, make_app, moment, revoked
from tests.faults.end import until
from tests.faults.processes import environ_of
from tests.house.tree import ROOT
from tests.services.receiver import receiving
from tests.services.test_webhooks import POSTED, REVERSED, let_pass, sent, subscribe


@pytest.fixture
def house(place: Place) -> House:
    config = {"CREDITBANK_WEBHOOK_PRIVATE": True, "CREDITBANK_SETTLE": "worker", "CREDITBANK_WEBHOOK_SECONDS": 5}
    return furnish(make_app(place.folder, place.url, doors=False, **config))


def sender(house: House) -> "subprocess.Popen[bytes]":
    """A process that sends what is due."""
    environ = environ_of(house, CREDITBANK_WEBHOOK_PRIVATE="true", CREDITBANK_WEBHOOK_SECONDS="5")
    command = [sys.executable, "-m", "creditbank_plugin.cli.main", "webhooks", "send"]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_what_a_killed_process_was_sending_is_sent_by_the_next(house: House) -> None:
    came, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> int:
        came.set()
        go_on.wait(30)
        return 200

    with receiving(answer=hold) as receiver:
        subscribe(house, receiver)
        house.bank.hear(completed(1))
        house.bank.hear(revoked(1, revoked_at=moment(9)))
        settle(house.runtime)
        dying = sender(house)
        assert came.wait(60)
        dying.send_signal(signal.SIGKILL)
        dying.wait()
        go_on.set()
        until(lambda: len(receiver.heard) == 1, "the answer that nobody heard")
        assert not post.deliver(house.runtime), "it is the dead one's until its lease ends, and the later one waits"
        let_pass(house, seconds=int((post.lease(house.runtime) + timedelta(seconds=1)).total_seconds()))
        post.deliver(house.runtime)
        post.deliver(house.runtime)
    assert [each["type"] for each in receiver.messages] == [POSTED, POSTED, REVERSED]
    assert receiver.ids[0] == receiver.ids[1]
    assert [each.state for each in sent(house)] == ["told", "told"]


def test_several_processes_send_each_message_once_and_in_order(house: House) -> None:
    with receiving() as receiver:
        subscribe(house, receiver)
        for number in range(15):
            house.bank.hear(completed(number))
            house.bank.hear(revoked(number, revoked_at=moment(9)))
        settle(house.runtime)
        processes = [sender(house) for _ in range(3)]
        assert [each.wait(120) for each in processes] == [0, 0, 0]
        post.deliver(house.runtime)
    assert len(receiver.ids) == len(set(receiver.ids)) == 30
    by_account: dict[str, list[str]] = {}
    for told in receiver.messages:
        by_account.setdefault(told["data"]["account_id"], []).append(told["type"])
    assert list(by_account.values()) == [[POSTED, REVERSED]] * 15


def test_a_worker_sends_what_it_settled(house: House) -> None:
    with receiving() as receiver:
        subscribe(house, receiver)
        house.bank.hear(completed(1))
        Worker(house.runtime).run(once=True)
    assert len(receiver.heard) == 1


def test_a_worker_that_is_asked_to_stop_ends_the_message_in_hand_and_begins_no_other(house: House) -> None:
    came, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> int:
        came.set()
        go_on.wait(30)
        return 200

    with receiving(answer=hold) as receiver:
        subscribe(house, receiver)
        for number in (1, 2, 3):
            house.bank.hear(completed(number))
        worker = Worker(house.runtime)
        thread = threading.Thread(target=worker.run)
        thread.start()
        assert came.wait(60)
        worker.stop = True
        until(house.runtime.postman.stop.is_set, "the worker ends")
        go_on.set()
        thread.join(60)
    assert len(receiver.heard) == 1
    assert sorted((each.state, each.attempts, each.leased_until) for each in sent(house)) == [
        ("due", 0, None),
        ("due", 0, None),
        ("told", 1, None),
    ]

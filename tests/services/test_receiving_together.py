"""Calls that come at once share a transaction and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from creditbank_hooks import TidingError
from creditbank_plugin.errors import Refused
from creditbank_plugin.services.settling import receive as receiving
from creditbank_plugin.services.settling.keep import Sender, keep_each
from creditbank_plugin.services.settling.receive import letter, receive
from tests.builders import ISSUER, SCHOOL, House, completed

SENDER = Sender(door="events", organisation=SCHOOL, issuer=ISSUER, client_id="c", may_open=True)
STRANGER = Sender(door="events", organisation=SCHOOL, issuer="https://other.example", client_id="d", may_open=True)


class Calls:
    """Sends calls that all wait in the row while the first is at work, so that they are kept together."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house, self.rounds = house, list[int]()
        self.began, self.go = Event(), Event()
        monkeypatch.setattr(receiving, "keep_each", self._keep)

    def _keep(self, connection: Any, runtime: Any, pairs: Any) -> Any:
        self.rounds.append(len(pairs))
        if not self.began.is_set():
            self.began.set()
            assert self.go.wait(20)
        if any(each.message_id == "poison" for each, _ in pairs):
            raise RuntimeError("a driver's error")
        return keep_each(connection, runtime, pairs)

    def send(self, *calls: tuple[Sender, list[Any]]) -> list[Any]:
        """Return what each call is answered, exceptions among them; a call of its own goes before them."""
        with ThreadPoolExecutor(len(calls) + 1) as pool:
            first = pool.submit(receive, self.house.runtime, [letter(completed(1, event_id="first"))], SENDER)
            assert self.began.wait(20)
            sent = []
            for number, (sender, letters) in enumerate(calls, start=1):
                sent.append(pool.submit(receive, self.house.runtime, letters, sender))
                while len(self.house.runtime.intake._row) < number:
                    Event().wait(0.001)
            self.go.set()
        assert [each.state for each in first.result()] == ["credited"]
        return [each.exception() or each.result() for each in sent]


def test_each_call_is_answered_in_its_place(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls(house, monkeypatch)
    two, three = letter(completed(2, event_id="two")), letter(completed(3, event_id="three"))
    other = letter(completed(2, event_id="two", score=51))
    answers = calls.send((SENDER, [two, three]), (STRANGER, [three]), (SENDER, [two]), (SENDER, [other]))
    assert calls.rounds == [1, 5]
    credited, refused, again, conflict = answers
    assert [each.state for each in credited] == ["credited", "credited"]
    assert isinstance(refused[0], TidingError)
    assert again[0].event_id == credited[0].event_id
    assert conflict[0].state == "conflict"
    assert conflict[0].event_id != credited[0].event_id


def test_a_call_that_cannot_be_kept_fails_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls(house, monkeypatch)
    good, bad = letter(completed(2, event_id="good")), letter(completed(3, event_id="poison"))
    kept, failed = calls.send((SENDER, [good]), (SENDER, [bad]))
    assert [each.state for each in kept] == ["credited"]
    assert isinstance(failed, RuntimeError)
    assert not isinstance(failed, Refused)

"""Settling under trouble: poisoned messages, other writers, plugins that fail."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from creditbank_hooks import Course, CourseCompleted, EvidenceVerdict, hookimpl
from creditbank_plugin.services import accounts, events
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.runtime import utc_now
from creditbank_plugin.services.settling import completions
from creditbank_plugin.services.settling.keep import Sender
from creditbank_plugin.services.settling.receive import letter, receive
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage.queries import ledger
from creditbank_plugin.storage.session import writing
from tests.builders import ISSUER, SCHOOL, House, add_course, adopt, compare, completed, revoked

SENDER = Sender(door="events", organisation=SCHOOL, issuer=ISSUER, client_id="c", may_open=True)


def reasons(house: House) -> dict[str | None, str]:
    return {each.id: each.reason for each in events.page(house.runtime, limit=200).items}


def test_a_poisoned_message_is_parked_and_holds_up_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    real = completions.complete

    def poisoned(book: Any, context: Any, register: Any, told: Any, answers: Any) -> None:
        if told.row.learner == "s-13":
            raise RuntimeError("นักเรียนทดลอง 13")  # an error text may hold personal data
        real(book, context, register, told, answers)

    monkeypatch.setattr("creditbank_plugin.services.settling.deciding.completions.complete", poisoned)
    told = [letter(completed(number, event_id=f"e{number}")) for number in (12, 13, 14)]
    receive(house.runtime, told, SENDER)
    assert reasons(house) == {"e12": "credited", "e13": "received", "e14": "credited"}
    for _ in range(house.runtime.settings.attempts_before_parking):
        with writing(house.runtime.engine) as connection:
            connection.execute(text("update creditbank_queue set not_before = null"))
        settle(house.runtime)
    (parked,) = events.page(house.runtime, state="parked").items
    assert (parked.id, parked.state, parked.error) == ("e13", "parked", "RuntimeError")
    monkeypatch.undo()
    assert events.retry(house.runtime, [parked.event_id]) == 1
    assert reasons(house)["e13"] == "credited"


def test_a_plugin_that_fails_makes_completions_wait_and_then_settle(house: House) -> None:
    class Registry:
        down = True

        @hookimpl
        def check_evidence(self, completion: CourseCompleted) -> EvidenceVerdict | None:
            if self.down:
                raise OSError("the registry does not answer")
            return None

    registry = Registry()
    house.bank.register(registry)
    house.bank.hear(completed(event_id="e1"))
    assert reasons(house) == {"e1": "plugin_unavailable"}
    registry.down = False
    settle(house.runtime)
    assert reasons(house) == {"e1": "plugin_unavailable"}, "not yet: it is asked again after a while"
    house.runtime.clock = lambda: utc_now() + timedelta(minutes=2)
    settle(house.runtime)
    assert reasons(house) == {"e1": "credited"}


def test_many_writers_of_the_same_learners_lose_and_double_nothing(house: House) -> None:
    """Eight threads tell 40 completions of five learners, each twice, some taken back."""
    failures: list[BaseException] = []

    def tell(numbers: Sequence[int]) -> None:
        try:
            for number in numbers:
                who = number % 5
                receive(house.runtime, [letter(completed(who, event_id=f"e{number}"))], SENDER)
                receive(house.runtime, [letter(completed(who, event_id=f"e{number}"))], SENDER)
            receive(house.runtime, [letter(revoked(numbers[0] % 5, event_id=f"r{numbers[0]}"))], SENDER)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=tell, args=[range(start, 40, 8)]) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    settle(house.runtime)
    assert len(reasons(house)) == 48
    assert set(reasons(house).values()) == {"completion_revoked", "applied"}
    for who in range(5):
        (found,) = accounts.find_learners(house.runtime, ISSUER, f"s-{who}")
        credits = accounts.credits(house.runtime, found.id)
        assert len(credits.items) <= 1
        assert [each.available for each in credits.balances] in ([], [0])
    assert verify.verify(house.runtime)["broken"] == []


def test_a_batch_reads_only_what_it_can_touch_of_a_bank_that_grew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"ค2110{number}" for number in range(1, 6)]
    for number, code in enumerate(codes):
        adopt(house, compare(house, add_course(house, code)))
        house.bank.hear(completed(1, course=Course(code=code), event_id=f"e{number}"))
    read: list[int] = []
    current = ledger.current_decisions

    def counted(*asked: Any) -> Any:
        rows = current(*asked)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(ledger, "current_decisions", counted)
    house.bank.hear(completed(1, course=Course(code=codes[0]), attempt=2, score=95, event_id="again"))
    assert read == [1]
    assert events.counts(house.runtime)["credited"] == 6
    assert verify.verify(house.runtime)["broken"] == []

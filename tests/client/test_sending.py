"""Telling of completions: batches, an answer for each, and nothing booked twice."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from creditbank_client import CreditBank, Problem
from creditbank_client.events import CloudEvent, completed, revoked
from tests.builders import CODE, ISSUER, moment
from tests.client.world import SOURCE, World

BOTH = ("events:write", "events:read")


def finished(number: int, code: str = CODE, **more: object) -> CloudEvent:
    learner = {"id": f"s-{number}", "issuer": ISSUER}
    return completed(f"m-{number}", SOURCE, learner, {"code": code}, moment(), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def bank(world: World) -> CreditBank:
    return world.machine(*BOTH)


def test_each_is_answered_in_its_place(bank: CreditBank) -> None:
    told = [finished(801, score=80), finished(802, "ZZ99999"), finished(803, score="many"), finished(804)]
    answers = list(bank.send(told, at_once=3))
    assert [each["id"] for each in answers] == ["m-801", "m-802", "m-803", "m-804"]
    assert [each["state"] for each in answers] == ["credited", "waiting", "refused", "credited"]
    assert answers[2]["error"]["field"] == "score"
    assert "error" not in answers[0]


def test_the_same_again_is_booked_once(bank: CreditBank) -> None:
    (first,), (second,) = (list(bank.send([finished(811)])) for _ in range(2))
    assert first["event_id"] == second["event_id"]


def test_what_was_told_can_be_taken_back(bank: CreditBank) -> None:
    list(bank.send([finished(821)]))
    learner = {"id": "s-821", "issuer": ISSUER}
    back = revoked("m-822", SOURCE, learner, {"code": CODE}, moment(9), "ส่งผิดคน")  # type: ignore[arg-type]
    (answer,) = bank.send([back])
    assert answer["state"] != "refused"


def test_batches_are_sent_as_they_are_read(bank: CreditBank) -> None:
    read: list[int] = []

    def telling() -> Iterator[CloudEvent]:
        for number in range(830, 834):
            read.append(number)
            yield finished(number)

    answers = bank.send(telling(), at_once=2)
    assert next(answers)["state"] == "credited"
    assert read == [830, 831]
    assert len(list(answers)) == 3


def test_a_whole_batch_that_is_refused_is_a_problem(world: World) -> None:
    with pytest.raises(Problem) as told:
        list(world.machine("events:read").send([finished(841)]))
    assert told.value.code == "insufficient_scope"


@pytest.mark.parametrize("when", [date(2026, 3, 1), datetime(2026, 3, 1, 9)])  # noqa: DTZ001
def test_a_moment_is_nobodys_guess(when: datetime) -> None:
    with pytest.raises(ValueError, match="moment"):
        completed("m", SOURCE, {"id": "s-1", "issuer": ISSUER}, {"code": CODE}, when)


@pytest.mark.parametrize("at_once", [0, 1001])
def test_a_batch_has_its_bounds(bank: CreditBank, at_once: int) -> None:
    with pytest.raises(ValueError, match="at_once"):
        next(bank.send([finished(851)], at_once=at_once))


def test_nothing_to_tell_is_no_call(bank: CreditBank) -> None:
    assert list(bank.send([])) == []

"""Idempotency-Key: the same call is done once and answered alike, also by threads at once and after a crash."""

import hashlib
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from creditbank_plugin.api import idempotency
from creditbank_plugin.api.blueprint import REPEATABLE
from creditbank_plugin.services.access import repeats, tokens
from creditbank_plugin.services.comparing import groups
from creditbank_plugin.services.settling import receive
from creditbank_plugin.storage.session import reading, writing
from creditbank_plugin.storage.tables import IdempotentAnswer, Inbox, WorkingGroup
from tests.api.builders import API, bearer, completion, get, let_pass, make_client, make_house
from tests.builders import PROVINCE, House, Place

GROUP = {
    "body": PROVINCE,
    "name_th": "คณะทำงานเทียบ",
    "order_number": "1/2569",
    "order_signatory": "ประธาน",
    "ordered_on": "2026-01-02",
}
KEY = {"Idempotency-Key": "6f0cb1c3-7b0e-4a93-8f62-2f1f9a3f7c11"}
SCOPES = ("groups:write", "comparisons:read", "events:write", "events:read", "catalogue:write")


@pytest.fixture
def house(place: Place) -> House:
    return make_house(place)


@pytest.fixture
def headers(house: House) -> dict[str, str]:
    return {**bearer(house, *SCOPES, organisation=PROVINCE), **KEY}


def enter(house: House, headers: dict[str, str], **changes: Any) -> TestResponse:
    return house.app.test_client().post(f"{API}/working-groups", json={**GROUP, **changes}, headers=headers)


def send(house: House, headers: dict[str, str], number: int = 1) -> TestResponse:
    raw = json.dumps(completion(number))
    return house.app.test_client().post(
        f"{API}/events", data=raw, headers=headers, content_type="application/cloudevents+json"
    )


def count(house: House, table: Any = WorkingGroup) -> int:
    with reading(house.runtime.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of them at the same moment, each in a thread; their answers in order."""
    ready, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        ready.wait(10)
        answers[place] = acts[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_the_same_call_again_is_answered_alike_and_done_once(house, headers):
    first, again = enter(house, headers), enter(house, headers)
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert first.data == again.data
    for name in ("ETag", "Location", "Content-Type"):
        assert first.headers[name] == again.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["X-Request-ID"] != again.headers["X-Request-ID"]
    assert count(house) == 1
    without = {name: value for name, value in headers.items() if name != "Idempotency-Key"}
    assert enter(house, without).get_json()["id"] != first.get_json()["id"]


def test_a_refusal_is_answered_alike_too(house, headers):
    first, again = enter(house, headers, name_th=""), enter(house, headers, name_th="")
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert first.status_code == 422
    assert again.headers["Idempotency-Replayed"] == "true"


def test_another_body_path_query_or_method_under_the_key_is_a_conflict(house, headers):
    assert enter(house, headers).status_code == 201
    client = house.app.test_client()
    others = (
        enter(house, headers, name_th="คณะทำงานอื่น"),
        client.post(f"{API}/working-groups?a=1", json=GROUP, headers=headers),
        client.post(f"{API}/courses:bulk", json=GROUP, headers=headers),
        client.patch(f"{API}/working-groups/x", json=GROUP, headers=headers),
    )
    for answer in others:
        assert (answer.status_code, answer.get_json()["code"]) == (409, "idempotency_key_reused")
    assert count(house) == 1


def test_a_key_is_the_clients_own_and_the_learners_who_let_it_in(house, headers, monkeypatch):
    first = enter(house, headers)
    other = {**bearer(house, *SCOPES, organisation=PROVINCE), **KEY}
    assert enter(house, other).get_json()["id"] != first.get_json()["id"]
    found = tokens.by_token(house.runtime, headers["Authorization"].split()[1])
    assert found is not None
    learners = tokens.Access(**{**vars(found), "person_id": "somebody"})
    assert isinstance(repeats.begin(house.runtime, learners, KEY["Idempotency-Key"], b"x"), repeats.Begun)


@pytest.mark.parametrize("key", ["", " ", "a b", "a,b", '"open', "ก", "x" * 256, '""'])
def test_a_key_of_another_form_is_refused(house, headers, key):
    answer = enter(house, {**headers, "Idempotency-Key": key.encode().decode("latin-1")})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "idempotency_key_invalid")
    assert answer.get_json()["errors"][0]["field"] == "Idempotency-Key"
    assert count(house) == 0


def test_a_key_may_stand_in_quotation_marks(house, headers):
    first = enter(house, headers)
    quoted = enter(house, {**headers, "Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'})
    assert quoted.data == first.data


def test_of_many_at_once_one_is_carried_out(house, headers):
    answers = at_once(*[lambda: enter(house, headers)] * 6)
    assert count(house) == 1
    assert {each.status_code for each in answers} == {201}
    assert len({each.data for each in answers}) == 1
    assert sum("Idempotency-Replayed" not in each.headers for each in answers) == 1


def test_who_would_wait_too_long_is_told_when_to_come_again(house, headers, monkeypatch):
    monkeypatch.setattr(repeats, "WAIT", 0.1)
    entered, go_on, add = threading.Event(), threading.Event(), groups.add_group

    def slow(*args: Any, **values: Any) -> Any:
        entered.set()
        go_on.wait(10)
        return add(*args, **values)

    monkeypatch.setattr(groups, "add_group", slow)

    def second() -> TestResponse:
        entered.wait(10)
        answer = enter(house, headers)
        go_on.set()
        return answer

    first, told = at_once(lambda: enter(house, headers), second)
    assert first.status_code == 201
    assert (told.status_code, told.get_json()["code"]) == (409, "idempotency_in_progress")
    assert int(told.headers["Retry-After"]) > 0
    assert enter(house, headers).data == first.data


@pytest.mark.parametrize("fault", [RuntimeError("no"), OperationalError("no", {}, Exception("no"))])
def test_what_failed_on_our_side_may_be_sent_again_at_once(house, headers, monkeypatch, fault):
    with monkeypatch.context() as broken:

        def fail(*_: object, **__: object) -> None:
            raise fault

        broken.setattr(groups, "add_group", fail)
        assert enter(house, headers).status_code in (500, 503)
    assert enter(house, headers).status_code == 201
    assert count(house) == 1


class Killed(BaseException):
    """What ends a call as ``kill -9`` would: nothing of ours runs after it."""


def test_who_died_before_it_did_anything_is_repeated(house, headers, monkeypatch):
    _die(monkeypatch, house, headers, before=True)
    assert count(house) == 0
    monkeypatch.setattr(repeats, "WAIT", 0.05)
    assert enter(house, headers).get_json()["code"] == "idempotency_in_progress"
    let_pass(house, seconds=31)
    assert enter(house, headers).status_code == 201
    assert count(house) == 1


def test_what_was_done_by_a_process_that_then_died_is_never_done_again(house, headers, monkeypatch):
    _die(monkeypatch, house, headers, before=False)
    assert count(house) == 1
    monkeypatch.setattr(repeats, "WAIT", 0.05)
    assert enter(house, headers).get_json()["code"] == "idempotency_in_progress"
    let_pass(house, seconds=31)
    for _ in range(2):
        answer = enter(house, headers)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "idempotency_answer_lost")
    assert count(house) == 1
    let_pass(house, hours=24)
    assert enter(house, bearer(house, *SCOPES, organisation=PROVINCE) | KEY).status_code == 201


def _die(monkeypatch: pytest.MonkeyPatch, house: House, headers: dict[str, str], *, before: bool) -> None:
    """Begin to enter a group, and end before or after it is committed."""
    add = groups.add_group

    def end(*args: Any, **values: Any) -> None:
        if not before:
            add(*args, **values)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(groups, "add_group", end)
        dying.setattr(repeats, "release", lambda *_: None)
        with pytest.raises(Killed):
            enter(house, headers)


def test_a_slow_call_that_was_taken_over_does_nothing(house, headers, monkeypatch):
    """It wakes after another has carried the call out: its transaction fails on the note that it would leave."""
    entered, go_on, add = threading.Event(), threading.Event(), groups.add_group

    def slow(*args: Any, **values: Any) -> Any:
        if not entered.is_set():
            entered.set()
            go_on.wait(20)
        return add(*args, **values)

    monkeypatch.setattr(groups, "add_group", slow)

    def second() -> TestResponse:
        entered.wait(10)
        let_pass(house, seconds=31)
        answer = enter(house, headers)
        go_on.set()
        return answer

    late, done = at_once(lambda: enter(house, headers), second)
    assert done.status_code == 201
    assert (late.status_code, late.get_json()["code"]) == (409, "idempotency_in_progress")
    assert count(house) == 1
    assert enter(house, headers).data == done.data


def test_events_are_kept_once_whatever_dies(house, headers, monkeypatch):
    """Their own id tells them apart: after a crash the call is simply carried out again."""
    headers = {**bearer(house), **KEY}
    kept = receive.receive

    def end(*args: Any, **values: Any) -> None:
        kept(*args, **values)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(receive, "receive", end)
        dying.setattr(repeats, "release", lambda *_: None)
        with pytest.raises(Killed):
            send(house, headers)
    assert count(house, Inbox) == 1
    let_pass(house, seconds=31)
    answer = send(house, headers)
    assert answer.get_json()["events"][0]["state"] == "credited"
    assert count(house, Inbox) == 1
    assert send(house, headers).headers["Idempotency-Replayed"] == "true"


def test_only_what_knows_a_repetition_by_itself_is_repeatable():
    """Events by their id, courses by their key (see test_courses.py), and a forecast enters nothing; all others note it."""
    assert {"send_events", "send_courses", "forecast_adoption"} == REPEATABLE


def test_what_is_kept_is_sealed_and_forgotten(house, headers):
    assert enter(house, headers).status_code == 201
    with reading(house.runtime.engine) as connection:
        row = connection.execute(select(IdempotentAnswer.__table__)).one()
    assert GROUP["name_th"].encode() not in bytes(row.sealed)
    assert KEY["Idempotency-Key"].encode() not in bytes(row.key_hash)
    let_pass(house, hours=24)
    later = {**bearer(house, *SCOPES, organisation=PROVINCE)}
    access = tokens.by_token(house.runtime, later["Authorization"].split()[1])
    assert access is not None
    sweeping = next(key for key in map(str, range(10_000)) if _hash(key)[0] == 0)
    repeats.begin(house.runtime, access, sweeping, b"x")
    with reading(house.runtime.engine) as connection:
        kept = connection.scalars(select(IdempotentAnswer.key_hash)).all()
    assert [bytes(each) for each in kept] == [_hash(sweeping)]


def _hash(key: str) -> bytes:
    return hashlib.sha256(f"\x1f{key}".encode()).digest()


def test_an_answer_that_cannot_be_kept_is_told_all_the_same(house, headers, monkeypatch, caplog):
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("no", {}, Exception("no"))

    with monkeypatch.context() as broken:
        broken.setattr("creditbank_plugin.storage.queries.repeats.keep", fail)
        assert enter(house, headers).status_code == 201
    assert "could not be kept" in caplog.text
    let_pass(house, seconds=31)
    assert enter(house, headers).get_json()["code"] == "idempotency_answer_lost"
    assert count(house) == 1


def test_what_says_something_of_the_moment_is_not_kept():
    assert {401, 403, 429} <= idempotency._PASSING


def test_reads_take_no_key(house, headers):
    for _ in range(2):
        answer = get(house, "working-groups", headers)
        assert answer.status_code == 200
        assert "Idempotency-Replayed" not in answer.headers
    assert count(house, IdempotentAnswer) == 0


def test_a_note_fails_or_stands_with_its_transaction(house):
    access = tokens.Access(make_client(house).client_id, PROVINCE, None, False, frozenset())
    begun = repeats.begin(house.runtime, access, "k", b"x")
    assert isinstance(begun, repeats.Begun)
    with pytest.raises(Killed), repeats.acting(house.runtime, begun), writing(house.runtime.engine):
        raise Killed
    repeats.release(house.runtime, begun)
    assert count(house, IdempotentAnswer) == 0
    begun = repeats.begin(house.runtime, access, "k", b"x")
    assert isinstance(begun, repeats.Begun)
    with repeats.acting(house.runtime, begun), writing(house.runtime.engine):
        pass
    repeats.release(house.runtime, begun)
    assert count(house, IdempotentAnswer) == 1
    assert begun.begun_at + timedelta(seconds=1) > house.runtime.clock()

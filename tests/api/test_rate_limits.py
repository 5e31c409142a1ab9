"""Rate limits: per client and per minute, told on every answer, and never what stops the service."""

import logging
import threading
import time

import pytest

from creditbank_plugin.services import rates
from creditbank_plugin.services.access.clients import Wish, create
from creditbank_plugin.services.rates import Rates
from creditbank_plugin.settings import SettingError, read
from tests.api.builders import ask_token, basic, bearer, completion, get, make_client, make_house, send
from tests.builders import SCHOOL, House, Place


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    return make_house(shared_place, CREDITBANK_RATE_PER_MINUTE=5, CREDITBANK_TOKEN_RATE_PER_MINUTE=3)


def test_each_answer_tells_the_quota_and_what_is_left(house):
    headers = bearer(house)
    left = []
    for answer in (get(house, "events", headers), get(house, "events/x", headers), send(house, headers, b"{")):
        assert answer.headers["RateLimit-Policy"] == '"client";q=5;w=60'
        name, remaining, seconds = answer.headers["RateLimit"].split(";")
        assert name == '"client"'
        assert 1 <= int(seconds.removeprefix("t=")) <= 60
        left.append(int(remaining.removeprefix("r=")))
    assert left == [4, 3, 2]


def test_above_the_quota_a_call_is_not_carried_out(house):
    headers, other = bearer(house), bearer(house)
    assert [get(house, "events", headers).status_code for _ in range(5)] == [200] * 5
    for answer in (send(house, headers, completion(7)), get(house, "events", headers)):
        assert (answer.status_code, answer.get_json()["code"]) == (429, "rate_limited")
        assert answer.content_type == "application/problem+json"
        assert answer.headers["RateLimit"].startswith('"client";r=0;t=')
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    listed = get(house, "events", other)
    assert listed.status_code == 200
    assert listed.get_json()["items"] == []


def test_a_client_may_have_a_quota_of_its_own(house):
    for per_minute, allowed in ((2, 2), (0, 6)):
        made = create(
            house.runtime,
            Wish(name="ระบบ", organisation=SCHOOL, scopes=["events:read"], per_minute=per_minute),
        )
        token = ask_token(house, made).get_json()["access_token"]
        answers = [get(house, "events", {"Authorization": f"Bearer {token}"}) for _ in range(6)]
        assert [each.status_code for each in answers].count(200) == allowed
        assert ("RateLimit" in answers[0].headers) is (per_minute > 0)


def test_the_token_endpoint_is_counted_by_client_and_by_address(house):
    client = make_client(house)
    answers = [ask_token(house, client) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"tokens";q=3;w=60'
    assert int(answers[3].headers["Retry-After"]) >= 1
    elsewhere = house.app.test_client().post(
        "/creditbank/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=basic(client),
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert elsewhere.status_code == 200  # nobody uses up another's quota by knowing an id
    many = [
        house.app.test_client().post(
            "/creditbank/oauth/token", data={"client_id": str(n)}, environ_overrides={"REMOTE_ADDR": "192.0.2.8"}
        )
        for n in range(31)
    ]
    assert 429 not in {each.status_code for each in many[:30]}
    assert many[30].status_code == 429


def test_of_threads_at_once_no_more_than_the_quota_pass():
    counted, passed = Rates("memory://"), []

    def call() -> None:
        for _ in range(50):
            stand = counted.count(100, "client", "x")
            assert stand is not None
            passed.append(stand.allowed)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(True) == 100


def test_counting_starts_no_threads_and_costs_less_than_a_tenth_of_a_millisecond():
    counted = Rates("memory://")
    counted.count(10**6, "client", "x")
    time.sleep(0.05)  # the library's own first timer ends
    before, began = threading.active_count(), time.perf_counter()
    for _ in range(2000):
        counted.count(10**6, "client", "x")
    assert (time.perf_counter() - began) / 2000 < 0.0005  # 0.03 ms by itself; other tests may run beside this one
    assert threading.active_count() == before


def test_what_ended_is_dropped(monkeypatch):
    counted = Rates("memory://")
    counted.count(5, "client", "x")
    storage = counted._limiter.storage
    assert len(storage.expirations) == 1
    storage.expirations = dict.fromkeys(storage.expirations, 0.0)
    storage._swept = 0.0
    counted.count(5, "client", "y")
    assert [key for key in storage.expirations if "/x/" in key] == []


def test_a_storage_that_fails_lets_everybody_in_and_is_left_alone_for_a_while(caplog):
    caplog.set_level(logging.ERROR)
    counted = Rates("redis://127.0.0.1:1/0")
    began = time.monotonic()
    assert [counted.count(1, "client", "x") for _ in range(50)] == [None] * 50
    assert time.monotonic() - began < 5
    assert caplog.text.count("calls are not counted") == 1
    assert "127.0.0.1" not in caplog.text
    counted._silent_until = 0.0
    assert counted.count(1, "client", "x") is None
    assert caplog.text.count("calls are not counted") == 2
    assert rates._SILENCE > 0


def test_the_storage_is_this_process_or_redis():
    assert read({}, {}).rate_storage == "memory://"
    assert read({"CREDITBANK_RATE_STORAGE": "redis://redis:6379/1"}, {}).rate_storage == "redis://redis:6379/1"
    with pytest.raises(SettingError):
        read({"CREDITBANK_RATE_STORAGE": "memcached://x"}, {})
    assert (read({}, {}).rate_per_minute, read({}, {}).idempotency_seconds) == (6000, 86_400)

"""Rate limits that several processes share in a real Redis, and what happens when it goes away."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from creditbank_plugin.login.throttle import PAIR, Throttle
from creditbank_plugin.services.rates import Rates
from tests.api.builders import ask_token, get, make_client, make_house
from tests.builders import Place
from tests.house.tree import ROOT
from tests.redis_server import Redis, running

QUOTA, TRIES = 60, 50
#: A process of its own that calls so often for a client; it begins when it is told, and prints how often it was let in.
CALLS = """
import sys
from creditbank_plugin.services.rates import Rates
storage, client, quota, tries = sys.argv[1:]
counted = Rates(storage)
print("ready", flush=True)
sys.stdin.readline()
stands = [counted.count(int(quota), "client", client) for _ in range(int(tries))]
print(sum(stand.allowed for stand in stands), min(stand.left for stand in stands))
"""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with running(tmp_path_factory.mktemp("redis")) as found:
        yield found


def process(redis: Redis, client_id: str) -> "subprocess.Popen[str]":
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}"}
    command = [sys.executable, "-c", CALLS, redis.url, client_id, str(QUOTA), str(TRIES)]
    return subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_processes_count_together_and_while_redis_is_away_nobody_is_shut_out(
    redis: Redis, tmp_path: Path, make_url: object, caplog: pytest.LogCaptureFixture
) -> None:
    house = make_house(
        Place(tmp_path, make_url("sqlite")),  # type: ignore[operator]
        CREDITBANK_RATE_STORAGE=redis.url,
        CREDITBANK_RATE_PER_MINUTE=QUOTA,
        CREDITBANK_TOKEN_RATE_PER_MINUTE=0,
    )
    client, other = make_client(house), make_client(house)
    headers, theirs = (
        {"Authorization": f"Bearer {ask_token(house, each).get_json()['access_token']}"} for each in (client, other)
    )
    both = [process(redis, client.client_id) for _ in range(2)]
    for each in both:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    told = []
    for each in both:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in both:
        out, _ = each.communicate(timeout=60)
        told.append([int(number) for number in out.split()])
    assert sum(allowed for allowed, _ in told) == QUOTA, "together they were let in as often as one may be"
    assert min(left for _, left in told) == 0

    shut = get(house, "events", headers)
    assert (shut.status_code, json.loads(shut.text)["code"]) == (429, "rate_limited"), (
        "and so is the API, a third process"
    )
    assert shut.headers["RateLimit"].startswith('"client";r=0;t=')
    assert get(house, "events", theirs).status_code == 200

    redis.stop()
    assert [get(house, "events", headers).status_code for _ in range(3)] == [200] * 3
    assert caplog.text.count("calls are not counted") == 1
    redis.start()
    house.runtime.rates._silent_until = 0.0  # half a minute later
    again = get(house, "events", headers)
    assert again.status_code == 200
    assert again.headers["RateLimit"].startswith(f'"client";r={QUOTA - 1};t='), "counted anew: Redis kept it in memory"


def test_tries_at_a_log_in_are_counted_together_too(redis: Redis) -> None:
    doors = [Throttle(SimpleNamespace(rates=Rates(redis.url))) for _ in range(2)]  # type: ignore[arg-type]
    let = [door.seconds("who", "192.0.2.1") == 0 for _ in range(PAIR) for door in doors]
    assert let.count(True) == PAIR
    redis.stop()
    assert doors[0].seconds("who", "192.0.2.1") == 0
    let = [doors[0].seconds("who", "192.0.2.1") == 0 for _ in range(2 * PAIR)]
    assert let.count(True) == PAIR - 1, "while it is away, each process goes on counting for itself"
    redis.start()

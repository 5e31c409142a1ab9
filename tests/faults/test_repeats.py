"""kill -9 in the middle of calls with an ``Idempotency-Key``: sent again under the same key, each is done exactly once."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import requests
from sqlalchemy import func, select

from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Inbox, Subscription
from tests.api.builders import bearer, completion, make_house
from tests.builders import House, Place
from tests.conftest import close
from tests.faults import processes
from tests.faults.end import until

#: Where each call is when its process dies; the last holds SQLite's one lock, so it comes last.
HOOKS = ("acted-hook", "kept-hook", "acting-hook")
EVENT = "acted-event"
#: The file of `tests.faults.dying_host` that lets every call pass; to import that module is to die.
ALIVE = "alive"


def count(house: House, table: Any, *where: Any) -> int:
    with reading(house.runtime.engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(table).where(*where)) or 0)


def hooks(house: House, key: str) -> int:
    return count(house, Subscription, Subscription.url == address(key))


def address(key: str) -> str:
    return f"http://127.0.0.1:9/{key}"


def call(base: str, key: str, headers: Mapping[str, str]) -> requests.Response:
    """Name an address to be told (each call anew makes another), or tell of a completion (which is one however often)."""
    api = f"{base}/creditbank/api/v1"
    said = {**headers, "Idempotency-Key": key}
    if key == EVENT:
        media = {"Content-Type": "application/cloudevents+json"}
        return requests.post(f"{api}/events", data=json.dumps(completion(1)), headers={**said, **media}, timeout=60)
    body = {"url": address(key), "types": ["credit.posted"]}
    return requests.post(f"{api}/webhooks", json=body, headers=said, timeout=60)


def again(base: str, key: str, headers: Mapping[str, str]) -> requests.Response:
    """Send it again as the answer says, until it is answered."""
    end = time.monotonic() + 60
    while True:
        answer = call(base, key, headers)
        if answer.status_code != 409 or answer.json()["code"] != "idempotency_in_progress":
            return answer
        assert time.monotonic() < end, "a dead call is under way for ever"
        time.sleep(int(answer.headers["Retry-After"]))


def test_a_call_whose_process_is_killed_is_done_once(place: Place) -> None:
    house = make_house(place, CREDITBANK_WEBHOOK_PRIVATE=True)
    headers = bearer(house, "webhooks:manage", "events:write", "events:read")
    folder = place.folder / "dying"
    folder.mkdir()
    server = processes.web(house, "waitress", DYING=str(folder), CREDITBANK_WEBHOOK_PRIVATE="true")
    server.command = [*server.command[:-1], "tests.faults.dying_host:app"]
    with processes.at_work(server), ThreadPoolExecutor() as pool:
        calls = []
        for key in (EVENT, *HOOKS):
            calls.append(pool.submit(cut_off, server.base, key, headers))
            until((folder / key).exists, f"{key} stands where it is to die")
        assert {key: hooks(house, key) for key in HOOKS} == {"acted-hook": 1, "kept-hook": 1, "acting-hook": 0}
        server.kill()
        for each in calls:
            each.result()
        (folder / ALIVE).touch()
        server.start()
        until(processes._answering(server), "the server answers again")
        answers = {key: again(server.base, key, headers) for key in (*HOOKS, EVENT)}
        twice = {key: again(server.base, key, headers) for key in (*HOOKS, EVENT)}

    assert {key: hooks(house, key) for key in HOOKS} == dict.fromkeys(HOOKS, 1), "exactly one effect each"
    done, lost = answers["acting-hook"], answers["acted-hook"]
    assert (done.status_code, "Idempotency-Replayed" in done.headers) == (201, False), (
        "it was never done: it is done now"
    )
    assert (lost.status_code, lost.json()["code"]) == (409, "idempotency_answer_lost"), "done, and not done again"
    replayed = answers["kept-hook"]
    assert (replayed.status_code, replayed.headers["Idempotency-Replayed"]) == (201, "true")
    assert replayed.json()["url"] == address("kept-hook")
    assert answers[EVENT].status_code == 202, "what knows its own messages answers as if nothing had happened"
    assert count(house, Inbox, Inbox.message_id == "m-1") == 1
    for key in ("acting-hook", "kept-hook", EVENT):
        assert (twice[key].text, twice[key].headers["Idempotency-Replayed"]) == (answers[key].text, "true")
    assert twice["acted-hook"].json()["code"] == "idempotency_answer_lost"
    close(house)


def cut_off(base: str, key: str, headers: Mapping[str, str]) -> None:
    """Call, and hear nothing but that the connection broke."""
    with suppress(requests.ConnectionError):
        raise AssertionError(f"{key} was answered: {call(base, key, headers).text}")

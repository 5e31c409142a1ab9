"""From outside, through a real server: single messages, batches, xAPI arrays, reading; each against a bare route."""

import base64
import http.client
import json
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.house import ISSUER, open_house
from benchmarks.places import Make
from benchmarks.timing import percentiles
from creditbank_plugin.services import clients

CLIENT_THREADS = 8
ROOT = Path(__file__).parent.parent
Sent = tuple[str, str, bytes, Mapping[str, str]]


def over_http(make: Make, folder: Path, singles: int, batches: int, reads: int) -> dict[str, Any]:
    """Return requests and messages a second, and the ratios to the bare route of the same server and client."""
    url = make()
    bank = open_house(folder / "served", url, 200)
    scopes = ("credits:read", "events:write", "events:read")
    client = clients.create(
        bank.runtime, name="bench", organisation="S", scopes=scopes, issuer=ISSUER, may_open_accounts=True
    )
    bank.runtime.engine.dispose()
    found: dict[str, Any] = {}
    with served("bare", make(), folder) as port:
        plain = {"Content-Type": "application/json"}
        found["bare_insert"] = _run(port, [("POST", "/events", _event(n), plain) for n in range(singles)])
        found["bare_read"] = _run(port, [("GET", "/records", b"", {})] * reads)
    with served("ours", url, folder / "served") as port:
        token = _token(port, client.client_id, client.client_secret)
        bearer = {"Authorization": f"Bearer {token}"}
        event = {**bearer, "Content-Type": "application/cloudevents+json"}
        path = "/creditbank/api/v1/events"
        found["single"] = _run(port, [("POST", path, _event(n), event) for n in range(singles)])
        many = {**bearer, "Content-Type": "application/cloudevents-batch+json"}
        sent = [("POST", path, _batch(singles + 100 * n, 100), many) for n in range(batches)]
        found["batch_of_100"] = _run(port, sent, each=100)
        secret = base64.b64encode(f"{client.client_id}:{client.client_secret}".encode()).decode()
        basic = {
            "Authorization": f"Basic {secret}",
            "Content-Type": "application/json",
            "X-Experience-API-Version": "1.0.3",
        }
        first = singles + 100 * batches
        sent = [("POST", "/creditbank/xapi/statements", _statements(first + 50 * n, 50), basic) for n in range(batches)]
        found["xapi_of_50"] = _run(port, sent, each=50)
        path = f"/creditbank/api/v1/learners/{_learner_with_50(port, event, bearer)}/credits"
        found["read_50"] = _run(port, [("GET", path, b"", bearer)] * reads)
    found["single_to_bare"] = _ratio(found["single"], found["bare_insert"])
    found["read_to_bare"] = _ratio(found["read_50"], found["bare_read"])
    return found


@contextmanager
def served(kind: str, url: str, folder: Path) -> Iterator[int]:
    """Start a server in a process of its own; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "benchmarks.served", kind, url, str(folder), str(port)]
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own program
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _run(port: int, sent: Sequence[Sent], each: int = 1) -> dict[str, Any]:
    """Send everything from several threads over kept connections."""
    todo: queue.SimpleQueue[Sent] = queue.SimpleQueue()
    for one in sent:
        todo.put(one)
    took: list[float] = []
    wrong: list[int] = []

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            try:
                method, path, body, headers = todo.get_nowait()
            except queue.Empty:
                return
            start = time.perf_counter()
            connection.request(method, path, body or None, dict(headers))
            answer = connection.getresponse()
            answer.read()
            took.append(time.perf_counter() - start)
            if answer.status not in (200, 202):
                wrong.append(answer.status)

    threads = [threading.Thread(target=work) for _ in range(CLIENT_THREADS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if wrong:
        raise RuntimeError(f"{len(wrong)} answers were refusals, such as {wrong[0]}")
    return {"per_second": round(len(sent) * each / seconds), **percentiles(took)}


def _ratio(ours: Mapping[str, Any], bare: Mapping[str, Any]) -> float:
    return round(float(ours["per_second"]) / float(bare["per_second"]), 3)


def _call(port: int, sent: Sent) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    method, path, body, headers = sent
    connection.request(method, path, body or None, dict(headers))
    return json.loads(connection.getresponse().read())


def _token(port: int, client_id: str, secret: str) -> str:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    form = urlencode({"grant_type": "client_credentials"}).encode()
    return str(_call(port, ("POST", "/creditbank/oauth/token", form, headers))["access_token"])


def _told(number: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"h{number}",
        "source": ISSUER,
        "type": "lms.course.completed.v1",
        "data": {
            "learner": {"id": f"H{number // 10}", "issuer": ISSUER, "name": "ผู้เรียน"},
            "course": {"code": f"C{number % 10}"},
            "completed_at": "2026-03-01T09:00:00+07:00",
            "score": 80,
        },
    }


def _event(number: int) -> bytes:
    return json.dumps(_told(number)).encode()


def _batch(first: int, count: int) -> bytes:
    return json.dumps([_told(number) for number in range(first, first + count)]).encode()


def _statements(first: int, count: int) -> bytes:
    return json.dumps([_statement(number) for number in range(first, first + count)]).encode()


def _statement(number: int) -> dict[str, Any]:
    external = "https://w3id.org/learning-analytics/learning-management-system/external-id"
    return {
        "actor": {"account": {"homePage": ISSUER, "name": f"H{number // 10}"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {
            "id": f"{ISSUER}/course/view.php?id={number % 10}",
            "definition": {
                "type": "http://id.tincanapi.com/activitytype/lms/course",
                "extensions": {external: f"C{number % 10}"},
            },
        },
        "timestamp": "2026-03-01T09:00:00+07:00",
    }


def _learner_with_50(port: int, event: Mapping[str, str], bearer: Mapping[str, str]) -> str:
    """Give one learner all the courses there are, and return their public id."""
    for number in range(50):
        told = _told(number)
        told["id"], told["data"]["learner"]["id"] = f"fifty-{number}", "fifty"
        told["data"]["course"]["code"] = f"C{number}"
        _call(port, ("POST", "/creditbank/api/v1/events", json.dumps(told).encode(), event))
    asked = urlencode({"issuer": ISSUER, "id": "fifty"})
    return str(_call(port, ("GET", f"/creditbank/api/v1/learners?{asked}", b"", bearer))["items"][0]["id"])

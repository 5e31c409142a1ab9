"""The doors behind a real server and real sockets: bodies in chunks, bodies of 10 MB, senders that hang up."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from werkzeug.serving import make_server

from tests.api.builders import API, basic, bearer, completion, get, make_client, make_house
from tests.builders import House
from tests.serving import at_work

MEDIA = {"Content-Type": "application/cloudevents+json"}


@contextmanager
def serving(house: House) -> Iterator[int]:
    """Serve on a free port; Werkzeug's own server hands chunks through as they come."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    with at_work(server):
        yield server.server_port


def post(port: int, path: str, headers: dict[str, str], chunks: Iterator[bytes]) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with suppress(BrokenPipeError, ConnectionResetError):  # the server had heard enough; its answer waits all the same
        connection.request("POST", path, body=chunks, headers=headers, encode_chunked=True)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def test_a_chunked_event_is_taken(place):
    house = make_house(place)
    raw = json.dumps(completion()).encode()
    headers = {**bearer(house), **MEDIA, "Transfer-Encoding": "chunked"}
    with serving(house) as port:
        status, body = post(
            port, f"{API}/events", headers, (raw[place : place + 10] for place in range(0, len(raw), 10))
        )
    assert status == 202
    assert body["events"][0]["state"] == "credited"  # type: ignore[index]


def test_chunks_without_end_are_refused(place):
    house = make_house(place, CREDITBANK_MAX_BODY=200_000)
    headers = {**bearer(house), **MEDIA, "Transfer-Encoding": "chunked"}
    xapi = {
        **basic(make_client(house)),
        "Content-Type": "application/json",
        "X-Experience-API-Version": "1.0.3",
        "Transfer-Encoding": "chunked",
    }
    with serving(house) as port:
        for path, sent in ((f"{API}/events", headers), ("/creditbank/xapi/statements", xapi)):
            status, body = post(port, path, sent, (b" " * 1000 for _ in range(250)))
            assert (status, body["code"]) == (413, "too_large")


def test_a_sender_that_hangs_up_leaves_nothing_behind(place):
    house = make_house(place)
    headers = bearer(house)
    raw = json.dumps(completion()).encode()
    with serving(house) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.putrequest("POST", f"{API}/events")
        for name, value in {**headers, **MEDIA, "Content-Length": str(len(raw))}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(raw[:50])
        connection.close()
        status, body = post(port, f"{API}/events", {**headers, **MEDIA}, iter([raw]))
    assert (status, body["events"][0]["state"]) == (202, "credited")  # type: ignore[index]
    assert len(get(house, "events", headers).get_json()["items"]) == 1

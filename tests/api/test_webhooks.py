"""Webhooks over HTTP: a client's own addresses, their secrets shown once, what was sent to them and sending it again."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from werkzeug.test import TestResponse

from tests.api.builders import API, ask_token, bearer, completion, get, make_client, make_house, send
from tests.builders import OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place
from tests.services.receiver import Receiver, receiving

TYPES = ["credit.posted", "credit.reversed"]
MANAGE, READ = "webhooks:manage", "credits:read"


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    return make_house(shared_place, CREDITBANK_WEBHOOK_PRIVATE=True)


def call(house: House, method: str, path: str, headers: dict[str, str], body: Any = None) -> TestResponse:
    return house.app.test_client().open(f"{API}/{path}", method=method, headers=headers, json=body)


def subscribe(house: House, headers: dict[str, str], receiver: Receiver, **more: Any) -> Any:
    answer = call(house, "POST", "webhooks", headers, {"url": receiver.url, "types": TYPES, **more})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not done() and time.monotonic() < end:
        time.sleep(0.02)
    assert done()


def test_the_whole_way_of_a_webhook(house: House) -> None:
    manage = bearer(house, MANAGE)
    with receiving() as receiver:
        made = subscribe(house, manage, receiver)
        assert (made["organisation"], made["types"]) == (SCHOOL, TYPES)
        shown = {name: value for name, value in made.items() if name != "secret"}
        assert get(house, "webhooks", manage).get_json()["items"] == [shown]
        assert get(house, f"webhooks/{made['id']}", manage).get_json() == shown
        told = send(house, bearer(house), completion(1)).get_json()["events"][0]
        until(lambda: bool(receiver.heard))
        headers, body, _, _ = receiver.heard[0]
        message = Webhook(made["secret"]).verify(body, {name.lower(): value for name, value in headers.items()})
        assert (message["type"], message["data"]["event_id"]) == ("credit.posted", told["event_id"])
        assert get(house, f"records/{message['data']['record_id']}", bearer(house, READ)).status_code == 200
        path = f"webhooks/{made['id']}/deliveries"
        until(lambda: get(house, path, manage, state="told").get_json()["items"] != [])
        (delivery,) = get(house, path, manage).get_json()["items"]
        assert (delivery["message_id"], delivery["last_status"]) == (message["data"]["id"], 204)
        again = call(house, "POST", f"{path}/{delivery['id']}/resend", manage)
        assert (again.status_code, again.get_json()["state"]) == (202, "due")
        until(lambda: len(receiver.heard) == 2)
        assert len(set(receiver.ids)) == 1
        new = call(house, "POST", f"webhooks/{made['id']}/rotate-secret", manage).get_json()
        assert new["secret"] != made["secret"]
        assert new["old_secret_until"] is not None
        assert call(house, "DELETE", f"webhooks/{made['id']}", manage).status_code == 200
    assert get(house, "webhooks", manage).get_json()["items"] == []
    gone = call(house, "POST", f"{path}/{delivery['id']}/resend", manage)
    assert (gone.status_code, gone.get_json()["code"]) == (409, "ended")


def test_pages_of_deliveries_go_on_to_the_end(house: House) -> None:
    manage = bearer(house, MANAGE)
    with receiving() as receiver:
        made = subscribe(house, manage, receiver)
        for number in (11, 12, 13):
            send(house, bearer(house), completion(number))
        until(lambda: len(receiver.heard) == 3)
        path, found, cursor = f"webhooks/{made['id']}/deliveries", [], ""
        while cursor is not None:
            page = get(house, path, manage, limit="2", cursor=cursor).get_json()
            found, cursor = [*found, *page["items"]], page["next"]
        call(house, "DELETE", f"webhooks/{made['id']}", manage)
    assert [each["id"] for each in found] == sorted((each["id"] for each in found), reverse=True)
    assert len({each["id"] for each in found}) == 3
    assert get(house, path, manage, state="x").status_code == 400


def test_another_clients_webhooks_are_not_there(house: House) -> None:
    """Of the same school as well: they are a client's own."""
    manage = bearer(house, MANAGE)
    made = subscribe(house, manage, Receiver(base="http://127.0.0.1:1"))
    for headers in (bearer(house, MANAGE), bearer(house, MANAGE, organisation=OTHER_SCHOOL)):
        assert get(house, "webhooks", headers).get_json()["items"] == []
        for method, path in (
            *(("GET", ""), ("DELETE", ""), ("POST", "/rotate-secret"), ("GET", "/deliveries")),
            ("POST", f"/deliveries/{made['id']}/resend"),
        ):
            answer = call(house, method, f"webhooks/{made['id']}{path}", headers)
            assert answer.status_code == 404, (method, path)
    assert get(house, f"webhooks/{made['id']}", manage).status_code == 200


def test_a_client_names_organisations_of_its_own_only(house: House) -> None:
    manage = {"Authorization": f"Bearer {ask_token(house, make_client(house, MANAGE)).get_json()['access_token']}"}
    for organisation in (OTHER_SCHOOL, PROVINCE, "x"):
        body = {"url": "https://8.8.8.8/", "types": TYPES, "organisation": organisation}
        answer = call(house, "POST", "webhooks", manage, body)
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "organisation")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"types": TYPES}, "url"),
        ({"url": "https://169.254.169.254/latest/meta-data", "types": TYPES}, "url"),
        ({"url": "https://user:pass@8.8.8.8/", "types": TYPES}, "url"),
        ({"url": "https://2130706433/", "types": TYPES}, "url"),
        ({"url": "https://[::ffff:10.0.0.1]/", "types": TYPES}, "url"),
        ({"url": "https://8.8.8.8/"}, "types"),
        ({"url": "https://8.8.8.8/", "types": ["x"]}, "types"),
        ({"url": "https://8.8.8.8/", "types": "credit.posted"}, "types"),
    ],
)
def test_what_cannot_be_told_is_refused(house: House, body: dict[str, Any], field: str) -> None:
    answer = call(house, "POST", "webhooks", bearer(house, MANAGE), body)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)


def test_private_addresses_are_refused_unless_the_installation_allows_them(place: Place) -> None:
    closed = make_house(place)
    for url in ("http://127.0.0.1:8000/", "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/"):
        answer = call(closed, "POST", "webhooks", bearer(closed, MANAGE), {"url": url, "types": TYPES})
        assert (answer.status_code, answer.get_json()["code"]) == (422, "url_refused"), url

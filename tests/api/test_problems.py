"""Errors: problem documents below our prefix, the host's own pages everywhere else, and never a trace."""

import logging

import pytest
from flask import Flask
from flask_wtf import CSRFProtect

from creditbank_plugin.services import events
from creditbank_plugin.storage.session import open_engine
from tests.api.builders import API, ask_token, basic, bearer, completion, get, make_client, make_house, send
from tests.builders import House, Place


def test_unknown_addresses_and_methods_below_the_api_are_problems(place):
    client = make_house(place).app.test_client()
    for path in (f"{API}/nothing", "/creditbank/api/nothing", "/creditbank/api/docs/assets/x", "/creditbank/api"):
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    answer = client.delete(f"{API}/events")
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_the_hosts_own_error_pages_stay(place):
    house = make_house(place)
    house.app.register_error_handler(404, lambda error: ("<h1>หน้าของโฮสต์</h1>", 404))
    client = house.app.test_client()
    for path in ("/nothing", "/creditbank-api/nothing", "/api/v1/nothing"):
        assert client.get(path).get_data(as_text=True) == "<h1>หน้าของโฮสต์</h1>"
    assert client.get(f"{API}/nothing").content_type == "application/problem+json"
    assert None not in house.app.after_request_funcs
    assert "openapi" not in house.app.cli.commands


@pytest.mark.parametrize(
    ("header", "language", "detail"),
    [
        (None, "th", "ต้องยืนยันตัวตนก่อน"),
        ("th", "th", "ต้องยืนยันตัวตนก่อน"),
        ("de", "th", "ต้องยืนยันตัวตนก่อน"),
        ("en-GB,en;q=0.9,th;q=0.1", "en", "Authentication is needed."),
    ],
)
def test_problems_speak_the_readers_language(place, header, language, detail):
    house = make_house(place)
    answer = get(house, "events", {"Accept-Language": header} if header else {})
    assert answer.get_json()["detail"] == detail
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def _without_database(house: House, place: Place) -> None:
    house.runtime.engine = open_engine(f"sqlite:///{place.folder / 'gone' / 'away.db'}")


def test_a_dead_database_is_a_503(place):
    house = make_house(place)
    headers, client = bearer(house), make_client(house)
    _without_database(house, place)
    for answer in (get(house, "events", headers), send(house, headers, completion())):
        assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.get_json()["code"] == "database_unavailable"
    answer = ask_token(house, client)
    assert (answer.status_code, answer.get_json()) == (503, {"error": "temporarily_unavailable"})


def test_a_fault_of_ours_has_a_number_and_no_trace(place, monkeypatch, caplog):
    house = make_house(place)
    headers = bearer(house)

    secret = "".join(map(str, range(10))) * 2

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(events, "page", fail)
    caplog.set_level(logging.DEBUG)
    answer = get(house, "events", headers)
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert "Traceback" not in answer.get_data(as_text=True)
    assert answer.get_json()["request_id"] in caplog.text
    assert secret not in caplog.text + answer.get_data(as_text=True)


@pytest.mark.parametrize("first", [True, False])
def test_a_hosts_guard_against_forged_forms_lets_machines_pass(place, monkeypatch, first):
    if first:  # the host sets its guard up before its plugins
        made = Flask.__init__

        def guarded(self: Flask, *args: object, **more: object) -> None:
            made(self, *args, **more)
            CSRFProtect(self)

        monkeypatch.setattr(Flask, "__init__", guarded)
    house = make_house(place)
    if not first:
        CSRFProtect(house.app)
    house.app.add_url_rule("/host-form", view_func=lambda: "taken", methods=["POST"])
    assert send(house, bearer(house), completion()).status_code == 202
    xapi = {**basic(make_client(house)), "X-Experience-API-Version": "1.0.3"}
    assert house.app.test_client().post("/creditbank/xapi/statements", json=[], headers=xapi).status_code == 200
    assert house.app.test_client().post("/host-form").status_code == 400

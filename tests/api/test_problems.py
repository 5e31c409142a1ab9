"""Errors: problem documents below our prefix, the host's own pages everywhere else, and never a trace."""

import logging
from pathlib import Path

import pytest
from flask import Flask
from flask_wtf import CSRFProtect

from creditbank_hooks import HostUser
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


def test_the_token_endpoint_has_one_method_and_no_neighbours(place):
    client = make_house(place).app.test_client()
    answer = client.get("/creditbank/oauth/token")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    for path in ("/creditbank/oauth", "/creditbank/oauth/", "/creditbank/oauth/token/", "/creditbank/oauth//token"):
        answer = client.post(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path


def test_no_host_loosens_the_headers_of_machine_answers(place):
    house = make_house(place)

    @house.app.after_request
    def loosen(answer):
        answer.headers.update({"Content-Security-Policy": "default-src *", "Cache-Control": "public, max-age=60"})
        answer.headers.pop("X-Content-Type-Options", None)
        return answer

    headers, client = bearer(house), house.app.test_client()
    answers = {
        200: [
            get(house, "events", headers),
            ask_token(house, make_client(house)),
            client.get("/creditbank/api/openapi.json"),
        ],
        401: [get(house, "events"), client.post("/creditbank/oauth/token", data={"grant_type": "client_credentials"})],
        404: [get(house, "nothing"), client.get("/creditbank/oauth/nothing")],
        405: [client.delete(f"{API}/events"), client.get("/creditbank/oauth/token")],
    }
    for status, each in ((status, each) for status, those in answers.items() for each in those):
        assert each.status_code == status
        assert each.headers["X-Content-Type-Options"] == "nosniff"
        assert each.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "no-store" in each.headers["Cache-Control"]


def test_a_file_that_is_moved_away_or_spoiled_is_a_503_until_it_is_back(make_url, tmp_path):
    """On SQLite: no door answers from a file that nobody else sees, makes an empty one, or needs a restart."""
    house = make_house(Place(tmp_path, make_url("sqlite")))
    headers = {**basic(make_client(house)), "X-Experience-API-Version": "1.0.3"}
    token = bearer(house)
    house.user.now = HostUser(id="1", roles=frozenset({"admin"}))
    file = Path(str(house.runtime.engine.url.database))

    def statuses() -> list[int]:
        client = house.app.test_client()
        return [
            get(house, "events", token).status_code,
            send(house, token, completion()).status_code,
            client.post("/creditbank/xapi/statements", json=[], headers=headers).status_code,
            ask_token(house, make_known).status_code,
            client.get("/creditbank/admin/inbox").status_code,
        ]

    make_known = make_client(house)
    well = statuses()
    assert well == [200, 202, 200, 200, 200]
    with house.runtime.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    file.rename(tmp_path / "away.db")
    assert statuses() == [503] * 5
    assert not file.exists()
    (tmp_path / "away.db").rename(file)
    assert statuses() == well
    file.rename(tmp_path / "away.db")
    file.write_bytes(b"this is no database\n" * 500)
    assert statuses() == [503] * 5
    (tmp_path / "away.db").replace(file)
    assert statuses() == well


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

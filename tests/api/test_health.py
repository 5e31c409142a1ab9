"""Health and metrics: what a load balancer, an orchestrator and Prometheus are answered, and what they are not."""

import re
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text, update
from werkzeug.test import TestResponse

from creditbank_hooks import hookimpl
from creditbank_plugin.api.metrics_server import start_metrics_server
from creditbank_plugin.services import spool
from creditbank_plugin.services.settling import keep
from creditbank_plugin.settings import SettingError
from creditbank_plugin.storage.session import open_engine, writing
from creditbank_plugin.storage.tables import Queue
from tests import builders
from tests.api.builders import bearer, completion, let_pass, make_house, send
from tests.builders import House, Place, completed

TOKEN = "a-token-for-the-metrics"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
CHECKS = ("database", "migrations", "keys", "completions", "parked", "webhooks", "spool")


def ready(house: House, **more: object) -> TestResponse:
    return house.app.test_client().get("/creditbank/health/ready", **more)  # type: ignore[arg-type]


def keep_one(house: House, who: int = 1) -> str:
    """Keep a completion without settling it."""
    sender = keep.Sender(door="hooks", organisation=builders.SCHOOL, issuer=builders.ISSUER, may_open=True)
    house.runtime.keyring.prepare(house.runtime.engine)
    return keep.keep_alone(house.runtime, completed(who), sender)


def test_alive_is_answered_without_a_database(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    house = make_house(place)

    def no_database() -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(house.runtime.engine, "connect", no_database)
    answer = house.app.test_client().get("/creditbank/health/live")
    assert (answer.status_code, answer.get_json()) == (200, {"live": True})


def test_ready_when_everything_is_in_place(place: Place) -> None:
    answer = ready(make_house(place))
    told = answer.get_json()
    assert (answer.status_code, told["ready"]) == (200, True)
    assert told["checks"] == dict.fromkeys(CHECKS, "ok")
    assert told["details"]["queue"] == {"fresh": 0, "backlog": 0, "parked": 0}
    assert told["details"]["webhooks"] == {"due": 0, "parked": 0, "oldest_due_seconds": None}
    assert "no-store" in answer.headers["Cache-Control"]


def test_details_are_for_this_machine_and_the_token(place: Place) -> None:
    house = make_house(place, CREDITBANK_METRICS_TOKEN=TOKEN)
    bearer_ = {"Authorization": f"Bearer {TOKEN}"}
    assert "details" in ready(house, environ_base={"REMOTE_ADDR": "::1"}).get_json()
    assert "details" in ready(house, environ_base=ELSEWHERE, headers=bearer_).get_json()
    for hidden in (
        {"environ_base": ELSEWHERE},
        {"environ_base": ELSEWHERE, "headers": {"Authorization": f"Bearer {TOKEN}x"}},
        {"headers": {"X-Forwarded-For": "192.0.2.7"}},
        {"headers": {"Forwarded": "for=192.0.2.7"}},
        {"environ_base": {"REMOTE_ADDR": ""}},
    ):
        answer = ready(house, **hidden)
        assert answer.status_code == 200
        assert set(answer.get_json()) == {"ready", "checks"}


def test_a_completion_that_waits_too_long_is_not_ready(place: Place) -> None:
    house = make_house(place, CREDITBANK_READY_SECONDS="100", CREDITBANK_SETTLE="manual")
    keep_one(house)
    assert ready(house).status_code == 200
    let_pass(house, seconds=90)
    told = ready(house).get_json()
    assert told["ready"] is True
    assert 90 <= told["details"]["oldest_fresh_seconds"] < 100
    let_pass(house, seconds=20)
    answer = ready(house)
    assert (answer.status_code, answer.get_json()["checks"]["completions"]) == (503, "failed")
    assert answer.headers["Retry-After"]


def test_a_threshold_of_nothing_is_none(place: Place) -> None:
    house = make_house(place, CREDITBANK_READY_SECONDS="0", CREDITBANK_SETTLE="manual")
    keep_one(house)
    let_pass(house, days=30)
    assert ready(house).status_code == 200


def test_parked_and_spooled_messages_ask_for_attention_only(place: Place) -> None:
    house = make_house(place)
    kept = keep_one(house)
    with writing(house.runtime.engine) as connection:
        connection.execute(update(Queue).where(Queue.inbox_id == kept).values(parked_at=house.runtime.clock()))
    spool.put(house.runtime, completed(2), {"door": "hooks", "organisation": None, "issuer": builders.ISSUER})
    answer = ready(house)
    told = answer.get_json()
    assert answer.status_code == 200
    assert (told["checks"]["parked"], told["checks"]["spool"]) == ("attention", "attention")
    assert (told["details"]["parked"], told["details"]["spool"]["count"]) == (1, 1)
    assert told["details"]["oldest_fresh_seconds"] is None  # a parked message waits for a person, not for us


def test_not_ready_without_tables_keys_or_database(place: Place, make_url: Any, tmp_path: Path) -> None:
    house = make_house(place)
    (house.runtime.settings.data / "keys.json").unlink()
    answer = ready(house)
    assert (answer.status_code, answer.get_json()["checks"]["keys"]) == (503, "failed")

    bare = builders.Flask("bare")
    blank = make_url("sqlite", blank=True, name="bare")
    bare.config.update(CREDITBANK_DATABASE_URL=blank, CREDITBANK_DATA=str(tmp_path / "bare"))
    builders.load(bare)
    answer = bare.test_client().get("/creditbank/health/ready")
    assert (answer.status_code, answer.get_json()["checks"]["migrations"]) == (503, "failed")


def test_a_process_serves_on_while_a_later_version_takes_over(place: Place) -> None:
    house = make_house(place)
    later = text("update creditbank_alembic_version set version_num = 'creditbank_9000'")
    assert ready(house).status_code == 200
    with writing(house.runtime.engine) as connection:
        connection.execute(later)
    answer = ready(house)
    assert (answer.status_code, answer.get_json()["checks"]["migrations"]) == (200, "attention")
    house.runtime.was_ready = False  # as in a process that begins now
    answer = ready(house)
    assert (answer.status_code, answer.get_json()["checks"]["migrations"]) == (503, "failed")


def test_not_ready_without_a_database(tmp_path: Path) -> None:
    gone = builders.Flask("gone")
    url = "postgresql+psycopg://nobody:hidden@127.0.0.1:1/none"
    gone.config.update(CREDITBANK_DATABASE_URL=url, CREDITBANK_DATA=str(tmp_path / "gone"))
    builders.load(gone)
    client: FlaskClient = gone.test_client()
    answer = client.get("/creditbank/health/ready")
    assert (answer.status_code, answer.get_json()["checks"]["database"]) == (503, "failed")
    assert answer.get_json()["checks"]["completions"] == "unknown"
    assert "hidden" not in answer.text
    assert client.get("/creditbank/health/live").status_code == 200


def test_an_unknown_address_below_health_is_a_problem(place: Place) -> None:
    answer = make_house(place).app.test_client().get("/creditbank/health/other")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def scrape(house: House, token: str = TOKEN) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Ask for the metrics as Prometheus does; return each sample by name and labels."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = house.app.test_client().get("/creditbank/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(found: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    return found.get((f"creditbank_{name}", frozenset(labels.items())), 0.0)


def test_metrics_are_not_there_unless_a_token_is_set(place: Place) -> None:
    client = make_house(place).app.test_client()
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
        assert client.get("/creditbank/metrics", headers=headers).status_code == 404


def test_metrics_want_the_token(place: Place) -> None:
    client = make_house(place, CREDITBANK_METRICS_TOKEN=TOKEN).app.test_client()
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": f"Bearer {TOKEN}x"},
    ):
        answer = client.get("/creditbank/metrics", headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_short_token_stops_the_start(place: Place) -> None:
    with pytest.raises(SettingError, match="CREDITBANK_METRICS_TOKEN"):
        make_house(place, CREDITBANK_METRICS_TOKEN="guessed")


def test_metrics_count_what_happens(place: Place) -> None:
    house = make_house(place, CREDITBANK_METRICS_TOKEN=TOKEN)

    class Failing:
        @hookimpl
        def credit_posted(self, news: object) -> None:
            raise RuntimeError("a plugin's fault")

    house.bank.register(Failing())
    headers = bearer(house)
    before = scrape(house)
    send(house, headers, [completion(1), completion(2), completion(3, course={"code": "x"}), completion(4, score=101)])
    send(house, headers, completion(1))
    house.bank.hear(completed(9))
    house.app.test_client().get("/creditbank/api/v1/events/none", headers=headers)
    after = scrape(house)

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more("messages_total", door="events", outcome="kept") == 3
    assert more("messages_total", door="events", outcome="repeat") == 1
    assert more("messages_total", door="hooks", outcome="kept") == 1
    assert more("decisions_total", state="credited", reason="credited") == 3
    assert more("decisions_total", state="waiting", reason="course_unknown") == 1
    assert more("settle_batch_seconds_count") == 2
    assert more("settle_batch_messages_sum") == 4
    assert more("received_to_decided_seconds_count", lane="fresh") == 4
    endpoint = "/creditbank/api/v1/events"
    assert more("http_requests_total", method="POST", endpoint=endpoint, status="202") == 2
    assert more("http_request_seconds_count", endpoint=f"{endpoint}/<event_id>") == 1
    assert more("plugin_failures_total", hook="credit_posted") == 3
    assert value(after, "database_up") == 1
    assert value(after, "queue_messages", lane="parked") == 0


def test_labels_hold_no_ids(place: Place) -> None:
    house = make_house(place, CREDITBANK_METRICS_TOKEN=TOKEN)
    headers = bearer(house)
    told = send(house, headers, completion(1)).get_json()["events"][0]
    client = house.app.test_client()
    client.get(f"/creditbank/api/v1/events/{told['event_id']}", headers=headers)
    client.open("/creditbank/api/v1/events", method="SOMEBODYS-OWN", headers=headers)
    text = client.get("/creditbank/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    for hidden in (told["event_id"], told["record_id"], "m-1", "s-1", builders.ISSUER, "SOMEBODYS"):
        assert hidden not in text
    assert not re.search(r'="[0-9a-f]{32}"', text)


def test_metrics_without_a_database_say_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    house = make_house(place, CREDITBANK_METRICS_TOKEN=TOKEN)
    nowhere = f"sqlite:///{place.folder / 'no-such-folder' / 'file.db'}"
    monkeypatch.setattr(house.runtime, "engine", open_engine(nowhere))
    assert value(scrape(house), "database_up") == 0
    found = scrape(house)
    assert value(found, "database_errors_total", error="OperationalError") >= 1


def test_a_worker_serves_the_same_on_a_port_of_its_own(place: Place) -> None:
    house = make_house(place, CREDITBANK_METRICS_TOKEN=TOKEN)
    server = start_metrics_server(house.runtime, 0)
    base = f"http://127.0.0.1:{server.server_port}/creditbank"
    try:
        assert requests.get(f"{base}/health/live", timeout=5).json() == {"live": True}
        assert requests.get(f"{base}/health/ready", timeout=5).json()["ready"] is True
        assert requests.get(f"{base}/metrics", timeout=5).status_code == 401
        told = requests.get(f"{base}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=5)
        assert "creditbank_queue_messages" in told.text
    finally:
        server.shutdown()
        server.server_close()


def test_a_worker_serves_no_metrics_without_a_token(place: Place) -> None:
    with pytest.raises(SettingError, match="CREDITBANK_METRICS_TOKEN"):
        start_metrics_server(make_house(place).runtime, 0)

"""The journal: ids and codes in every line, and nothing of anybody, whichever door it came through."""

import json
import logging
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from creditbank_hooks import hookimpl
from creditbank_plugin.services import journal
from creditbank_plugin.services.settling import settle
from tests import builders
from tests.api.builders import API, basic, bearer, completion, make_client, make_house, send
from tests.builders import ISSUER, House, Place, completed, learner, revoked

NAME, NATIONAL_ID, BORN = "สมหญิง ลับเฉพาะ", "1101700230708", "2009-11-23"
EMAIL, OWN_ID, MESSAGE = "somying@family.example", "s-secret-77", "message-of-somying"
PERSONAL = (NAME, "สมหญิง", "ลับเฉพาะ", NATIONAL_ID, BORN, EMAIL, OWN_ID, MESSAGE)


def host_tells(house: House) -> None:
    who = learner("secret-77", name=NAME, national_id=NATIONAL_ID, birth_date=date.fromisoformat(BORN))
    assert who.id == OWN_ID
    with house.app.app_context():
        house.bank.hear(completed(who), house.db.session)
        house.db.session.commit()
    house.bank.hear(revoked(who, reason=f"{NAME} ขอถอน"))


def events_tell(house: House, headers: dict[str, str]) -> list[str]:
    who = {"id": OWN_ID, "issuer": ISSUER, "name": NAME, "national_id": NATIONAL_ID, "birth_date": BORN}
    event = {**completion(learner=who), "id": MESSAGE}
    answers = [
        send(house, headers, event),
        send(house, headers, {**event, "data": {**event["data"], "score": 70}}),  # the same id, other facts
        send(house, headers, [{**event, "id": f"{MESSAGE}-2"}, {**event, "data": {"learner": who}}]),
        send(house, headers, {**event, "data": {**event["data"], "score": NAME}}),
        send(house, headers, json.dumps(event)[:-5].encode(), media="application/cloudevents+json"),
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 422, 400]
    return [answers[0].get_json()["events"][0]["event_id"]]


def xapi_tells(house: House) -> None:
    statement: dict[str, Any] = {
        "actor": {"name": NAME, "account": {"homePage": ISSUER, "name": OWN_ID}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": f"https://lms.school.example/course/{NATIONAL_ID}", "definition": {"name": {"th": NAME}}},
    }
    client = house.app.test_client()
    headers = {**basic(make_client(house)), "X-Experience-API-Version": "1.0.3"}
    good = client.post("/creditbank/xapi/statements", json=[statement], headers=headers)
    bad = client.post("/creditbank/xapi/statements", json=[{**statement, "actor": {"mbox": EMAIL}}], headers=headers)
    lost = client.put(f"/creditbank/xapi/statements?statementId={NATIONAL_ID}", json=statement, headers=headers)
    assert (good.status_code, bad.status_code, lost.status_code) == (200, 400, 400), good.text


def strangers_ask(house: House, headers: dict[str, str]) -> None:
    client = house.app.test_client()
    client.get(f"{API}/learners", query_string={"issuer": ISSUER, "id": OWN_ID}, headers=headers)
    client.get(f"{API}/learners/{NATIONAL_ID}/credits", headers={**headers, "X-Request-ID": NATIONAL_ID})
    client.get(f"{API}/events/{EMAIL}", headers={**headers, "X-Request-ID": f"{NAME}".encode().decode("latin-1")})
    client.post("/creditbank/oauth/token", data={"grant_type": EMAIL, "scope": NAME}, headers=headers)
    client.get(f"/creditbank/records/{OWN_ID}", query_string={"name": NAME})
    client.get(f"/creditbank/nowhere/{NATIONAL_ID}")


class Gossip:
    """A plugin that fails and repeats what it was told."""

    def __init__(self) -> None:
        self.silent = True

    @hookimpl
    def check_evidence(self, completion: Any) -> None:
        if not self.silent:
            raise RuntimeError(f"{completion.learner.personal.name} {completion.learner.id}")

    @hookimpl
    def credit_posted(self, news: Any) -> None:
        raise RuntimeError(f"{NAME} {NATIONAL_ID}")


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Every line as a host's formatter would write it, with whatever else the record carries."""
    formatter = logging.Formatter("%(levelname)s %(name)s %(message)s")
    return [f"{formatter.format(each)} {getattr(each, 'creditbank', '')}" for each in caplog.records]


def test_no_door_lets_personal_data_into_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    house, gossip = make_house(place), Gossip()
    house.bank.register(gossip)
    headers = bearer(house)
    caplog.set_level(logging.DEBUG)
    host_tells(house)
    # From here on statements are logged as well: ours without their parameters; a host's own engine is its own affair.
    caplog.set_level(logging.INFO, logger="sqlalchemy.engine")
    for name in ("sqlalchemy.pool", "creditbank_plugin", "authlib"):
        caplog.set_level(logging.DEBUG, logger=name)
    (event_id,) = events_tell(house, headers)
    xapi_tells(house)
    strangers_ask(house, headers)
    gossip.silent = False
    send(house, headers, completion(5, learner={"id": OWN_ID, "issuer": ISSUER, "name": NAME}, attempt=2))
    house.runtime.engine.dispose()
    written = lines(caplog)
    found = [(secret, line) for line in written for secret in PERSONAL if secret in line]
    assert found == []
    kept = [line for line in written if "message kept" in line and event_id in line]
    decided = [line for line in written if "message decided" in line and event_id in line]
    assert kept
    assert decided
    assert "account_id=" in decided[-1]
    assert any("batch settled" in line for line in written)
    assert any("endpoint=/creditbank/api/v1/events/<event_id>" in line and "status=404" in line for line in written)


def test_a_database_that_fails_says_nothing_of_what_it_was_told(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    house = make_house(place)
    caplog.set_level(logging.DEBUG)
    with house.runtime.engine.begin() as connection:
        connection.exec_driver_sql("alter table creditbank_decision rename to creditbank_gone")
    host_tells(house)
    with suppress(SQLAlchemyError):
        settle.settle(house.runtime)
    written = lines(caplog)
    assert any("settling will be tried again" in line or "could not be settled" in line for line in written)
    assert [(secret, line) for line in written for secret in PERSONAL if secret in line] == []


def test_a_request_is_told_with_its_id_template_and_client(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    house = make_house(place)
    headers = bearer(house)
    caplog.set_level(logging.INFO, logger="creditbank_plugin")
    caplog.clear()
    answer = house.app.test_client().get(f"{API}/events/x", headers={**headers, "X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    (facts,) = [each.creditbank for each in caplog.records if hasattr(each, "creditbank")]  # type: ignore[attr-defined]
    assert facts.pop("ms") >= 0
    assert facts.pop("client_id")
    assert facts == {
        "event": "request",
        "method": "GET",
        "endpoint": f"{API}/events/<event_id>",
        "status": 404,
        "request_id": "from-the-proxy-1",
    }
    assert journal.request_id() is None


def test_probes_fill_no_log_while_all_is_well(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    house = make_house(place)
    caplog.set_level(logging.INFO, logger="creditbank_plugin")
    caplog.clear()
    client = house.app.test_client()
    assert client.get("/creditbank/health/ready").status_code == 200
    assert lines(caplog) == []
    (house.runtime.settings.data / "keys.json").unlink()
    assert client.get("/creditbank/health/ready").status_code == 503
    assert "status=503" in lines(caplog)[0]


@pytest.mark.parametrize(
    "given", [None, "", "short", "a" * 65, "with blanks in it", NATIONAL_ID, f"x-{NATIONAL_ID}", "ก" * 10]
)
def test_a_request_id_that_is_not_fit_is_replaced(given: str | None) -> None:
    made = journal.begin_request(given)
    journal.end_request()
    assert made != given
    assert len(made) == 32


def test_a_repeat_a_conflict_and_a_refusal_are_told_apart(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    house = make_house(place)
    headers = bearer(house)
    caplog.set_level(logging.DEBUG, logger="creditbank_plugin")
    event, other = completion(), completion(score=60)
    foreign = {**completion(3), "data": {**completion(3)["data"], "school": builders.OTHER_SCHOOL}}
    send(house, headers, [event, event, other, {**completion(2), "type": "somebody.else.v1"}, foreign])
    outcomes = [
        each.creditbank["outcome"]  # type: ignore[attr-defined]
        for each in caplog.records
        if getattr(each, "creditbank", {}).get("event") == "message kept"
    ]
    assert outcomes == ["kept", "repeat", "conflict", "ignored", "refused"]

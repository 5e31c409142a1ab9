"""Forecasts through the API: before a signature, for who may sign, and what is refused."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from creditbank_hooks import Course
from creditbank_plugin.api.forecast import ForecastSchema
from creditbank_plugin.rules.scopes import ADOPTIONS_WRITE, COMPARISONS_APPROVE, COMPARISONS_READ, EVENTS_READ
from creditbank_plugin.services import events, jobs
from creditbank_plugin.services.comparing import approvals, groups
from creditbank_plugin.services.forecasting import forecast
from creditbank_plugin.services.settling.settle import settle
from tests.api.builders import API, ask_token, bearer, get, make_client, make_house
from tests.builders import BANK, OTHER_BANK, OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, adopt, completed
from tests.committee import ADMIN, CHAIR, NEW_CODE, SINCE, convene

NOTHING = {"learners": 0, "completions": 0, "credited": 0, "withheld": 0, "already_used": 0}
NOWHERE = "01a1fc14-cb52-7c38-a4cb-b3c982779184"


@pytest.fixture
def house(place: Place) -> House:
    """Four learners wait for a course: one with too low a score, one of another school."""
    made = make_house(place)
    committee = convene(made)
    made.ids["proposal"] = committee.rated(conditions={"min_score": 50})
    adopt(made, None, body=PROVINCE)
    course = Course(code=NEW_CODE)
    for number, score in enumerate((80, 60, 40)):
        made.bank.hear(completed(number, course=course, score=score, event_id=f"e{number}"))
    made.bank.hear(completed(9, course=course, school=OTHER_SCHOOL, event_id="e9"))
    return made


def ask(house: House, body: Any, headers: dict[str, str], query: str = "") -> TestResponse:
    return house.app.test_client().post(f"{API}/adoptions:forecast{query}", json=body, headers=headers)


def test_the_way_of_a_comparison(house: House) -> None:
    headers, path = (
        bearer(house, COMPARISONS_READ, organisation=PROVINCE),
        f"comparisons/{house.ids['proposal']}/impact",
    )
    found = get(house, path, headers)
    expected = {"learners": 4, "completions": 4, "credited": 2, "withheld": 1, "already_used": 0}
    assert (found.status_code, found.get_json()) == (200, expected)
    more = get(house, path, headers, details="true").get_json()
    assert ForecastSchema().validate(more) == {}
    assert more["details"]["reasons"] == {"score_below": 1, "not_adopted": 1}
    assert (more["details"]["credits"], more["details"]["waiting"]) == ({"basic": "3.00"}, 1)
    approvals.approve(house.runtime, house.ids["proposal"], by=CHAIR, reference="ประกาศ 9/2569")
    assert events.counts(house.runtime) == {"credited": 2, "withheld": 1, "waiting": 1}
    withdrawing = get(house, path, headers, details="true").get_json()
    assert (withdrawing["learners"], withdrawing["completions"], withdrawing["credited"]) == (2, 2, 0)
    assert withdrawing["details"]["under_review"] == 2


def test_the_way_of_an_order(house: House) -> None:
    approvals.approve(house.runtime, house.ids["proposal"], by=CHAIR, reference="ประกาศ 9/2569")
    headers = bearer(house, ADOPTIONS_WRITE, organisation=OTHER_SCHOOL)
    one = {"learners": 1, "completions": 1, "credited": 1, "withheld": 0, "already_used": 0}
    for scope in (
        {"comparison_ids": [house.ids["proposal"]]},
        {"body": PROVINCE},
        {"body": PROVINCE, "standing": True},
    ):
        found = ask(house, {**scope, "applies_from": "2020-01-01"}, headers)
        assert (found.status_code, found.get_json()) == (200, one)
    signed = {"order_number": "1/2569", "signatory": "ผอ.", "ordered_on": "2026-01-01", "applies_from": "2027-01-01"}
    late = ask(house, {"body": PROVINCE, "bank": OTHER_BANK, **signed}, headers, "?details=true")
    assert late.get_json() == {
        **NOTHING,
        "learners": 1,
        "completions": 1,
        "details": {**late.get_json()["details"], "waiting": 1, "reasons": {"not_adopted": 1}, "credits": {}},
    }
    nobody = ask(house, {"comparison_ids": [house.ids["comparison"]], "applies_from": "2020-01-01"}, headers)
    assert nobody.get_json() == NOTHING
    assert events.counts(house.runtime)["waiting"] == 1, "nothing was entered"


def test_who_may_not(house: House) -> None:
    path = f"comparisons/{house.ids['proposal']}/impact"
    assert get(house, path, bearer(house, EVENTS_READ, organisation=PROVINCE)).status_code == 403
    stranger = bearer(house, COMPARISONS_READ, ADOPTIONS_WRITE, organisation=OTHER_SCHOOL)
    assert get(house, path, stranger).status_code == 404, "what is not law is not there for others"
    law = get(house, f"comparisons/{house.ids['comparison']}/impact", stranger)
    assert (law.status_code, law.get_json()["code"]) == (403, "not_yours")
    for unknown in (NOWHERE, "x"):
        assert get(house, f"comparisons/{unknown}/impact", stranger).status_code == 404
    body = {"body": PROVINCE, "applies_from": "2020-01-01"}
    assert ask(house, {**body, "bank": BANK}, stranger).status_code == 403
    assert ask(house, body, bearer(house, EVENTS_READ)).status_code == 403
    own = bearer(house, COMPARISONS_READ, organisation=SCHOOL)
    assert ask(house, body, own).status_code == 200, "who may read comparisons may look before somebody signs"
    refused = ask(house, {"applies_from": "2020-01-01"}, own)
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "comparison_ids")
    assert ask(house, {**body, "wrong": 1}, own).status_code == 422
    assert ask(house, body, own, "?details=maybe").status_code == 400


def test_a_large_one_is_left_to_a_job_and_asked_for_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    house = make_house(place, CREDITBANK_SETTLE="worker")
    committee = convene(house)
    proposal = committee.rated()
    monkeypatch.setattr(forecast, "AT_ONCE", 2)
    for number in range(3):
        house.bank.hear(completed(number, course=Course(code=NEW_CODE), event_id=f"e{number}"))
    settle(house.runtime)
    headers, path = bearer(house, COMPARISONS_READ, organisation=PROVINCE), f"comparisons/{proposal}/impact"
    first, second = get(house, path, headers), get(house, path, headers)
    assert (first.status_code, second.status_code, first.headers["Retry-After"]) == (202, 202, "2")
    assert first.get_json() == second.get_json(), "the same question is not begun twice"
    assert first.get_json()["done"] == 0
    assert jobs.run_next(house.runtime)
    found = get(house, path, headers)
    assert (found.status_code, found.get_json()) == (200, {**NOTHING, "learners": 3, "completions": 3})
    stranger = bearer(house, COMPARISONS_READ, organisation=PROVINCE)
    assert get(house, path, stranger).status_code == 202, "another caller's job is its own"


def test_who_signs_has_read_what_it_means_where_that_takes_a_job(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    house = make_house(place, CREDITBANK_SETTLE="worker")
    committee = convene(house)
    proposal = committee.rated()
    client = make_client(house, COMPARISONS_APPROVE, COMPARISONS_READ, organisation=PROVINCE)
    headers = {"Authorization": f"Bearer {ask_token(house, client).get_json()['access_token']}"}
    for person, role in (("chair-1", "chair"), ("rater-1", "rater")):
        actor = f"client:{client.client_id}/{person}"
        groups.add_member(house.runtime, committee.group, actor, name=person, role=role, since=SINCE, by=ADMIN)
    at, told = f"comparisons/{proposal}", {"reference": "ประกาศ 9/2569", "on_behalf_of": "chair-1"}
    monkeypatch.setattr(forecast, "AT_ONCE", 2)
    for number in range(3):
        house.bank.hear(completed(number, course=Course(code=NEW_CODE), event_id=f"e{number}"))
    settle(house.runtime)

    def sign(**more: str) -> tuple[int, str]:
        answer = house.app.test_client().post(f"{API}/{at}/approve", json={**told, **more}, headers=headers)
        return answer.status_code, answer.get_json().get("code", "")

    assert sign() == (409, "impact_unseen"), "never asked for"
    assert sign(on_behalf_of="rater-1") == (403, "not_your_role"), "who may not sign is told that"
    assert get(house, f"{at}/impact", headers, on_behalf_of="chair-1").status_code == 202
    assert sign() == (409, "impact_unseen"), "still being made"
    assert jobs.run_next(house.runtime)
    assert get(house, f"{at}/impact", headers, on_behalf_of="chair-1").get_json()["learners"] == 3
    assert sign() == (200, "")
    assert sign() == (409, "wrong_state")

"""Credit under review through the API: listed and decided by who may, hidden from everybody else."""

from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from creditbank_plugin.api.reviews import ReviewPageSchema
from creditbank_plugin.rules.scopes import REVIEWS_DECIDE
from creditbank_plugin.services import jobs
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.comparing import approvals
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.settling.settle import settle
from tests.api.builders import API, bearer, get, make_house
from tests.builders import ISSUER, OTHER_SCHOOL, PROVINCE, House, Place, completed

WHY = {"decision": "uphold", "reason": "ผลลัพธ์ถูกต้อง", "on_behalf_of": "officer-1"}


@pytest.fixture
def house(place: Place) -> House:
    made = make_house(place, CREDITBANK_SETTLE="worker")
    for number in (1, 2):
        made.bank.hear(completed(number, event_id=f"e{number}"))
    settle(made.runtime)
    told: dict[str, Any] = {"ended_from": date(2026, 6, 1), "reason": "หลักสูตรเปลี่ยน", "credits": "review"}
    approvals.withdraw(made.runtime, made.ids["comparison"], by=administrator("test"), **told)
    assert jobs.run_next(made.runtime)
    return made


def decide(house: House, record: str, headers: dict[str, str], body: Any = WHY) -> TestResponse:
    return house.app.test_client().post(f"{API}/reviews/{record}/decide", json=body, headers=headers)


def items(house: House, headers: dict[str, str], **query: str) -> list[dict[str, Any]]:
    answer = get(house, "reviews", headers, **query).get_json()
    assert ReviewPageSchema().validate(answer) == {}
    return list(answer["items"])


def test_the_school_and_its_province_list_and_decide_it(house: House) -> None:
    school, province = (bearer(house, REVIEWS_DECIDE, **more) for more in ({}, {"organisation": PROVINCE}))
    found = items(house, school)
    assert [each["learner"] for each in found] == [{"issuer": ISSUER, "id": f"s-{number}"} for number in (1, 2)]
    assert found == items(house, province)
    assert (found[0]["under_review"], found[0]["comparison"]["reason"]) == ("1.50", "หลักสูตรเปลี่ยน")
    first = get(house, "reviews", school, limit="1").get_json()
    assert items(house, school, limit="1", cursor=first["next"]) == found[1:]
    one, two = (each["record_id"] for each in found)
    assert get(house, f"reviews/{one}", school).get_json() == found[0]
    assert decide(house, one, school).get_json() == {"record_id": one, "decision": "uphold"}
    assert decide(house, two, province, {**WHY, "decision": "revoke"}).status_code == 200
    again = decide(house, one, school)
    assert (again.status_code, again.get_json()["code"]) == (409, "nothing_in_question")
    assert items(house, school) == []
    assert get(house, f"reviews/{one}", school).status_code == 404
    told = bearer(house, "credits:read")
    assert [get(house, f"records/{each}", told).get_json()["state"] for each in (one, two)] == ["available", "revoked"]
    assert verify.verify(house.runtime)["broken"] == []


def test_another_organisation_sees_and_decides_nothing(house: House) -> None:
    one = items(house, bearer(house, REVIEWS_DECIDE))[0]["record_id"]
    other = bearer(house, REVIEWS_DECIDE, organisation=OTHER_SCHOOL)
    assert items(house, other) == []
    assert get(house, f"reviews/{one}", other).status_code == 404
    refused = decide(house, one, other)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_yours")
    assert decide(house, "nothing", other).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "x"}, "decision"),
        ({"decision": "keep", "reason": "x"}, "decision"),
        ({"decision": "uphold"}, "reason"),
        ({"decision": "uphold", "reason": " "}, "reason"),
        ({**WHY, "on_behalf_of": "นาย ก"}, "on_behalf_of"),
        ({**WHY, "more": 1}, "more"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(house: House, body: Any, field: str) -> None:
    headers = bearer(house, REVIEWS_DECIDE)
    answer = decide(house, items(house, headers)[0]["record_id"], headers, body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.get_json().get("errors", [{"field": ""}])] == [field]
    assert len(items(house, headers)) == 2

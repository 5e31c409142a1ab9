"""Orders through the API: entered, repeated, read, revoked; and everybody who may not."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from creditbank_plugin.api import adoption_schemas
from creditbank_plugin.rules.scopes import ADOPTIONS_WRITE, COMPARISONS_READ, EVENTS_READ
from creditbank_plugin.services import events
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.adopting import adoption_register, mandates
from tests.api.builders import API, bearer, get, make_house
from tests.builders import (
    BANK,
    OTHER_BANK,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    Place,
    add_course,
    compare,
    completed,
    give_mandate,
)

ORDER = {
    "order_number": "12/2569",
    "signatory": "ผู้อำนวยการสถานศึกษา",
    "ordered_on": "2026-01-03",
    "applies_from": "2026-01-01",
}
REVOCATION = {"revoked_from": "2026-02-01", "order_number": "30/2569", "reason": "มีประกาศใหม่"}
NOWHERE = "01a1fc14-cb52-7c38-a4cb-b3c982779184"


@pytest.fixture
def house(place: Place) -> House:
    made = make_house(place)
    made.ids["second"] = compare(made, add_course(made, "ค21101"))
    return made


@pytest.fixture(scope="module")
def unchanged(shared_place: Place) -> House:
    """For those who are refused everything."""
    return make_house(shared_place)


def post(house: House, path: str, body: Any, headers: dict[str, str], **more: Any) -> TestResponse:
    return house.app.test_client().post(f"{API}/{path}", json=body, headers=headers, **more)


def test_orders_are_entered_repeated_and_read(house: House) -> None:
    headers = bearer(house, ADOPTIONS_WRITE)
    body = {"comparison_ids": [house.ids["second"], house.ids["comparison"]], **ORDER}
    made = post(house, "adoptions", body, headers)
    assert made.status_code == 201
    items = made.get_json()["items"]
    assert adoption_schemas.AdoptionsSchema().validate(made.get_json()) == {}
    assert [each["comparison"]["id"] for each in items] == body["comparison_ids"]
    assert items[0]["bank"] == {"code": BANK, "name": {"th": f"ธนาคารหน่วยกิต {SCHOOL}", "en": None}}
    assert (items[0]["state"], items[0]["standing"], items[0]["revocation"]) == ("in_force", False, None)
    again = post(house, "adoptions", {**body, "bank": BANK}, headers)
    assert (again.status_code, again.get_json()) == (200, made.get_json())
    assert get(house, f"adoptions/{items[0]['id']}", headers).get_json() == items[0]
    by = adoption_register.get(house.runtime, items[0]["id"]).entered_by
    assert by.startswith("client:")


def test_a_standing_order_and_a_whole_list(house: House) -> None:
    headers = bearer(house, ADOPTIONS_WRITE)
    standing = post(house, "adoptions", {"body": PROVINCE, "standing": True, **ORDER}, headers)
    (item,) = standing.get_json()["items"]
    assert (item["standing"], item["comparison"], item["body"]) == (True, None, PROVINCE)
    listed = post(house, "adoptions", {"body": PROVINCE, **ORDER, "order_number": "13/2569"}, headers)
    assert len(listed.get_json()["items"]) == 2
    other = {"body": PROVINCE, **ORDER, "order_number": "13/2569", "signatory": "อื่น"}
    refused = post(house, "adoptions", other, headers)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "order_differs")


def test_who_acts_for_a_client_is_named_by_its_own_code(house: House) -> None:
    headers = bearer(house, ADOPTIONS_WRITE)
    told = {"body": PROVINCE, "standing": True, **ORDER, "on_behalf_of": "director-1"}
    made = post(house, "adoptions", told, headers).get_json()["items"][0]
    assert adoption_register.get(house.runtime, made["id"]).entered_by.endswith("/director-1")
    for name in ("นาย ก", "1100000000008", "c-1100000000008"):
        wrong = post(house, "adoptions", {**told, "on_behalf_of": name}, headers)
        assert (wrong.status_code, wrong.get_json()["errors"][0]["field"]) == (422, "on_behalf_of")


def test_an_order_is_revoked_and_what_it_credited_stays(house: House) -> None:
    headers = bearer(house, ADOPTIONS_WRITE)
    house.bank.hear(completed(1))
    path = f"adoptions/{house.ids['adoption']}/revoke"
    answer = post(house, path, REVOCATION, headers)
    assert answer.status_code == 200
    assert adoption_schemas.AdoptionSchema().validate(answer.get_json()) == {}
    assert answer.get_json()["state"] == "revoked"
    told = answer.get_json()["revocation"]
    assert {name: told[name] for name in REVOCATION} == REVOCATION
    assert post(house, path, REVOCATION, headers).get_json() == answer.get_json()
    other = post(house, path, {**REVOCATION, "revoked_from": "2026-02-02"}, headers)
    assert (other.status_code, other.get_json()["code"]) == (409, "already_revoked")
    assert events.page(house.runtime).items[0].state == "credited"
    assert post(house, f"adoptions/{NOWHERE}/revoke", REVOCATION, headers).status_code == 404


def test_the_list_is_filtered_and_paged(house: House) -> None:
    headers = bearer(house, ADOPTIONS_WRITE)
    post(house, "adoptions", {"body": PROVINCE, "standing": True, **ORDER}, headers)
    post(house, "adoptions", {"comparison_ids": [house.ids["second"]], **ORDER, "applies_until": "2026-01-02"}, headers)
    reader = bearer(house, COMPARISONS_READ, organisation=OTHER_SCHOOL)

    def numbers(**query: str) -> list[tuple[str, str]]:
        items = get(house, "adoptions", reader, **query).get_json()["items"]
        return [(each["order_number"], each["state"]) for each in items]

    single, standing, furnished = ("12/2569", "ended"), ("12/2569", "in_force"), ("1/2563", "in_force")
    assert numbers() == [single, standing, furnished]
    assert numbers(state="in_force") == [standing, furnished]
    assert numbers(comparison=house.ids["second"]) == [single]
    assert numbers(body=PROVINCE, state="ended") == [single]
    assert (numbers(bank=OTHER_BANK), numbers(bank=BANK)) == ([], [single, standing, furnished])
    first = get(house, "adoptions", reader, limit="2").get_json()
    rest = get(house, "adoptions", reader, limit="2", cursor=first["next"]).get_json()
    assert ([each["order_number"] for each in rest["items"]], rest["next"]) == (["1/2563"], None)
    assert get(house, "adoptions", reader, state="x").status_code == 400


@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"body": None}, 422, "comparison_ids"),
        ({"body": "nobody"}, 422, "body"),
        ({"body": 7}, 422, "body"),
        ({"comparison_ids": "x"}, 422, "comparison_ids"),
        ({"comparison_ids": [1]}, 422, "comparison_ids"),
        ({"body": None, "comparison_ids": [NOWHERE]}, 422, "comparison_ids"),
        ({"body": None, "comparison_ids": ["x"] * 5001}, 422, "comparison_ids"),
        ({"standing": "yes"}, 422, "standing"),
        ({"order_number": None}, 422, "order_number"),
        ({"signatory": " "}, 422, "signatory"),
        ({"signatory": "ก" * 201}, 422, "signatory"),
        ({"ordered_on": "2569-01-03"}, 422, "ordered_on"),
        ({"ordered_on": "20260103"}, 422, "ordered_on"),
        ({"applies_from": "2026-02-30"}, 422, "applies_from"),
        ({"applies_until": "2025-12-31"}, 422, "applies_until"),
        ({"bank": "B-none"}, 422, "bank"),
        ({"surprise": 1}, 422, "surprise"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(unchanged: House, wrong: Any, status: int, field: str) -> None:
    headers = bearer(unchanged, ADOPTIONS_WRITE)
    answer = post(unchanged, "adoptions", {"body": PROVINCE, **ORDER, **wrong}, headers)
    assert answer.status_code == status
    assert (answer.get_json().get("errors") or [{"field": ""}])[0]["field"] == field
    assert len(adoption_register.adoptions(unchanged.runtime)) == 1


@pytest.mark.parametrize(
    ("raw", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"bank": NaN}', "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"[" * 10_000, "application/json", 400),
    ],
)
def test_what_is_no_json_object_is_refused(unchanged: House, raw: bytes, media: str, status: int) -> None:
    headers = bearer(unchanged, ADOPTIONS_WRITE)
    for path in ("adoptions", f"adoptions/{unchanged.ids['adoption']}/revoke"):
        answer = unchanged.app.test_client().post(f"{API}/{path}", data=raw, headers=headers, content_type=media)
        assert answer.status_code == status


def test_nobody_without_a_token_or_with_another_scope_gets_in(unchanged: House) -> None:
    paths = ("adoptions", f"adoptions/{unchanged.ids['adoption']}/revoke")
    for path in paths:
        assert post(unchanged, path, {"body": PROVINCE, **ORDER}, {}).status_code == 401
        for scope in (COMPARISONS_READ, EVENTS_READ):
            assert post(unchanged, path, {"body": PROVINCE, **ORDER}, bearer(unchanged, scope)).status_code == 403
    for path in ("adoptions", f"adoptions/{unchanged.ids['adoption']}"):
        assert get(unchanged, path).status_code == 401
        assert get(unchanged, path, bearer(unchanged, EVENTS_READ)).status_code == 403
        for scope in (COMPARISONS_READ, ADOPTIONS_WRITE):
            assert get(unchanged, path, bearer(unchanged, scope)).status_code == 200
    assert get(unchanged, f"adoptions/{NOWHERE}", bearer(unchanged, COMPARISONS_READ)).status_code == 404


@pytest.mark.parametrize(("who", "code"), [(OTHER_SCHOOL, "not_yours"), (PROVINCE, "no_mandate")])
def test_a_client_orders_for_its_own_bank_alone(unchanged: House, who: str, code: str) -> None:
    headers = bearer(unchanged, ADOPTIONS_WRITE, organisation=who)
    for path, body in (
        ("adoptions", {"bank": BANK, "body": PROVINCE, **ORDER}),
        (f"adoptions/{unchanged.ids['adoption']}/revoke", REVOCATION),
    ):
        answer = post(unchanged, path, body, headers)
        assert (answer.status_code, answer.get_json()["code"]) == (403, code)
    (row,) = adoption_register.adoptions(unchanged.runtime)
    assert row.revoked_from is None


def test_a_client_of_the_province_orders_for_a_school_that_agreed(house: House) -> None:
    mandate = give_mandate(house)
    headers = bearer(house, ADOPTIONS_WRITE, organisation=PROVINCE)
    body = {"bank": BANK, "body": PROVINCE, "standing": True, **ORDER}
    assert post(house, "adoptions", body, headers).status_code == 201
    mandates.end(house.runtime, mandate, by=administrator("ผู้ดูแล"))
    assert post(house, "adoptions", body, headers).get_json()["code"] == "no_mandate"


def test_the_example_fits_its_schema() -> None:
    assert adoption_schemas.AdoptionSchema().validate(adoption_schemas.EXAMPLE) == {}

"""Less of an answer by ``fields``, more by ``include``; cursors are bound to list, filters and client."""

import pytest

from creditbank_plugin.api.blueprint import blp
from creditbank_plugin.api.schemas import RecordSchema
from tests.api.builders import API, bearer, completion, get, make_house, send
from tests.builders import ISSUER, House, Place

SCOPES = ("credits:read", "events:read", "events:write", "catalogue:read")


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    made = make_house(shared_place)
    headers = bearer(made, *SCOPES)
    assert send(made, headers, [completion(number) for number in range(1, 5)]).status_code == 202
    learner = get(made, "learners", headers, issuer=ISSUER, id="s-1").get_json()["items"][0]["id"]
    made.ids["credits"] = f"learners/{learner}/credits"
    return made


@pytest.fixture(scope="module")
def headers(house: House) -> dict[str, str]:
    return bearer(house, *SCOPES)


def test_of_a_list_the_items_hold_what_is_asked_for_and_the_rest_stays(house, headers):
    whole = get(house, house.ids["credits"], headers).get_json()
    some = get(house, house.ids["credits"], headers, fields="id,credits").get_json()
    assert some == {**whole, "items": [{name: each[name] for name in ("id", "credits")} for each in whole["items"]]}


def test_of_one_thing_only_what_is_asked_for(house, headers):
    record = get(house, house.ids["credits"], headers).get_json()["items"][0]
    assert get(house, f"records/{record['id']}", headers, fields="state").get_json() == {"state": "available"}
    assert get(house, f"records/{record['id']}", headers, fields="").get_json() == record


def test_the_history_of_a_record_comes_where_it_is_asked_for(house, headers):
    record = get(house, house.ids["credits"], headers).get_json()["items"][0]
    assert "movements" not in record
    whole = get(house, f"records/{record['id']}", headers, include="movements").get_json()
    assert RecordSchema().validate(whole) == {}
    assert {name: value for name, value in whole.items() if name != "movements"} == record
    (movement,) = whole["movements"]
    assert (movement["kind"], movement["credits"], movement["to_state"]) == ("deposit", "1.50", "available")
    listed = get(house, house.ids["credits"], headers, include="movements", fields="id").get_json()["items"][0]
    assert listed == {"id": record["id"], "movements": [movement]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"fields": "id,nothing"}, "fields"),
        ({"fields": "id,"}, "fields"),
        ({"fields": "x" * 2000}, "fields"),
        ({"include": "nothing"}, "include"),
    ],
)
def test_an_unknown_name_is_refused_and_the_parameter_named(house, headers, query, field):
    for path in ("events", house.ids["credits"], "records/x"):
        answer = get(house, path, headers, **query)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "parameter_invalid"), path
        assert answer.get_json()["errors"][0]["field"] == field


def test_every_route_that_reads_knows_the_names_of_its_answer(house):
    document = house.app.test_client().get("/creditbank/api/openapi.json").get_json()
    assert blp.name
    for path, operations in document["paths"].items():
        if not path.startswith(API) or "get" not in operations:
            continue
        named = {each["name"]: each for each in operations["get"]["parameters"] if "name" in each}
        example = operations["get"]["responses"]["200"]["content"]["application/json"]["example"]
        items = example.get("items")
        shown = items[0] if isinstance(items, list) and items else example
        if items != []:
            assert set(shown) <= set(named["fields"]["schema"]["items"]["enum"]), path


def test_a_cursor_is_good_for_its_list_its_filters_and_its_client(house, headers):
    cursor = get(house, "events", headers, limit="1", state="credited").get_json()["next"]
    good = get(house, "events", headers, limit="3", state="credited", cursor=cursor, fields="id")
    assert [each["id"] for each in good.get_json()["items"]] == ["m-3", "m-2", "m-1"]
    same_client_anew = get(house, "events", headers, cursor=cursor, state="credited", limit="")
    assert same_client_anew.status_code == 200
    for answer in (
        get(house, "events", bearer(house, *SCOPES), state="credited", cursor=cursor),  # another client
        get(house, "events", headers, cursor=cursor),  # other filters
        get(house, "events", headers, state="waiting", cursor=cursor),
        get(house, house.ids["credits"], headers, cursor=cursor),  # another list
        get(house, "events", headers, state="credited", cursor=f"{'A' if cursor[0] != 'A' else 'B'}{cursor[1:]}"),
    ):
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, "cursor")

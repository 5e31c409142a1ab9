"""Frameworks and outcomes through the API: whoever has the scope reads them all."""

from collections.abc import Iterator
from typing import Any

import pytest

from creditbank_plugin.api import framework_schemas as schemas
from creditbank_plugin.reference.frameworks import stable_id
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services.catalogue import frameworks
from tests.api.builders import API, bearer, get, make_house
from tests.builders import House, Place, item_ids
from tests.conftest import close

PATHS = ("frameworks", "frameworks/nqf", "frameworks/nqf/items", f"items/{stable_id('nqf', 'NQF-3')}")


@pytest.fixture(scope="module")
def world(shared_place: Place) -> Iterator[House]:
    house = make_house(shared_place)
    frameworks.load_frameworks(house.runtime)
    yield house
    close(house)


@pytest.fixture(scope="module")
def headers(world: House) -> dict[str, str]:
    return bearer(world, "catalogue:read")


@pytest.mark.parametrize("path", PATHS)
def test_only_the_scope_opens_them(world: House, path: str) -> None:
    assert get(world, path).status_code == 401
    others = bearer(world, *(scope for scope in SCOPES if scope != "catalogue:read"))
    answer = get(world, path, others)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "insufficient_scope")


def test_the_examples_fit(world: House) -> None:
    for schema, example in (
        (schemas.FrameworkSchema, schemas.FRAMEWORK),
        (schemas.ItemSchema, schemas.ITEM),
        (schemas.ItemViewSchema, schemas.VIEW),
    ):
        assert schema().validate(example) == {}


def test_frameworks_are_listed_and_read_by_code_or_id(world: House, headers: dict[str, str]) -> None:
    told = get(world, "frameworks", headers).get_json()
    assert schemas.FrameworkListSchema().validate(told) == {}
    core = next(each for each in told["items"] if each["code"] == "core-curriculum-2551")
    assert (core["items"], core["without_text"], core["retired"]) == (952, 226, 0)
    for name in (core["id"], core["code"]):
        assert get(world, f"frameworks/{name}", headers).get_json() == core
    assert world.app.test_client().get(core["case_package"]).status_code == 200
    assert get(world, "frameworks/gone", headers).status_code == 404


def test_frameworks_are_read_page_by_page(world: House, headers: dict[str, str]) -> None:
    whole = get(world, "frameworks", headers).get_json()
    seen, cursor = list[Any](), None
    while cursor != "":
        told = get(world, "frameworks", headers, limit="2", **({"cursor": cursor} if cursor else {})).get_json()
        assert len(told["items"]) <= 2
        seen, cursor = [*seen, *told["items"]], told["next"] or ""
    assert seen == whole["items"]
    assert len(seen) > 4
    assert whole["next"] is None
    assert get(world, "frameworks", headers, limit="0").get_json()["errors"][0]["field"] == "limit"


def test_items_are_read_page_by_page_and_by_what_they_say(world: House, headers: dict[str, str]) -> None:
    path, seen, cursor = "frameworks/core-curriculum-2551/items", list[str](), ""
    while True:
        page = get(world, path, headers, limit="400", cursor=cursor).get_json()
        assert schemas.ItemPageSchema().validate(page) == {}
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert (len(seen), len(set(seen))) == (952, 952)
    found = get(world, path, headers, q="ท ๑.๑ ม.2/1", kind="indicator", area="ภาษาไทย").get_json()["items"]
    assert {each["code"] for each in found} >= {"ท 1.1 ม.2/1"}
    assert {each["kind"] for each in found} == {"indicator"}
    third = get(world, "frameworks/nqf/items", headers, level="3").get_json()["items"]
    assert [each["code"] for each in third] == ["NQF-3"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"level": "x"}, "level"),
        ({"retired": "maybe"}, "retired"),
        ({"q": "ก" * 201}, "q"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_a_wrong_parameter_is_named(world: House, headers: dict[str, str], query: dict[str, str], field: str) -> None:
    answer = get(world, "frameworks/nqf/items", headers, **query)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, field)


def test_an_item_says_what_it_is_tied_to_and_who_yields_it(world: House, headers: dict[str, str]) -> None:
    told = get(world, f"items/{item_ids('ท 1.1')[0]}", headers).get_json()
    assert schemas.ItemViewSchema().validate(told) == {}
    assert [each["comparison_id"] for each in told["yielded_by"]] == [world.ids["comparison"]]
    level = get(world, f"items/{stable_id('nqf', 'NQF-3')}", headers).get_json()
    assert {(each["kind"], each["direction"], each["code"]) for each in level["links"]} == {
        ("isPeerOf", "to", "TPQI-L3"),
        ("isPeerOf", "to", "DSD-L1"),
    }
    silent = get(world, f"items/{stable_id('core-curriculum-2551', 'ว 4.1')}", headers).get_json()
    assert (silent["text"], silent["text_state"]) == ({"th": None, "en": None}, "source_not_attached")
    for name in ("gone", stable_id("nqf", "NQF-9")):
        assert get(world, f"items/{name}", headers).status_code == 404


def test_the_routes_are_those_that_are_documented(world: House) -> None:
    paths = world.app.test_client().get("/creditbank/api/openapi.json").get_json()["paths"]
    assert f"{API}/frameworks/{{framework_id}}/items" in paths

"""ETag and If-None-Match on every read."""

import re
from typing import Any

import pytest

from creditbank_plugin.api.blueprint import NAME
from tests.api.builders import API, bearer, completion, get, make_house, send
from tests.builders import CODE, ISSUER, PROVINCE, House, Place

SCOPES = ("credits:read", "events:read", "events:write", "catalogue:read", "comparisons:read", "reports:read")


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    made = make_house(shared_place)
    made.ids["event"] = send(made, bearer(made), completion()).get_json()["events"][0]["event_id"]
    return made


@pytest.fixture(scope="module")
def headers(house: House) -> dict[str, str]:
    return bearer(house, *SCOPES)


def paths(house: House, headers: dict[str, str]) -> list[str]:
    learner = get(house, "learners", headers, issuer=ISSUER, id="s-1").get_json()["items"][0]["id"]
    record = get(house, f"learners/{learner}/credits", headers).get_json()["items"][0]["id"]
    return [
        *("events", f"events/{house.ids['event']}", f"learners?issuer={ISSUER}&id=s-1", f"learners/{learner}/credits"),
        *(f"records/{record}", "comparisons", f"comparisons/{house.ids['comparison']}", "working-groups", "adoptions"),
        *(f"adoptions/{house.ids['adoption']}", "courses", f"courses/national/{CODE}/2551", "frameworks"),
        *("frameworks/core-curriculum-2551", "frameworks/core-curriculum-2551/items", "public-comparisons"),
        *(f"items/{house.ids['items'].split(',')[0]}", "reports/provinces", "reports/provinces/51"),
    ]


def test_every_read_has_a_strong_tag_by_which_it_is_not_sent_again(house, headers):
    client = house.app.test_client()
    for path in paths(house, headers):
        first = client.get(f"{API}/{path}", headers=headers)
        assert first.status_code == 200, path
        tag = first.headers["ETag"]
        weak = "W/" if path.startswith("reports") else ""  # they name the moment they were made at
        assert re.fullmatch(weak + r'"([0-9]+-)?[0-9a-f]{16}"', tag), path
        for sent in (tag, f"W/{tag.removeprefix('W/')}", f'"other", {tag}', "*"):
            again = client.get(f"{API}/{path}", headers={**headers, "If-None-Match": sent})
            assert (again.status_code, again.data) == (304, b""), path
            assert again.headers["ETag"] == tag
            assert "Content-Type" not in again.headers
            assert "Authorization" in again.headers["Vary"]
            assert "no-store" in again.headers["Cache-Control"]
        other = client.get(f"{API}/{path}", headers={**headers, "If-None-Match": '"other"'})
        assert (other.status_code, len(other.data)) == (200, len(first.data)), path
        head = client.head(f"{API}/{path}", headers=headers)
        assert (head.status_code, head.headers["ETag"], head.data) == (200, tag, b""), path


def test_a_list_that_grows_has_another_tag(house, headers):
    before = get(house, "events", headers).headers["ETag"]
    assert send(house, bearer(house), completion(2)).status_code == 202
    after = get(house, "events", {**headers, "If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["ETag"] != before


def test_problems_and_answers_to_unsafe_calls_have_none(house, headers):
    assert "ETag" not in get(house, "events/x", {**headers, "If-None-Match": "*"}).headers
    assert get(house, "events", {"If-None-Match": "*"}).status_code == 401
    assert "ETag" not in send(house, bearer(house), completion()).headers


def test_the_tag_that_was_read_is_good_for_if_match(house):
    headers = bearer(house, "groups:write", "comparisons:read", organisation=PROVINCE)
    told: dict[str, Any] = {"name_th": "คณะ", "order_number": "1", "order_signatory": "ก", "ordered_on": "2026-01-02"}
    client = house.app.test_client()
    made = client.post(f"{API}/working-groups", json={"body": PROVINCE, **told}, headers=headers)
    read = client.get(made.headers["Location"], headers=headers)
    assert read.headers["ETag"].startswith(made.headers["ETag"].rstrip('"'))
    changed = {"json": {"comment_days": 9}, "headers": {**headers, "If-Match": read.headers["ETag"]}}
    assert client.patch(made.headers["Location"], **changed).status_code == 200
    assert client.patch(made.headers["Location"], **changed).status_code == 412
    again = client.get(made.headers["Location"], headers={**headers, "If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.get_json()["comment_days"]) == (200, 9)


def test_every_route_that_reads_is_documented_with_it(house):
    document = house.app.test_client().get("/creditbank/api/openapi.json").get_json()
    read = 0
    for path, operations in document["paths"].items():
        if path.startswith(API) and "get" in operations:
            read += 1
            operation = operations["get"]
            assert "304" in operation["responses"], path
            assert "ETag" in operation["responses"]["200"]["headers"]
            assert "If-None-Match" in [each.get("name") for each in operation["parameters"]]
    rules = [each for each in house.app.url_map.iter_rules() if each.endpoint.startswith(NAME + ".")]
    assert read == sum("GET" in each.methods for each in rules if each.methods) > 15

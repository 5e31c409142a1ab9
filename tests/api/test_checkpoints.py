"""Checkpoints are published: to everybody, as they were signed, to be kept on the way, without a word of a person."""

import json

import pytest

from creditbank_plugin.api import checkpoint_document
from creditbank_plugin.formats import checkpoint_json
from creditbank_plugin.services.proving import checkpoints
from tests.api.builders import make_house
from tests.builders import House, Place, completed, learner
from tests.conftest import close

CHECKPOINTS = "/creditbank/checkpoints"
GIVEN = {"th": "สมหญิง ใจดี", "national_id": "1101700230708"}


@pytest.fixture
def house(place: Place):
    made = make_house(place)
    yield made
    close(made)


def get(house: House, path: str = "", **options):
    return house.app.test_client().get(CHECKPOINTS + path, **options)


def test_anybody_may_read_and_keep_the_very_file(house):
    house.bank.hear(completed(learner(1, name=GIVEN["th"], national_id=GIVEN["national_id"])))
    made = checkpoints.make(house.runtime)
    answer = get(house, "/1")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_data(as_text=True) == checkpoint_json.write(made)
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = get(house, "/1", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    listed = get(house)
    assert listed.get_json() == {"items": [json.loads(answer.data)], "next": None}
    assert listed.headers["Cache-Control"] == "public, max-age=60"
    for told in (answer, listed):
        assert not any(each in told.get_data(as_text=True) for each in (*GIVEN.values(), "s-1", house.ids["course"]))


def test_the_list_is_newest_first_and_in_pages(house):
    for _ in range(3):
        checkpoints.make(house.runtime)
    first = get(house, query_string={"limit": 2}).get_json()
    rest = get(house, query_string={"limit": 2, "cursor": first["next"]}).get_json()
    assert [each["number"] for each in first["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next"] is None
    for query in ({"limit": "0"}, {"cursor": "x"}):
        assert get(house, query_string=query).status_code == 400


def test_what_is_not_there_is_a_problem_that_nobody_keeps(house):
    for path in ("/1", "/0", "/-1", "/x", "/๑", "/1/2", "/99999999999999999999", "/1e3", "/"):
        answer = get(house, path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path
        assert answer.headers["Cache-Control"] == "no-store"
    assert house.app.test_client().post(CHECKPOINTS).status_code == 405


def test_no_cookie_of_the_host_is_kept_with_it(house):
    @house.app.after_request
    def greet(answer):
        answer.set_cookie("host", "secret")
        answer.headers["Vary"] = "Cookie, Accept-Encoding"
        answer.headers["Content-Security-Policy"] = "default-src *"
        return answer

    answer = get(house)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_document_describes_them_as_they_are(house):
    checkpoints.make(house.runtime)
    document = house.app.test_client().get("/creditbank/api/openapi.json").get_json()
    shape = document["components"]["schemas"]["Checkpoint"]
    for told in (get(house, "/1").get_json(), checkpoint_document.EXAMPLE):
        assert list(told) == shape["required"] == list(shape["properties"])
        assert checkpoint_json.read(json.dumps(told).encode())
    for path in (CHECKPOINTS, f"{CHECKPOINTS}/{{number}}"):
        operation = document["paths"][path]["get"]
        assert (operation["security"], operation["tags"]) == ([], ["checkpoints"])
        assert {"200", "500", "503"} < set(operation["responses"])

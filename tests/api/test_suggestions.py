"""GET /courses/{owner}/{code}/{version}/suggestions: who may ask, and that the answer is what the document says."""

import pytest

from creditbank_plugin.api.suggestion_schemas import EXAMPLE, SuggestionsSchema
from creditbank_plugin.rules.scopes import CATALOGUE_READ, COMPARISONS_READ, SCOPES
from tests.api.builders import API, bearer, get, make_house
from tests.builders import CODE, OTHER_SCHOOL

PATH = f"courses/national/{CODE}/2551/suggestions"


@pytest.fixture
def house(place):
    return make_house(place)


def test_ten_outcomes_with_reasons_and_the_comparisons_of_similar_courses(house):
    answer = get(house, PATH, bearer(house, CATALOGUE_READ))
    assert answer.status_code == 200
    body = answer.get_json()
    assert SuggestionsSchema().validate(body) == {}
    assert body["course"]["code"] == CODE
    assert len(body["items"]) == 10
    assert {each["item"]["code"] for each in body["items"][:2]} == {"ท 1.1", "ท 2.1"}
    assert all(each["reasons"] for each in body["items"])
    (similar,) = body["similar"]
    assert similar["own"] is True
    assert similar["comparisons"][0]["id"] == house.ids["comparison"]
    assert [each["code"] for each in similar["comparisons"][0]["outcomes"]] == ["ท 1.1", "ท 2.1"]
    assert similar["comparisons"][0]["credits"] == "1.50"


def test_either_scope_of_reading_is_enough_and_no_other(house):
    for scope in SCOPES:
        wanted = 200 if scope in (CATALOGUE_READ, COMPARISONS_READ) else 403
        answer = get(house, PATH, bearer(house, scope))
        assert answer.status_code == wanted, scope
    assert get(house, PATH).status_code == 401
    assert get(house, PATH, {"Authorization": "Bearer wrong"}).status_code == 401


def test_the_catalogue_is_public_to_other_organisations(house):
    assert get(house, PATH, bearer(house, COMPARISONS_READ, organisation=OTHER_SCHOOL)).status_code == 200


def test_an_unknown_course_is_a_problem(house):
    headers = bearer(house, CATALOGUE_READ)
    for path in ("national/ท99999/2551", "nobody/ท21101/2551", f"national/{CODE}/1999"):
        answer = get(house, f"courses/{path}/suggestions", headers)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert house.app.test_client().post(f"{API}/{PATH}", headers=headers).status_code == 405


def test_the_example_fits_its_schema():
    assert SuggestionsSchema().validate(EXAMPLE) == {}

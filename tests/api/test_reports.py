"""The report through the API: the service's own figures, to whoever has the scope and to nobody else."""

from collections.abc import Iterator

import pytest

from creditbank_plugin.api import report_schemas
from creditbank_plugin.api import reports as routes
from creditbank_plugin.formats import report_json
from creditbank_plugin.rules.report_words import MEANINGS
from creditbank_plugin.services import reports
from tests.api.builders import API, ask_token, bearer, get, make_client
from tests.builders import OTHER_SCHOOL, House, Place
from tests.conftest import close
from tests.reports_world import make_world


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    made = make_world(shared_place)
    yield made
    close(made)


def test_a_province_is_answered_as_the_service_counts_it(house: House) -> None:
    answer = get(house, "reports/provinces/51", bearer(house, "reports:read"))
    assert answer.status_code == 200
    body = answer.get_json()
    assert body == report_json.report(reports.report(house.runtime, "51"))
    assert report_schemas.ReportSchema().validate(body) == {}
    assert body["day"] == "2026-11-21"
    assert body["province"] == {"code": "51", "name": {"th": "ลำพูน", "en": "Lamphun"}}
    credits = {each["scheme"]: each for each in body["credits"]}
    assert credits["basic"]["standing"] == {"records": 29, "learners": 29, "credits": "42.50"}
    assert credits["vocational"]["standing"] == {"records": None, "learners": None, "credits": None}
    assert set(body["definitions"]) == set(MEANINGS)


def test_every_province_is_answered_and_anybody_with_the_scope_may_ask(house: House) -> None:
    answer = get(house, "reports/provinces", bearer(house, "reports:read", organisation=OTHER_SCHOOL))
    body = answer.get_json()
    assert report_schemas.OverviewSchema().validate(body) == {}
    assert [each["province"]["code"] for each in body["provinces"]] == ["50", "51", None]
    assert len(body["without_figures"]) == 75


@pytest.mark.parametrize("path", ["reports/provinces", "reports/provinces/51"])
def test_nobody_and_other_scopes_are_refused(house: House, path: str) -> None:
    assert get(house, path).status_code == 401
    answer = get(house, path, bearer(house, "credits:read", "catalogue:read", "comparisons:read"))
    assert answer.status_code == 403
    assert answer.get_json()["code"] == "insufficient_scope"


@pytest.mark.parametrize("code", ["99", "5", "510", "x", "๕๑"])
def test_a_province_that_there_is_not(house: House, code: str) -> None:
    answer = get(house, f"reports/provinces/{code}", bearer(house, "reports:read"))
    assert (answer.status_code, answer.get_json()["code"]) == (404, "province_unknown")


def test_a_token_without_the_scope_cannot_be_widened(house: House) -> None:
    client = make_client(house, "credits:read")
    assert ask_token(house, client, scope="reports:read").status_code == 400
    assert house.app.test_client().post(f"{API}/reports/provinces").status_code == 405


def test_the_examples_have_the_shape_of_the_answers() -> None:
    assert report_schemas.ReportSchema().validate(routes.REPORT) == {}
    assert report_schemas.OverviewSchema().validate(routes.OVERVIEW) == {}

"""The recorded document, docs/openapi.json: what the application says of itself now may only add to it."""

import json
from pathlib import Path

import pytest

from tests.api.builders import make_house
from tests.builders import House, Place
from tests.conformance.differences import differences

RECORDED = Path(__file__).parents[2] / "docs" / "openapi.json"
_RECORD = "record it: creditbank openapi docs/openapi.json"
_BREAKING = (
    "clients of the recorded API would break; docs/api.md, “Versions and their end”: what breaks a client comes as /v2, "
    "and what ends is announced twelve months before by Deprecation and Sunset"
)


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    return make_house(shared_place)


def test_the_document_is_the_recorded_one(house: House) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    found = differences(recorded, house.app.test_client().get("/creditbank/api/openapi.json").get_json())
    told = "\n".join(map(str, found))
    assert not any(each.breaking for each in found), f"{_BREAKING}\n{told}"
    assert not found, f"{_RECORD}\n{told}"

"""Requests of ADL's conformance suite, replayed at the door: it answers each as a conforming receiver does."""

import json
from pathlib import Path

import pytest

from tests.api.builders import basic, make_client, make_house

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures" / "xapi"
ISSUER = "http://www.example.com"  # whose accounts the suite's statements name


@pytest.mark.skipif(not VECTORS.is_dir(), reason=f"SKIPPED: the recorded requests are not at {VECTORS}")
@pytest.mark.parametrize("expected", [200, 204, 400])
def test_every_recorded_request_is_answered_as_the_suite_expects(place, expected):
    house = make_house(place)
    credentials = basic(make_client(house, "events:write", issuer=ISSUER))
    lines = (VECTORS / "adl-statement-vectors-1.0.3.jsonl").read_text().splitlines()
    vectors = [each for each in map(json.loads, lines) if each["expect"] == expected]
    assert len(vectors) >= 25
    client = house.app.test_client()
    for vector in vectors:
        headers = {"Content-Type": vector["content_type"], "X-Experience-API-Version": vector["version"]}
        answer = client.open(
            "/creditbank/xapi/statements",
            method=vector["method"],
            query_string=vector["query"],
            data=vector["body"].encode(),
            headers={**headers, **credentials},
        )
        assert answer.status_code == expected, (vector["body"], answer.get_data(as_text=True))

"""What a client finds out by itself: who gives tokens for the API (RFC 9728), and what its scopes mean."""

import re

import pytest

from creditbank_plugin.rules.scopes import LEARNERS_GRANT, SCOPES
from tests.api.builders import get, make_house
from tests.builders import House, Place

AT = "/.well-known/oauth-protected-resource/creditbank/api"


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    return make_house(
        shared_place,
        CREDITBANK_PLATFORM_ISSUER="https://lms.example/realm",
        CREDITBANK_PLATFORM_AUDIENCE="https://bank.example",
    )


def test_the_metadata_stand_at_one_address(house: House) -> None:
    answer = house.app.test_client().get(AT, headers={"Host": "bank.example"})
    told = answer.get_json()
    assert told["resource"] == "http://bank.example/creditbank/api"
    assert told["authorization_servers"] == ["http://bank.example/creditbank", "https://lms.example/realm"]
    assert told["scopes_supported"] == list(SCOPES)
    assert told["bearer_methods_supported"] == ["header"]
    assert house.app.test_client().get(told["resource_documentation"].partition("example")[2]).status_code == 200
    assert answer.content_type == "application/json"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_nothing_else_below_well_known_is_ours(house: House) -> None:
    ours = {
        rule.rule for rule in house.app.url_map.iter_rules() if rule.rule.startswith("/.well-known/oauth-protected")
    }
    assert ours == {AT}
    for path in (f"{AT}/v1", AT.removesuffix("/api"), "/.well-known/oauth-protected-resource"):
        assert house.app.test_client().get(path).status_code == 404
        assert house.app.test_client().get(path).content_type != "application/problem+json", "it is the host's"


def test_every_challenge_says_where_they_are(house: House) -> None:
    answer = get(house, "events")
    (place,) = re.findall(r'resource_metadata="([^"]+)"', answer.headers["WWW-Authenticate"])
    assert place == f"http://localhost{AT}"
    told = house.app.test_client().get(place.removeprefix("http://localhost")).get_json()
    assert f"http://localhost{AT}".replace("/.well-known/oauth-protected-resource", "") == told["resource"]


def test_the_public_address_stands_above_what_a_caller_says(place: Place) -> None:
    house = make_house(place, CREDITBANK_PUBLIC_URL="https://lms.school.example/")
    hostile = {"Host": "evil.example"}
    told = house.app.test_client().get(AT, headers=hostile)
    assert told.get_json()["resource"] == "https://lms.school.example/creditbank/api"
    assert "evil" not in told.text
    challenge = get(house, "events", hostile).headers["WWW-Authenticate"]
    assert f'resource_metadata="https://lms.school.example{AT}"' in challenge


def test_the_page_of_scopes_tells_of_each_in_both_languages(house: House) -> None:
    for language, title in (("th", "ขอบเขตสิทธิ์"), ("en", "Scopes of")):
        answer = house.app.test_client().get("/creditbank/api/scopes", headers={"Accept-Language": language})
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.text
        assert f"<h1>{title}" in answer.text
        for scope in SCOPES.values():
            section = answer.text.split(f'<section class="paper" id="{scope.code}">')[1].split("</section>")[0]
            assert scope.th in section
            assert scope.en.replace("'", "&#39;") in section
            assert ("A learner can grant it" in section) == (scope.code in LEARNERS_GRANT)
        assert "script" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]

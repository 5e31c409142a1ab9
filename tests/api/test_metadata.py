"""What a client finds out by itself (RFC 8414), and access tokens that others can read (RFC 9068)."""

import json

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from creditbank_plugin.services.access import token_key
from tests.api.builders import ask_token, get, make_client, make_house
from tests.builders import House, Place
from tests.oauth_world import SITE, make_partner, settle_in

WELL_KNOWN = "/.well-known/oauth-authorization-server/creditbank"


def test_the_metadata_name_every_endpoint_that_there_is(agencies: House) -> None:
    browser = agencies.app.test_client()
    answer = browser.get(WELL_KNOWN)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    told = answer.get_json()
    assert told["issuer"] == SITE
    rules = {rule.rule for rule in agencies.app.url_map.iter_rules()}
    for name, address in told.items():
        if name.endswith(("_endpoint", "_uri")) or name == "service_documentation":
            assert address.removeprefix("http://localhost") in rules, name
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    assert told["grant_types_supported"] == ["client_credentials", "authorization_code", "refresh_token"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert "none" not in told["introspection_endpoint_auth_methods_supported"]
    assert not {"none", "HS256"} & set(told["token_endpoint_auth_signing_alg_values_supported"])


def test_the_metadata_are_valid_as_an_independent_reader_sees_them(place: Place) -> None:
    house = make_house(place, CREDITBANK_PUBLIC_URL="https://bank.example")
    told = house.app.test_client().get(WELL_KNOWN).get_json()
    assert told["issuer"] == "https://bank.example/creditbank"
    AuthorizationServerMetadata(told).validate()


def test_a_host_name_that_somebody_made_up_does_not_matter_where_the_address_is_set(place: Place) -> None:
    house = make_house(place, CREDITBANK_PUBLIC_URL="https://bank.example")
    told = house.app.test_client().get(WELL_KNOWN, headers={"Host": "evil.example"})
    assert "evil.example" not in told.text
    token = ask_token(house, make_client(house))
    assert token.status_code == 200


def test_no_other_well_known_address_is_taken_from_the_host(agencies: House) -> None:
    taken = {rule.rule for rule in agencies.app.url_map.iter_rules() if rule.rule.startswith("/.well-known/oauth-auth")}
    assert taken == {WELL_KNOWN}
    browser = agencies.app.test_client()
    for path in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", f"{WELL_KNOWN}/x"):
        assert browser.get(path).status_code == 404


def test_the_address_follows_the_prefix(place: Place) -> None:
    house = make_house(place, CREDITBANK_URL_PREFIX="/a/bank")
    told = house.app.test_client().get("/.well-known/oauth-authorization-server/a/bank").get_json()
    assert told["token_endpoint"] == "http://localhost/a/bank/oauth/token"


def test_without_a_prefix_the_issuer_is_the_host(place: Place) -> None:
    house = make_house(place, CREDITBANK_URL_PREFIX="/")
    told = house.app.test_client().get("/.well-known/oauth-authorization-server").get_json()
    assert (told["issuer"], told["jwks_uri"]) == ("http://localhost", "http://localhost/oauth/jwks")
    agency = settle_in(house, make_partner(house))
    shown = agency.log_in().get("/oauth/authorize", query_string=agency.request())
    assert shown.status_code == 200


def test_opaque_tokens_have_no_keys(agencies: House) -> None:
    assert keys(agencies.app.test_client()) == {"keys": []}


def keys(browser: FlaskClient) -> dict[str, list[dict[str, str]]]:
    answer = browser.get("/creditbank/oauth/jwks")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    found: dict[str, list[dict[str, str]]] = json.loads(answer.data)
    return found


@pytest.fixture
def signing(place: Place) -> House:
    return make_house(place, CREDITBANK_TOKEN_FORM="jwt", CREDITBANK_LOGIN_URL="/login")


def test_a_signed_token_says_for_whom_it_is_and_is_taken_back_like_any_other(signing: House) -> None:
    published = keys(signing.app.test_client())
    assert [set(key) & {"d", "p", "q", "dp", "dq", "qi"} for key in published["keys"]] == [set()]
    agency = settle_in(signing, make_partner(signing))
    tokens = agency.tokens()
    token = jwt.decode(tokens["access_token"], KeySet.import_key_set(published), algorithms=["RS256"])
    assert token.header == {"typ": "at+jwt", "alg": "RS256", "kid": published["keys"][0]["kid"]}
    claims = token.claims
    assert claims.keys() == {"iss", "aud", "sub", "client_id", "scope", "iat", "exp", "jti"}
    assert (claims["iss"], claims["aud"]) == (SITE, f"{SITE}/api")
    assert (claims["client_id"], claims["scope"]) == (agency.client.client_id, "credits:read")
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 3600
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert get(signing, "learners", headers, issuer="i", id="1").status_code == 200
    assert agency.is_active(tokens["access_token"])
    agency.call("revoke", token=tokens["access_token"])
    assert get(signing, "learners", headers, issuer="i", id="1").status_code == 401
    assert not agency.is_active(tokens["access_token"])


def test_a_signed_token_of_a_machine_speaks_for_itself_and_a_forged_one_for_nobody(signing: House) -> None:
    machine = make_client(signing, "credits:read")
    token = ask_token(signing, machine).get_json()["access_token"]
    claims = jwt.decode(token, KeySet.import_key_set(keys(signing.app.test_client())), algorithms=["RS256"]).claims
    assert claims["sub"] == claims["client_id"] == machine.client_id
    stranger = RSAKey.generate_key(2048)
    forged = [
        jwt.encode({"alg": "RS256", "typ": "at+jwt"}, claims, stranger),
        f"{token.rpartition('.')[0]}.",
        token.rpartition(".")[0] + "." + "A" * 512,
    ]
    for each in (*forged, token[:-4]):
        assert get(signing, "learners", {"Authorization": f"Bearer {each}"}, issuer="i", id="1").status_code == 401


def test_the_key_stands_in_a_file_of_its_owner_and_an_older_one_is_still_published(signing: House) -> None:
    settings = signing.runtime.settings
    token_key.make(settings)
    path = token_key.path_of(settings)
    assert path.stat().st_mode & 0o077 == 0
    first = token_key.published(settings)["keys"]
    token_key.make(settings)
    assert token_key.published(settings)["keys"] == first
    held = json.loads(path.read_text())["keys"]
    path.unlink()
    path.write_text(json.dumps({"keys": [RSAKey.generate_key(2048).as_dict(private=True), *held]}))
    assert [key["kid"] for key in token_key.published(settings)["keys"]][1:] == [first[0]["kid"]]


def test_a_broken_file_of_keys_is_said_and_not_replaced(signing: House) -> None:
    path = token_key.path_of(signing.runtime.settings)
    path.write_text("{}")
    answer = ask_token(signing, make_client(signing))
    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")
    assert path.read_text() == "{}"

"""A client gives a token back (RFC 7009)."""

import pytest

from tests.api.builders import basic
from tests.oauth_world import Agency, make_partner, settle_in


def test_an_access_token_ends_at_once_and_alone(agency: Agency) -> None:
    tokens = agency.tokens()
    answer = agency.call("revoke", token=tokens["access_token"])
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    got = agency.house.app.test_client().get("/creditbank/api/v1/learners?issuer=i&id=1", headers=headers)
    assert (got.status_code, got.get_json()["code"]) == (401, "invalid_token")
    assert agency.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token", "nonsense"])
def test_a_refresh_token_ends_all_that_came_of_the_authorisation(agency: Agency, hint: str | None) -> None:
    first, other = agency.tokens(), agency.tokens()
    second = agency.refresh(first["refresh_token"]).get_json()
    assert agency.call("revoke", token=second["refresh_token"], token_type_hint=hint).status_code == 200
    assert not agency.is_active(first["access_token"])
    assert not agency.is_active(second["access_token"])
    assert agency.refresh(second["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert agency.is_active(other["access_token"])


def test_a_token_that_nobody_knows_is_as_good_as_ended(agency: Agency) -> None:
    token = agency.tokens()["access_token"]
    for each in (token, token, "nonsense", "ก"):
        assert agency.call("revoke", token=each).status_code == 200


def test_a_public_client_gives_its_tokens_back(program: Agency) -> None:
    token = program.tokens()["access_token"]
    assert program.call("revoke", token=token).status_code == 200
    headers = {"Authorization": f"Bearer {token}"}
    got = program.house.app.test_client().get("/creditbank/api/v1/learners?issuer=i&id=1", headers=headers)
    assert got.status_code == 401


def test_another_clients_token_stays_as_it_is(agency: Agency) -> None:
    thief, tokens = settle_in(agency.house, make_partner(agency.house)), agency.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        answer = thief.call("revoke", token=token)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")
    assert agency.is_active(tokens["access_token"])


def test_who_does_not_prove_who_they_are_ends_nothing(agency: Agency) -> None:
    token = agency.tokens()["access_token"]
    for proof in ({"client_secret": None}, {"client_secret": "wrong"}, {"client_id": None}):
        answer = agency.call("revoke", token=token, **proof)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert agency.is_active(token)


def test_a_request_names_one_token_in_its_form(agency: Agency) -> None:
    token = agency.tokens()["access_token"]
    post = agency.house.app.test_client().post
    for sent in ({"data": {}}, {"data": {"token": [token, token]}}, {"query_string": {"token": token}}):
        answer = post("/creditbank/oauth/revoke", headers=basic(agency.client), **sent)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert agency.is_active(token)

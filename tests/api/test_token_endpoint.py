"""Tokens for clients: what RFC 6749 asks, and what must never be kept or written down."""

import logging

import pytest
from sqlalchemy import select

from creditbank_plugin.services.access import clients
from creditbank_plugin.services.access.clients import NewClient
from creditbank_plugin.storage.base import Base
from creditbank_plugin.storage.session import reading
from tests.api.builders import ALL, ask_token, basic, get, let_pass, make_client, make_house


def test_a_client_gets_all_it_has_for_an_hour(agencies):
    answer = ask_token(agencies, make_client(agencies))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.get_json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, " ".join(ALL))
    assert len(token["access_token"]) >= 43
    assert "refresh_token" not in token


def test_a_narrower_scope_is_granted_as_asked(agencies):
    token = ask_token(agencies, make_client(agencies), scope="credits:read").get_json()
    assert token["scope"] == "credits:read"
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert get(agencies, "events", headers).status_code == 403


@pytest.mark.parametrize("scope", ["credits:write", "credits:read nonsense", "events:write", "ค่า", '"'])
def test_too_much_scope_is_invalid(agencies, scope):
    answer = ask_token(agencies, make_client(agencies, "credits:read"), scope=scope)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Basic",
        "Basic !!!",
        "Basic /////w==",
        "Bearer x",
        basic(NewClient("cb_unknown", "secret"))["Authorization"],
        basic(NewClient("x" * 9000, "secret"))["Authorization"],
        basic(NewClient("cb\x00", "secret"))["Authorization"],
    ],
)
def test_whoever_cannot_prove_who_they_are_is_an_invalid_client(agencies, header):
    answer = agencies.app.test_client().post(
        "/creditbank/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": header} if header else {},
    )
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert answer.content_type == "application/json"


def test_a_secret_is_taken_from_the_form_and_never_from_the_address(agencies):
    client = make_client(agencies)
    proof = {"client_id": client.client_id, "client_secret": client.client_secret}
    ask = agencies.app.test_client().post
    kind = {"grant_type": "client_credentials"}
    assert ask("/creditbank/oauth/token", data={**kind, **proof}).status_code == 200
    assert ask("/creditbank/oauth/token", data={**kind, **proof, "client_secret": "wrong"}).status_code == 401
    in_address = ask("/creditbank/oauth/token", data=kind, query_string=proof)
    assert (in_address.status_code, in_address.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("beside", [{"client_secret": "x"}, {"client_assertion": "x"}, {"client_secret": ""}])
def test_two_ways_of_proving_who_one_is_are_refused(agencies, beside):
    client = make_client(agencies)
    answer = ask_token(agencies, client, **beside)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert ask_token(agencies, client, client_id=client.client_id).status_code == 200


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"data": {}}, "invalid_request"),
        ({"data": {"grant_type": "password"}}, "unsupported_grant_type"),
        ({"data": {"grant_type": 'ก"\\'}}, "unsupported_grant_type"),
        ({"data": {"grant_type": ["client_credentials", "client_credentials"]}}, "invalid_request"),
        ({"query_string": {"grant_type": "client_credentials"}}, "invalid_request"),
        ({"json": {"grant_type": "client_credentials"}}, "invalid_request"),
    ],
)
def test_other_requests_are_refused_in_the_words_of_oauth(agencies, sent, error):
    answer = agencies.app.test_client().post("/creditbank/oauth/token", headers=basic(make_client(agencies)), **sent)
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)


def test_a_form_that_is_too_large_is_not_read(agencies):
    answer = ask_token(agencies, make_client(agencies), scope="x" * 100_000)
    assert (answer.status_code, answer.get_json()["error"]) == (413, "invalid_request")


def test_after_rotation_both_secrets_work_until_the_old_one_ends(place):
    house = make_house(place, CREDITBANK_SECRET_OVERLAP_SECONDS=600)
    old = make_client(house)
    new = clients.rotate(house.runtime, old.client_id)
    assert old.client_secret != new.client_secret
    assert [ask_token(house, each).status_code for each in (old, new)] == [200, 200]
    let_pass(house, seconds=601)
    assert [ask_token(house, each).status_code for each in (old, new)] == [401, 200]


def test_a_revoked_client_is_out_and_so_are_its_tokens(agencies):
    client = make_client(agencies)
    headers = {"Authorization": f"Bearer {ask_token(agencies, client).get_json()['access_token']}"}
    assert get(agencies, "events", headers).status_code == 200
    clients.revoke(agencies.runtime, client.client_id)
    answer = get(agencies, "events", headers)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "invalid_token")
    assert ask_token(agencies, client).get_json()["error"] == "invalid_client"


def test_a_token_ends_after_its_hour(agencies):
    headers = {"Authorization": f"Bearer {ask_token(agencies, make_client(agencies)).get_json()['access_token']}"}
    let_pass(agencies, seconds=3599)
    assert get(agencies, "events", headers).status_code == 200
    let_pass(agencies, seconds=2)
    answer = get(agencies, "events", headers)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_neither_secret_nor_token_is_kept_or_logged(place, caplog):
    caplog.set_level(logging.DEBUG)
    house = make_house(place)
    client = make_client(house)
    token = ask_token(house, client).get_json()["access_token"]
    get(house, "events", {"Authorization": f"Bearer {token}"})
    with reading(house.runtime.engine) as connection:
        kept = str([connection.execute(select(table)).all() for table in Base.metadata.sorted_tables])
    assert client.client_id in kept
    for secret in (client.client_secret, token):
        assert secret not in kept
        assert secret not in caplog.text
        assert secret not in repr(client)

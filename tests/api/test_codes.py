"""A code at the token endpoint: what a client must bring, and what a thief gets."""

import pytest

from tests.api.builders import API, basic, let_pass
from tests.builders import House
from tests.oauth_world import BACK, Agency, answer_of, make_partner, new_verifier, settle_in


def refusal(answer) -> tuple[int, str]:
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/json"
    assert set(answer.get_json()) <= {"error", "error_description"}
    return answer.status_code, answer.get_json()["error"]


GRANT, CLIENT = (400, "invalid_grant"), (401, "invalid_client")


def test_a_code_gives_tokens_in_the_words_of_oauth(agency: Agency) -> None:
    answer = agency.exchange(agency.code())
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.get_json()
    assert token.keys() == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "credits:read")


def test_a_client_without_the_grant_gets_no_refresh_token(program: Agency) -> None:
    answer = program.exchange(program.code())
    assert answer.status_code == 200
    assert "refresh_token" not in answer.get_json()


def test_a_replayed_code_ends_what_it_gave(agency: Agency) -> None:
    code = agency.code()
    token = agency.exchange(code).get_json()
    assert agency.is_active(token["access_token"])
    assert refusal(agency.exchange(code)) == GRANT
    assert not agency.is_active(token["access_token"])
    assert refusal(agency.refresh(token["refresh_token"])) == GRANT


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": None},
        {"code_verifier": ""},
        {"code_verifier": new_verifier()},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/back"},
        {"code": "nonsense"},
        {"code": "ก\x00"},
    ],
)
def test_what_does_not_fit_is_an_invalid_grant(agency: Agency, program: Agency, changed: dict[str, str]) -> None:
    for each in (agency, program):
        code = each.code()
        assert refusal(each.exchange(**{"code": code, **changed})) == GRANT
        assert each.exchange(code).status_code == 200


def test_a_challenge_that_was_taken_out_on_the_way_is_noticed(agencies: House) -> None:
    excused = settle_in(agencies, make_partner(agencies, pkce=False))
    plain = {"code_challenge": None, "code_challenge_method": None}
    assert refusal(excused.exchange(excused.code(**plain))) == GRANT
    assert excused.exchange(excused.code(**plain), code_verifier=None).status_code == 200


def test_a_client_that_is_not_excused_gets_no_code_without_a_challenge(agency: Agency, program: Agency) -> None:
    for each in (agency, program):
        sent = each.request(code_challenge=None, code_challenge_method=None)
        answer = each.log_in().get("/creditbank/oauth/authorize", query_string=sent)
        assert answer_of(answer, each.back)["error"] == "invalid_request"


def test_a_code_missing_or_twice_is_an_invalid_request(agency: Agency) -> None:
    code = agency.code()
    assert refusal(agency.exchange(None)) == (400, "invalid_request")
    assert refusal(agency.exchange([code, code])) == (400, "invalid_request")
    assert refusal(agency.exchange(code, code_verifier=["a" * 43, "b" * 43])) == (400, "invalid_request")
    assert agency.exchange(code).status_code == 200


def test_another_client_gains_nothing_with_a_stolen_code(agency: Agency, program: Agency) -> None:
    code = agency.code()
    thief = settle_in(agency.house, make_partner(agency.house))
    for each in (thief, program):
        assert refusal(each.exchange(code, redirect_uri=BACK)) == GRANT
    assert agency.exchange(code).status_code == 200


def test_an_old_code_is_of_no_use(agency: Agency) -> None:
    code = agency.code()
    let_pass(agency.house, seconds=61)
    assert refusal(agency.exchange(code)) == GRANT


@pytest.mark.parametrize(
    "proof",
    [
        {"client_secret": None},
        {"client_secret": ""},
        {"client_secret": "wrong"},
        {"client_id": "cb_nobody"},
        {"client_id": "cb\x00"},
        {"client_id": None, "client_secret": None},
        {"client_id": None},
    ],
)
def test_a_confidential_client_proves_itself(agency: Agency, proof: dict[str, str]) -> None:
    code = agency.code()
    answer = agency.exchange(code, **proof)
    assert refusal(answer) == CLIENT
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert agency.exchange(code).status_code == 200


def test_a_public_client_has_nothing_to_prove_itself_with(program: Agency) -> None:
    code = program.code()
    assert refusal(program.exchange(code, client_secret="made up")) == CLIENT
    assert refusal(program.call("token", grant_type="client_credentials")) == CLIENT
    assert program.exchange(code).status_code == 200


def test_basic_and_form_must_not_be_mixed(agency: Agency, program: Agency) -> None:
    post = agency.house.app.test_client().post
    form = {"grant_type": "authorization_code", "code": "x"}
    for beside in (
        {"client_id": agency.client.client_id, "client_secret": agency.client.client_secret},
        {"client_id": program.client.client_id},
        {"client_assertion": "x"},
    ):
        answer = post("/creditbank/oauth/token", data={**form, **beside}, headers=basic(agency.client))
        assert refusal(answer) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["code", "code_verifier", "client_secret", "refresh_token", "token"])
def test_nothing_secret_is_taken_from_an_address(agency: Agency, name: str) -> None:
    sent = {"grant_type": "authorization_code", "client_id": agency.client.client_id}
    for endpoint in ("token", "revoke", "introspect"):
        answer = agency.house.app.test_client().post(
            f"/creditbank/oauth/{endpoint}", data=sent, query_string={name: "secret"}
        )
        assert refusal(answer) == (400, "invalid_request")


def test_a_client_uses_the_grants_it_registered_only(agency: Agency, program: Agency) -> None:
    assert refusal(agency.call("token", grant_type="client_credentials")) == (400, "unauthorized_client")
    assert refusal(program.refresh("x")) == (400, "unauthorized_client")
    for grant in ("password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", ""):
        assert refusal(agency.call("token", grant_type=grant))[0] == 400


def test_tokens_travel_by_tls_or_within_the_machine(agency: Agency) -> None:
    form = {"grant_type": "authorization_code", "client_id": agency.client.client_id, "code": "x"}
    for endpoint in ("token", "revoke", "introspect"):
        answer = agency.house.app.test_client().post(
            f"/creditbank/oauth/{endpoint}", data=form, base_url="http://bank.example"
        )
        assert refusal(answer) == (400, "insecure_transport")
    answer = agency.house.app.test_client().post("/creditbank/oauth/token", data=form, base_url="https://bank.example")
    assert refusal(answer) == CLIENT


def test_get_gives_no_token(agency: Agency) -> None:
    for endpoint in ("token", "revoke", "introspect"):
        assert agency.house.app.test_client().get(f"/creditbank/oauth/{endpoint}").status_code == 405


def test_neither_code_nor_token_is_written_into_the_log(agency: Agency, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    code = agency.code()
    token = agency.exchange(code).get_json()
    agency.exchange(code)
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    agency.house.app.test_client().get(f"{API}/events", headers=headers)
    assert "code_replayed" in caplog.text
    for secret in (code, token["access_token"], token["refresh_token"], agency.client.client_secret):
        assert secret not in caplog.text

"""Refresh tokens at the token endpoint: each is good once."""

from creditbank_plugin.services.access import clients
from tests.api.builders import let_pass
from tests.oauth_world import BACK, Agency, make_partner, make_public, settle_in

GRANT = (400, "invalid_grant")


def refusal(answer) -> tuple[int, str]:
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.get_json()["error"]


def test_each_refresh_gives_the_next_tokens(agency: Agency) -> None:
    first = agency.tokens()
    second = agency.refresh(first["refresh_token"]).get_json()
    assert second.keys() == first.keys()
    assert first["refresh_token"] != second["refresh_token"]
    assert agency.refresh(second["refresh_token"], scope="credits:read").status_code == 200


def test_a_token_that_is_used_twice_ends_the_family(agency: Agency) -> None:
    first, bystander = agency.tokens(), agency.tokens()
    second = agency.refresh(first["refresh_token"]).get_json()
    assert refusal(agency.refresh(first["refresh_token"])) == GRANT
    for each in (first, second):
        assert not agency.is_active(each["access_token"])
    assert refusal(agency.refresh(second["refresh_token"])) == GRANT
    assert agency.is_active(bystander["access_token"])


def test_a_public_clients_refresh_tokens_rotate_too(agency: Agency) -> None:
    client = make_public(agency.house, grants=["authorization_code", "refresh_token"], redirect_uris=[BACK])
    program = settle_in(agency.house, client)
    first = program.tokens()
    second = program.refresh(first["refresh_token"]).get_json()
    assert refusal(program.refresh(first["refresh_token"])) == GRANT
    assert refusal(program.refresh(second["refresh_token"])) == GRANT


def test_more_scope_than_was_granted_is_invalid(agency: Agency) -> None:
    token = agency.tokens()["refresh_token"]
    for scope in ("credits:read events:read", "nonsense"):
        assert refusal(agency.refresh(token, scope=scope)) == (400, "invalid_scope")
    assert agency.refresh(token).status_code == 200


def test_another_client_gains_nothing_with_a_stolen_token(agency: Agency) -> None:
    token = agency.tokens()["refresh_token"]
    thief = settle_in(agency.house, make_partner(agency.house))
    assert refusal(thief.refresh(token)) == GRANT
    assert agency.refresh(token).status_code == 200


def test_what_is_no_refresh_token_is_refused(agency: Agency) -> None:
    tokens = agency.tokens()
    assert refusal(agency.refresh(tokens["access_token"])) == GRANT
    assert refusal(agency.refresh("ก")) == GRANT
    assert refusal(agency.refresh("")) == (400, "invalid_request")
    assert refusal(agency.refresh([tokens["refresh_token"]] * 2)) == (400, "invalid_request")
    assert refusal(agency.exchange(tokens["refresh_token"])) == GRANT


def test_it_needs_the_proof_of_its_client(agency: Agency) -> None:
    token = agency.tokens()["refresh_token"]
    assert refusal(agency.refresh(token, client_secret=None)) == (401, "invalid_client")
    assert refusal(agency.refresh(token, client_secret="wrong")) == (401, "invalid_client")
    assert agency.refresh(token).status_code == 200


def test_it_ends_after_its_days_and_with_its_client(agency: Agency) -> None:
    token = agency.tokens()["refresh_token"]
    let_pass(agency.house, days=30)
    assert refusal(agency.refresh(token)) == GRANT
    token = agency.tokens()["refresh_token"]
    clients.revoke(agency.house.runtime, agency.client.client_id)
    assert refusal(agency.refresh(token)) == (401, "invalid_client")

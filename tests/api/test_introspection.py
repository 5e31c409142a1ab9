"""A client asks what a token of its own is good for (RFC 7662)."""

from sqlalchemy import delete, select

from creditbank_plugin.services import accounts
from creditbank_plugin.services.access import clients, consents
from creditbank_plugin.storage.session import writing
from creditbank_plugin.storage.tables import Code, Family, RefreshToken, Token
from tests.api.builders import ask_token, basic, get, let_pass, make_client
from tests.builders import ISSUER
from tests.oauth_world import SITE, Agency, make_partner, settle_in


def ask(agency: Agency, token: str, **form: str | None) -> dict[str, object]:
    answer = agency.call("introspect", token=token, **form)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    told: dict[str, object] = answer.get_json()
    return told


def test_a_token_that_is_good_is_described(agency: Agency) -> None:
    tokens = agency.tokens()
    told = ask(agency, tokens["access_token"])
    learner = next(iter(accounts.find_learners(agency.house.runtime, ISSUER, agency.learner)))
    assert {**told, "iat": 0, "exp": 0} == {
        "active": True,
        "token_type": "Bearer",
        "client_id": agency.client.client_id,
        "sub": learner.id,
        "scope": "credits:read",
        "iss": SITE,
        "aud": f"{SITE}/api",
        "iat": 0,
        "exp": 0,
    }
    assert told["exp"] - told["iat"] == 3600  # type: ignore[operator]
    assert ask(agency, tokens["refresh_token"], token_type_hint="access_token")["active"] is True


def test_a_machines_own_token_is_described(agency: Agency) -> None:
    machine = make_client(agency.house, "credits:read")
    token = ask_token(agency.house, machine).get_json()["access_token"]
    answer = agency.house.app.test_client().post(
        "/creditbank/oauth/introspect", data={"token": token}, headers=basic(machine)
    )
    assert answer.get_json()["sub"] == machine.client_id


def test_of_any_other_token_nothing_is_said_but_that_it_is_not_active(agency: Agency) -> None:
    other = settle_in(agency.house, make_partner(agency.house))
    theirs = other.tokens()
    used = agency.tokens()
    agency.refresh(used["refresh_token"])
    for token in (theirs["access_token"], theirs["refresh_token"], "nonsense", "ก", used["refresh_token"]):
        assert ask(agency, token) == {"active": False}


def test_a_token_that_ended_is_not_active(agency: Agency) -> None:
    first, second = agency.tokens(), agency.tokens()
    agency.call("revoke", token=first["access_token"])
    assert ask(agency, first["access_token"]) == {"active": False}
    (shared,) = consents.list_for_client(agency.house.runtime, agency.client.client_id)
    consents.end(agency.house.runtime, shared.id, "user:u-1")
    for token in (second["access_token"], second["refresh_token"]):
        assert ask(agency, token) == {"active": False}
    third = agency.tokens()
    let_pass(agency.house, seconds=3601)
    assert ask(agency, third["access_token"]) == {"active": False}


def test_only_who_proves_who_they_are_may_ask(agency: Agency, program: Agency) -> None:
    token, theirs = agency.tokens()["access_token"], program.tokens()["access_token"]
    for answer in (
        agency.call("introspect", token=token, client_secret=None),
        agency.call("introspect", token=token, client_secret="wrong"),
        program.call("introspect", token=theirs),
        agency.house.app.test_client().post(
            "/creditbank/oauth/introspect", data={"token": token}, headers={"Authorization": f"Bearer {token}"}
        ),
    ):
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_a_request_names_a_token(agency: Agency) -> None:
    answer = agency.call("introspect")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_a_learners_token_without_its_authorisation_is_no_machines_token(agency: Agency) -> None:
    """Where the row is gone, a token that rested on it sees nobody at all: never the learners of the organisation."""
    token = agency.tokens()["access_token"]
    with writing(agency.house.runtime.engine) as connection:
        found = Token.token_hash == clients.hash_of(token)
        family = connection.scalar(select(Token.family_id).where(found))
        for model in (Code, RefreshToken):
            connection.execute(delete(model).where(model.family_id == family))
        connection.execute(delete(Family).where(Family.id == family))
    for path in ("me", "changes", "learners"):
        assert get(agency.house, path, {"Authorization": f"Bearer {token}"}).status_code == 401
    assert ask(agency, token) == {"active": False}

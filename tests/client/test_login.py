"""Asking a learner, and what of the answer is not believed."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from creditbank_client import LoginMismatch, OAuthError, Public, Server, TokenEndpoint
from creditbank_client.login import Pending, begin, finish
from tests.client.world import World, quick
from tests.oauth_world import BACK, LOOPBACK, let_learn, make_partner, make_public


def bent(address: str, **changed: str | None) -> str:
    """An address with other parameters; None leaves one out."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **changed}
    kept = {name: value for name, value in query.items() if value is not None}
    return urlunsplit(parts._replace(query=urlencode(kept)))


def test_a_confidential_client_gets_tokens_that_can_be_renewed(world: World) -> None:
    let_learn(world.house, 601)
    made = make_partner(world.house)
    pending = Pending(**world.ask(made).to_dict())
    came = world.agree(pending.url, "s-601")
    tokens = finish(world.endpoint(made), pending, came)
    assert (tokens.scope, tokens.is_good) == ("credits:read", True)
    assert tokens.refresh_token


def test_a_program_without_a_secret_gets_a_token(world: World) -> None:
    let_learn(world.house, 602)
    made = make_public(world.house)
    pending = begin(world.server, made.client_id, LOOPBACK)
    came = world.agree(pending.url, "s-602")
    endpoint = TokenEndpoint(world.server, Public(made.client_id), http=quick())
    assert finish(endpoint, pending, urlsplit(came).query).refresh_token is None


def test_a_no_is_told(world: World) -> None:
    let_learn(world.house, 603)
    made = make_partner(world.house)
    pending = world.ask(made)
    came = world.agree(pending.url, "s-603", "refuse")
    with pytest.raises(OAuthError) as told:
        finish(world.endpoint(made), pending, came)
    assert told.value.code == "access_denied"


@pytest.fixture(scope="module")
def asked(world: World) -> tuple[TokenEndpoint, Pending, str]:
    """An answer that is good and was not used: what bends it may be tried many times, as none of it is sent."""
    let_learn(world.house, 604)
    made = make_partner(world.house)
    pending = world.ask(made)
    return world.endpoint(made), pending, world.agree(pending.url, "s-604")


@pytest.mark.parametrize(
    ("changed", "about"),
    [
        ({"state": "another"}, "state"),
        ({"state": None}, "state"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"code": None}, "no code"),
        ({"error": "access_denied", "state": "another"}, "state"),
    ],
)
def test_an_answer_to_another_question_is_not_used(
    asked: tuple[TokenEndpoint, Pending, str], changed: dict[str, str | None], about: str
) -> None:
    endpoint, pending, came = asked
    with pytest.raises(LoginMismatch, match=about):
        finish(endpoint, pending, bent(came, **changed))


def test_nor_one_with_a_parameter_twice_or_at_another_address(asked: tuple[TokenEndpoint, Pending, str]) -> None:
    endpoint, pending, came = asked
    with pytest.raises(LoginMismatch, match="twice"):
        finish(endpoint, pending, f"{came}&code=another")
    with pytest.raises(LoginMismatch, match="another address"):
        finish(endpoint, pending, came.replace(BACK, "https://agency.example/other"))


def test_nor_one_for_another_server(asked: tuple[TokenEndpoint, Pending, str]) -> None:
    endpoint, pending, came = asked
    other = Pending(**{**pending.to_dict(), "issuer": "https://other.example/creditbank"})
    with pytest.raises(LoginMismatch, match="issuer"):
        finish(endpoint, other, came)


def test_each_question_is_another(world: World) -> None:
    server: Server = world.server
    first, second = (begin(server, "c-1", BACK) for _ in range(2))
    assert first.state != second.state
    assert first.verifier != second.verifier
    assert len(first.verifier) >= 43
    sent = dict(parse_qsl(urlsplit(first.url).query))
    assert sent["code_challenge_method"] == "S256"
    assert first.verifier not in first.url
    assert "scope" not in sent, "no scope asked means all that the client has"

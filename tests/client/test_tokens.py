"""Tokens: of the client itself, of a learner, renewed in time, by many threads at once, and never shown."""

import threading
import traceback
from dataclasses import replace
from typing import Any, cast

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from creditbank_client import (
    Api,
    CreditBank,
    LearnerTokens,
    LoginNeeded,
    MachineTokens,
    MemoryStore,
    OAuthError,
    PrivateKey,
    Problem,
    Public,
    Secret,
    TokenEndpoint,
    Tokens,
    Unreachable,
)
from creditbank_plugin.services.access.clients import Wish, create
from tests.api.builders import make_client
from tests.builders import SCHOOL
from tests.client.scripted import HANG_UP, scripted
from tests.client.world import World, quick
from tests.oauth_world import BACK, let_learn, make_partner


def test_a_secret_gives_a_token_of_the_client(world: World) -> None:
    made = make_client(world.house, "credits:read", "events:read")
    endpoint = world.endpoint(made)
    assert endpoint.of_client().scope.split() == ["credits:read", "events:read"]
    tokens = endpoint.of_client(["credits:read"])
    assert (tokens.scope, tokens.is_good, tokens.refresh_token) == ("credits:read", True, None)
    assert endpoint.introspect(tokens.access_token)["active"] is True
    endpoint.revoke(tokens.access_token)
    assert endpoint.introspect(tokens.access_token) == {"active": False}


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("ES256", ECKey.generate_key("P-256")),
        ("RS256", RSAKey.generate_key(2048)),
        ("Ed25519", OKPKey.generate_key("Ed25519")),
    ],
)
def test_a_key_gives_a_token_of_the_client(world: World, alg: str, key: Any) -> None:
    jwks = {"keys": [{**key.as_dict(private=False), "kid": "k-1"}]}
    wish = Wish(name="ระบบทดลอง", organisation=SCHOOL, scopes=["credits:read"], proof="private_key_jwt", jwks=jwks)
    client_id = create(world.house.runtime, wish).client_id
    pem = key.as_pem(private=True).decode()
    proofs = [PrivateKey(client_id, pem, alg), PrivateKey(client_id, key.as_dict(private=True), alg, "k-1")]
    for proof in proofs:
        endpoint = TokenEndpoint(world.server, proof, http=quick())
        assert [endpoint.of_client().scope for _ in range(2)] == ["credits:read"] * 2, "an assertion is good once"
        assert pem.splitlines()[1] not in repr(proof)


def test_an_assertion_is_made_anew_for_each_try() -> None:
    key = ECKey.generate_key("P-256").as_pem(private=True).decode()
    given = (200, {}, {"access_token": "a", "token_type": "Bearer", "expires_in": 60})
    with scripted((503, {}, {}), given) as script:
        TokenEndpoint(script.server, PrivateKey("c-1", key), http=quick()).of_client()
        first, second = (body for *_, body in script.asked)
        assert first != second


def test_a_refusal_has_its_code(world: World) -> None:
    made = make_client(world.house, "credits:read")
    with pytest.raises(OAuthError) as refused:
        world.endpoint(made).of_client(["events:write"])
    assert (refused.value.code, refused.value.status) == ("invalid_scope", 400)
    with pytest.raises(OAuthError) as refused:
        TokenEndpoint(world.server, Secret(made.client_id, "wrong"), http=quick()).of_client()
    assert (refused.value.code, refused.value.status) == ("invalid_client", 401)


def test_a_proof_that_the_server_does_not_take_is_not_sent(world: World) -> None:
    with pytest.raises(ValueError, match="does not take none"):
        TokenEndpoint(replace(world.server, proofs=frozenset(("client_secret_basic",))), Public("c-1"))


def test_a_machine_asks_once_and_again_when_its_token_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    source = MachineTokens(world.endpoint(make_client(world.house, "credits:read")))
    first = source.token()
    assert source.token() == first
    assert source.token("another") == first
    assert source.token(first) != first
    second = source.token()
    monkeypatch.setattr(Tokens, "is_good", False)
    assert source.token() != second


def test_a_token_that_was_taken_back_is_replaced_and_the_call_made_again(world: World) -> None:
    made = make_client(world.house, "events:read")
    endpoint = world.endpoint(made)
    source = MachineTokens(endpoint)
    bank = CreditBank(Api(world.server, source, http=quick()))
    endpoint.revoke(source.token())
    assert list(bank.events()) == []


class Careful(MemoryStore):
    """Keeps what it was given, and fails when it is told to."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens)
        self.saved: list[Tokens] = []
        self.fails = 0

    def save(self, tokens: Tokens) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        self.saved.append(tokens)
        super().save(tokens)


def learner(world: World, number: int) -> tuple[TokenEndpoint, Tokens]:
    let_learn(world.house, number)
    made = make_partner(world.house)
    return world.endpoint(made), world.tokens(made, f"s-{number}")


def stale(tokens: Tokens) -> Tokens:
    return replace(tokens, ends_at=0)


def test_a_new_refresh_token_is_kept_before_anything_uses_it(world: World) -> None:
    endpoint, first = learner(world, 501)
    store = Careful(stale(first))
    source = LearnerTokens(endpoint, store)
    bank = CreditBank(Api(world.server, source, http=quick()))
    assert bank.me()["scopes"] == ["credits:read"]
    (second,) = store.saved
    assert second.refresh_token not in (None, first.refresh_token)
    assert Tokens(**second.to_dict()) == second
    assert source.token(second.access_token) == store.saved[-1].access_token
    assert len(store.saved) == 2


def test_a_store_that_fails_is_asked_again_and_nothing_is_lost(world: World) -> None:
    endpoint, first = learner(world, 502)
    store = Careful(stale(first))
    store.fails = 2
    source = LearnerTokens(endpoint, store)
    for _ in range(2):
        with pytest.raises(OSError, match="full"):
            source.token()
    assert source.token() == store.saved[-1].access_token
    assert len(store.saved) == 1, "the used refresh token was not used again"
    assert endpoint.introspect(source.token())["active"] is True


def test_of_many_threads_one_renews(world: World) -> None:
    endpoint, first = learner(world, 503)
    store = Careful(stale(first))
    source = LearnerTokens(endpoint, store)
    ready, found = threading.Barrier(8), []

    def work() -> None:
        ready.wait()
        found.append(source.token())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {store.saved[0].access_token}
    assert len(store.saved) == 1
    assert endpoint.introspect(found[0])["active"] is True


def test_what_another_process_renewed_is_taken(world: World) -> None:
    endpoint, first = learner(world, 504)
    store = Careful(stale(first))
    here, there = LearnerTokens(endpoint, store), LearnerTokens(endpoint, store)
    assert here.token() == there.token()
    assert len(store.saved) == 1


def test_when_the_learner_takes_it_back_they_must_be_asked_again(world: World) -> None:
    endpoint, first = learner(world, 505)
    assert first.refresh_token is not None
    endpoint.revoke(first.refresh_token)
    bank = CreditBank(Api(world.server, LearnerTokens(endpoint, MemoryStore(first)), http=quick()))
    with pytest.raises(LoginNeeded) as told:
        bank.me()
    assert told.value.code == "invalid_grant"
    for store in (MemoryStore(), MemoryStore(Tokens("a", 0, "credits:read"))):
        with pytest.raises(LoginNeeded):
            LearnerTokens(endpoint, store).token()


def test_a_reused_refresh_token_ends_everything(world: World) -> None:
    endpoint, first = learner(world, 506)
    assert first.refresh_token is not None
    second = endpoint.of_refresh_token(first.refresh_token)
    with pytest.raises(OAuthError, match="invalid_grant"):
        endpoint.of_refresh_token(first.refresh_token)
    assert endpoint.introspect(second.access_token) == {"active": False}


def test_no_secret_is_shown(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    endpoint, tokens = learner(world, 507)
    pending = world.ask(make_partner(world.house))
    shown = [repr((endpoint.proof, tokens, pending))]
    for wrong in (
        lambda: endpoint.of_refresh_token("wrong-one"),
        lambda: endpoint.of_code("wrong-code", redirect_uri=BACK, verifier="v" * 43),
    ):
        with pytest.raises(OAuthError) as told:
            wrong()
        shown.append(repr(told.value))
    with pytest.raises(Problem) as problem:
        CreditBank(Api(world.server, LearnerTokens(endpoint, MemoryStore(tokens)), http=quick())).record("x")
    shown += [repr(problem.value), *(record.getMessage() for record in caplog.records)]
    secret = cast(Secret, endpoint.proof).secret
    hidden = [secret, tokens.access_token, str(tokens.refresh_token), pending.verifier, "wrong-one", "wrong-code"]
    assert [each for each in hidden if any(each in text for text in shown)] == []


def test_an_error_shows_no_query(world: World) -> None:
    learner_id = "s-" + str(4711)
    with scripted(HANG_UP) as script:
        api = Api(script.server, MachineTokens(world.endpoint(make_client(world.house))), http=quick())
        with pytest.raises(Unreachable) as told:
            CreditBank(api).learner("https://lms.example", learner_id)
    assert told.value.__context__ is None
    assert learner_id not in "".join(traceback.format_exception(told.value))

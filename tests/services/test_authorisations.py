"""From a learner's consent to tokens and to their end: codes and refresh tokens are good once, and families end together."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from creditbank_hooks import LearnerErased, LearnerMerged
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import (
    authorising,
    clients,
    codes,
    consents,
    families,
    introspecting,
    refreshing,
    revoking,
    tokens,
)
from creditbank_plugin.services.codes import Brought
from creditbank_plugin.services.issuing import Issued
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Assertion, Code, Consent, Family, RefreshToken, Token
from tests.api.builders import let_pass
from tests.builders import House, Place, furnish, learner, make_app
from tests.conftest import close
from tests.oauth_world import BACK, VERIFIER, Standing, make_partner, stand

HERE = "https://bank.example/creditbank"


@pytest.fixture(scope="module")
def shared(shared_place: Place) -> Iterator[House]:
    """One house for all: each test has a learner and a client of its own in it."""
    made = furnish(make_app(shared_place.folder, shared_place.url, doors=False))
    yield made
    close(made)


@pytest.fixture
def house(shared: House) -> Iterator[House]:
    """The house, at the right time again when a test is over."""
    clock = shared.runtime.clock
    yield shared
    shared.runtime.clock = clock


@pytest.fixture
def at(house: House) -> Standing:
    return stand(house)


def exchange(at: Standing, code: str, **more: Any) -> Issued:
    return codes.exchange(
        at.house.runtime, at.row, Brought(code, **{"redirect_uri": BACK, "verifier": VERIFIER, **more}), HERE
    )


def refresh(at: Standing, token: str | None, *scopes: str) -> Issued:
    return refreshing.refresh(at.house.runtime, at.row, token or "", frozenset(scopes), HERE)


def refused(call: Callable[..., Any], *args: Any, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **more)
    return caught.value.code


def is_good(at: Standing, issued: Issued) -> bool:
    return tokens.by_token(at.house.runtime, issued.access_token) is not None


def why(at: Standing) -> list[str | None]:
    return [each.ended_why for each in families.list_for_client(at.house.runtime, at.client.client_id)]


def test_a_code_becomes_tokens_that_speak_for_the_learner(at: Standing) -> None:
    issued = exchange(at, at.code())
    access = tokens.by_token(at.house.runtime, issued.access_token)
    assert access is not None
    assert (access.person_id, access.scopes, access.client_id) == (
        at.person_id,
        frozenset({"credits:read"}),
        at.client.client_id,
    )
    assert (issued.expires_in, bool(issued.refresh_token)) == (3600, True)


def test_a_second_use_of_a_code_ends_what_the_first_one_gave(at: Standing) -> None:
    code = at.code()
    issued = exchange(at, code)
    assert refused(exchange, at, code) == "invalid_grant"
    assert not is_good(at, issued)
    assert refused(refresh, at, issued.refresh_token) == "invalid_grant"
    assert why(at) == ["code_replayed"]


def test_a_replay_is_noticed_without_the_right_verifier_and_after_the_code_ended(at: Standing) -> None:
    code = at.code()
    issued = exchange(at, code)
    let_pass(at.house, seconds=61)
    assert refused(exchange, at, code, verifier=None, redirect_uri=None) == "invalid_grant"
    assert not is_good(at, issued)


@pytest.mark.parametrize(
    "brought",
    [
        {"verifier": None},
        {"verifier": "x" * 43},
        {"verifier": "short"},
        {"verifier": VERIFIER + "ก"},
        {"redirect_uri": None},
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": "https://evil.example/back"},
    ],
)
def test_what_does_not_fit_the_code_is_refused_and_does_not_use_it_up(at: Standing, brought: dict[str, Any]) -> None:
    code = at.code()
    assert refused(exchange, at, code, **brought) == "invalid_grant"
    assert is_good(at, exchange(at, code))


def test_a_verifier_for_a_code_without_challenge_is_refused(house: House) -> None:
    at = stand(house, pkce=False)
    plain = {"code_challenge": "", "code_challenge_method": ""}
    assert refused(exchange, at, at.code(**plain)) == "invalid_grant"
    assert is_good(at, exchange(at, at.code(**plain), verifier=None))
    assert refused(exchange, at, at.code(), verifier=None) == "invalid_grant"


def test_a_redirect_uri_that_was_left_out_may_be_left_out_again(at: Standing) -> None:
    assert is_good(at, exchange(at, at.code(redirect_uri=""), redirect_uri=None))
    assert is_good(at, exchange(at, at.code(redirect_uri="")))
    assert refused(exchange, at, at.code(redirect_uri=""), redirect_uri="https://evil.example") == "invalid_grant"


def test_a_code_ends_after_its_minute_and_is_forgotten(at: Standing) -> None:
    code = at.code()
    let_pass(at.house, seconds=60)
    assert refused(exchange, at, code) == "invalid_grant"
    let_pass(at.house, days=2)
    at.code()
    assert count(at, Code) == 1


def test_a_code_of_another_client_is_nobodys_business(at: Standing) -> None:
    other = Standing(at.house, at.person_id, make_partner(at.house))
    code = at.code()
    assert refused(exchange, other, code) == "invalid_grant"
    assert is_good(at, exchange(at, code))


def test_refreshing_gives_the_next_token_and_all_that_was_granted(at: Standing) -> None:
    first = exchange(at, at.code())
    second = refresh(at, first.refresh_token, "credits:read")
    assert second.refresh_token not in (None, first.refresh_token)
    assert is_good(at, first)
    assert is_good(at, second)
    assert is_good(at, refresh(at, second.refresh_token))


def test_a_refresh_token_used_twice_ends_the_whole_family(at: Standing) -> None:
    first = exchange(at, at.code())
    second = refresh(at, first.refresh_token)
    assert refused(refresh, at, first.refresh_token) == "invalid_grant"
    assert not is_good(at, first)
    assert not is_good(at, second)
    assert refused(refresh, at, second.refresh_token) == "invalid_grant"
    assert why(at) == ["refresh_reused"]


def test_more_than_was_granted_is_refused_and_does_not_use_the_token_up(at: Standing) -> None:
    first = exchange(at, at.code())
    assert refused(refresh, at, first.refresh_token, "credits:read", "events:read") == "invalid_scope"
    assert is_good(at, refresh(at, first.refresh_token))


def test_a_refresh_token_of_another_client_stays_as_it_is(at: Standing) -> None:
    other = Standing(at.house, at.person_id, make_partner(at.house))
    first = exchange(at, at.code())
    assert refused(refresh, other, first.refresh_token) == "invalid_grant"
    assert is_good(at, refresh(at, first.refresh_token))


def test_refresh_tokens_end_after_their_days_and_are_forgotten(at: Standing) -> None:
    first = exchange(at, at.code())
    let_pass(at.house, days=29)
    second = refresh(at, first.refresh_token)
    let_pass(at.house, days=30)
    assert refused(refresh, at, second.refresh_token) == "invalid_grant"
    let_pass(at.house, days=2)
    exchange(at, at.code())
    assert count(at, RefreshToken) == 1
    assert count(at, Token) == 1


def test_nothing_is_good_for_longer_than_the_consent(at: Standing) -> None:
    house = at.house
    issued = exchange(at, at.code())
    let_pass(house, days=1)
    for _ in range(12):
        issued = refresh(at, issued.refresh_token)
        let_pass(house, days=29)
    issued = refresh(at, issued.refresh_token)
    let_pass(house, days=16)
    assert refused(refresh, at, issued.refresh_token) == "invalid_grant"
    assert consents.list_for_person(house.runtime, at.person_id) == []


def test_an_access_token_given_at_the_consents_last_minute_ends_with_it(at: Standing) -> None:
    code = at.code()
    first = exchange(at, code)
    let_pass(at.house, days=29)
    for _ in range(11):
        first = refresh(at, first.refresh_token)
        let_pass(at.house, days=29)
    first = refresh(at, first.refresh_token)
    let_pass(at.house, days=16, hours=23, minutes=30)
    assert 1700 < refresh(at, first.refresh_token).expires_in <= 1800


def test_consent_is_remembered_for_the_same_or_less_until_it_ends(at: Standing) -> None:
    house, request = at.house, at.request()
    assert authorising.needs_page(house.runtime, request, at.person_id)
    at.code()
    assert not authorising.needs_page(house.runtime, request, at.person_id)
    assert authorising.needs_page(house.runtime, at.request(prompt="consent"), at.person_id)
    assert not consents.is_remembered(house.runtime, at.person_id, at.client.client_id, {"credits:read", "events:read"})
    other = Standing(house, at.person_id, make_partner(house))
    assert authorising.needs_page(house.runtime, other.request(), at.person_id)
    let_pass(house, days=365)
    assert authorising.needs_page(house.runtime, request, at.person_id)
    assert authorising.grant(house.runtime, request.asked, at.person_id, agreed=False) is None


def test_agreeing_again_begins_the_same_consent_anew(at: Standing) -> None:
    at.code()
    let_pass(at.house, days=10)
    at.code()
    at.code(agreed=False)
    (shared,) = consents.list_for_person(at.house.runtime, at.person_id)
    assert (shared.client_name, shared.scopes) == ("ระบบรับสมัครทดลอง", {"credits:read"})
    assert shared.given_at > at.house.runtime.clock() - timedelta(minutes=1)
    assert count(at, Consent) == 1
    assert len(why(at)) == 3


def test_taking_consent_back_ends_everything_at_once(at: Standing) -> None:
    first, second, open_code = exchange(at, at.code()), exchange(at, at.code()), at.code()
    (shared,) = consents.list_for_person(at.house.runtime, at.person_id)
    consents.end(at.house.runtime, shared.id, "user:u-1", person_id=at.person_id)
    assert not is_good(at, first)
    assert not is_good(at, second)
    assert refused(refresh, at, first.refresh_token) == "invalid_grant"
    assert refused(exchange, at, open_code) == "invalid_grant"
    assert authorising.needs_page(at.house.runtime, at.request(), at.person_id)
    assert set(why(at)) == {"consent_ended"}
    assert consents.list_for_person(at.house.runtime, at.person_id) == []
    assert refused(consents.end, at.house.runtime, shared.id, "user:u-1") == "not_found"


def test_nobody_takes_back_what_another_learner_gave(at: Standing) -> None:
    issued = exchange(at, at.code())
    (shared,) = consents.list_for_client(at.house.runtime, at.client.client_id)
    stranger = stand(at.house).person_id
    assert refused(consents.end, at.house.runtime, shared.id, "user:x", person_id=stranger) == "not_found"
    assert refused(consents.end, at.house.runtime, "nonsense", "user:x") == "not_found"
    assert is_good(at, issued)


def test_an_erasure_by_the_last_host_that_knows_a_learner_ends_what_they_share(at: Standing) -> None:
    issued = exchange(at, at.code())
    at.house.bank.hear(LearnerErased(learner=learner(at.learner), erased_at=at.house.runtime.clock()))
    assert not is_good(at, issued)
    assert why(at) == ["consent_ended"]


def test_after_a_merge_a_learner_sees_and_takes_back_what_either_gave(at: Standing) -> None:
    other = stand(at.house)
    issued = exchange(at, at.code())
    merged = LearnerMerged(
        learner=learner(other.learner), merged=learner(at.learner), merged_at=at.house.runtime.clock()
    )
    at.house.bank.hear(merged)
    (shared,) = consents.list_for_person(at.house.runtime, other.person_id)
    assert is_good(at, issued)
    at.house.bank.hear(LearnerErased(learner=learner(at.learner), erased_at=at.house.runtime.clock()))
    assert is_good(at, issued)  # the other id still leads to them
    consents.end(at.house.runtime, shared.id, "user:u-1", person_id=other.person_id)
    assert not is_good(at, issued)


def test_a_client_that_is_revoked_takes_its_families_with_it(at: Standing) -> None:
    issued = exchange(at, at.code())
    row = at.row
    clients.revoke(at.house.runtime, at.client.client_id)
    assert not is_good(at, issued)
    assert why(at) == ["client_revoked"]
    with pytest.raises(Refused, match="invalid_grant"):
        refreshing.refresh(at.house.runtime, row, issued.refresh_token or "", frozenset(), HERE)
    assert clients.known(at.house.runtime, at.client.client_id) is None


def test_revoking_an_access_token_ends_it_alone_and_a_refresh_token_all(at: Standing) -> None:
    runtime, mine = at.house.runtime, at.client.client_id
    first = exchange(at, at.code())
    second = refresh(at, first.refresh_token)
    revoking.revoke(runtime, mine, first.access_token)
    assert (is_good(at, first), is_good(at, second)) == (False, True)
    revoking.revoke(runtime, mine, second.refresh_token or "")
    assert not is_good(at, second)
    assert why(at) == ["revoked"]
    revoking.revoke(runtime, mine, "nobody knows it")


def test_another_clients_token_is_not_revoked(at: Standing) -> None:
    issued, other = exchange(at, at.code()), make_partner(at.house).client_id
    for token in (issued.access_token, issued.refresh_token):
        assert refused(revoking.revoke, at.house.runtime, other, token) == "invalid_grant"
    assert is_good(at, issued)


def test_a_client_learns_of_its_own_tokens_only(at: Standing) -> None:
    runtime, mine = at.house.runtime, at.client.client_id
    issued = exchange(at, at.code())
    told = introspecting.introspect(runtime, mine, issued.access_token, HERE)
    assert told["active"] is True
    assert (told["sub"], told["client_id"], told["scope"], told["iss"]) == (at.person_id, mine, "credits:read", HERE)
    assert told["exp"] - told["iat"] == 3600
    assert introspecting.introspect(runtime, mine, issued.refresh_token or "", HERE)["token_type"] == "refresh_token"
    other = make_partner(at.house).client_id
    for client_id, token in ((other, issued.access_token), (other, issued.refresh_token), (mine, "x")):
        assert introspecting.introspect(runtime, client_id, token or "", HERE) == {"active": False}
    refresh(at, issued.refresh_token)
    assert introspecting.introspect(runtime, mine, issued.refresh_token or "", HERE) == {"active": False}
    families.end(runtime, families.list_for_client(runtime, mine)[0].id)
    assert introspecting.introspect(runtime, mine, issued.access_token, HERE) == {"active": False}


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What each call answers, or refuses, when all begin in the same moment."""
    together, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        together.wait()
        try:
            answers[place] = call()
        except Exception as error:
            answers[place] = error

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("kind", ["code", "refresh"])
def test_of_many_who_bring_the_same_at_once_one_wins_and_the_family_ends(at: Standing, kind: str) -> None:
    row = at.row
    if kind == "code":
        code = at.code()
        calls = [lambda: codes.exchange(at.house.runtime, row, Brought(code, BACK, VERIFIER), HERE)] * 4
    else:
        token = exchange(at, at.code()).refresh_token or ""
        calls = [lambda: refreshing.refresh(at.house.runtime, row, token, frozenset(), HERE)] * 4
    answers = at_once(calls)
    won = [each for each in answers if isinstance(each, Issued)]
    assert len(won) == 1
    assert all(isinstance(each, Refused) and each.code == "invalid_grant" for each in answers if each not in won)
    assert not is_good(at, won[0])
    assert why(at) == ["code_replayed" if kind == "code" else "refresh_reused"]


def test_consent_that_is_taken_back_while_a_code_is_exchanged_leaves_nothing_good(at: Standing) -> None:
    row, runtime = at.row, at.house.runtime
    for _ in range(5):
        code = at.code()
        (shared,) = consents.list_for_person(runtime, at.person_id)
        answers = at_once(
            [
                lambda code=code: codes.exchange(runtime, row, Brought(code, BACK, VERIFIER), HERE),
                lambda shared=shared: consents.end(runtime, shared.id, "user:u-1"),
            ]
        )
        assert answers[1] is None
        if isinstance(answers[0], Issued):
            assert not is_good(at, answers[0])
            assert refused(refresh, at, answers[0].refresh_token) == "invalid_grant"


def test_no_code_token_or_verifier_is_kept_as_it_is(at: Standing) -> None:
    code = at.code()
    issued = exchange(at, code)
    with reading(at.house.runtime.engine) as connection:
        kept = str(
            [connection.execute(select(model)).all() for model in (Code, Token, RefreshToken, Family, Assertion)]
        )
    for secret in (code, issued.access_token, issued.refresh_token, VERIFIER):
        assert str(secret) not in kept
    assert issued.access_token not in repr(issued)


def count(at: Standing, model: Any) -> int:
    """How many rows of a table belong to this client."""
    asked = select(func.count()).select_from(model)
    if hasattr(model, "family_id"):
        asked = asked.join(Family, Family.id == model.family_id).where(Family.client_id == at.client.client_id)
    else:
        asked = asked.where(model.client_id == at.client.client_id)
    with reading(at.house.runtime.engine) as connection:
        return connection.scalar(asked) or 0

"""From a learner's consent to tokens and to their end: codes and refresh tokens are good once, and families end together."""

from typing import Any

import pytest
from sqlalchemy import select

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.access import (
    clients,
    codes,
    consents,
    families,
    introspecting,
    refreshing,
    revoking,
    tokens,
)
from creditbank_plugin.services.access.codes import Brought
from creditbank_plugin.services.access.issuing import Issued
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Assertion, Code, Family, RefreshToken, Token
from tests.api.builders import let_pass
from tests.oauth_world import BACK, VERIFIER, Standing, make_partner, stand
from tests.services.authorisations import HERE, at_once, count, exchange, is_good, refresh, refused, why


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


def test_a_verifier_for_a_code_without_challenge_is_refused(at: Standing) -> None:
    at = stand(at.house, pkce=False)
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

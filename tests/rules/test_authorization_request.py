"""An authorization request is understood as a whole, or refused for the first thing that is not in order."""

import pytest

from creditbank_plugin.rules.authorization import Asked, Registered, Wrong, client_id_of, understand
from tests.oauth_world import challenge_of

BACK = "https://agency.example/back"
CLIENT = Registered("cb_1", ["authorization_code"], [BACK], frozenset({"credits:read", "events:read"}), pkce=True)
GOOD = {
    "response_type": "code",
    "client_id": "cb_1",
    "redirect_uri": BACK,
    "scope": "credits:read",
    "state": "x y",
    "code_challenge": challenge_of(),
    "code_challenge_method": "S256",
}


def ask(client: Registered | None = CLIENT, **changed: str | list[str] | None) -> Asked:
    sent = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    return understand({name: value if isinstance(value, list) else [value] for name, value in sent.items()}, client)


def wrong(client: Registered | None = CLIENT, **changed: str | list[str] | None) -> Wrong:
    with pytest.raises(Wrong) as caught:
        ask(client, **changed)
    return caught.value


def test_what_is_in_order_is_understood() -> None:
    assert ask() == Asked("cb_1", BACK, True, frozenset({"credits:read"}), "x y", challenge_of())
    assert ask(prompt="none").silent
    assert ask(prompt="login consent").ask_again
    assert ask(response_mode="query", nonsense="1", resource=["https://a.example", "https://b.example"]) == ask()


def test_no_scope_is_all_that_a_learner_can_grant_this_client() -> None:
    assert ask(scope=None).scopes == {"credits:read"}
    assert ask(scope="").scopes == {"credits:read"}


def test_the_only_redirect_uri_may_be_left_out() -> None:
    assert (ask(redirect_uri=None).redirect_uri, ask(redirect_uri=None).told) == (BACK, False)
    two = Registered("cb_1", CLIENT.grants, [BACK, f"{BACK}2"], CLIENT.scopes, pkce=True)
    assert wrong(two, redirect_uri=None).error == "redirect_missing"
    assert ask(two).redirect_uri == BACK


@pytest.mark.parametrize(
    "address",
    [
        *(f"{BACK}/", f"{BACK}?x=1", f"{BACK}#x", BACK.upper(), f" {BACK}", f"{BACK}%2e", f"{BACK}/../x"),
        *("http://agency.example/back", "https://agency.example:443/back", "https://agency.example/backward"),
        *("https://agency.example.evil.example/back", "https://agency.example@evil.example/back"),
        *("//agency.example/back", "/back", "javascript:alert(1)", "data:text/html,x", "https://evil.example/back"),
    ],
)
def test_nobody_is_led_to_an_address_that_is_not_registered_sign_by_sign(address: str) -> None:
    told = wrong(redirect_uri=address, response_type="token")
    assert (told.error, told.redirect_uri) == ("redirect_unknown", None)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9999/callback", "http://localhost:8765/callback"])
def test_a_programs_own_address_is_exact_too(address: str) -> None:
    program = Registered("cb_1", CLIENT.grants, ["http://127.0.0.1:8765/callback"], CLIENT.scopes, pkce=True)
    assert wrong(program, redirect_uri=address).redirect_uri is None


def test_an_unknown_client_and_one_without_the_grant_get_a_page() -> None:
    machine = Registered("cb_1", ["client_credentials"], [], CLIENT.scopes, pkce=True)
    for client in (None, machine):
        assert (wrong(client).error, wrong(client).redirect_uri) == ("client_unknown", None)
    for sent in ({}, {"client_id": [""]}, {"client_id": ["cb_1", "cb_2"]}):
        with pytest.raises(Wrong) as caught:
            client_id_of(sent)
        assert caught.value.redirect_uri is None
    assert client_id_of({"client_id": ["cb_1"]}) == "cb_1"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        *(
            ({"response_type": each}, "unsupported_response_type")
            for each in ("token", "code token", "id_token", "CODE")
        ),
        *(({"response_mode": each}, "invalid_request") for each in ("fragment", "form_post", "x")),
        *(
            ({"scope": each}, "invalid_scope")
            for each in ("nonsense", "credits:read nonsense", "events:read", "events:write")
        ),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        *(
            ({"code_challenge": each}, "invalid_request")
            for each in ("short", "x" * 44, "=" * 43, "ก" * 43, "x" * 42 + "\n")
        ),
        ({"prompt": "none login"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        *(
            ({name: [GOOD[name], GOOD[name]]}, "invalid_request")
            for name in ("response_type", "scope", "code_challenge")
        ),
        ({"nonsense": ["1", "2"]}, "invalid_request"),
    ],
)
def test_what_is_not_in_order_is_told_to_the_client_with_its_state(changed: dict[str, str], error: str) -> None:
    told = wrong(**changed)
    assert (told.error, told.redirect_uri, told.state) == (error, BACK, "x y")
    assert told.description.isascii()
    assert not set('"\\') & set(told.description)


def test_a_state_that_is_given_twice_is_not_sent_back() -> None:
    told = wrong(state=["a", "b"])
    assert (told.error, told.state) == ("invalid_request", None)
    told = wrong(state="a\nb")  # a form of HTML would change it on the way
    assert (told.error, told.state, told.redirect_uri) == ("invalid_request", None, BACK)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_what_tells_where_to_lead_must_not_be_given_twice(name: str) -> None:
    if name == "redirect_uri":
        assert wrong(redirect_uri=[BACK, BACK]).redirect_uri is None
    else:
        assert wrong(client_id=["cb_1", "cb_1"]).error == "invalid_request"


def test_a_client_that_is_excused_may_send_no_challenge_but_none_that_is_weak() -> None:
    excused = Registered("cb_1", CLIENT.grants, [BACK], CLIENT.scopes, pkce=False)
    assert ask(excused, code_challenge=None, code_challenge_method=None).challenge is None
    assert ask(excused).challenge == challenge_of()
    assert wrong(excused, code_challenge_method="plain").error == "invalid_request"
    assert wrong(excused, code_challenge_method=None).error == "invalid_request"
    assert wrong(excused, code_challenge=None).error == "invalid_request"

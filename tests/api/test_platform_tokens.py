"""Tokens of the platform's own issuer, which is a real server here: what is taken, and everything that is not."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from creditbank_plugin.services.access import clients, platform_keys, platform_tokens
from tests.api.builders import bearer, completion, get, make_house, send
from tests.builders import ISSUER, OTHER_SCHOOL, SCHOOL, House, Place
from tests.platform_issuer import AUDIENCE, Issuer, ec, issuing, okp, rsa

MAPPED = {"grades.read": "credits:read", "lms": "events:read credits:read"}
#: Made once: a key takes a while.
KEYS = {"r1": rsa("r1"), "r2": rsa("r2"), "e1": ec("e1"), "o1": okp("o1")}


@dataclass
class World:
    """A house with a learner's credit, and its platform's issuer."""

    house: House
    issuer: Issuer
    person: str

    def ask(self, token: str, path: str = "", **query: str) -> TestResponse:
        path = path or f"learners/{self.person}/credits"
        return get(self.house, path, {"Authorization": f"Bearer {token}"}, **query)

    def told(self, token: str, path: str = "") -> tuple[int, str | None]:
        """Status and code."""
        answer = self.ask(token, path)
        return answer.status_code, answer.get_json().get("code")

    def forget(self) -> None:
        """Know nothing of the issuer's keys, as a process that starts."""
        platform_keys.keys_of.cache_clear()
        self.house.runtime.memory.kept.clear()


@pytest.fixture(scope="module")
def settled(shared_place: Place) -> Iterator[World]:
    with issuing(KEYS["r1"], KEYS["e1"], KEYS["o1"]) as issuer:
        house = make_house(
            shared_place,
            CREDITBANK_PLATFORM_ISSUER=issuer.address,
            CREDITBANK_PLATFORM_AUDIENCE=AUDIENCE,
            CREDITBANK_PLATFORM_SCOPES=MAPPED,
        )
        own = bearer(house)
        send(house, own, completion())
        person = get(house, "learners", own, issuer=ISSUER, id="s-1").get_json()["items"][0]["id"]
        yield World(house, issuer, person)


@pytest.fixture
def world(settled: World) -> World:
    settled.forget()
    settled.issuer.keys = [KEYS["r1"], KEYS["e1"], KEYS["o1"]]
    settled.issuer.said.clear()
    settled.issuer.asked.clear()
    return settled


BAD = (401, "invalid_token")
AWAY = (503, "issuer_unreachable")


@pytest.mark.parametrize("name", ["r1", "e1", "o1"])
def test_a_machine_of_the_platform_reads_its_schools_learners(world: World, name: str) -> None:
    answer = world.ask(world.issuer.token(KEYS[name]))
    assert answer.status_code == 200, answer.text
    assert len(answer.get_json()["items"]) == 1
    assert world.ask(world.issuer.token(KEYS[name], organisation=OTHER_SCHOOL)).status_code == 404
    assert world.told(world.issuer.token(KEYS[name]), "me") == (403, "learners_only")


def test_a_learner_of_the_platform_reads_themselves(world: World) -> None:
    token = world.issuer.token(sub="s-1", organisation=None, scope="grades.read lms")
    me = world.ask(token, "me").get_json()
    assert (me["learner_id"], me["scopes"], me["until"]) == (world.person, ["credits:read"], None)
    assert world.ask(token, "me/credits").get_json() == world.ask(token).get_json()
    assert world.told(token, "events") == (403, "organisations_only")
    assert world.told(world.issuer.token(sub="s-2", scope="lms"), "me") == (403, "learner_unknown")


def test_scopes_are_those_of_the_mapping(world: World) -> None:
    assert world.told(world.issuer.token(scope="grades.read"), "events") == (403, "insufficient_scope")
    assert world.ask(world.issuer.token(scope="lms"), "events").status_code == 200
    for scope in ("credits:read", "", "grades", ["grades.read"], None, 1):
        assert world.told(world.issuer.token(scope=scope)) == (403, "insufficient_scope")


def test_only_a_client_that_is_its_own_subject_acts_for_its_organisation(world: World) -> None:
    """A person without the learner's claim must not become a machine."""
    for changed in ({"sub": "teacher"}, {"sub": "lms-2"}):
        assert world.told(world.issuer.token(**changed)) == (403, "learner_unknown")


@pytest.mark.parametrize("code", [None, "no-such", 7, "", "a\u0000b", ["9951000001"]])
def test_a_machine_needs_an_organisation_of_ours(world: World, code: Any) -> None:
    assert world.told(world.issuer.token(organisation=code)) == (403, "organisation_unknown")


def test_the_platforms_client_is_seen_and_can_be_stopped(world: World) -> None:
    token = world.issuer.token(client_id="lms-9", sub="lms-9")
    assert world.ask(token).status_code == 200
    (client_id,) = [each for each in world.house.runtime.uses.noted if each.startswith("p_")][-1:]
    assert clients.authenticate(world.house.runtime, client_id, "") is None
    clients.revoke(world.house.runtime, client_id)
    assert world.told(token) == BAD
    assert world.told(world.issuer.token(client_id="lms-9", sub="lms-9", jti="another")) == BAD


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": None},
        {"aud": []},
        {"aud": {AUDIENCE: 1}},
        {"aud": f"{AUDIENCE}/"},
        {"exp": None},
        {"exp": 1},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 1e30},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
        {"nbf": "x"},
        {"client_id": None},
        {"client_id": 7},
        {"client_id": "a\u0000"},
        {"sub": None},
        {"sub": ["lms-1"]},
    ],
)
def test_a_token_that_says_another_thing_is_refused(world: World, changed: dict[str, Any]) -> None:
    assert world.told(world.issuer.token(**changed)) == BAD


def test_an_audience_may_be_one_of_several(world: World) -> None:
    assert world.ask(world.issuer.token(aud=["https://other.example", AUDIENCE])).status_code == 200


@pytest.mark.parametrize(
    "header",
    [{"typ": "JWT"}, {"typ": None}, {"typ": "logout+jwt"}, {"kid": "no-such"}, {"kid": "e1"}],
)
def test_a_header_that_says_another_thing_is_refused(world: World, header: dict[str, Any]) -> None:
    assert world.told(world.issuer.token(KEYS["r1"], header)) == BAD


def test_a_token_may_leave_out_which_key_signed_it(world: World) -> None:
    assert world.ask(world.issuer.token(KEYS["e1"], {"kid": None, "typ": "application/at+JWT"})).status_code == 200


def packed(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_nothing_is_believed_unsigned(world: World) -> None:
    """``none`` in every spelling, no signature, another's key under a known name, and a key that the header brings along."""
    claims = packed(world.issuer.claims())
    for alg in ("none", "None", "NONE", "", None, ["RS256"], "RS256", "HS256", "PS256", "RS512", "ES256"):
        assert world.told(f"{packed({'alg': alg, 'typ': 'at+jwt', 'kid': 'r1'})}.{claims}.") == BAD
    thief = rsa("r1")
    public = thief.as_dict(private=False)
    for more in ({}, {"jwk": public}, {"jku": f"{world.issuer.address}/thief"}, {"x5u": "http://127.0.0.1:1/"}):
        assert world.told(world.issuer.token(thief, more)) == BAD
    assert "/thief" not in world.issuer.asked
    head, _, signature = world.issuer.token().split(".")
    assert world.told(f"{head}.{packed(world.issuer.claims(organisation=OTHER_SCHOOL))}.{signature}") == BAD


@pytest.mark.parametrize("form", ["pem", "der", "jwk", "n"])
def test_a_public_key_is_no_password(world: World, form: str) -> None:
    """HS256 with what everybody may know of the public key (RFC 8725 section 2.1)."""
    import hashlib
    import hmac

    key = KEYS["r1"]
    shown = key.as_dict(private=False)
    secret = {
        "pem": key.as_pem(private=False),
        "der": key.as_der(private=False),
        "jwk": json.dumps(shown).encode(),
        "n": str(shown["n"]).encode(),
    }[form]
    for header in ({"alg": "HS256", "typ": "at+jwt", "kid": "r1"}, {"alg": "HS256", "typ": "at+jwt"}):
        signed = f"{packed(header)}.{packed(world.issuer.claims())}"
        mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        assert world.told(f"{signed}.{packed(mac)}") == BAD


@pytest.mark.parametrize(
    "token", ["..", "a.b.c", "e30.e30.", "e30.e30.e30", "W10.W10.W10", f"{packed(b'[' * 3000)}.e30.x"]
)
def test_what_is_no_token_asks_nobody(world: World, token: str) -> None:
    assert world.told(token) == BAD
    assert world.issuer.asked == []


def test_another_issuers_token_asks_nobody(world: World) -> None:
    assert world.told(world.issuer.token(iss="https://other.example")) == BAD
    assert world.issuer.asked == []


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let seconds pass for the keys that are kept."""
    passed = [0.0]
    real = time.monotonic
    monkeypatch.setattr(platform_keys.time, "monotonic", lambda: real() + passed[0])

    def let_pass(seconds: float) -> None:
        passed[0] += seconds

    return let_pass


def test_keys_are_fetched_once(world: World) -> None:
    for number in range(4):
        assert world.ask(world.issuer.token(jti=f"x{number}")).status_code == 200
    assert world.issuer.asked == ["/.well-known/oauth-authorization-server", "/jwks"]


def test_a_new_key_is_fetched_at_most_once_a_minute(world: World, later: Any) -> None:
    assert world.ask(world.issuer.token(KEYS["r1"])).status_code == 200
    world.issuer.keys.append(KEYS["r2"])
    assert world.told(world.issuer.token(KEYS["r2"])) == BAD, "the keys were fetched a moment ago"
    asked = len(world.issuer.asked)
    later(61)
    assert world.ask(world.issuer.token(KEYS["r2"])).status_code == 200
    for number in range(5):
        assert world.told(world.issuer.token(rsa_thief(), jti=f"x{number}")) == BAD
    assert len(world.issuer.asked) == asked + 2


def rsa_thief() -> Any:
    return THIEF


THIEF = rsa("unknown")


def test_a_key_that_vanishes_is_refused_within_minutes(world: World, later: Any) -> None:
    token = world.issuer.token(KEYS["r1"], exp=int(time.time()) + 3600)
    assert world.ask(token).status_code == 200
    world.issuer.keys = [KEYS["e1"]]
    world.house.runtime.memory.kept.clear()
    later(platform_keys.KEPT + 1)
    assert world.told(token) == BAD
    world.issuer.keys = []
    later(platform_keys.KEPT + 1)
    assert world.told(world.issuer.token(KEYS["e1"])) == BAD


def test_an_issuer_out_of_reach_never_means_yes(world: World, later: Any) -> None:
    token = world.issuer.token(exp=int(time.time()) + 3600)
    assert world.ask(token).status_code == 200
    world.issuer.said["/jwks"] = (500, {}, b"")
    world.house.runtime.memory.kept.clear()
    later(platform_keys.KEPT + 1)
    answer = world.ask(token)
    assert (answer.status_code, answer.get_json()["code"]) == AWAY
    assert int(answer.headers["Retry-After"]) > 0
    asked = len(world.issuer.asked)
    assert world.told(token) == AWAY
    assert len(world.issuer.asked) == asked, "it is left in peace for a while"
    world.issuer.said.clear()
    later(platform_keys.PAUSE + 1)
    assert world.ask(token).status_code == 200


HTML = b"<!doctype html><title>Welcome</title>"
LIES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "html": (200, {"Content-Type": "text/html"}, HTML),
    "empty": (200, {}, b""),
    "list": (200, {}, b"[]"),
    "no keys": (200, {}, b'{"keys": 1}'),
    "many keys": (200, {}, json.dumps({"keys": [{}] * 51}).encode()),
    "huge": (200, {}, b'{"keys": [' + b" " * 200_000 + b"]}"),
    "deep": (200, {}, b"[" * 90_000),
    "gone": (404, {}, b""),
    "redirect": (302, {"Location": "/elsewhere"}, b""),
    "packed": (200, {"Content-Encoding": "gzip"}, b"{}"),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_issuer_that_lies_is_out_of_reach(world: World, lie: str) -> None:
    world.issuer.said["/jwks"] = LIES[lie]
    assert world.told(world.issuer.token()) == AWAY
    assert "/elsewhere" not in world.issuer.asked


SHOWN = KEYS["r1"].as_dict(private=False)


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "kid": "r1", "k": packed(b"secret" * 8)},
        {"kty": "EC", "kid": "r1", "crv": "P-256", "x": "AA", "y": "AA"},
        {**SHOWN, "kty": "EC"},
        {**SHOWN, "use": "enc"},
        {**SHOWN, "alg": "HS256"},
        {**SHOWN, "alg": "none"},
        {**SHOWN, "n": packed(b"\x81" * 64)},
        {**KEYS["r1"].as_dict(private=True)},
        "r1",
        None,
    ],
)
def test_keys_that_are_none_are_left_out(world: World, jwk: Any) -> None:
    world.issuer.said["/jwks"] = (200, {}, json.dumps({"keys": [jwk]}).encode())
    assert world.told(world.issuer.token(KEYS["r1"])) == BAD


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"jwks_uri": "http://169.254.169.254/jwks"},
        {"jwks_uri": "http://localhost/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": 7},
        {"jwks_uri": None},
    ],
)
def test_metadata_that_lie_are_not_believed(world: World, changed: dict[str, Any]) -> None:
    told = json.dumps({**world.issuer.metadata, **changed}).encode()
    world.issuer.said["/.well-known/oauth-authorization-server"] = (200, {}, told)
    assert world.told(world.issuer.token()) == AWAY
    assert world.issuer.asked == ["/.well-known/oauth-authorization-server"]


def test_openid_metadata_do_as_well(world: World) -> None:
    world.issuer.said["/.well-known/oauth-authorization-server"] = (404, {}, b"")
    world.issuer.said["/.well-known/openid-configuration"] = (200, {}, json.dumps(world.issuer.metadata).encode())
    assert world.ask(world.issuer.token()).status_code == 200


def test_a_port_where_nobody_listens_is_out_of_reach(world: World) -> None:
    keys = platform_keys.Keys("http://127.0.0.1:1", None)
    with pytest.raises(Exception, match="cannot be verified"):
        keys.named(None)


def test_one_who_sends_a_byte_a_second_is_out_of_reach(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_keys, "WHOLE", 0.0)
    assert world.told(world.issuer.token()) == AWAY


def test_without_an_issuer_nobody_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    none = replace(world.house.runtime.settings, platform_issuer=None)
    monkeypatch.setattr(world.house.runtime, "settings", none)
    assert platform_tokens.prove(world.house.runtime, world.issuer.token()) is None
    assert world.told(world.issuer.token()) == BAD
    assert world.issuer.asked == []


def test_nothing_of_a_token_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    world.issuer.said["/jwks"] = LIES["html"]
    token = world.issuer.token()
    assert world.told(token) == AWAY
    assert "cannot be fetched" in caplog.text
    for part in (*token.split("."), "Welcome"):
        assert part not in caplog.text


def test_the_schools_organisation_is_the_learners_unless_it_is_said(world: World) -> None:
    assert world.house.runtime.settings.school == SCHOOL
    assert world.ask(world.issuer.token(sub="s-1", organisation=OTHER_SCHOOL), "me").status_code == 200
    assert world.told(world.issuer.token(sub="s-1", organisation="no-such"), "me") == (403, "organisation_unknown")

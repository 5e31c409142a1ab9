"""A client proves itself with a signature of its own key (RFC 7523): what is taken, and every way to lie."""

import json
import threading
import time
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from werkzeug.test import TestResponse

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.access.clients import NewClient, Wish, create
from tests.api.builders import let_pass
from tests.builders import SCHOOL, House
from tests.oauth_world import SITE

TOKEN = f"{SITE}/oauth/token"
KEYS: dict[str, Key] = {
    "RS256": RSAKey.generate_key(2048),
    "ES256": ECKey.generate_key("P-256"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
    "Ed25519": OKPKey.generate_key("Ed25519"),
}
KEY = KEYS["ES256"]
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SecurityWarning)
    WEAK = RSAKey.generate_key(1024)
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def public(*keys: Key, **more: str) -> dict[str, Any]:
    return {"keys": [{**key.as_dict(private=False), **more} for key in keys]}


def make(house: House, jwks: dict[str, Any] | None = None) -> NewClient:
    wish = Wish(
        name="ระบบทดลอง",
        organisation=SCHOOL,
        scopes=["credits:read"],
        proof="private_key_jwt",
        jwks=jwks or public(KEY),
    )
    return create(house.runtime, wish)


def sign(
    client: NewClient, key: Key = KEY, alg: str = "ES256", header: dict[str, Any] | None = None, **changed: Any
) -> str:
    """An assertion that is in order, but for what is changed; None leaves a claim out."""
    now = int(time.time())
    claims = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": SITE,
        "exp": now + 60,
        "iat": now,
        "jti": str(uuid4()),
        **changed,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": alg, **(header or {})}, said, key, algorithms=[alg])


def ask(house: House, assertion: str, **form: Any) -> TestResponse:
    sent = {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": assertion,
        **form,
    }
    return house.app.test_client().post(
        "/creditbank/oauth/token", data={k: v for k, v in sent.items() if v is not None}
    )


def refusal(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


CLIENT = (401, "invalid_client")


@pytest.mark.parametrize("alg", list(KEYS))
def test_each_kind_of_key_signs(agencies: House, alg: str) -> None:
    client = make(agencies, public(KEYS[alg]))
    for audience in (SITE, TOKEN, [SITE], [SITE, TOKEN]):
        answer = ask(agencies, sign(client, KEYS[alg], alg, aud=audience))
        assert answer.status_code == 200, answer.get_json()
    assert ask(agencies, sign(client, KEYS[alg], alg), client_id=client.client_id).status_code == 200


def test_one_of_several_keys_is_named_or_found(agencies: House) -> None:
    first, second = (ECKey.generate_key("P-256") for _ in range(2))
    jwks = {"keys": [{**first.as_dict(private=False), "kid": "a"}, {**second.as_dict(private=False), "kid": "b"}]}
    client = make(agencies, jwks)
    assert ask(agencies, sign(client, second)).status_code == 200
    assert ask(agencies, sign(client, second, header={"kid": "b"})).status_code == 200
    assert refusal(ask(agencies, sign(client, second, header={"kid": "a"}))) == CLIENT
    assert refusal(ask(agencies, sign(client, second, header={"kid": "c"}))) == CLIENT


def test_an_assertion_is_good_once(agencies: House) -> None:
    client, other = make(agencies), make(agencies)
    assertion = sign(client, jti="one")
    assert ask(agencies, assertion).status_code == 200
    assert refusal(ask(agencies, assertion)) == CLIENT
    assert refusal(ask(agencies, sign(client, jti="one"))) == CLIENT
    assert ask(agencies, sign(other, jti="one")).status_code == 200


def test_of_many_who_bring_one_assertion_at_once_one_is_let_in(agencies: House) -> None:
    client = make(agencies)
    assertion, together, answers = sign(client), threading.Barrier(4), []

    def bring() -> None:
        together.wait()
        answers.append(ask(agencies, assertion).status_code)

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 401, 401, 401]


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": None},
        {"aud": "https://other.example"},
        {"aud": "http://localhost"},
        {"aud": f"{SITE}/oauth/revoke"},
        {"aud": []},
        {"aud": [7]},
        {"aud": [SITE, "https://other.example"]},
        {"exp": None},
        {"exp": timedelta(minutes=-2)},
        {"exp": timedelta(days=1)},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": 253402300799},
        {"iat": timedelta(minutes=10)},
        {"nbf": timedelta(minutes=10)},
        {"nbf": "now"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 300},
        {"iss": None},
        {"sub": None},
        {"iss": "cb_nobody", "sub": "cb_nobody"},
        {"sub": "cb_other"},
        {"iss": 7, "sub": 7},
    ],
)
def test_an_assertion_that_is_not_in_order_proves_nothing(agencies: House, changed: dict[str, Any]) -> None:
    """Times are said from now on: the tests are collected long before this one is run."""
    said = {
        name: int(time.time() + value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in changed.items()
    }
    assert refusal(ask(agencies, sign(make(agencies), **said))) == CLIENT


def test_an_id_that_is_no_text_is_refused_and_breaks_nothing(agencies: House) -> None:
    client = make(agencies)
    claims = {**json.loads(jws.extract_compact(sign(client).encode()).payload), "jti": "\ud800"}
    assertion = jws.serialize_compact({"alg": "ES256"}, json.dumps(claims).encode(), KEY)
    assert refusal(ask(agencies, assertion)) == CLIENT


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1.other.example"])
def test_what_was_signed_for_another_server_proves_nothing_under_its_name(agencies: House, host: str) -> None:
    """Without a public address our issuer is what the caller writes as Host: one who got an assertion writes theirs."""
    made = agencies.app.test_client().post(
        "/creditbank/oauth/token",
        base_url=f"https://{host}",
        data={
            "grant_type": "client_credentials",
            "client_assertion_type": TYPE,
            "client_assertion": sign(make(agencies), aud=f"https://{host}/creditbank"),
        },
    )
    assert refusal(made) == CLIENT


def test_under_its_public_address_it_is_reached_by_any_name(agencies: House, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(agencies.runtime.settings, public_url="https://bank.example")
    monkeypatch.setattr(agencies.runtime, "settings", settings)
    client = make(agencies)
    assert ask(agencies, sign(client, aud="https://bank.example/creditbank")).status_code == 200
    assert refusal(ask(agencies, sign(client))) == CLIENT


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(client: NewClient) -> str:
    payload = sign(client).split(".")[1]
    return f"{part({'alg': 'none'})}.{payload}."


def with_the_public_key_as_secret(client: NewClient) -> str:
    """Key confusion: HMAC by the text of the public key, which everybody has."""
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    return sign(client, secret, "HS256")


def with_a_key_in_the_header(client: NewClient) -> str:
    own = ECKey.generate_key("P-256")
    payload = json.loads(jws.extract_compact(sign(client).encode()).payload)
    return jwt.encode({"alg": "ES256", "jwk": own.as_dict(private=False)}, payload, own)


def with_a_critical_extension(client: NewClient) -> str:
    payload, signature = sign(client).split(".")[1:]
    return f"{part({'alg': 'ES256', 'crit': ['x'], 'x': 1})}.{payload}.{signature}"


def with_another_clients_key(client: NewClient) -> str:
    return sign(client, ECKey.generate_key("P-256"))


def changed_afterwards(client: NewClient) -> str:
    header, payload, signature = sign(client).split(".")
    return f"{header}.{payload[:-4]}AAAA.{signature}"


@pytest.mark.parametrize(
    "forge",
    [
        *(unsigned, with_the_public_key_as_secret, with_a_key_in_the_header, with_a_critical_extension),
        *(with_another_clients_key, changed_afterwards),
        lambda client: sign(client, KEYS["RS256"], "RS256"),
        lambda client: sign(client, KEYS["RS256"], "PS256"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_whoever_has_not_the_key_is_not_the_client(agencies: House, forge: Callable[[NewClient], str]) -> None:
    assert refusal(ask(agencies, forge(make(agencies)))) == CLIENT


@pytest.mark.parametrize(
    "assertion", ["", ".", "..", "x", "ก.ก.ก", "e30.e30.", "W10.W10.", f"{part(1)}.{part(2)}.x", "x" * 9000, "[" * 3000]
)
def test_what_is_no_assertion_proves_nothing(agencies: House, assertion: str) -> None:
    answer = ask(agencies, assertion)
    assert answer.status_code in (400, 401)
    assert answer.get_json()["error"] in ("invalid_client", "invalid_request")


def test_type_and_client_must_fit_beside_it(agencies: House) -> None:
    client, other = make(agencies), make(agencies)
    for beside in (
        {"client_assertion_type": None},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        {"client_id": other.client_id},
        {"client_id": "cb_nobody"},
    ):
        assert refusal(ask(agencies, sign(client), **beside)) == CLIENT
    assert refusal(ask(agencies, sign(client), client_secret="x")) == (400, "invalid_request")


def test_a_client_with_a_key_has_no_secret_and_one_with_a_secret_no_key(agencies: House) -> None:
    client = make(agencies)
    assert client.client_secret is None
    form = {"grant_type": "client_credentials", "client_id": client.client_id}
    post = agencies.app.test_client().post
    assert refusal(post("/creditbank/oauth/token", data={**form, "client_secret": "x"})) == CLIENT
    assert refusal(post("/creditbank/oauth/token", data=form)) == CLIENT


def test_an_assertion_of_a_future_that_came_is_taken_and_an_old_one_not(agencies: House) -> None:
    client = make(agencies)
    assertion = sign(client, exp=int(time.time()) + 300)
    let_pass(agencies, seconds=361)
    assert refusal(ask(agencies, assertion)) == CLIENT


@pytest.mark.parametrize(
    "jwks",
    [
        {"keys": []},
        {"keys": "x"},
        {"keys": [7]},
        {"keys": [KEY.as_dict(private=True)]},
        {
            "keys": [
                {
                    "kty": "oct",
                    "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
                }
            ]
        },
        public(WEAK),
        public(ECKey.generate_key("P-384")),
        public(OKPKey.generate_key("X25519")),
        public(KEY, use="enc"),
        public(KEY, alg="HS256"),
        public(KEYS["RS256"], alg="none"),
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]},
        {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]},
        public(*[KEY] * 11),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_only_public_keys_that_are_strong_are_registered(agencies: House, jwks: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        make(agencies, jwks)
    assert (caught.value.code, caught.value.field) == ("client_invalid", "jwks")


def test_no_assertion_is_written_into_the_log(agencies: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    assertion = sign(make(agencies))
    ask(agencies, assertion)
    ask(agencies, assertion)
    assert assertion not in caplog.text

"""requests-oauthlib and Authlib's client against the demo: what works, and everything that must go wrong."""

from collections.abc import Callable
from dataclasses import replace
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey

from tests.foreign.python_clients import Asked, Authlib, Foreign, Json, Oauthlib, Refused
from tests.foreign.scene import Scene
from tests.oauth_world import LOOPBACK

Maker = Callable[[str], Foreign]


@pytest.fixture(autouse=True)
def without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both refuse plain http unless they are told that it is a test."""
    for library in ("OAUTHLIB", "AUTHLIB"):
        monkeypatch.setenv(f"{library}_INSECURE_TRANSPORT", "1")


@pytest.fixture(params=[Oauthlib, Authlib])
def make(request: pytest.FixtureRequest, scene: Scene) -> Maker:
    """Make a client of the demo, by its name."""
    return lambda name: request.param(scene.oauth, scene.client(name))  # type: ignore[no-any-return]


def agreed(scene: Scene, client: Foreign, **more: str) -> tuple[Asked, str]:
    asked = client.begin(prompt="consent", **more)
    came = scene.decide(asked.url)
    assert came is not None
    return asked, came


def tokens(scene: Scene, client: Foreign) -> Json:
    return client.finish(*agreed(scene, client))


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(Refused) as told:
        work()
    return str(told.value)


def status(scene: Scene, token: str, path: str = "/me") -> int:
    bearer = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{scene.server}/creditbank/api/v1{path}", headers=bearer, timeout=20).status_code


def test_a_machine_gets_a_token_asks_about_it_and_gives_it_back(scene: Scene, make: Maker) -> None:
    school = make("reader")
    given = school.machine("credits:read")
    assert (given["scope"], given["expires_in"]) == ("credits:read", 3600)
    assert status(scene, given["access_token"], "/changes") == 200
    assert school.introspect(given["access_token"])["active"] is True
    assert make("other_school").introspect(given["access_token"]) == {"active": False}
    school.revoke(given["access_token"])
    school.revoke("unknown")
    assert school.introspect(given["access_token"]) == {"active": False}
    assert status(scene, given["access_token"], "/changes") == 401


def test_authlib_proves_itself_with_a_key(scene: Scene) -> None:
    """requests-oauthlib has no proof of this kind."""
    key = ECKey.import_key(scene.keyed["jwk"])
    about = {"client_id": scene.keyed["client_id"], "token_endpoint_auth_method": "private_key_jwt"}
    for signs, expected in ((key, "credits:read"), (ECKey.generate_key("P-256"), "invalid_client")):
        session = OAuth2Session(**about, client_secret=signs)
        session.register_client_auth_method(
            PrivateKeyJWT(f"{scene.oauth}/token", {"exp": int(time()) + 60}, alg="ES256")
        )
        try:
            given = session.fetch_token(f"{scene.oauth}/token", grant_type="client_credentials")["scope"]
        except OAuthError as error:
            given = error.error
        assert given == expected


def test_a_program_reads_what_a_learner_shares(scene: Scene, make: Maker) -> None:
    given = tokens(scene, make("public"))
    assert "refresh_token" not in given
    assert status(scene, given["access_token"], "/me/credits") == 200


def test_a_partner_reads_and_renews(scene: Scene, make: Maker) -> None:
    partner = make("partner")
    first = tokens(scene, partner)
    second = partner.refresh(first["refresh_token"])
    third = partner.refresh(second["refresh_token"])
    assert len({each[name] for each in (first, second, third) for name in ("access_token", "refresh_token")}) == 6
    assert status(scene, third["access_token"]) == 200


def test_a_reused_refresh_token_ends_the_family(scene: Scene, make: Maker) -> None:
    partner = make("partner")
    first = tokens(scene, partner)
    second = partner.refresh(first["refresh_token"])
    assert refused(lambda: partner.refresh(first["refresh_token"])) == "invalid_grant"
    assert refused(lambda: partner.refresh(second["refresh_token"])) == "invalid_grant"
    assert partner.introspect(second["access_token"]) == {"active": False}
    assert status(scene, second["access_token"]) == 401


def test_a_revoked_refresh_token_takes_its_access_token_with_it(scene: Scene, make: Maker) -> None:
    partner = make("partner")
    given = tokens(scene, partner)
    partner.revoke(given["refresh_token"])
    assert refused(lambda: partner.refresh(given["refresh_token"])) == "invalid_grant"
    assert status(scene, given["access_token"]) == 401


def test_a_replayed_code_ends_the_family(scene: Scene, make: Maker) -> None:
    partner = make("partner")
    asked, came = agreed(scene, partner)
    given = partner.finish(asked, came)
    assert refused(lambda: partner.finish(asked, came)) == "invalid_grant"
    assert partner.introspect(given["access_token"]) == {"active": False}
    assert refused(lambda: partner.refresh(given["refresh_token"])) == "invalid_grant"


def test_a_wrong_verifier_and_a_wrong_redirect_uri(scene: Scene, make: Maker) -> None:
    partner = make("partner")
    asked, came = agreed(scene, partner)
    assert refused(lambda: partner.finish(replace(asked, verifier="x" * 43), came)) == "invalid_grant"
    asked, came = agreed(scene, partner)
    assert refused(lambda: partner.finish(asked, came, back=f"{LOOPBACK}/other")) == "invalid_grant"
    assert scene.decide(partner.begin(redirect_uri=f"{LOOPBACK}/other").url) is None


def test_an_answer_with_another_state_is_not_used(scene: Scene, make: Maker) -> None:
    partner = make("partner")
    asked, came = agreed(scene, partner)
    assert refused(lambda: partner.finish(asked, bent(came, state="another"))) == "mismatching_state"


def test_a_stolen_code_and_a_wrong_secret(scene: Scene, make: Maker) -> None:
    partner, program = make("partner"), make("public")
    asked, came = agreed(scene, partner)
    assert refused(lambda: program.finish(asked, came)) == "invalid_grant"
    known = {**scene.client("partner"), "client_secret": "wrong"}
    imposter = type(partner)(scene.oauth, known)  # type: ignore[call-arg]
    assert refused(lambda: imposter.finish(asked, came)) == "invalid_client"
    assert partner.finish(asked, came)["scope"] == "credits:read"


def test_what_a_client_may_not_ask_for(scene: Scene, make: Maker) -> None:
    partner, school = make("partner"), make("reader")
    assert refused(lambda: partner.machine()) == "unauthorized_client"
    assert refused(lambda: school.refresh("any")) == "unauthorized_client"
    assert refused(lambda: school.machine("everything")) == "invalid_scope"
    asked, came = agreed(scene, partner, scope="everything")
    assert refused(lambda: partner.finish(asked, came)) == "invalid_scope"


def test_a_no_of_the_learner(scene: Scene, make: Maker) -> None:
    partner = make("partner")
    asked = partner.begin(prompt="consent")
    came = scene.decide(asked.url, "refuse")
    assert came is not None
    assert refused(lambda: partner.finish(asked, came)) == "access_denied"


def test_a_code_of_yesterday(scene: Scene, make: Maker) -> None:
    partner = make("partner")
    asked, came = agreed(scene, partner)
    scene.age_codes()
    assert refused(lambda: partner.finish(asked, came)) == "invalid_grant"


def test_no_pkce_from_a_program(scene: Scene, make: Maker) -> None:
    program = make("public")
    asked = program.begin()
    query = {name: value for name, value in parse_qsl(urlsplit(asked.url).query) if "challenge" not in name}
    came = scene.decide(urlunsplit(urlsplit(asked.url)._replace(query=urlencode(query))))
    assert came is not None
    assert refused(lambda: program.finish(asked, came)) == "invalid_request"


def bent(address: str, **changed: Any) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **changed})))

"""A learner with credits, and clients of other agencies who ask to read them."""

import html
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from creditbank_hooks import HostUser, LearnerIdentity
from creditbank_plugin.rules.client import AUTHORIZATION_CODE, REFRESH_TOKEN
from creditbank_plugin.services import accounts
from creditbank_plugin.services.access import authorising, clients
from creditbank_plugin.services.access.clients import NewClient, Wish
from creditbank_plugin.storage.base import Stored
from tests.builders import ISSUER, OTHER_SCHOOL, House, completed

BACK = "https://agency.example/back"
LOOPBACK = "http://127.0.0.1:8765/callback"
VERIFIER = "a-verifier-of-the-tests-which-is-long-enough-43"


def challenge_of(verifier: str = VERIFIER) -> str:
    """The S256 challenge of a verifier."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def new_verifier() -> str:
    return secrets.token_urlsafe(32)


def let_learn(house: House, who: int = 1) -> str:
    """Let a learner finish the furnished course; return their public id."""
    house.bank.hear(completed(who))
    found = accounts.person_of(house.runtime, LearnerIdentity(issuer=ISSUER, id=f"s-{who}"))
    assert found is not None
    return found.id


def make_partner(house: House, **more: Any) -> NewClient:
    """A confidential client of another school that learners may let in."""
    wish: dict[str, Any] = {
        "name": "ระบบรับสมัครทดลอง",
        "organisation": OTHER_SCHOOL,
        "scopes": ["credits:read"],
        "grants": [AUTHORIZATION_CODE, REFRESH_TOKEN],
        "redirect_uris": [BACK],
        "purpose": ("ใช้ประกอบการรับสมัคร", "To process an application"),
    }
    return clients.create(house.runtime, Wish(**{**wish, **more}))


def make_public(house: House, **more: Any) -> NewClient:
    """A program on the learner's own machine."""
    wish = {"kind": "public", "proof": "none", "grants": [AUTHORIZATION_CODE], "redirect_uris": [LOOPBACK]}
    return make_partner(house, **{**wish, **more})


OAUTH = "/creditbank/oauth"
SITE = "http://localhost/creditbank"


def answer_of(response: TestResponse, back: str = BACK) -> dict[str, str]:
    """What a client is told when the browser is led back to it; each parameter once."""
    assert response.status_code in (302, 303), response.text
    assert response.location.partition("?")[0] == back, response.location
    told = parse_qs(urlsplit(response.location).query)
    assert all(len(values) == 1 for values in told.values())
    return {name: values[0] for name, values in told.items()}


@dataclass
class Agency:
    """A client of another agency in a learner's browser and at our endpoints."""

    house: House
    learner: str
    client: NewClient
    back: str = BACK

    def log_in(self) -> FlaskClient:
        """The browser of the learner, who is logged in at the host."""
        who = LearnerIdentity(issuer=ISSUER, id=self.learner)
        self.house.user.now = HostUser(id=f"u-{self.learner}", learner=who, display_name="นักเรียนทดลอง")
        return self.house.app.test_client()

    def request(self, **changed: Any) -> dict[str, Any]:
        """The parameters of an authorization request; None leaves one out."""
        sent = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.back,
            "scope": "credits:read",
            "state": "st-1",
            "code_challenge": challenge_of(),
            "code_challenge_method": "S256",
            **changed,
        }
        return {name: value for name, value in sent.items() if value is not None}

    def decide(self, browser: FlaskClient, decision: str = "agree", **changed: Any) -> TestResponse:
        """Open the page and press a button."""
        shown = browser.get(f"{OAUTH}/authorize", query_string=self.request(**changed))
        assert shown.status_code == 200, shown.text
        return browser.post(f"{OAUTH}/authorize", data={**hidden(shown.text), "decision": decision})

    def code(self, **changed: Any) -> str:
        """A code to which the learner agreed."""
        return answer_of(self.decide(self.log_in(), **{"prompt": "consent", **changed}), self.back)["code"]

    def call(self, endpoint: str, **form: Any) -> TestResponse:
        """Call an endpoint as the client would, with its secret in the form where it has one; None leaves a field out."""
        proof = {"client_id": self.client.client_id, "client_secret": self.client.client_secret}
        sent = {name: value for name, value in {**proof, **form}.items() if value is not None}
        return self.house.app.test_client().post(f"{OAUTH}/{endpoint}", data=sent)

    def exchange(self, code: Any, **form: Any) -> TestResponse:
        """Bring a code."""
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.back, "code_verifier": VERIFIER}
        return self.call("token", **{**sent, **form})

    def tokens(self) -> dict[str, Any]:
        """The tokens of a new authorisation."""
        found: dict[str, Any] = self.exchange(self.code()).get_json()
        return found

    def refresh(self, token: Any, **form: Any) -> TestResponse:
        return self.call("token", grant_type="refresh_token", refresh_token=token, **form)

    def is_active(self, token: str) -> bool:
        """Whether introspection says that a token is good."""
        return bool(self.call("introspect", token=token).get_json()["active"])


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def settle_in(house: House, client: NewClient, back: str = BACK) -> Agency:
    """A learner of their own with credits, whom a client asks."""
    number = next(_learners)
    let_learn(house, number)
    return Agency(house, f"s-{number}", client, back)


@dataclass(frozen=True)
class Standing:
    """A learner and a client, as the services know them."""

    house: House
    person_id: str
    client: NewClient
    learner: int = 0

    @property
    def row(self) -> Stored:
        found = clients.known(self.house.runtime, self.client.client_id)
        assert found is not None
        return found

    def request(self, **more: str) -> authorising.Request:
        """What the client asks for, understood; an empty text leaves a parameter out."""
        sent = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": BACK,
            "code_challenge": challenge_of(),
            "code_challenge_method": "S256",
            **more,
        }
        return authorising.understand(self.house.runtime, {name: [value] for name, value in sent.items() if value})

    def code(self, *, agreed: bool = True, **more: str) -> str:
        """A code, after the learner agreed."""
        made = authorising.grant(self.house.runtime, self.request(**more).asked, self.person_id, agreed=agreed)
        assert made is not None
        return made


_learners = count(1001)


def stand(house: House, **client: Any) -> Standing:
    """A learner of their own who finished a course, and a partner of their own: a house has room for many."""
    number = next(_learners)
    return Standing(house, let_learn(house, number), make_partner(house, **client), number)

"""A learner with credits, and clients of other agencies who ask to read them."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Any

from creditbank_hooks import LearnerIdentity
from creditbank_plugin.rules.client import AUTHORIZATION_CODE, REFRESH_TOKEN
from creditbank_plugin.services import accounts, authorising, clients
from creditbank_plugin.services.clients import NewClient, Wish
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


@dataclass(frozen=True)
class Standing:
    """A learner and a client, as the services know them."""

    house: House
    person_id: str
    client: NewClient

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
    return Standing(house, let_learn(house, next(_learners)), make_partner(house, **client))

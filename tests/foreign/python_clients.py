"""Two OAuth clients of Python that are not ours, each behind the same few calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from oauthlib.oauth2.rfc6749.errors import MismatchingStateError
from requests_oauthlib import OAuth2Session

from tests.oauth_world import LOOPBACK, new_verifier

Json = dict[str, Any]


class Refused(Exception):  # noqa: N818
    """What the library raised, by the error of the server or its own."""


@dataclass
class Asked:
    url: str
    state: str
    verifier: str


class Foreign(Protocol):
    """One client of the demo, as a library plays it."""

    def machine(self, scope: str | None = None) -> Json: ...
    def begin(self, **more: str) -> Asked: ...
    def finish(self, asked: Asked, came: str, back: str = LOOPBACK) -> Json: ...
    def refresh(self, token: str) -> Json: ...
    def introspect(self, token: str) -> Json: ...
    def revoke(self, token: str) -> None: ...


class Oauthlib:
    """requests-oauthlib; it has no call for introspection, and does not look at ``iss``."""

    def __init__(self, oauth: str, known: Mapping[str, Any]) -> None:
        self.oauth, self.client_id, self.secret = oauth, known["client_id"], known.get("client_secret")
        self.auth = requests.auth.HTTPBasicAuth(self.client_id, self.secret) if self.secret else None
        #: A public client says who it is in the form.
        self.proof: Json = {"auth": self.auth} if self.auth else {"include_client_id": True}

    def machine(self, scope: str | None = None) -> Json:
        session = OAuth2Session(client=BackendApplicationClient(client_id=self.client_id, scope=scope))
        return self._given(lambda: session.fetch_token(f"{self.oauth}/token", auth=self.auth))

    def begin(self, **more: str) -> Asked:
        scope, back = more.pop("scope", "credits:read"), more.pop("redirect_uri", LOOPBACK)
        self.session = OAuth2Session(self.client_id, redirect_uri=back, scope=scope, pkce="S256")
        url, state = self.session.authorization_url(f"{self.oauth}/authorize", **more)
        return Asked(url, state, self.session._code_verifier)

    def finish(self, asked: Asked, came: str, back: str = LOOPBACK) -> Json:
        session = OAuth2Session(self.client_id, redirect_uri=back, state=asked.state, pkce="S256")
        session._code_verifier = asked.verifier
        return self._given(
            lambda: session.fetch_token(f"{self.oauth}/token", authorization_response=came, **self.proof)
        )

    def refresh(self, token: str) -> Json:
        session = OAuth2Session(self.client_id)
        return self._given(lambda: session.refresh_token(f"{self.oauth}/token", refresh_token=token, auth=self.auth))

    def introspect(self, token: str) -> Json:
        found: Json = requests.post(f"{self.oauth}/introspect", {"token": token}, auth=self.auth, timeout=20).json()
        return found

    def revoke(self, token: str) -> None:
        client = OAuth2Session(self.client_id)._client
        url, headers, body = client.prepare_token_revocation_request(f"{self.oauth}/revoke", token, None, insecure=True)
        assert requests.post(url, body, headers=headers, auth=self.auth, timeout=20).status_code == 200

    @staticmethod
    def _given(work: Any) -> Json:
        try:
            given = dict(work())
        except MismatchingStateError:
            raise Refused("mismatching_state") from None
        except OAuth2Error as error:
            raise Refused(error.error) from None
        return {**given, "scope": " ".join(given["scope"])}  # it makes a list of it


class Authlib:
    """Authlib's own client; it does not look at ``iss`` either."""

    def __init__(self, oauth: str, known: Mapping[str, Any]) -> None:
        self.oauth = oauth
        secret = known.get("client_secret")
        self.about: Json = {"client_id": known["client_id"], "client_secret": secret, "code_challenge_method": "S256"}
        if secret is None:
            self.about["token_endpoint_auth_method"] = "none"

    def machine(self, scope: str | None = None) -> Json:
        session = AuthlibSession(**self.about, scope=scope)
        return self._given(lambda: session.fetch_token(f"{self.oauth}/token", grant_type="client_credentials"))

    def begin(self, **more: str) -> Asked:
        scope, back = more.pop("scope", "credits:read"), more.pop("redirect_uri", LOOPBACK)
        session, verifier = AuthlibSession(**self.about, scope=scope, redirect_uri=back), new_verifier()
        url, state = session.create_authorization_url(f"{self.oauth}/authorize", code_verifier=verifier, **more)
        return Asked(url, state, verifier)

    def finish(self, asked: Asked, came: str, back: str = LOOPBACK) -> Json:
        told = dict(parse_qsl(urlsplit(came).query))
        if "error" in told and told.get("state") == asked.state:  # it leaves that to its caller
            raise Refused(told["error"])
        session = AuthlibSession(**self.about, redirect_uri=back)
        sent = {"authorization_response": came, "state": asked.state, "code_verifier": asked.verifier}
        return self._given(lambda: session.fetch_token(f"{self.oauth}/token", **sent))

    def refresh(self, token: str) -> Json:
        session = AuthlibSession(**self.about)
        return self._given(lambda: session.refresh_token(f"{self.oauth}/token", refresh_token=token))

    def introspect(self, token: str) -> Json:
        found: Json = AuthlibSession(**self.about).introspect_token(f"{self.oauth}/introspect", token=token).json()
        return found

    def revoke(self, token: str) -> None:
        answer = AuthlibSession(**self.about).revoke_token(f"{self.oauth}/revoke", token=token)
        assert answer.status_code == 200

    @staticmethod
    def _given(work: Any) -> Json:
        try:
            return dict(work())
        except AuthlibBaseError as error:
            raise Refused(error.error) from None

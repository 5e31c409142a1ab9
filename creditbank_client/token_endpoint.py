"""Asking for tokens, giving them back, and asking what they are good for (RFC 6749, 7009, 7662)."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

from creditbank_client.discovery import Server
from creditbank_client.errors import OAuthError, Unexpected
from creditbank_client.http import Call, Http, object_of
from creditbank_client.proofs import Proof

_FORM = "application/x-www-form-urlencoded"
#: Seconds before its end from which a token is not used any more.
_EARLY = 30


@dataclass(frozen=True)
class Tokens:
    """What the authorization server gave; ``ends_at`` is in seconds since 1970.  Its texts are secrets: none is shown."""

    access_token: str = field(repr=False)
    ends_at: float
    scope: str
    refresh_token: str | None = field(default=None, repr=False)

    @property
    def is_good(self) -> bool:
        """Whether the access token is good for a while yet."""
        return time.time() < self.ends_at - _EARLY

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can keep it; keep it as you keep passwords.  ``Tokens(**told)`` reads it again."""
        return asdict(self)


class TokenEndpoint:
    """The endpoints of an authorization server, as one client of it calls them."""

    def __init__(self, server: Server, proof: Proof, *, http: Http | None = None) -> None:
        if server.proofs and proof.method not in server.proofs:
            raise ValueError(f"the authorization server does not take {proof.method}")
        self.server, self.proof, self.http = server, proof, http or Http()

    def of_client(self, scope: Iterable[str] = ()) -> Tokens:
        """Return a token of the client itself (client credentials); no scope means all that it has.  ``OAuthError``."""
        asked = {"grant_type": "client_credentials", "scope": " ".join(scope)}
        return self._tokens(asked, repeatable=True)

    def of_code(self, code: str, *, redirect_uri: str, verifier: str) -> Tokens:
        """Return the tokens for a code (RFC 6749 4.1.3, RFC 7636 4.5).  It is sent once: a second time would end them."""
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        return self._tokens(asked, repeatable=False)

    def of_refresh_token(self, token: str, scope: Iterable[str] = ()) -> Tokens:
        """Return new tokens for a refresh token, which is used up by this.  It is sent once, as a code is."""
        asked = {"grant_type": "refresh_token", "refresh_token": token, "scope": " ".join(scope)}
        return self._tokens(asked, repeatable=False)

    def revoke(self, token: str) -> None:
        """End a token of the client's own; with a refresh token, all that came of the same consent."""
        self._post(self.server.revocation_endpoint, {"token": token}, repeatable=True)

    def introspect(self, token: str) -> dict[str, Any]:
        """Return what a token of the client's own is good for; ``{"active": False}`` for any other."""
        return self._post(self.server.introspection_endpoint, {"token": token}, repeatable=True)

    def _tokens(self, form: Mapping[str, str], *, repeatable: bool) -> Tokens:
        asked_at = time.time()
        told = self._post(self.server.token_endpoint, form, repeatable=repeatable)
        access, kind, refresh = (told.get(name) for name in ("access_token", "token_type", "refresh_token"))
        if not isinstance(access, str) or str(kind).lower() != "bearer" or not isinstance(refresh, str | None):
            raise Unexpected("the token endpoint gave no bearer token")
        lasts = told.get("expires_in")
        ends = asked_at + (lasts if isinstance(lasts, int) else 0)
        return Tokens(access, ends, str(told.get("scope") or form.get("scope") or ""), refresh)

    def _post(self, url: str, form: Mapping[str, str], *, repeatable: bool) -> dict[str, Any]:
        kept = {name: value for name, value in form.items() if value}

        def make() -> Call:
            headers, sent = self.proof.added(kept, self.server.issuer)
            told = {"Accept": "application/json", "Content-Type": _FORM, **headers}
            return Call("POST", url, told, body=urlencode(sent).encode())

        answer = self.http.send(make, repeatable=repeatable)
        if answer.status_code == 200 and not answer.content:
            return {}
        told = object_of(answer)
        if answer.status_code == 200:
            return told
        code, about = told.get("error") or told.get("code"), told.get("error_description") or told.get("detail")
        raise OAuthError(str(code or f"http_{answer.status_code}"), str(about or ""), status=answer.status_code)

"""How a client proves who it is: with a secret, with a key of its own, or, a program on somebody's machine, not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc7523.assertion import private_key_jwt_sign
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#: Seconds for which an assertion is good; it is used once, at once.
_GOOD_FOR = 60
_KINDS: Mapping[str, type[ECKey] | type[RSAKey] | type[OKPKey]] = {
    "ES256": ECKey,
    "RS256": RSAKey,
    "Ed25519": OKPKey,
}


class Proof(Protocol):
    """What each proof offers."""

    @property
    def client_id(self) -> str:
        """The client's public id."""

    @property
    def method(self) -> str:
        """Its name in the server's metadata."""

    def added(self, form: Mapping[str, str], issuer: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return headers and form of a request that proves who sends it; made anew for every try."""


@dataclass(frozen=True)
class Secret:
    """A client with a secret, which travels in the HTTP Basic header (RFC 6749 2.3.1)."""

    client_id: str
    secret: str = field(repr=False)
    method = "client_secret_basic"

    def added(self, form: Mapping[str, str], issuer: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return headers and form of a request that proves who sends it."""
        headers: dict[str, str]
        _, headers, _ = ClientAuth(self.client_id, self.secret, self.method).prepare("POST", issuer, {}, "")
        return headers, dict(form)


@dataclass(frozen=True)
class PrivateKey:
    """A client with a key of its own, whose public half the administrator registered (RFC 7523); nothing secret travels.

    ``key`` is a PEM text or a JWK, ``alg`` what fits it: ES256, RS256 or Ed25519.
    """

    client_id: str
    key: str | Mapping[str, Any] = field(repr=False)
    alg: str = "ES256"
    kid: str | None = None
    method = "private_key_jwt"

    def added(self, form: Mapping[str, str], issuer: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return headers and form of a request that proves who sends it; each assertion has an id of its own."""
        header = {"kid": self.kid} if self.kid else {}
        signed: str = private_key_jwt_sign(
            self._read(),
            client_id=self.client_id,
            token_endpoint=issuer,
            alg=self.alg,
            header=header,
            expires_in=_GOOD_FOR,
        )
        said = {"client_id": self.client_id, "client_assertion_type": _ASSERTION, "client_assertion": signed}
        return {}, {**form, **said}

    def _read(self) -> Key:
        kind = _KINDS.get(self.alg)
        if kind is None:
            raise ValueError(f"alg is one of {', '.join(_KINDS)}")
        return kind.import_key(self.key if isinstance(self.key, str) else dict(self.key))


@dataclass(frozen=True)
class Public:
    """A program on somebody's own machine, which can keep no secret: PKCE alone protects it."""

    client_id: str
    method = "none"

    def added(self, form: Mapping[str, str], issuer: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return the form with the client's id."""
        return {}, {**form, "client_id": self.client_id}

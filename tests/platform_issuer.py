"""An issuer of a platform: a real server in a thread, whose answers and keys a test changes."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from tests.serving import in_a_thread

AUDIENCE = "https://bank.example/creditbank/api"
ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}


def rsa(kid: str) -> Key:
    return RSAKey.generate_key(2048, {"kid": kid})


def ec(kid: str) -> Key:
    return ECKey.generate_key("P-256", {"kid": kid})


def okp(kid: str) -> Key:
    return OKPKey.generate_key("Ed25519", {"kid": kid})


@dataclass
class Issuer:
    """``keys`` are those it shows.  ``said`` replaces an answer: by path, status, headers and body."""

    address: str
    keys: list[Key] = field(default_factory=list)
    said: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def metadata(self) -> dict[str, Any]:
        return {"issuer": self.address, "jwks_uri": f"{self.address}/jwks"}

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if path in self.said:
            return self.said[path]
        shown: dict[str, Any] = {
            "/jwks": {"keys": [key.as_dict(private=False) for key in self.keys]},
            "/.well-known/oauth-authorization-server": self.metadata,
        }
        return (200, {}, json.dumps(shown[path]).encode()) if path in shown else (404, {}, b"")

    def claims(self, **changed: Any) -> dict[str, Any]:
        """What a token of a machine says; None leaves a claim out."""
        now = int(time.time())
        usual = {
            "iss": self.address,
            "aud": AUDIENCE,
            "sub": "lms-1",
            "client_id": "lms-1",
            "organisation": "9951000001",
            "scope": "grades.read",
            "iat": now,
            "exp": now + 600,
            "jti": f"{now}-{len(self.asked)}",
        }
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def token(self, key: Key | None = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A token signed with ``key``, the first that is shown unless it is said."""
        key = key or self.keys[0]
        usual = {"alg": ALGORITHMS[key.key_type], "typ": "at+jwt", "kid": key.kid}
        said = {name: value for name, value in {**usual, **(header or {})}.items() if value is not None}
        return jwt.encode(said, self.claims(**changed), key, algorithms=[said["alg"]])


@contextmanager
def issuing(*keys: Key) -> Iterator[Issuer]:
    """Serve an issuer with these keys."""
    issuer = Issuer("", list(keys))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = issuer.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with in_a_thread(Handler) as issuer.address:
        yield issuer

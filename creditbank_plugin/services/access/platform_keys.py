"""The keys of the platform's own issuer: fetched, kept for minutes, and never trusted when they cannot be fetched anew."""

import json
import logging
import time
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests
from joserfc.jwk import Key

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.addresses import is_safe_address
from creditbank_plugin.services import wires
from creditbank_plugin.services.access import jwks

#: Seconds: how long keys are good for (one that vanishes is refused from then on); how long after a fetch an unknown key
#: makes us look again; how long after a failure nobody is asked.
KEPT, AGAIN, PAUSE = 300.0, 60.0, 10.0
#: Seconds to connect, of silence, and for all of an answer; bytes of an answer; keys of a set.
CONNECT, SILENCE, WHOLE = 3.0, 5.0, 10.0
LARGEST, MOST_KEYS = 100_000, 50
_OAUTH, _OPENID = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
log = logging.getLogger(__name__)


class LyingError(Exception):
    """The issuer answered something that is no answer; the text says what, never what was answered."""


class Keys:
    """The keys of one issuer, in one process.  ``address`` is where its set stands; None: its metadata say so."""

    def __init__(self, issuer: str, address: str | None) -> None:
        self.issuer, self.address = issuer, address
        self._kept: Sequence[Key] = ()
        self._fetched = self._tried = float("-inf")
        self._lock = Lock()

    def named(self, kid: str | None) -> list[Key]:
        """Return the keys of this name, all where none is named: none where the issuer has no such key.

        ``Refused("issuer_unreachable")`` (503) when the keys would have to be fetched and cannot be.
        """
        if time.monotonic() - self._fetched < KEPT and (found := self._of(kid)):
            return found  # whoever brings a key that we know waits for nobody who brings another
        with self._lock:
            now = time.monotonic()
            if now - self._fetched >= KEPT:
                if now - self._tried < PAUSE:
                    raise _unreachable()
                self._fetch()
            found = self._of(kid)
            if not found and now - self._tried >= AGAIN:
                self._fetch()
                found = self._of(kid)
            return found

    def _of(self, kid: str | None) -> list[Key]:
        return [key for key in self._kept if kid is None or key.kid == kid]

    def _fetch(self) -> None:
        self._tried = time.monotonic()
        try:
            document = _ask(self.address or self._announced())
            told = document.get("keys")
            if not isinstance(told, list) or len(told) > MOST_KEYS:
                raise LyingError("no set of keys")
        except (requests.RequestException, LyingError, ValueError) as error:
            why = str(error) if isinstance(error, LyingError) else type(error).__name__
            log.warning("the keys of the platform's issuer cannot be fetched: %s", why)
            self._tried = time.monotonic()  # it may have taken long: who waited meanwhile need not ask again
            raise _unreachable() from None
        self._kept = [key for key in map(jwks.key_of, told) if key is not None]
        self._fetched = time.monotonic()

    def _announced(self) -> str:
        """Return where the issuer's metadata say that its keys stand (RFC 8414 section 3, else OpenID Discovery)."""
        parts = urlsplit(self.issuer)
        path = parts.path.rstrip("/")
        try:
            document = _ask(f"{parts.scheme}://{parts.netloc}{_OAUTH}{path}")
        except LyingError:
            document = _ask(f"{parts.scheme}://{parts.netloc}{path}{_OPENID}")
        address = document.get("jwks_uri")
        if document.get("issuer") != self.issuer:
            raise LyingError("metadata of another issuer")
        if not isinstance(address, str) or not is_safe_address(address) or urlsplit(address).scheme != parts.scheme:
            raise LyingError("no safe address of its keys")
        return address


@lru_cache(maxsize=8)
def keys_of(issuer: str, address: str | None) -> Keys:
    """Return what this process knows of an issuer's keys."""
    return Keys(issuer, address)


def _ask(address: str) -> dict[str, Any]:
    """Return the JSON object at an address; it leads nowhere else, is not endless, and no password of ours goes there."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    wire, body = wires.Wire(), bytearray()
    with (
        wires.within(WHOLE, wire),
        wires.session(wire) as session,
        session.get(
            address,
            headers=headers,
            auth=lambda prepared: prepared,  # else requests looks into ~/.netrc
            timeout=(CONNECT, SILENCE),
            allow_redirects=False,
            stream=True,
        ) as answer,
    ):
        if answer.status_code != 200:
            raise LyingError(f"answered {answer.status_code}")
        for part in answer.iter_content(1000):
            body += part
            if len(body) > LARGEST:
                raise LyingError("too large")
    if wire.was_cut:
        raise LyingError("too slow")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise LyingError("not JSON") from None
    if not isinstance(document, dict):
        raise LyingError("not a JSON object")
    return document


def _unreachable() -> Refused:
    return Refused(
        "issuer_unreachable",
        "ตรวจสอบโทเคนของแพลตฟอร์มไม่ได้ชั่วคราว โปรดลองใหม่ภายหลัง",
        "The platform's token cannot be verified at the moment; please try again later.",
        status=503,
    )

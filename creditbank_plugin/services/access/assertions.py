"""A client proves itself with a signature of its own key (``private_key_jwt``, RFC 7523 section 3)."""

import json
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key

from creditbank_plugin.rules.client import PRIVATE_KEY_JWT
from creditbank_plugin.services.access import clients, jwks
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import grants
from creditbank_plugin.storage.session import writing

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#: An assertion may be good for so long at most; clocks may differ by so much.
LONGEST, SKEW = timedelta(minutes=10), timedelta(seconds=60)
_LONGEST_TEXT, _LONGEST_ID = 8000, 255


def by_assertion(runtime: Runtime, assertion: str, audiences: Collection[str], client_id: str | None) -> Stored | None:
    """Return the client that signed an assertion for one of ``audiences``, None where anything of it does not fit.

    ``client_id`` is what the request says beside it, if it does.  Each assertion is good once: its ``jti`` is kept until
    it ends.
    """
    told = _unverified(assertion)
    if told is None:
        return None
    header, claims = told
    named = claims.get("iss")
    if not isinstance(named, str) or claims.get("sub") != named or client_id not in (None, named):
        return None
    row = clients.known(runtime, named)
    if row is None or row.proof != PRIVATE_KEY_JWT or not _is_signed(assertion, header, row.jwks):
        return None
    now = runtime.clock()
    ends = _good_until(claims, audiences, now)
    jti = claims.get("jti")
    if ends is None or not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_ID:
        return None
    with writing(runtime.engine) as connection:
        is_new = grants.take_assertion(connection, named, clients.hash_of(jti), ends)
    return row if is_new else None


def _unverified(assertion: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return header and claims as somebody wrote them, only to know whose keys to verify with."""
    parts = assertion.split(".")
    if len(assertion) > _LONGEST_TEXT or len(parts) != 3:
        return None
    try:
        header, claims = (json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, RecursionError):
        return None
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else None


def _is_signed(assertion: str, header: Mapping[str, Any], registered: Mapping[str, Any] | None) -> bool:
    """Tell whether one of the registered keys signed it, by an algorithm of that key's own.

    The header says which key is meant, never which algorithm a key is used with, and never a key itself.
    """
    found: Sequence[object] = (registered or {}).get("keys", ())
    wanted = header.get("kid")
    for jwk in found:
        key = jwks.key_of(jwk)
        if key is not None and wanted in (None, key.kid) and _verifies(assertion, header, key):
            return True
    return False


def _verifies(assertion: str, header: Mapping[str, Any], key: Key) -> bool:
    allowed = jwks.algorithms(key)
    if header.get("alg") not in allowed or "crit" in header:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # of the name EdDSA, which clients still send
            jwt.decode(assertion, key, algorithms=list(allowed))
    except (JoseError, ValueError):
        return False
    return True


def _good_until(claims: Mapping[str, Any], audiences: Collection[str], now: datetime) -> datetime | None:
    """Return when an assertion ends, with the clocks' difference; None where it is not for us or not for now."""
    told = claims.get("aud")
    meant = told if isinstance(told, list) else [told]
    if not any(isinstance(each, str) and each in audiences for each in meant):
        return None
    ends, begins, made = (_moment(claims.get(name)) for name in ("exp", "nbf", "iat"))
    if ends is None or ends + SKEW <= now or ends > now + LONGEST + SKEW:
        return None
    for name, value in (("nbf", begins), ("iat", made)):
        if name in claims and (value is None or value > now + SKEW):
            return None
    return ends + SKEW


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None

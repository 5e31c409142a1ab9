"""A client proves itself with a signature of its own key (``private_key_jwt``, RFC 7523 section 3)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from creditbank_plugin.rules.client import PRIVATE_KEY_JWT
from creditbank_plugin.services.access import clients, jwks
from creditbank_plugin.services.access.jwks import SKEW
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import grants
from creditbank_plugin.storage.session import writing

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#: An assertion may be good for so long at most.
LONGEST = timedelta(minutes=10)
_LONGEST_TEXT, _LONGEST_ID = 8000, 255


def by_assertion(runtime: Runtime, assertion: str, audiences: Collection[str], client_id: str | None) -> Stored | None:
    """Return the client that signed an assertion for one of ``audiences``, None where anything of it does not fit.

    ``client_id`` is what the request says beside it, if it does.  Each assertion is good once: its ``jti`` is kept until
    it ends.
    """
    told = jwks.unverified(assertion) if len(assertion) <= _LONGEST_TEXT else None
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
    if ends is None or not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_ID or not jti.isprintable():
        return None
    with writing(runtime.engine) as connection:
        is_new = grants.take_assertion(connection, named, clients.hash_of(jti), ends)
    return row if is_new else None


def _is_signed(assertion: str, header: Mapping[str, Any], registered: Mapping[str, Any] | None) -> bool:
    """Tell whether one of the registered keys signed it; the header says which is meant, and never brings one itself."""
    found: Sequence[object] = (registered or {}).get("keys", ())
    wanted = header.get("kid")
    for jwk in found:
        key = jwks.key_of(jwk)
        if key is not None and wanted in (None, key.kid) and jwks.claims_of(assertion, header, key) is not None:
            return True
    return False


def _good_until(claims: Mapping[str, Any], audiences: Collection[str], now: datetime) -> datetime | None:
    """Return when an assertion ends, with the clocks' difference; None where it is not for us alone or not for now.

    One that is for somebody else as well could be brought to us by them (draft-ietf-oauth-rfc7523bis section 4).
    """
    told = claims.get("aud")
    if isinstance(told, list) and not all(each in audiences for each in told):
        return None
    ends = jwks.good_until(claims, audiences, now)
    if ends is None or ends > now + LONGEST + SKEW or ends + SKEW <= now:
        return None
    return ends + SKEW

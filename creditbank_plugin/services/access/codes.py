"""A code becomes tokens, once; a second use ends everything that came of it (RFC 6749 section 4.1.3, RFC 7636)."""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from hashlib import sha256

from sqlalchemy import Connection

from creditbank_plugin.rules.client import REFRESH_TOKEN
from creditbank_plugin.rules.scopes import split
from creditbank_plugin.services.access import clients, families, issuing
from creditbank_plugin.services.access.issuing import Holder, Issued
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import grants

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


@dataclass(frozen=True)
class Brought:
    """What a client brings to the token endpoint with its code."""

    code: str = field(repr=False)
    redirect_uri: str | None = None
    verifier: str | None = field(default=None, repr=False)


def exchange(runtime: Runtime, client: Stored, brought: Brought, issuer: str) -> Issued:
    """Return tokens for a code.

    ``Refused("invalid_grant")`` for a code that is unknown, used, another client's or too old, whose learner took the
    consent back, or with which the redirect URI or the verifier do not fit.  A code that was used ends its authorisation.
    """
    return families.handed_out(runtime, lambda connection: _exchange(connection, runtime, client, brought, issuer))


def _exchange(connection: Connection, runtime: Runtime, client: Stored, brought: Brought, issuer: str) -> Issued | None:
    now = runtime.clock()
    code = grants.code(connection, clients.hash_of(brought.code))
    family = families.of_brought(connection, code, client, now, families.CODE_REPLAYED)
    if code is None or family is None or not _fits(code, brought):
        return None
    grants.use_code(connection, code.code_hash, now)
    given = split(family.scopes)
    holder = Holder(issuer, client.client_id, family.person_id, family.id, family.until)
    issued = issuing.access_token(connection, runtime, holder, given)
    if REFRESH_TOKEN not in client.grants.split():
        return issued
    more = issuing.refresh_token(connection, runtime, family.id, given, family.until)
    return replace(issued, refresh_token=more)


def _fits(code: Stored, brought: Brought) -> bool:
    """Tell whether redirect URI and verifier are those of the request that the code answers.

    A verifier without a challenge is refused as well: somebody took the challenge out of the request (RFC 9700 4.8.2).
    """
    if brought.redirect_uri != code.redirect_uri and (brought.redirect_uri is not None or code.redirect_uri_told):
        return False
    if code.challenge is None or brought.verifier is None:
        return code.challenge is None and brought.verifier is None
    if _VERIFIER.fullmatch(brought.verifier) is None:
        return False
    made = urlsafe_b64encode(sha256(brought.verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(made, code.challenge.encode())

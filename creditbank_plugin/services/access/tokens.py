"""Who calls: access tokens, made and looked up by their hash; and what an Authorization header proves."""

import base64
import binascii
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import scopes
from creditbank_plugin.services.access import clients
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.sight import Sight, of_organisations, of_person
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import access as queries
from creditbank_plugin.storage.session import reading, writing

REALM = "creditbank"
_KEPT_AFTER_END = timedelta(days=1)
_LONGEST_HEADER = 2000


@dataclass(frozen=True)
class Access:
    """A client that proved who it is, and what it may do now.

    ``person_id`` is the learner who let it in; None where it acts for its organisation.  ``schools`` are the organisations
    whose learners it may see then, its own among them.  ``per_minute``: calls allowed in a minute, None for the setting.
    """

    client_id: str
    organisation: str
    issuer: str | None
    may_open: bool
    scopes: frozenset[str]
    schools: frozenset[str] = frozenset()
    person_id: str | None = None
    per_minute: int | None = None

    @property
    def sight(self) -> Sight:
        """Return which learners it may see: the one who let it in, or those of its schools."""
        return of_organisations(self.schools) if self.person_id is None else of_person(self.person_id)


class Denied(Refused):
    """No entry: 401 or 403, with the ``challenge`` for WWW-Authenticate (RFC 6750 section 3, RFC 7617)."""

    def __init__(self, code: str, th: str, en: str, *, status: int, challenge: str) -> None:
        super().__init__(code, th, en, status=status)
        self.challenge = challenge


def issue(runtime: Runtime, client_id: str, granted: Iterable[str], token: str) -> None:
    """Keep a new token's hash for ``token_seconds``; tokens long ended are forgotten on the way."""
    now = runtime.clock()
    with writing(runtime.engine) as connection:
        queries.forget_tokens(connection, now - _KEPT_AFTER_END)
        queries.add_token(
            connection,
            token_hash=clients.hash_of(token),
            client_id=client_id,
            scopes=scopes.join(granted),
            issued_at=now,
            expires_at=now + timedelta(seconds=runtime.settings.token_seconds),
            revoked_at=None,
        )


def new_token() -> str:
    """Return a token of 256 random bits."""
    return secrets.token_urlsafe(32)


def by_token(runtime: Runtime, token: str) -> Access | None:
    """Return who a token speaks for; None when it, its family or its client is unknown, ended or revoked."""
    with reading(runtime.engine) as connection:
        row = queries.token(connection, clients.hash_of(token), runtime.clock())
        if row is None:
            return None
        schools = queries.schools_of(connection, row.client_id) if row.person_id is None else frozenset()
    return _access(row, row.granted, schools, row.person_id)


def by_secret(runtime: Runtime, client_id: str, secret: str) -> Access | None:
    """Return the client of an id and a secret, with every scope it has."""
    row = clients.authenticate(runtime, client_id, secret)
    if row is None:
        return None
    with reading(runtime.engine) as connection:
        schools = queries.schools_of(connection, row.client_id)
    return _access(row, row.scopes, schools)


def _access(client: Stored, granted: str, schools: frozenset[str], person_id: str | None = None) -> Access:
    own = client.organisation_code
    may_open = bool(client.may_open_accounts)
    all_schools, seen = schools | {own}, scopes.split(granted)
    return Access(client.client_id, own, client.issuer, may_open, seen, all_schools, person_id, client.per_minute)


def basic(header: str | None) -> tuple[str, str] | None:
    """Return id and secret of an HTTP Basic header (RFC 7617), None for anything else.

    Both may come form-encoded, as RFC 6749 section 2.3.1 asks; ours hold no character on which the two differ.
    """
    kind, _, packed = (header or "")[:_LONGEST_HEADER].partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (unquote(name), unquote(secret)) if colon else None


def authorise(runtime: Runtime, header: str | None, *any_of: str, with_basic: bool = False) -> Access:
    """Return who calls, once it is known that they may do what one of the scopes names.

    ``Denied``: 401 ``unauthenticated`` without credentials, 401 ``invalid_token`` or ``invalid_client`` for wrong ones,
    403 ``insufficient_scope``.  ``with_basic`` lets a client's id and secret stand in place of a token.
    """
    kind, _, token = (header or "").strip().partition(" ")
    kind = kind.lower()
    challenge = f'Basic realm="{REALM}", charset="UTF-8"' if with_basic else f'Bearer realm="{REALM}"'
    if kind == "bearer" and token.strip():
        found = by_token(runtime, token.strip()) if len(token) < _LONGEST_HEADER else None
        challenge = f'Bearer realm="{REALM}", error="invalid_token"'
        code, th, en = "invalid_token", "โทเคนไม่ถูกต้องหรือหมดอายุแล้ว", "The token is not valid or has ended."
    elif kind == "basic" and with_basic:
        told = basic(header)
        found = by_secret(runtime, *told) if told else None
        code, th, en = "invalid_client", "รหัสหรือความลับของเครื่องลูกข่ายไม่ถูกต้อง", "The client's id or secret is wrong."
    else:
        found = None
        code, th, en = "unauthenticated", "ต้องยืนยันตัวตนก่อน", "Authentication is needed."
    if found is None:
        raise Denied(code, th, en, status=401, challenge=challenge)
    if found.scopes.isdisjoint(any_of):
        raise Denied(
            "insufficient_scope",
            f"ต้องมีสิทธิ์ {' หรือ '.join(any_of)}",
            f"Needs the scope {' or '.join(any_of)}.",
            status=403,
            challenge=f'Bearer realm="{REALM}", error="insufficient_scope", scope="{any_of[0]}"',
        )
    return found

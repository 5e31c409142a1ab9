"""Who calls: access tokens, looked up by their hash; and what an Authorization header proves."""

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import scopes
from creditbank_plugin.services import remembering
from creditbank_plugin.services.access import clients, last_use, platform_tokens
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.sight import Sight, of_organisations, of_person
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import access as queries
from creditbank_plugin.storage.session import reading

REALM = "creditbank"
#: Whose affair something is: that of organisations, of the learner who let a client in, or of both, each for their own.
ORGANISATIONS, LEARNER, BOTH = "organisations", "learner", "both"
_LONGEST_HEADER = 2000
_LONGEST_TOKEN = 8000  # one of another issuer tells much


@dataclass(frozen=True)
class Access:
    """A client that proved who it is, and what it may do now.

    ``person_id`` is the learner who let it in; None where it acts for its organisation.  ``schools`` are the organisations
    whose learners it may see then, its own among them.  ``ends`` is when the token ends, ``until`` when what the learner
    agreed to does; None where there is no token, or no learner.  ``per_minute``: calls allowed in a minute, None for the
    setting.
    """

    client_id: str
    organisation: str
    issuer: str | None
    may_open: bool
    scopes: frozenset[str]
    schools: frozenset[str] = frozenset()
    person_id: str | None = None
    ends: datetime | None = None
    until: datetime | None = None
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


def by_token(runtime: Runtime, token: str) -> Access | None:
    """Return who a token speaks for, ours or the platform's; None when it, its family or its client is not good.

    What was found a moment ago is not looked up again (see `remembering`).
    """
    found, now, mark = clients.hash_of(token), runtime.clock(), remembering.mark(runtime)
    known: Access | None = remembering.remembered(runtime, found, mark, now)
    if known is not None:
        return known
    access = _looked_up(runtime, found, now) or _of_the_platform(runtime, token)
    if access is not None and access.ends is not None:
        remembering.remember(runtime, found, access, mark, access.ends)
    return access


def _looked_up(runtime: Runtime, token_hash: bytes, now: datetime) -> Access | None:
    with reading(runtime.engine) as connection:
        row = queries.token(connection, token_hash, now)
        if row is None:
            return None
        schools = queries.schools_of(connection, row.client_id) if row.person_id is None else frozenset()
    return replace(_access(row, row.granted, schools, row.person_id), ends=row.expires_at, until=row.until)


def _of_the_platform(runtime: Runtime, token: str) -> Access | None:
    """Return who a token of the platform's own issuer speaks for."""
    try:
        proven = platform_tokens.prove(runtime, token)
    except Refused as error:
        if error.status != 403:
            raise
        raise Denied(error.code, error.th, error.en, status=403, challenge=_refusing("insufficient_scope")) from None
    if proven is None:
        return None
    row, person_id = proven.client, proven.person_id
    with reading(runtime.engine) as connection:
        schools = queries.schools_of(connection, row.client_id) if person_id is None else frozenset()
    return replace(_access(row, scopes.join(proven.scopes), schools, person_id), ends=proven.ends)


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
    all_schools, may = schools | {own}, scopes.split(granted)
    made = Access(client.client_id, own, client.issuer, may_open, may, all_schools, person_id)
    return replace(made, per_minute=client.per_minute)


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


def authorise(
    runtime: Runtime, header: str | None, *any_of: str, of: str = ORGANISATIONS, with_basic: bool = False
) -> Access:
    """Return who calls, once it is known that they may do what one of the scopes names, and whose affair it is (``of``).

    ``Denied``: 401 ``unauthenticated`` without credentials, 401 ``invalid_token`` or ``invalid_client`` for wrong ones,
    403 ``organisations_only``, ``insufficient_scope`` or ``learners_only``.  ``with_basic`` lets a client's id and secret
    stand in place of a token.
    """
    found = _known(runtime, header, with_basic)
    if found.person_id is not None and of == ORGANISATIONS:
        th, en = "โทเคนของผู้เรียนใช้กับงานของหน่วยงานไม่ได้", "A learner's token is not for affairs of organisations."
        raise Denied("organisations_only", th, en, status=403, challenge=_refusing("insufficient_scope"))
    if found.scopes.isdisjoint(any_of):
        raise lacking(*any_of)
    if found.person_id is None and of == LEARNER:
        th, en = "ต้องเป็นโทเคนที่ผู้เรียนยินยอมให้", "Needs a token that a learner agreed to."
        raise Denied("learners_only", th, en, status=403, challenge=_refusing("insufficient_scope"))
    last_use.note(runtime, found.client_id)
    return found


def _known(runtime: Runtime, header: str | None, with_basic: bool) -> Access:
    kind, _, token = (header or "").strip().partition(" ")
    kind = kind.lower()
    challenge = f'Basic realm="{REALM}", charset="UTF-8"' if with_basic else f'Bearer realm="{REALM}"'
    if kind == "bearer" and token.strip():
        found = by_token(runtime, token.strip()) if len(token) < _LONGEST_TOKEN else None
        challenge = _refusing("invalid_token")
        code, th, en = "invalid_token", "โทเคนไม่ถูกต้องหรือหมดอายุแล้ว", "The token is not valid or has ended."
    elif kind == "basic" and with_basic:
        told = basic(header)
        found = by_secret(runtime, *told) if told else None
        code, th, en = (
            "invalid_client",
            "client_id หรือรหัสลับของระบบที่เชื่อมต่อไม่ถูกต้อง",
            "The client's id or secret is wrong.",
        )
    else:
        found = None
        code, th, en = "unauthenticated", "ต้องยืนยันตัวตนก่อน", "Authentication is needed."
    if found is None:
        raise Denied(code, th, en, status=401, challenge=challenge)
    return found


def lacking(*any_of: str) -> Denied:
    """Return the refusal of a token that has none of the scopes; the challenge names each of them."""
    return Denied(
        "insufficient_scope",
        f"ต้องมีสิทธิ์ {' หรือ '.join(any_of)}",
        f"Needs the scope {' or '.join(any_of)}.",
        status=403,
        challenge=f'{_refusing("insufficient_scope")}, scope="{" ".join(any_of)}"',
    )


def malformed() -> Denied:
    """Return the refusal of a token in the address, where logs and histories keep it (RFC 9700 section 4.3.2)."""
    th, en = "ห้ามส่งโทเคนในที่อยู่ ให้ส่งในส่วนหัว Authorization", "No token in an address: send it in Authorization."
    return Denied("token_in_address", th, en, status=400, challenge=_refusing("invalid_request"))


def _refusing(error: str) -> str:
    return f'Bearer realm="{REALM}", error="{error}"'

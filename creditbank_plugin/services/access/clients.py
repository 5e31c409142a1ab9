"""Machines that may call us: opened, given a new secret, shut out, and known again by their secret.

Secrets are made here, with 256 random bits, and kept only as SHA-256: a slow hash guards guessable passwords, and
these cannot be guessed.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from creditbank_hooks import checks
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import client
from creditbank_plugin.rules.client import CLIENT_CREDENTIALS
from creditbank_plugin.rules.scopes import EVENTS_WRITE, SCOPES, join
from creditbank_plugin.services import remembering
from creditbank_plugin.services.access import families, jwks
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import access, grants
from creditbank_plugin.storage.session import reading, writing

_NOBODY = bytes(32)  # what the secret of an unknown client is compared with, so that it takes as long


@dataclass(frozen=True)
class NewClient:
    """A client's id and its secret, None where it has none: the only time that the secret is shown."""

    client_id: str
    client_secret: str | None = field(repr=False)


def new_secret() -> str:
    """Return a secret, code or token of 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """Return the SHA-256 (32 bytes) by which a secret or token is kept."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a client is to be; the defaults are those of a machine that acts for its own organisation.

    ``kind``: ``confidential`` or ``public``.  ``proof``: ``secret``, ``private_key_jwt`` (with ``jwks``, its public keys) or
    ``none`` (a public client's).  ``grants``: of `GRANTS`.  ``pkce=False`` excuses a confidential client that cannot send a
    challenge.  ``schools``: further organisations whose learners it may see.  ``purpose``: what learners read before they
    agree, in Thai and English.  ``per_minute``: calls allowed in a minute, None for the setting.
    """

    name: str
    organisation: str
    scopes: Collection[str]
    issuer: str | None = None
    may_open_accounts: bool = False
    kind: str = "confidential"
    proof: str = "secret"
    grants: Collection[str] = (CLIENT_CREDENTIALS,)
    redirect_uris: Sequence[str] = ()
    pkce: bool = True
    jwks: Mapping[str, Any] | None = None
    schools: Collection[str] = ()
    purpose: tuple[str, str] | None = None
    per_minute: int | None = None


def create(runtime: Runtime, wish: Wish) -> NewClient:
    """Open a client and return its secret, if that is how it proves who it is.

    A client with ``events:write`` names the one issuer it speaks for.  ``Refused`` (422) names the field: ``name_invalid``,
    ``scope_unknown``, ``scope_missing``, ``issuer_missing``, ``issuer_invalid``, ``organisation_unknown``, and what
    `rules.client.check` refuses.
    """
    client.check(wish.kind, wish.proof, wish.grants, wish.redirect_uris, wish.pkce, wish.scopes, wish.jwks)
    _check_scopes(set(wish.scopes))
    if wish.jwks is not None:
        jwks.check(wish.jwks)
    name = _text("name", wish.name)
    issuer = _address("issuer", wish.issuer) if wish.issuer is not None else None
    if EVENTS_WRITE in wish.scopes and issuer is None:
        raise Refused(
            "issuer_missing",
            "ระบบที่เชื่อมต่อที่ส่งข้อความต้องระบุระบบต้นทาง (issuer) ที่ส่งแทน",
            "A client that sends events must name the issuer it speaks for.",
            field="issuer",
        )
    secret = new_secret()
    made = NewClient(f"cb_{secrets.token_hex(12)}", secret if wish.proof == client.SECRET else None)
    with writing(runtime.engine) as connection:
        _require_organisation(connection, wish.organisation, "organisation")
        for code in wish.schools:
            _require_organisation(connection, code, "schools")
        access.add_client(
            connection,
            client_id=made.client_id,
            name=name,
            organisation_code=wish.organisation,
            scopes=join(wish.scopes),
            issuer=issuer,
            may_open_accounts=wish.may_open_accounts,
            secret_hash=hash_of(secret),
            old_secret_hash=None,
            old_secret_until=None,
            created_at=runtime.clock(),
            revoked_at=None,
            kind=wish.kind,
            proof=wish.proof,
            grants=" ".join(grant for grant in client.GRANTS if grant in wish.grants),
            redirect_uris=list(wish.redirect_uris),
            pkce=wish.pkce,
            jwks=dict(wish.jwks) if wish.jwks is not None else None,
            purpose_th=wish.purpose[0] if wish.purpose else None,
            purpose_en=wish.purpose[1] if wish.purpose else None,
            per_minute=wish.per_minute,
        )
        access.set_schools(connection, made.client_id, set(wish.schools) - {wish.organisation})
    return made


def _require_organisation(connection: Connection, code: str, field_name: str) -> None:
    if not access.organisation_exists(connection, code):
        th, en = "ไม่รู้จักหน่วยงานนี้", "There is no such organisation."
        raise Refused("organisation_unknown", th, en, field=field_name)


def turn_of(old_secret_until: datetime | None) -> str:
    """Return which secret a client is at, as a text that changes with every rotation."""
    return "first" if old_secret_until is None else old_secret_until.isoformat()


def rotate(runtime: Runtime, client_id: str, *, turn: str | None = None) -> NewClient:
    """Give a client a new secret; the old one is good for ``secret_overlap_seconds`` more, an older one no longer.

    ``turn`` is the `turn_of` which somebody saw: a form that is sent twice must not shut out the secret still in use.
    ``Refused("client_unknown")`` (404) for a client that is unknown or revoked, ``no_secret`` (409) for one without,
    ``secret_changed`` (409) for one whose secret was changed since.
    """
    secret = new_secret()
    with writing(runtime.engine) as connection:
        access.lock_client(connection, client_id)
        row = access.client(connection, client_id)
        if row is None or row.revoked_at is not None:
            raise _unknown()
        if row.proof != client.SECRET:
            th, en = "ระบบที่เชื่อมต่อนี้ไม่ได้ใช้รหัสลับ", "This client proves itself without a secret."
            raise Refused("no_secret", th, en, field="client_id", status=409)
        if turn is not None and turn != turn_of(row.old_secret_until):
            th, en = "มีการออกรหัสลับใหม่ไปแล้ว", "A new secret was given out meanwhile."
            raise Refused("secret_changed", th, en, field="turn", status=409)
        access.change_client(
            connection,
            client_id,
            secret_hash=hash_of(secret),
            old_secret_hash=bytes(row.secret_hash),
            old_secret_until=runtime.clock() + timedelta(seconds=runtime.settings.secret_overlap_seconds),
        )
    return NewClient(client_id, secret)


def revoke(runtime: Runtime, client_id: str) -> None:
    """Shut a client out at once, with its tokens and what learners let it do; twice is as good as once.

    ``Refused("client_unknown")`` (404).
    """
    with writing(runtime.engine) as connection:
        row = access.client(connection, client_id)
        if row is None:
            raise _unknown()
        if row.revoked_at is None:
            now = runtime.clock()
            access.change_client(connection, client_id, revoked_at=now)
            access.revoke_tokens(connection, client_id, now)
            grants.end_families(connection, now, families.CLIENT_REVOKED, client_id=client_id)
    remembering.forget_all(runtime)


def known(runtime: Runtime, client_id: str) -> Stored | None:
    """Return a client that is not revoked."""
    if not is_client_id(client_id):
        return None
    with reading(runtime.engine) as connection:
        row = access.client(connection, client_id)
    return row if row is not None and row.revoked_at is None else None


def is_client_id(text: str) -> bool:
    """Tell whether a text can be a client's id at all; a database refuses some of what is sent."""
    return len(text) <= 48 and text.isprintable()


def authenticate(runtime: Runtime, client_id: str, secret: str) -> Stored | None:
    """Return the client of this id and secret, None when they do not fit or it is revoked.

    An unknown client, a wrong secret and a right one take the same steps.
    """
    given = hash_of(secret)
    if not is_client_id(client_id):
        return None
    with reading(runtime.engine) as connection:
        row = access.client(connection, client_id)
    current = bytes(row.secret_hash) if row is not None else _NOBODY
    old = bytes(row.old_secret_hash) if row is not None and row.old_secret_hash is not None else _NOBODY
    fits = hmac.compare_digest(given, current)
    fitted = hmac.compare_digest(given, old)
    if row is None or row.revoked_at is not None or row.proof != client.SECRET:
        return None
    if fits:
        return row
    in_overlap = row.old_secret_until is not None and runtime.clock() < row.old_secret_until
    return row if fitted and in_overlap else None


def _check_scopes(wanted: set[str]) -> None:
    known = ", ".join(SCOPES)
    if not wanted:
        raise Refused("scope_missing", f"ต้องมีขอบเขตสิทธิ์: {known}", f"Needs a scope: {known}.", field="scopes")
    if wanted - set(SCOPES):
        th, en = f"ขอบเขตสิทธิ์ต้องอยู่ใน: {known}", f"Scopes must be among: {known}."
        raise Refused("scope_unknown", th, en, field="scopes")


def _text(field_name: str, value: str) -> str:
    try:
        return checks.text(field_name, value)
    except checks.TidingError as error:
        raise Refused(f"{field_name}_invalid", error.th, error.en, field=field_name) from None


def _address(field_name: str, value: str) -> str:
    address = _text(field_name, value)
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", address) is None:
        th, en = "ต้องเป็นที่อยู่เต็ม เช่น https://lms.example", "must be a whole address, such as https://lms.example"
        raise Refused(f"{field_name}_invalid", th, en, field=field_name)
    return address


def _unknown() -> Refused:
    return Refused("client_unknown", "ไม่รู้จักระบบที่เชื่อมต่อนี้", "There is no such client.", field="client_id", status=404)

"""What an administrator sees of clients: everything but secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import not_found
from creditbank_plugin.rules.client import AUTHORIZATION_CODE
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services.access.clients import is_client_id
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import clients
from creditbank_plugin.storage.session import reading

#: How many words of a search are looked at.
MOST_WORDS = 8


@dataclass(frozen=True)
class Shown:
    """A client as it is kept; ``schools`` are further organisations beside its own, ``scopes`` in the table's order.

    ``old_secret_until``: until when the secret before the present one is good, None where there was none.
    """

    client_id: str
    name: str
    organisation: str
    schools: Sequence[str]
    scopes: Sequence[str]
    kind: str
    proof: str
    grants: Sequence[str]
    redirect_uris: Sequence[str]
    pkce: bool
    issuer: str | None
    may_open_accounts: bool
    purpose_th: str | None
    purpose_en: str | None
    per_minute: int | None
    key_ids: Sequence[str]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    old_secret_until: datetime | None

    @property
    def is_excused(self) -> bool:
        """Tell whether it may ask learners without PKCE, which is weaker and must be seen."""
        return not self.pkce and AUTHORIZATION_CODE in self.grants


@dataclass(frozen=True)
class Page:
    """Clients, and the id to go on after, None at the end."""

    items: Sequence[Shown]
    next: str | None


def find(runtime: Runtime, words: str = "", *, after: str | None = None, limit: int = 50) -> Page:
    """Return the clients that have every word in their name, id, scopes or organisations; the newest first."""
    asked = words.split()[:MOST_WORDS]
    with reading(runtime.engine) as connection:
        rows = clients.listed(connection, asked, after, limit + 1)
        return Page(_shown(connection, rows[:limit]), rows[limit - 1].client_id if len(rows) > limit else None)


def get(runtime: Runtime, client_id: str) -> Shown:
    """Return one client, a revoked one too; ``Refused("not_found")`` (404)."""
    if not is_client_id(client_id):
        raise not_found()
    with reading(runtime.engine) as connection:
        row = clients.shown(connection, client_id)
        if row is None:
            raise not_found()
        return _shown(connection, [row])[0]


def _shown(connection: Connection, rows: Sequence[Stored]) -> list[Shown]:
    schools = clients.schools(connection, [row.client_id for row in rows])
    return [_one(row, schools[row.client_id]) for row in rows]


def _one(row: Stored, schools: Sequence[str]) -> Shown:
    granted = set(row.scopes.split())
    keys: list[dict[str, Any]] = (row.jwks or {}).get("keys", [])
    return Shown(
        client_id=row.client_id,
        name=row.name,
        organisation=row.organisation_code,
        schools=schools,
        scopes=[code for code in SCOPES if code in granted],
        kind=row.kind,
        proof=row.proof,
        grants=row.grants.split(),
        redirect_uris=list(row.redirect_uris or ()),
        pkce=row.pkce,
        issuer=row.issuer,
        may_open_accounts=row.may_open_accounts,
        purpose_th=row.purpose_th,
        purpose_en=row.purpose_en,
        per_minute=row.per_minute,
        key_ids=[str(key.get("kid", "")) for key in keys],
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        old_secret_until=row.old_secret_until,
    )

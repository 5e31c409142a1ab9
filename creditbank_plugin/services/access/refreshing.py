"""A refresh token becomes the next one and an access token, once; a second use ends the family (RFC 9700 section 4.14)."""

from dataclasses import replace

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.scopes import split
from creditbank_plugin.services.access import clients, families, issuing
from creditbank_plugin.services.access.issuing import Holder, Issued
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import grants


def refresh(runtime: Runtime, client: Stored, token: str, scopes: frozenset[str], issuer: str) -> Issued:
    """Return new tokens for a refresh token; no ``scopes`` mean all that the learner granted.

    The next refresh token is good for all of it again, whatever is asked of the access token now (RFC 6749 section 6).
    ``Refused``: ``invalid_grant`` for a token that is unknown, used, another client's or too old, or whose learner took
    the consent back; ``invalid_scope`` for more than was granted.  A token that was used ends its authorisation.
    """
    return families.handed_out(runtime, lambda connection: _refresh(connection, runtime, client, token, scopes, issuer))


def _refresh(
    connection: Connection, runtime: Runtime, client: Stored, token: str, scopes: frozenset[str], issuer: str
) -> Issued | None:
    now = runtime.clock()
    row = grants.refresh_token(connection, clients.hash_of(token))
    family = families.of_brought(connection, row, client, now, families.REFRESH_REUSED)
    if row is None or family is None:
        return None
    granted = split(row.scopes)
    if not scopes <= granted:
        raise Refused("invalid_scope", "ขอมากกว่าที่ผู้เรียนให้ไว้", "More than the learner granted.", status=400)
    grants.use_refresh_token(connection, row.token_hash, now)
    holder = Holder(issuer, client.client_id, family.person_id, family.id, family.until)
    issued = issuing.access_token(connection, runtime, holder, scopes or granted)
    return replace(issued, refresh_token=issuing.refresh_token(connection, runtime, family.id, granted, family.until))

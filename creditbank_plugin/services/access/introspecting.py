"""A client asks what a token of its own is good for (RFC 7662)."""

from typing import Any

from creditbank_plugin.services.access import clients, issuing
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import grants
from creditbank_plugin.storage.session import reading

INACTIVE: dict[str, Any] = {"active": False}


def introspect(runtime: Runtime, client_id: str, token: str, issuer: str) -> dict[str, Any]:
    """Return what RFC 7662 section 2.2 answers; of a token that ended, is unknown or another client's only that it is
    not active.
    """
    now, found = runtime.clock(), clients.hash_of(token)
    with reading(runtime.engine) as connection:
        row, kind = grants.any_token(connection, found), "Bearer"
        ended = row is not None and row.revoked_at is not None
        if row is None:
            row, kind = grants.any_refresh_token(connection, found), "refresh_token"
            ended = row is not None and row.used_at is not None
    if row is None or ended or row.client_id != client_id or row.family_ended_at is not None or now >= row.expires_at:
        return INACTIVE
    return {
        "active": True,
        "token_type": kind,
        "client_id": row.client_id,
        "sub": row.person_id or row.client_id,
        "scope": row.scopes,
        "iss": issuer,
        "aud": issuing.audience(issuer),
        "iat": int(row.issued_at.timestamp()),
        "exp": int(row.expires_at.timestamp()),
    }

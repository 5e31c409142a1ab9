"""Clients of the platform's own issuer: entered among ours when they first call, to be seen and stopped."""

import hashlib
import secrets

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.scopes import join, split
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import access
from creditbank_plugin.storage.session import reading, writing

#: How such a client proves who it is: to the platform, never to us.
PROOF = "platform"
_LONGEST_NAME = 100


def known(runtime: Runtime, client: str, organisation: str | None) -> Stored | None:
    """Return the row of the platform's ``client`` for an organisation, entered where it is new; None where it was stopped.

    ``Refused("organisation_unknown")`` (403) where the token names no organisation of ours.
    """
    settings = runtime.settings
    told = "\x1f".join((str(settings.platform_issuer), client, organisation or ""))
    client_id = f"p_{hashlib.sha256(told.encode()).hexdigest()[:40]}"
    scopes = join(code for each in settings.platform_scopes.values() for code in split(each))
    with reading(runtime.engine) as connection:
        row = access.client(connection, client_id)
    if row is None or row.scopes != scopes:
        row = _enter(runtime, client_id, client, organisation, scopes)
    return None if row is None or row.revoked_at is not None else row


def _enter(runtime: Runtime, client_id: str, client: str, organisation: str | None, scopes: str) -> Stored | None:
    with writing(runtime.engine) as connection:
        if organisation is None or not access.organisation_exists(connection, organisation):
            th, en = "ไม่รู้จักหน่วยงานของโทเคนนี้", "The organisation of this token is not known here."
            raise Refused("organisation_unknown", th, en, status=403)
        access.add_client_once(
            connection,
            client_id=client_id,
            name=client[:_LONGEST_NAME],
            organisation_code=organisation,
            scopes=scopes,
            issuer=runtime.settings.issuer,
            may_open_accounts=False,
            secret_hash=secrets.token_bytes(32),
            old_secret_hash=None,
            old_secret_until=None,
            created_at=runtime.clock(),
            revoked_at=None,
            kind="confidential",
            proof=PROOF,
            grants="",
            redirect_uris=[],
            pkce=True,
            jwks=None,
            purpose_th=None,
            purpose_en=None,
            per_minute=None,
        )
        access.change_client(connection, client_id, scopes=scopes)
        return access.client(connection, client_id)

"""A client gives a token back (RFC 7009)."""

from creditbank_plugin.services import remembering
from creditbank_plugin.services.access import clients, families
from creditbank_plugin.services.access.families import invalid_grant
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import grants
from creditbank_plugin.storage.session import writing


def revoke(runtime: Runtime, client_id: str, token: str) -> None:
    """End a token at once: an access token alone, a refresh token with everything of its authorisation.

    One that nobody knows is as good as ended.  ``Refused("invalid_grant")`` for another client's, which stays as it is.
    """
    now, found = runtime.clock(), clients.hash_of(token)
    with writing(runtime.engine) as connection:
        access, refresh = grants.any_token(connection, found), grants.any_refresh_token(connection, found)
        if any(each is not None and each.client_id != client_id for each in (access, refresh)):
            raise invalid_grant()
        if access is not None:
            grants.revoke_token(connection, found, now)
        if refresh is not None:
            grants.end_families(connection, now, families.REVOKED, family_id=refresh.family_id)
    if access is not None or refresh is not None:
        remembering.forget_all(runtime)

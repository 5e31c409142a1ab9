"""Giving tokens back (RFC 7009) and asking what they are good for (RFC 7662)."""

from typing import Any

from authlib.consts import default_json_headers
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from creditbank_plugin.api import here
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.oauth_callers import ALL, PROOFS
from creditbank_plugin.api.oauth_grants import Answer, oauth_error
from creditbank_plugin.errors import Refused
from creditbank_plugin.services.access import introspecting, revoking


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """A client ends a token of its own.  ``token_type_hint`` is not needed: the hash finds either kind."""

    CLIENT_AUTH_METHODS = ALL

    def create_endpoint_response(self, made: FlaskOAuth2Request) -> Answer:
        """End the token; one that nobody knows is as good as ended."""
        caller = self.authenticate_endpoint_client(made)
        try:
            revoking.revoke(runtime(), caller.get_client_id(), _token(made))
        except Refused as refused:
            raise oauth_error(refused) from None
        return 200, {}, default_json_headers


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """A client that proves itself asks after a token of its own."""

    CLIENT_AUTH_METHODS = PROOFS

    def create_endpoint_response(self, made: FlaskOAuth2Request) -> Answer:
        """Tell what the token is good for, of any other only that it is not active."""
        caller = self.authenticate_endpoint_client(made)
        issuer = here.issuer()
        told: dict[str, Any] = introspecting.introspect(runtime(), caller.get_client_id(), _token(made), issuer)
        return 200, told, default_json_headers


ENDPOINTS = (Revocation, Introspection)


def _token(made: FlaskOAuth2Request) -> str:
    token: str = made.payload.data.get("token", "")
    if not token:
        raise InvalidRequestError("Missing token.")
    return token

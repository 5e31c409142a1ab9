"""The three grants of the token endpoint.

They stand on Authlib's base classes alone: its own grants look up, issue and delete in separate transactions, write
tokens into the debug log, and let the tokens of a stolen code live.
"""

from typing import Any

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    TokenEndpointMixin,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import BaseGrant

from creditbank_plugin.api import here
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.oauth_callers import ALL, PROOFS, Caller
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import client
from creditbank_plugin.rules.scopes import join, split
from creditbank_plugin.services.access import codes, issuing, refreshing
from creditbank_plugin.services.access.codes import Brought
from creditbank_plugin.services.access.issuing import Holder, Issued

Answer = tuple[int, dict[str, Any], list[tuple[str, str]]]


class _Grant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """What all three have in common: who calls may use the grant, and how tokens are answered."""

    TOKEN_ENDPOINT_AUTH_METHODS: tuple[str, ...] = ALL

    def validate_token_request(self) -> None:
        """Know the client, and that it registered this grant."""
        caller = self.authenticate_token_endpoint_client()
        if not caller.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client did not register this grant_type.")
        self.request.client = caller

    def create_token_response(self) -> Answer:
        """Answer the tokens that the grant gives (RFC 6749 section 5.1)."""
        try:
            issued = self.issue(self.request.client, here.issuer())
        except Refused as refused:
            raise oauth_error(refused) from None
        answer = {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "scope": join(issued.scopes),
        }
        if issued.refresh_token is not None:
            answer["refresh_token"] = issued.refresh_token
        return 200, answer, default_json_headers

    def issue(self, caller: Caller, issuer: str) -> Issued:
        """Give the tokens."""
        raise NotImplementedError

    def sent(self, name: str) -> str:
        """Return a parameter that must be there."""
        value: str = self.request.payload.data.get(name, "")
        if not value:
            raise InvalidRequestError(f"Missing {name}.")
        return value


class ClientCredentials(_Grant):
    """A client acts for its own organisation (RFC 6749 section 4.4)."""

    GRANT_TYPE = client.CLIENT_CREDENTIALS
    TOKEN_ENDPOINT_AUTH_METHODS = PROOFS

    def issue(self, caller: Caller, issuer: str) -> Issued:
        """Give an access token for what is asked, or for all that the client has."""
        granted = caller.get_allowed_scope(self.request.payload.scope)
        if granted is None:
            raise InvalidScopeError()
        return issuing.issue(runtime(), Holder(issuer, caller.get_client_id()), split(granted))


class AuthorizationCode(_Grant):
    """A client brings the code that a learner's browser carried to it (RFC 6749 section 4.1.3)."""

    GRANT_TYPE = client.AUTHORIZATION_CODE

    def issue(self, caller: Caller, issuer: str) -> Issued:
        """Give the tokens for the code."""
        form = self.request.payload.data
        brought = Brought(self.sent("code"), form.get("redirect_uri") or None, form.get("code_verifier") or None)
        return codes.exchange(runtime(), caller.row, brought, issuer)


class Refresh(_Grant):
    """A client brings its refresh token (RFC 6749 section 6)."""

    GRANT_TYPE = client.REFRESH_TOKEN

    def issue(self, caller: Caller, issuer: str) -> Issued:
        """Give the next tokens."""
        asked = split(self.request.payload.scope or "")
        return refreshing.refresh(runtime(), caller.row, self.sent("refresh_token"), asked, issuer)


GRANTS = (ClientCredentials, AuthorizationCode, Refresh)


def oauth_error(refused: Refused) -> OAuth2Error:
    """Return a refusal of ours in OAuth's own words; what is none of those is raised on."""
    made = {"invalid_grant": InvalidGrantError, "invalid_scope": InvalidScopeError}.get(refused.code)
    if made is None:
        raise refused
    return made(refused.en)

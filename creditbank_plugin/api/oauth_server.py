"""Authlib's authorization server on our own tables, without its configuration: that would be the host's."""

from collections.abc import Callable

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request, UnsupportedGrantTypeError
from flask import Request, Response, request
from werkzeug.datastructures import MultiDict

from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.oauth_callers import METHODS
from creditbank_plugin.api.oauth_endpoints import ENDPOINTS
from creditbank_plugin.api.oauth_grants import GRANTS, Answer
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services.access import tokens

_CHALLENGE = f'Basic realm="{tokens.REALM}", charset="UTF-8"'
_PROOFS = frozenset(("client_secret", "client_assertion"))
#: What would stand in logs and histories if it came in an address.
_SECRET = _PROOFS | {"code", "code_verifier", "refresh_token", "token"}


class _Form(FlaskOAuth2Payload):  # type: ignore[misc]
    """The parameters of the body alone: in a URL they would end up in logs (RFC 6749 section 3.2)."""

    @property
    def data(self) -> MultiDict[str, str]:
        return self._request.form  # type: ignore[no-any-return]


class _Request(FlaskOAuth2Request):  # type: ignore[misc]
    """The present request, of which only the form is read.

    Authlib refuses an address without TLS; behind a proxy that ends TLS it is the public one that counts.
    """

    def __init__(self, present: Request) -> None:
        address = runtime().settings.public_url or present.url
        OAuth2Request.__init__(self, method=present.method, uri=address, headers=present.headers)
        self._request, self.payload = present, _Form(present)


class Server(AuthorizationServer):  # type: ignore[misc]
    """The endpoints to which clients speak; every error is one of RFC 6749 section 5.2."""

    def __init__(self) -> None:
        super().__init__(query_client=lambda client_id: None)
        self.scopes_supported = list(SCOPES)
        for name, method in METHODS.items():
            self.register_client_auth_method(name, method)
        for grant in GRANTS:
            self.register_grant(grant)
        for endpoint in ENDPOINTS:
            self.register_endpoint(endpoint)

    def create_oauth2_request(self, _: object) -> FlaskOAuth2Request:
        """Read the form of the present request only."""
        return _Request(request)

    def create_token_response(self, _: object = None) -> Response:
        """Answer a token request."""
        return self._answer(self._tokens)

    def create_endpoint_response(self, name: str, _: object = None) -> Response:
        """Answer a request to revoke or to introspect."""
        endpoint = self._endpoints[name][0]
        return self._answer(endpoint.create_endpoint_response)

    def _tokens(self, made: FlaskOAuth2Request) -> Answer:
        if not made.payload.grant_type:
            raise InvalidRequestError("Missing grant_type.")
        if not any(made.payload.grant_type == grant.GRANT_TYPE for grant in GRANTS):
            raise _OtherGrantError(made.payload.grant_type)
        grant = self.get_token_grant(made)
        grant.validate_token_request()
        answer: Answer = grant.create_token_response()
        return answer

    def _answer(self, make: Callable[[FlaskOAuth2Request], Answer]) -> Response:
        made = None
        try:
            made = self.create_oauth2_request(None)
            _check(made)
            answer: Response = self.handle_response(*make(made))
        except OAuth2Error as error:
            answer = self.handle_error_response(made, error)
        answer.headers["Cache-Control"] = "no-store"
        if answer.status_code == 401:
            answer.headers["WWW-Authenticate"] = _CHALLENGE
        return answer


def _check(made: FlaskOAuth2Request) -> None:
    """Refuse what is said twice, proved in two ways (RFC 6749 section 2.3), or told in an address."""
    form = made.payload.data
    if any(len(values) > 1 for name, values in made.payload.datalist.items() if name != "resource"):
        raise InvalidRequestError("A parameter is given more than once.")
    told = tokens.basic(made.headers.get("Authorization"))
    proofs = len(form.keys() & _PROOFS) + bool(made.headers.get("Authorization"))
    if proofs > 1 or (told is not None and form.get("client_id", told[0]) != told[0]):
        raise InvalidRequestError("The client proves who it is in more than one way.")
    if made.args.keys() & _SECRET:
        raise InvalidRequestError("A secret, code or token belongs into the body, never into the address.")


class _OtherGrantError(UnsupportedGrantTypeError):  # type: ignore[misc]
    """Authlib's sentence repeats what was sent; this one does not."""

    def get_error_description(self) -> str:
        return f"The grant_type must be one of {', '.join(grant.GRANT_TYPE for grant in GRANTS)}."

"""The token endpoint: client credentials by HTTP Basic, through Authlib (RFC 6749 sections 3.2, 4.4, 5)."""

from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError, UnsupportedGrantTypeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from flask import Blueprint, Response, g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from creditbank_plugin.api import problem, rate_headers
from creditbank_plugin.api.guard import public
from creditbank_plugin.api.here import runtime
from creditbank_plugin.machines import refuse_oversized, seal
from creditbank_plugin.observed import observe
from creditbank_plugin.rules.scopes import SCOPES, join, split
from creditbank_plugin.services.access import tokens
from creditbank_plugin.services.access.tokens import Access
from creditbank_plugin.storage.faults import UNREACHABLE, is_gone

LARGEST_FORM = 20_000
_SECRETS = frozenset(("client_secret", "client_assertion"))
_CHALLENGE = f'Basic realm="{tokens.REALM}", charset="UTF-8"'

blueprint = Blueprint("creditbank_oauth", __name__)
observe(blueprint)
blueprint.before_request(refuse_oversized)
blueprint.after_request(rate_headers.dress)
blueprint.after_request(seal)


class Caller(ClientMixin):  # type: ignore[misc]
    """A client that proved who it is, as Authlib wants to see it."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def get_client_id(self) -> str:
        """Return the client's public id."""
        return self.access.client_id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return what is granted: all the client has when nothing is asked, None (invalid_scope) for too much."""
        asked = split(scope or "") or self.access.scopes
        return join(asked) if asked <= self.access.scopes else None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Accept HTTP Basic at the token endpoint."""
        return method == "client_secret_basic" and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        """Accept client credentials, the one grant of a machine."""
        return grant_type == "client_credentials"


class Grant(ClientCredentialsGrant):  # type: ignore[misc]
    """Authlib's own grant writes the token into its debug log; this one does not."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Make the token, keep its hash, and answer it."""
        token = self.generate_token(scope=self.request.payload.scope, include_refresh_token=False)
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER


class _Form(FlaskOAuth2Payload):  # type: ignore[misc]
    """The parameters of the body alone: in a URL they would end up in logs (RFC 6749 section 3.2)."""

    @property
    def data(self) -> MultiDict[str, str]:
        return self._request.form  # type: ignore[no-any-return]


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server on our own tables, without its configuration: that would be the host's."""

    def __init__(self) -> None:
        super().__init__(query_client=lambda client_id: None, save_token=_save)
        self.scopes_supported = list(SCOPES)
        self.register_token_generator("default", BearerTokenGenerator(_generate, None, _lifetime))
        self.register_client_auth_method("client_secret_basic", _authenticate)
        self.register_grant(Grant)

    def create_oauth2_request(self, _: object) -> FlaskOAuth2Request:
        """Read the form of the present request only."""
        made = FlaskOAuth2Request(request)
        made.payload = _Form(request)
        return made

    def create_token_response(self, _: object = None) -> Response:
        """Answer a token request; every error is one of RFC 6749 section 5.2."""
        made = self.create_oauth2_request(None)
        try:
            self._check(made)
            grant = self.get_token_grant(made)
            grant.validate_token_request()
            return self._private(self.handle_response(*grant.create_token_response()))
        except OAuth2Error as error:
            return self._private(self.handle_error_response(made, error))

    @staticmethod
    def _check(made: FlaskOAuth2Request) -> None:
        if any(len(values) > 1 for values in made.payload.datalist.values()):
            raise InvalidRequestError("A parameter is given more than once.")
        if made.headers.get("Authorization") and made.payload.data.keys() & _SECRETS:
            raise InvalidRequestError("The client proves who it is in more than one way.")  # RFC 6749 section 2.3
        grant_type = made.payload.grant_type
        if not grant_type:
            raise InvalidRequestError("Missing grant_type.")
        if grant_type != Grant.GRANT_TYPE:
            raise _OtherGrantError(grant_type)

    @staticmethod
    def _private(answer: Response) -> Response:
        answer.headers["Cache-Control"] = "no-store"
        if answer.status_code == 401:
            answer.headers["WWW-Authenticate"] = _CHALLENGE
        return answer


class _OtherGrantError(UnsupportedGrantTypeError):  # type: ignore[misc]
    """Authlib's sentence repeats what was sent; this one does not."""

    def get_error_description(self) -> str:
        return "The grant_type must be client_credentials."


def _authenticate(_: object, made: FlaskOAuth2Request) -> Caller | None:
    told = tokens.basic(made.headers.get("Authorization"))
    access = tokens.by_secret(runtime(), *told) if told else None
    g.creditbank_access = access
    return Caller(access) if access else None


def _generate(**_: object) -> str:
    return tokens.new_token()


def _lifetime(client: Caller, grant_type: str) -> int:
    return runtime().settings.token_seconds


def _save(token: dict[str, Any], made: FlaskOAuth2Request) -> None:
    tokens.issue(runtime(), made.client.access.client_id, split(token["scope"]), token["access_token"])


_server = Server()


@blueprint.post("/token")
@public
def token() -> Response:
    """Give a client a token for its own id and secret."""
    request.max_content_length = LARGEST_FORM
    told = tokens.basic(request.headers.get("Authorization"))
    refusal = rate_headers.count_token_request(told[0] if told else request.form.get("client_id"))
    return refusal if refusal is not None else _server.create_token_response()


@blueprint.errorhandler(HTTPException)
def _unreadable(error: HTTPException) -> Response:
    answer = problem.http(error)
    if answer.status_code >= 400:
        answer.data = b'{"error": "invalid_request"}'
        answer.content_type = "application/json"
    return answer


def _unavailable(error: Exception) -> Response:
    answer = problem.database(error)
    answer.data = b'{"error": "temporarily_unavailable"}'
    answer.content_type = "application/json"
    return answer


def _broken(error: Exception) -> Response:
    if is_gone(error):
        return _unavailable(error)
    answer = problem.broken(error)
    answer.data = b'{"error": "server_error"}'
    answer.content_type = "application/json"
    return answer


for _kind in UNREACHABLE:
    blueprint.register_error_handler(_kind, _unavailable)
blueprint.register_error_handler(Exception, _broken)

"""The endpoints to which OAuth clients speak: tokens, taking them back, asking after them, and our public keys."""

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from creditbank_plugin.api import oauth_metadata, problem, rate_headers
from creditbank_plugin.api.guard import public
from creditbank_plugin.api.oauth_endpoints import Introspection, Revocation
from creditbank_plugin.api.oauth_server import Server
from creditbank_plugin.machines import Published, refuse_oversized, seal
from creditbank_plugin.observed import observe
from creditbank_plugin.services.access import tokens
from creditbank_plugin.storage.faults import UNREACHABLE, is_gone

LARGEST_FORM = 20_000

blueprint = Blueprint("creditbank_oauth", __name__)
observe(blueprint)
blueprint.before_request(refuse_oversized)
blueprint.after_request(rate_headers.dress)
_server = Server()


@blueprint.after_request
def _seal(answer: Response) -> Response:
    return answer if isinstance(answer, Published) else seal(answer)


@blueprint.before_request
def _bound() -> Response | None:
    """Bound what is read, and how often anybody may try a secret, a code or a token."""
    request.max_content_length = LARGEST_FORM
    if request.method != "POST":
        return None
    told = tokens.basic(request.headers.get("Authorization"))
    return rate_headers.count_token_request(told[0] if told else request.form.get("client_id"))


@blueprint.post("/token")
@public
def token() -> Response:
    """Give a client tokens (RFC 6749 section 3.2)."""
    return _server.create_token_response()


@blueprint.post("/revoke")
@public
def revoke() -> Response:
    """End a token of the client's own (RFC 7009)."""
    return _server.create_endpoint_response(Revocation.ENDPOINT_NAME)


@blueprint.post("/introspect")
@public
def introspect() -> Response:
    """Tell a client what a token of its own is good for (RFC 7662)."""
    return _server.create_endpoint_response(Introspection.ENDPOINT_NAME)


@blueprint.get("/jwks")
@public
def jwks() -> Response:
    """Tell everybody the public keys of our tokens."""
    return oauth_metadata.keys()


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

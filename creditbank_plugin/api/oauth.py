"""The endpoints to which OAuth clients speak: tokens, taking them back, asking after them, and our public keys."""

import json

from flask import Blueprint, Response, request

from creditbank_plugin.api import oauth_metadata, problem, rate_headers
from creditbank_plugin.api.guard import public
from creditbank_plugin.api.oauth_endpoints import Introspection, Revocation
from creditbank_plugin.api.oauth_server import Server
from creditbank_plugin.errors import Refused
from creditbank_plugin.machines import Published, refuse_oversized, seal
from creditbank_plugin.observed import observe
from creditbank_plugin.services.access import tokens

LARGEST_FORM = 20_000
_ERRORS = {500: "server_error", 503: "temporarily_unavailable"}

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


def _in_form(answer: Response, error: Exception) -> Response:
    """Return a problem as OAuth tells it (RFC 6749 section 5.2); a redirect stays one.

    What a client does wrong the server has answered already: a refusal that comes here is of our own making (the key of
    tokens cannot be read, say), and the log names its place.
    """
    if isinstance(error, Refused):
        answer = problem.broken(error)
    if answer.status_code >= 400:
        answer.data = json.dumps({"error": _ERRORS.get(answer.status_code, "invalid_request")}).encode()
        answer.content_type = "application/json"
    return answer


problem.answer_errors(blueprint, _in_form)

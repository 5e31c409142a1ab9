"""The token endpoint in the OpenAPI document.  It speaks OAuth (RFC 6749) and not our API: its part is written by hand."""

from typing import Any

from creditbank_plugin.api.xapi_document import BASIC
from creditbank_plugin.rules.scopes import EVENTS_WRITE, SCOPES

TAG = {"name": "oauth", "description": "ขอโทเคน – get a token"}
SCHEMAS: dict[str, Any] = {
    "Token": {
        "type": "object",
        "required": ["access_token", "token_type", "expires_in", "scope"],
        "properties": {
            "access_token": {"type": "string"},
            "token_type": {"type": "string", "enum": ["Bearer"]},
            "expires_in": {"type": "integer", "description": "seconds"},
            "scope": {"type": "string", "description": "what was granted, separated by blanks"},
        },
    },
    "TokenError": {
        "type": "object",
        "description": "RFC 6749 section 5.2",
        "required": ["error"],
        "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    },
}
_FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "scope": {"type": "string", "description": f"of {', '.join(SCOPES)}; absent: all that the client has"},
    },
}
_ABOUT = {
    400: ("invalid_request", "invalid_request, invalid_scope, unsupported_grant_type"),
    401: ("invalid_client", "no credentials, or none that are good"),
    413: ("invalid_request", "the form is too large"),
    500: ("server_error", "internal error"),
    503: ("temporarily_unavailable", "the database cannot be reached; see Retry-After"),
}


def paths(prefix: str) -> dict[str, Any]:
    """Return the path of the token endpoint below the bank's URL prefix, as OpenAPI 3.0 writes it."""
    example = {"access_token": "…", "token_type": "Bearer", "expires_in": 3600, "scope": EVENTS_WRITE}
    answers = {"200": _answer("a token", "Token", example)}
    for status, (error, about) in _ABOUT.items():
        answers[str(status)] = _answer(about, "TokenError", {"error": error})
    form = {"schema": _FORM, "example": {"grant_type": "client_credentials", "scope": EVENTS_WRITE}}
    operation = {
        "tags": [TAG["name"]],
        "operationId": "get_token",
        "summary": "Get a token for a client's own id and secret, sent by HTTP Basic",
        "security": [{BASIC: []}],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": form}},
        "responses": answers,
    }
    return {f"{prefix}/oauth/token": {"post": operation}}


def _answer(about: str, schema: str, example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    return {"description": about, "content": {"application/json": content}}

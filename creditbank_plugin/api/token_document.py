"""The OAuth endpoints in the OpenAPI document: they speak OAuth (RFC 6749) and not our API, so their part is by hand."""

from typing import Any

from creditbank_plugin.api import authorize_document, problem_answers
from creditbank_plugin.api.xapi_document import BASIC
from creditbank_plugin.rules.client import GRANTS
from creditbank_plugin.rules.scopes import EVENTS_WRITE, SCOPES
from creditbank_plugin.services.access.assertions import TYPE

TAG = {"name": authorize_document.TAG, "description": "ขอโทเคนและความยินยอม – tokens and consent"}
_TEXT: dict[str, Any] = {"type": "string"}
SCHEMAS: dict[str, Any] = {
    "Token": {
        "type": "object",
        "required": ["access_token", "token_type", "expires_in", "scope"],
        "properties": {
            "access_token": _TEXT,
            "token_type": {"type": "string", "enum": ["Bearer"]},
            "expires_in": {"type": "integer", "description": "seconds"},
            "scope": {"type": "string", "description": "what was granted, separated by blanks"},
            "refresh_token": {"type": "string", "description": "good once; where a learner let the client in"},
        },
    },
    "TokenError": {
        "type": "object",
        "description": "RFC 6749 section 5.2",
        "required": ["error"],
        "properties": {"error": _TEXT, "error_description": _TEXT},
    },
    "Introspection": {
        "type": "object",
        "description": "RFC 7662 section 2.2; of a token that is not good, or another client's, only that it is not active",
        "required": ["active"],
        "properties": {
            "active": {"type": "boolean"},
            **dict.fromkeys(("token_type", "client_id", "sub", "scope", "iss", "aud"), _TEXT),
            **{name: {"type": "integer", "description": "seconds since 1970"} for name in ("iat", "exp")},
        },
    },
    "KeySet": {
        "type": "object",
        "description": "RFC 7517; empty where access tokens are not signed",
        "required": ["keys"],
        "properties": {"keys": {"type": "array", "items": {"type": "object", "required": ["kty"]}}},
    },
}
_PROOF = {
    "client_id": {"type": "string", "description": "where it is not in the Basic header"},
    "client_secret": {"type": "string", "description": "in place of the Basic header, never beside it"},
    "client_assertion_type": {"type": "string", "description": f"with client_assertion: {TYPE}"},
    "client_assertion": {"type": "string", "description": "private_key_jwt (RFC 7523), in place of a secret"},
}
_GRANT = {
    "grant_type": {"type": "string", "enum": list(GRANTS)},
    "scope": {"type": "string", "description": f"of {', '.join(SCOPES)}; absent: all that there is to have"},
    "code": {"type": "string", "description": "with authorization_code"},
    "redirect_uri": {"type": "string", "description": "with authorization_code, as in the authorization request"},
    "code_verifier": {
        "type": "string",
        "description": "with authorization_code: the secret of the challenge (RFC 7636)",
    },
    "refresh_token": {"type": "string", "description": "with refresh_token"},
}
_TOKEN = {"token": _TEXT, "token_type_hint": {"type": "string", "description": "not needed: either kind is found"}}
_PROBLEMS = {
    400: ("invalid_request", "{errors}"),
    401: ("invalid_client", "no credentials, or none that are good"),
    413: ("invalid_request", "the form is too large"),
    414: ("invalid_request", "the address is too long"),
    431: ("invalid_request", "the headers are too large"),
    500: ("server_error", "internal error"),
    503: ("temporarily_unavailable", "the database cannot be reached; see Retry-After"),
}
_ISSUER = "https://bank.example.ac.th/creditbank"
_ERRORS = "invalid_request, invalid_grant, invalid_scope, unauthorized_client, unsupported_grant_type"


def paths(prefix: str) -> dict[str, Any]:
    """Return the paths of the OAuth endpoints below the bank's URL prefix, as OpenAPI 3.0 writes them."""
    token = {"access_token": "…", "token_type": "Bearer", "expires_in": 3600, "scope": EVENTS_WRITE}
    machine = {"grant_type": "client_credentials", "scope": EVENTS_WRITE}
    known = {
        "active": True,
        "token_type": "Bearer",
        "client_id": "cb_…",
        "sub": "cb_…",
        "scope": EVENTS_WRITE,
        "iss": _ISSUER,
        "aud": f"{_ISSUER}/api",
        "iat": 1774947600,
        "exp": 1774951200,
    }
    return {
        f"{prefix}/oauth/token": {
            "post": _form(
                ("get_token", "Get tokens: for the client itself, for a learner's code, or for a refresh token"),
                ({**_GRANT, **_PROOF}, ["grant_type"], machine),
                _answer("tokens", "Token", token),
                _ERRORS,
            )
        },
        f"{prefix}/oauth/revoke": {
            "post": _form(
                ("revoke_token", "End a token of the client's own; a refresh token with all of its authorisation"),
                ({**_TOKEN, **_PROOF}, ["token"], {"token": "…"}),
                {
                    "description": "it is good no longer",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "invalid_request, invalid_grant (another client's token)",
            )
        },
        f"{prefix}/oauth/introspect": {
            "post": _form(
                ("introspect_token", "Ask what a token of the client's own is good for"),
                ({**_TOKEN, **_PROOF}, ["token"], {"token": "…"}),
                _answer("what it is good for", "Introspection", known),
                "invalid_request",
            )
        },
        f"{prefix}/oauth/jwks": {
            "get": _open("get_keys", "The public keys of signed access tokens", "KeySet", {"keys": []})
        },
        f"{prefix}/oauth/authorize": authorize_document.operations(),
    }


def _form(said: tuple[str, str], form: tuple[dict[str, Any], list[str], dict[str, str]], good: Any, errors: str) -> Any:
    properties, required, example = form
    answers = {"200": good}
    for status, (error, about) in _PROBLEMS.items():
        answers[str(status)] = _answer(about.format(errors=errors), "TokenError", {"error": error})
    answers["429"] = problem_answers.reference(429, unsafe=True)
    schema = {"type": "object", "required": required, "properties": properties}
    content = {"application/x-www-form-urlencoded": {"schema": schema, "example": example}}
    return {
        "tags": [TAG["name"]],
        "operationId": said[0],
        "summary": said[1],
        "security": [{BASIC: []}, {}],
        "requestBody": {"required": True, "content": content},
        "responses": answers,
    }


def _open(operation: str, summary: str, schema: str, example: dict[str, Any]) -> dict[str, Any]:
    answers = {"200": _answer(summary, schema, example)}
    for status in (500, 503):
        error, about = _PROBLEMS[status]
        answers[str(status)] = _answer(about, "TokenError", {"error": error})
    return {
        "tags": [TAG["name"]],
        "operationId": operation,
        "summary": summary,
        "security": [],
        "responses": answers,
    }


def _answer(about: str, schema: str, example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    return {"description": about, "content": {"application/json": content}}

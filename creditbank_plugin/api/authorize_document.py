"""The authorization endpoint in the OpenAPI document: a learner's browser opens it, and a person answers."""

from typing import Any

from creditbank_plugin.rules.scopes import CREDITS_READ, LEARNERS_GRANT

TAG = "oauth"
_TEXT: dict[str, Any] = {"type": "string"}
_PAGE = {"content": {"text/html": {"schema": _TEXT}}}
_ABOUT = {
    "response_type": "code",
    "client_id": "the client's id",
    "redirect_uri": "one that the client registered, sign by sign; may be left out where there is only one",
    "scope": f"of {', '.join(sorted(LEARNERS_GRANT))}; absent: all of these that the client has",
    "state": "comes back as it was sent",
    "code_challenge": "S256 of the verifier (RFC 7636); only a client that is excused may leave it out",
    "code_challenge_method": "S256",
    "prompt": "none: answer without a page; consent: ask again",
    "ui_locales": "th or en, best first: the page's language for whoever has chosen none",
}
_REQUIRED = ("response_type", "client_id")
_EXAMPLES = {"response_type": "code", "scope": CREDITS_READ, "code_challenge_method": "S256"}
_ANSWERS: dict[str, Any] = {
    "200": {"description": "the page on which the learner decides", **_PAGE},
    "302": {"description": "to the log-in, or back to the client with code or error, state and iss (RFC 9207)"},
    "400": {"description": "client or redirect_uri cannot be trusted: a page says so and leads nowhere", **_PAGE},
    "401": {"description": "nobody is logged in, and the host has no address of a log-in", **_PAGE},
    "403": {"description": "who is logged in has no credits to share", **_PAGE},
    "500": {"description": "internal error", **_PAGE},
    "503": {"description": "the database cannot be reached", **_PAGE},
}


def operations() -> dict[str, Any]:
    """Return what the endpoint answers to a request in the address and to one in a form."""
    common = {"tags": [TAG], "security": []}
    summary = "Ask a learner, in their browser, to let the client read their credits (RFC 6749 section 4.1.1)"
    fields = {name: {**_TEXT, "description": text} for name, text in _ABOUT.items()}
    schema = {"type": "object", "required": list(_REQUIRED), "properties": fields}
    form = {"schema": schema, "example": {"response_type": "code", "client_id": "cb_…"}}
    return {
        "get": {
            **common,
            "operationId": "authorize",
            "summary": summary,
            "parameters": [_parameter(name, text) for name, text in _ABOUT.items()],
            "responses": _ANSWERS,
        },
        "post": {
            **common,
            "operationId": "authorize_by_form",
            "summary": f"{summary}; as a form",
            "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": form}},
            "responses": {
                "303": {"description": "to the same request in an address, or back to the client with an error"},
                **{status: _ANSWERS[status] for status in ("400", "500", "503")},
            },
        },
    }


def _parameter(name: str, text: str) -> dict[str, Any]:
    example = {"example": _EXAMPLES[name]} if name in _EXAMPLES else {}
    return {"name": name, "in": "query", "required": name in _REQUIRED, "description": text, "schema": _TEXT, **example}

"""The headers of answers in the OpenAPI document: which kind of answer carries which."""

from typing import Any

from apispec import APISpec

_TEXT, _NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}


def _header(about: str, schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"description": about, "schema": schema, "example": example}


_HEADERS = {
    "X-Request-ID": _header(
        "the id of this request, the caller's own where it sent one that is fit", _TEXT, "9f2b7c1e5d3a"
    ),
    "RateLimit-Policy": _header("calls (q) that a window of seconds (w) allows", _TEXT, '"client";q=6000;w=60'),
    "RateLimit": _header("calls left (r) and seconds until the next window (t)", _TEXT, '"client";r=5999;t=60'),
    "ETag": _header("of this answer; begins with its revision, where it has one", _TEXT, '"3-9f86d081884c7d65"'),
    "Idempotency-Replayed": _header(
        "`true` where this is what the first call under the key was answered",
        {"type": "string", "enum": ["true"]},
        "true",
    ),
    "Retry-After": _header("seconds to wait", _NUMBER, 30),
}
_ALWAYS, _COUNTED = ("X-Request-ID",), ("RateLimit-Policy", "RateLimit")


def add_to(spec: APISpec) -> None:
    """Name the headers in the document, where answers refer to them."""
    for name, header in _HEADERS.items():
        spec.components.header(name, header)


def of_answer(status: int, *, unsafe: bool) -> dict[str, str]:
    """Return the headers of an answer with ``status``, each by its name in the document."""
    names = [*_ALWAYS]
    if status not in (401, 414, 431):
        names += _COUNTED
    if status < 400 and not unsafe:
        names.append("ETag")
    if unsafe and (status < 500 and status not in (401, 403, 414, 429, 431)):
        names.append("Idempotency-Replayed")
    if status in (429, 503) or (unsafe and status == 409):
        names.append("Retry-After")
    return {name: name for name in names}

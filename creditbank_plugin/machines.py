"""What every door for machines needs of Flask: headers that a host cannot loosen, and its own errors of routing."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from flask import Blueprint, Flask, Response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
    RequestURITooLarge,
)
from werkzeug.routing import RequestRedirect

#: Nothing that a machine is answered is ever run, framed or guessed at by a browser.
HARDENED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}

#: Characters that an address with its query, and all headers together, may have.
LONGEST_ADDRESS, LARGEST_HEADERS = 8_000, 32_000


def _hardened(headers: Headers) -> Headers:
    for name, value in HARDENED.items():
        headers[name] = value
    return headers


class Sealed(Response):
    """An answer to a machine; its headers are set last, after whatever the host does to every answer of its own."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """Return the headers as they are sent: hardened, and kept by nobody on the way."""
        headers = _hardened(super().get_wsgi_headers(environ))
        if "no-store" not in headers.get("Cache-Control", ""):
            headers["Cache-Control"] = "no-store"
        return headers


class Published(Response):
    """An answer for everybody that may be kept on the way: hardened as well, and without any cookie of the host's."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        """Return the headers as they are sent."""
        headers = _hardened(super().get_wsgi_headers(environ))
        headers.remove("Set-Cookie")
        vary = [each for each in headers.get("Vary", "").replace(",", " ").split() if each.lower() != "cookie"]
        headers.remove("Vary")  # it is the same for every reader, whatever a host's session says
        if vary:
            headers["Vary"] = ", ".join(vary)
        return headers


def body(largest: int, *, again: bool = False) -> bytes:
    """Return the request's body as it came; ``RequestEntityTooLarge`` (413) above ``largest``, without reading on.

    ``again``: it is kept, so that it can be read once more.
    """
    request.max_content_length = largest + 1  # a body without a length is cut there, in silence: hence the second look
    raw = request.get_data(cache=again)
    if len(raw) > largest:
        raise RequestEntityTooLarge
    return raw


def refuse_oversized() -> None:
    """Refuse an address that is too long (414) and headers that are too large (431), for ``before_request`` of a door.

    A server in front usually has limits of its own, which answer in its own words.
    """
    if len(request.path) + len(request.query_string) > LONGEST_ADDRESS:
        raise RequestURITooLarge
    if sum(len(name) + len(value) for name, value in request.headers) > LARGEST_HEADERS:
        raise RequestHeaderFieldsTooLarge


def is_kept_nowhere() -> bool:
    """Tell whether the address asks for a text with a NUL: no column holds one, and PostgreSQL fails at the question."""
    asked = (*(request.view_args or {}).values(), *(text for _, text in request.args.items(multi=True)))
    return any("\0" in str(each) for each in asked)


def seal(answer: Response) -> Response:
    """Return ``answer`` as a sealed one, for ``after_request`` of a door."""
    return cast(Response, Sealed.force_type(answer))


def publish(answer: Response) -> Response:
    """Return ``answer`` as one that anybody may keep as long as it says itself."""
    return cast(Response, Published.force_type(answer))


def watch(app: Flask, places: Sequence[str], doors: Sequence[Blueprint], answer: Callable[[Any], Response]) -> None:
    """Let ``answer`` tell of unknown addresses and methods below ``places``; every other request stays untouched.

    A guard against forged forms (Flask-WTF) would refuse machines that send no cookie; it may be installed before us or
    after us, so it is told now and again with each request of ours.
    """
    _excuse(app, doors)

    def before() -> Response | None:
        if not f"{request.path}/".startswith(tuple(f"{place}/" for place in places)):
            return None
        _excuse(app, doors)
        error: HTTPException | None = request.routing_exception
        if isinstance(error, RequestRedirect):  # to an address spelled otherwise: a machine is told, not led
            error = NotFound()
        return seal(answer(error)) if isinstance(error, NotFound | MethodNotAllowed) else None

    app.before_request_funcs.setdefault(None, []).insert(0, before)


def _excuse(app: Flask, doors: Sequence[Blueprint]) -> None:
    guard = app.extensions.get("csrf")
    if guard is not None and hasattr(guard, "exempt"):
        for door in doors:
            guard.exempt(door)

"""Idempotency-Key on unsafe calls: the same call again is answered as the first was, and done once."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from creditbank_plugin import machines
from creditbank_plugin.api import problem
from creditbank_plugin.api.guard import caller
from creditbank_plugin.api.here import runtime
from creditbank_plugin.errors import Refused
from creditbank_plugin.services.access import repeats
from creditbank_plugin.services.access.repeats import Begun, Kept

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))
RETRY_SECONDS = 2  # what Retry-After says while the first call is under way
#: A text of the draft (a structured field's string), or the same without its quotation marks.
_KEY = re.compile(r'"?([\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,255})"?', re.ASCII)
#: The same, narrower, for the document: with both quotation marks or without.
_SHOWN = r'^([!#-+\-.-\[\]-~]{1,255}|"[!#-+\-.-\[\]-~]{1,255}")$'
#: What of an answer's headers is its own; the others belong to each call.
_KEPT = ("Content-Type", "Content-Language", "ETag", "Location", "Link", "Vary", "Cache-Control")
#: Answers that say something of the caller or the moment, not of what was asked: such a call may be sent again.
_PASSING = frozenset((401, 403, 408, 425, 429))

PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "description": "a new value (such as a UUID) for each call; the same call again is done once and answered alike",
    "schema": {"type": "string", "pattern": _SHOWN},
}


def once(act: Callable[[], Any], *, repeatable: bool) -> Response:
    """Carry the present call out, or answer what the first under its key was answered.

    ``repeatable``: the act itself knows what it did by a key of its business, so that doing it again after a crash
    changes nothing.  Any other notes in its own transaction that it was done (see `services.access.repeats`).
    """
    sent = request.headers.get(HEADER)
    if sent is None:
        return current_app.make_response(act())
    try:
        begun = repeats.begin(runtime(), caller(), _key(sent), _request_hash())
    except Refused as refusal:
        made = problem.refused(refusal)
        if refusal.code == "idempotency_in_progress":
            made.headers["Retry-After"] = str(RETRY_SECONDS)
        return made
    return _replayed(begun) if isinstance(begun, Kept) else _carried_out(act, begun, repeatable)


def _carried_out(act: Callable[[], Any], begun: Begun, repeatable: bool) -> Response:
    try:
        made = _answer(act) if repeatable else _noted(act, begun)
    except BaseException:
        repeats.release(runtime(), begun)
        raise
    if made.status_code >= 500 or made.status_code in _PASSING:
        repeats.release(runtime(), begun)
    else:
        headers = [(name, made.headers[name]) for name in _KEPT if name in made.headers]
        repeats.keep(runtime(), begun, Kept(made.status_code, headers, made.get_data(as_text=True)))
    return made


def _noted(act: Callable[[], Any], begun: Begun) -> Response:
    with repeats.acting(runtime(), begun):
        return _answer(act)


def _answer(act: Callable[[], Any]) -> Response:
    """Return the answer of the act; a refusal is one as well."""
    try:
        return current_app.make_response(act())
    except Refused as refusal:
        return problem.refused(refusal)
    except HTTPException as error:
        return problem.http(error)


def _replayed(kept: Kept) -> Response:
    made = Response(kept.body, kept.status)
    for name, value in kept.headers:
        made.headers[name] = value
    made.headers[REPLAYED] = "true"
    return made


def _key(sent: str) -> str:
    found = _KEY.fullmatch(sent.strip())
    if found is None or sent.strip().count('"') not in (0, 2):
        raise Refused(
            "idempotency_key_invalid",
            "ต้องเป็นค่าเดียวไม่เกิน 255 ตัว เป็นอักขระ ASCII ที่ไม่มีช่องว่างและจุลภาค",
            "must be one value of at most 255 ASCII characters without blanks and commas",
            field=HEADER,
            status=400,
        )
    return found[1]


def _request_hash() -> bytes:
    """Return the SHA-256 of method, path, query and body; the body is read here and once more by the route."""
    body = machines.body(runtime().settings.max_body, again=True)
    said = (request.method.encode(), request.path.encode(), request.query_string, hashlib.sha256(body).digest())
    return hashlib.sha256(b"\n".join(said)).digest()

"""Answers of the CASE service: JSON that may be kept, and every error as imsx_StatusInfo."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from creditbank_plugin import __version__
from creditbank_plugin.api import problem
from creditbank_plugin.api.here import root, runtime
from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import json_text
from creditbank_plugin.formats.case import PATH, Addresses, Json
from creditbank_plugin.formats.moments import moment
from creditbank_plugin.services.catalogue import case
from creditbank_plugin.storage.faults import RETRY_SECONDS

#: Seconds for which anybody may keep an answer without asking whether it still holds.
KEPT_SECONDS = 60
#: CASE's minor codes, by our own; by the status where we have none.
_MINOR = {"not_found": "unknownobject", "invalid_uuid": "invalid_uuid", "sort": "invalid_sort_field"}
_BY_STATUS = {400: "invalid_selection_field", 403: "forbidden", 404: "unknownobject", 503: "server_busy"}


def places() -> Addresses:
    """Return where this service's things are."""
    return Addresses(f"{root()}{runtime().settings.url_prefix}{PATH}")


def kept(make: Callable[[], Json | Iterable[bytes]], headers: dict[str, str] | None = None) -> Response:
    """Answer what ``make`` returns, or 304 to whoever has it already: then it is not made at all."""
    tag = sha256(repr((__version__, root(), request.full_path, case.state(runtime()))).encode()).hexdigest()[:32]
    answer = Response(content_type="application/json")
    answer.set_etag(tag)
    answer.cache_control.public = True
    answer.cache_control.max_age = KEPT_SECONDS
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    if answer.make_conditional(request).status_code == 304:
        return answer
    made = make()
    if isinstance(made, dict):
        _modified(answer, made)
        answer.set_data(json_text.dumps(made))
    else:
        # Werkzeug has measured the empty answer that it held against the reader's tag.
        answer.headers.remove("Content-Length")
        answer.response = _begun(made)
    return answer


def _modified(answer: Response, made: Json) -> None:
    said = made.get("lastChangeDateTime")
    if isinstance(said, str):
        answer.last_modified = moment("lastChangeDateTime", said)


def _begun(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Return the pieces with the first one made already, so that what fails at once is still answered as an error."""
    rest = iter(pieces)
    first = next(rest)

    def both() -> Iterable[bytes]:
        yield first
        yield from rest

    return both()


def status(code: int, minor: str, th: str, en: str, *, major: str = "failure", headers: Any = None) -> Response:
    """Return an error as CASE has it; ``minor`` is one of its own codes."""
    body = {
        "imsx_codeMajor": major,
        "imsx_severity": "error",
        "imsx_description": f"{th} / {en}",
        "imsx_codeMinor": {
            "imsx_codeMinorField": [{"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}]
        },
    }
    return Response(json_text.dumps(body), code, headers, content_type="application/json")


def http(error: HTTPException) -> Response:
    """Answer an error of HTTP itself: an address or a method that is not of CASE's service."""
    return in_form(problem.http(error), error)


def in_form(answer: Response, error: Exception) -> Response:
    """Return the answer of CASE in place of a problem."""
    code = answer.status_code
    if isinstance(error, Refused):
        minor = _MINOR.get(error.code) or _BY_STATUS.get(code, "invalid_selection_field")
        return status(code, minor, error.th, error.en)
    if code == 405:
        th, en = "บริการนี้อ่านได้อย่างเดียว", "This service is read-only."
        allowed = {"Allow": answer.headers.get("Allow", "GET, HEAD, OPTIONS")}
        return status(405, "forbidden", th, en, major="unsupported", headers=allowed)
    if code == 503:
        th, en = "ฐานข้อมูลยังใช้ไม่ได้ชั่วคราว", "The database cannot be reached at the moment."
        return status(503, "server_busy", th, en, headers={"Retry-After": str(RETRY_SECONDS)})
    if code >= 500:
        return status(code, "internal_server_error", "ระบบขัดข้อง", "Something failed on our side.")
    return status(code, _BY_STATUS.get(code, "invalid_selection_field"), "ไม่มีที่อยู่นี้", "There is nothing at this address.")

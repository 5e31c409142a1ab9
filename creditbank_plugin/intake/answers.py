"""Answers of the xAPI door: JSON, always with the version header (xAPI 1.0.3 part 3, sections 1 and 3)."""

import json
import logging
import traceback
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from creditbank_plugin.errors import Refused
from creditbank_plugin.machines import seal
from creditbank_plugin.services import journal
from creditbank_plugin.services.access.tokens import Denied
from creditbank_plugin.storage.faults import RETRY_SECONDS, UNREACHABLE, is_gone

log = logging.getLogger(__name__)

VERSION = "1.0.3"
VERSION_HEADER = "X-Experience-API-Version"


class Bad(Refused):
    """A request that xAPI calls bad: 400 (or ``status``), with the field and its place in the array."""

    def __init__(
        self, code: str, th: str, en: str, *, field: str = "", place: int | None = None, status: int = 400
    ) -> None:
        super().__init__(code, th, en, field=field, status=status)
        self.place = place


def answer(body: Any, status: int = 200) -> Response:
    """Return a JSON answer."""
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json")


def refused(error: Refused) -> Response:
    """Answer a refusal; ``errors`` name the field and, of an array, the place of the statement (from 0)."""
    body: dict[str, Any] = {"status": error.status, "code": error.code, "th": error.th, "en": error.en}
    if error.field:
        at = {"index": error.place} if isinstance(error, Bad) and error.place is not None else {}
        body["errors"] = [{"field": error.field, **at, "th": error.th, "en": error.en}]
    made = answer(body, error.status)
    if isinstance(error, Denied):
        made.headers["WWW-Authenticate"] = error.challenge
    if error.status == 503:
        made.headers["Retry-After"] = str(RETRY_SECONDS)
    return made


def prepare(blueprint: Blueprint) -> None:
    """Give the door its headers and its errors, and nobody else."""
    handlers: tuple[tuple[type[Exception], Callable[[Any], Response]], ...] = (
        (Refused, refused),
        (HTTPException, _http),
        *((kind, _database) for kind in UNREACHABLE),
        (Exception, _broken),
    )
    for kind, handler in handlers:
        blueprint.register_error_handler(kind, handler)

    blueprint.after_request(dress)


def dress(made: Response) -> Response:
    """Give an answer what each of this door has: the version header, and headers that no host loosens."""
    made.headers[VERSION_HEADER] = VERSION
    return seal(made)


def routing(error: HTTPException) -> Response:
    """Answer an address or a method that this door does not have."""
    return dress(_http(error))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status == 413:
        return refused(Refused("too_large", "ข้อมูลที่ส่งใหญ่เกินกำหนด", "What was sent is too large.", status=413))
    if status == 404:
        return refused(Refused("not_found", "ไม่มีที่อยู่นี้", "There is nothing at this address.", status=404))
    if isinstance(error, MethodNotAllowed):
        th, en = "ที่อยู่นี้ใช้วิธีเรียกอื่น ดูส่วนหัว Allow", "This address has other methods; see Allow."
        made = refused(Refused("method_not_allowed", th, en, status=405))
        made.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return made
    return refused(Refused(f"http_{status}", "ทำตามคำขอนี้ไม่ได้", "The request cannot be carried out.", status=status))


def _database(error: Exception) -> Response:
    log.error("database failed at %s: %s", request.endpoint, type(error).__name__)
    th, en = "ฐานข้อมูลยังใช้ไม่ได้ชั่วคราว โปรดส่งใหม่ภายหลัง", "The database cannot be reached; please send again later."
    return refused(Refused("database_unavailable", th, en, status=503))


def _broken(error: Exception) -> Response:
    if is_gone(error):
        return _database(error)  # tables of another version too, while an installation is brought up
    # The text of an exception may repeat what was sent: its type and its place are enough to find it.
    request_id = journal.request_id() or str(uuid4())
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("request %s at %s failed: %s\n%s", request_id, request.endpoint, type(error).__name__, place)
    th, en = f"ระบบขัดข้อง หมายเลข {request_id}", f"Something failed on our side; number {request_id}."
    return refused(Refused("internal_error", th, en, status=500))

"""Every error of the API as a problem document (RFC 9457), in Thai or English, and never with a trace."""

import json
import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from creditbank_plugin.api.here import language, root, runtime
from creditbank_plugin.api.problem_types import address_of
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import journal
from creditbank_plugin.services.access.tokens import Denied
from creditbank_plugin.storage.faults import RETRY_SECONDS, UNREACHABLE, is_gone

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"
#: Another protocol's answer to an error, made of the problem that would be ours and of the error itself.
Form = Callable[[Response, Exception], Response]

TITLES = {
    400: ("คำขอไม่ถูกต้อง", "Bad request"),
    401: ("ยังไม่ได้ยืนยันตัวตน", "Not authenticated"),
    403: ("ไม่มีสิทธิ์", "Forbidden"),
    404: ("ไม่พบสิ่งที่ขอ", "Not found"),
    405: ("ใช้วิธีเรียก (method) นี้ไม่ได้", "Method not allowed"),
    406: ("ไม่มีรูปแบบที่ขอ", "Not acceptable"),
    409: ("ขัดแย้งกับที่มีอยู่", "Conflict"),
    412: ("มีการแก้ไขหลังจากที่อ่าน", "Precondition failed"),
    413: ("ข้อมูลที่ส่งใหญ่เกินไป", "Content too large"),
    414: ("ที่อยู่ยาวเกินไป", "URI too long"),
    415: ("ชนิดสื่อไม่ถูกต้อง", "Unsupported media type"),
    422: ("ข้อมูลไม่ผ่านการตรวจ", "Unprocessable content"),
    428: ("ต้องบอกว่าอ่านฉบับใดมา", "Precondition required"),
    429: ("เรียกถี่เกินไป", "Too many requests"),
    431: ("ส่วนหัวใหญ่เกินไป", "Request header fields too large"),
    500: ("ระบบขัดข้อง", "Internal error"),
    503: ("ระบบยังไม่พร้อมชั่วคราว", "Temporarily unavailable"),
}
_HTTP = {
    400: ("bad_request", "อ่านคำขอนี้ไม่ได้", "The request cannot be read."),
    404: ("not_found", "ไม่มีที่อยู่นี้ใน API", "There is nothing at this address."),
    405: ("method_not_allowed", "ที่อยู่นี้ใช้วิธีเรียกอื่น ดูส่วนหัว Allow", "This address has other methods; see Allow."),
    414: ("address_too_long", "ที่อยู่ยาวเกินกำหนด", "The address is too long."),
    415: ("wrong_media_type", "รับชนิดสื่อนี้ไม่ได้", "This media type is not accepted here."),
    431: ("headers_too_large", "ส่วนหัวของคำขอใหญ่เกินกำหนด", "The headers are too large."),
}


def problem(
    status: int,
    code: str,
    th: str,
    en: str,
    *,
    errors: Sequence[dict[str, Any]] = (),
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    """Return a problem: ``code`` is stable, ``detail`` one of the two sentences, ``errors`` items of {field, th, en}."""
    spoken = language()
    title = TITLES.get(status, TITLES[500 if status >= 500 else 400])
    body: dict[str, Any] = {
        "type": address_of(code),
        "title": title[spoken == "en"],
        "status": status,
        "detail": en if spoken == "en" else th,
        "code": code,
        **more,
    }
    if journal.request_id() is not None:
        body.setdefault("request_id", journal.request_id())
    if errors:
        body["errors"] = list(errors)
    answer = Response(json.dumps(body, ensure_ascii=False), status, headers, content_type=MEDIA)
    answer.headers["Content-Language"] = spoken
    answer.headers["Cache-Control"] = "no-store"
    answer.vary.add("Accept-Language")
    return answer


def refused(error: Refused) -> Response:
    """Answer a refusal with its own status, code and sentence."""
    headers = {}
    if isinstance(error, Denied):
        headers["WWW-Authenticate"] = f'{error.challenge}, resource_metadata="{_metadata()}"'
    if error.status == 503:
        headers["Retry-After"] = str(RETRY_SECONDS)
    errors = [{"field": error.field, "th": error.th, "en": error.en}] if error.field else []
    named = f"{error.field}: " if error.field else ""
    return problem(error.status, error.code, named + error.th, named + error.en, errors=errors, headers=headers)


def _metadata() -> str:
    """Return where it stands who gives tokens for this API (RFC 9728 section 5.1)."""
    return f"{root()}/.well-known/oauth-protected-resource{runtime().settings.url_prefix}/api"


def http(error: HTTPException) -> Response:
    """Answer an error of HTTP itself; a redirect stays one."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return current_app.make_response(error.get_response())
    code, th, en = _HTTP.get(status, (f"http_{status}", "ทำตามคำขอนี้ไม่ได้", "The request cannot be carried out."))
    if status == 413:
        code, th, en = _too_large(runtime().settings.max_body)
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return problem(status, code, th, en, headers=headers)


def _too_large(most: int) -> tuple[str, str, str]:
    return (
        "too_large",
        f"ข้อมูลที่ส่งใหญ่เกิน {most:,} ไบต์ ให้แบ่งส่งหลายครั้ง",
        f"What was sent is larger than {most:,} bytes: send it in parts.",
    )


def database(error: Exception) -> Response:
    """Answer that the database cannot be reached; nothing was kept."""
    log.error("database failed at %s: %s", request.endpoint, type(error).__name__)
    return problem(
        503,
        "database_unavailable",
        "ฐานข้อมูลยังใช้ไม่ได้ชั่วคราว โปรดลองใหม่ภายหลัง",
        "The database cannot be reached at the moment; please try again later.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def broken(error: Exception) -> Response:
    """Answer a fault of ours with a number by which the log names its place; the log repeats nothing that was sent.

    Tables of another version, while an installation is brought up, are a database that cannot be used for now.
    """
    if is_gone(error):
        return database(error)
    request_id = journal.request_id() or str(uuid4())
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("request %s at %s failed: %s\n%s", request_id, request.endpoint, type(error).__name__, place)
    return problem(
        500,
        "internal_error",
        "ระบบขัดข้อง โปรดแจ้งผู้ดูแลระบบพร้อมหมายเลข request_id",
        "Something failed on our side; tell the administrator the request_id.",
        request_id=request_id,
    )


def answer_errors(blueprint: Blueprint, form: Form | None = None) -> None:
    """Give a blueprint answers for whatever is raised in it; the host's own error pages stay as they are.

    They are problem documents, or what ``form`` makes of each.
    """

    def shaped(make: Callable[[Any], Response]) -> Callable[[Any], Response]:
        return make if form is None else lambda error: form(make(error), error)

    blueprint.register_error_handler(Refused, shaped(refused))
    blueprint.register_error_handler(HTTPException, shaped(http))
    for kind in UNREACHABLE:
        blueprint.register_error_handler(kind, shaped(database))
    blueprint.register_error_handler(Exception, shaped(broken))

"""The problems of the API in the OpenAPI document: each is described once, with an example, and referred to."""

from typing import Any

from apispec import APISpec

from creditbank_plugin.api import answer_headers
from creditbank_plugin.api.problem import MEDIA, TITLES
from creditbank_plugin.api.problem_types import types
from creditbank_plugin.api.schemas import ProblemSchema

_ABOUT = {
    400: "อ่านคำขอไม่ได้ หรือพารามิเตอร์ผิด – the request cannot be read, or a parameter is wrong",
    401: "ไม่มีโทเคนหรือโทเคนใช้ไม่ได้ – no token, or none that is good",
    403: "โทเคนไม่มีสิทธิ์นี้ – the token lacks the scope",
    404: "ไม่พบ หรือไม่ใช่ของหน่วยงานนี้ – not found, or not the organisation's",
    409: "ขัดกับที่บันทึกไว้แล้ว – it conflicts with what stands",
    412: "มีการแก้ไขหลังจากที่อ่าน – it was changed since it was read",
    413: "ใหญ่เกินไป หรือเกิน 1,000 รายการ – too large, or more than 1,000 items",
    415: "ชนิดสื่อไม่ถูกต้อง – wrong media type",
    422: "ข้อมูลไม่ผ่านการตรวจ – what was sent is refused",
    414: "ที่อยู่ยาวเกินไป – the address is too long",
    428: "ต้องบอกว่าอ่านฉบับใดมา (If-Match) – say what was read, in If-Match",
    429: "เรียกถี่เกินไป ดู Retry-After – called too often; see Retry-After",
    431: "ส่วนหัวใหญ่เกินไป – the headers are too large",
    500: "ระบบขัดข้อง – internal error",
    503: "ฐานข้อมูลใช้ไม่ได้ชั่วคราว – the database cannot be reached; see Retry-After",
}
#: Of those that come with a status, the one that is shown.
_SHOWN = {
    400: "parameter_invalid",
    401: "unauthenticated",
    403: "insufficient_scope",
    404: "not_found",
    409: "idempotency_key_reused",
    412: "changed_meanwhile",
    413: "too_large",
    414: "address_too_long",
    415: "wrong_media_type",
    422: "invalid",
    428: "precondition_required",
    429: "rate_limited",
    431: "headers_too_large",
    500: "internal_error",
    503: "database_unavailable",
}
_NAMES_A_FIELD = {
    400: {"field": "limit", "th": "ต้องเป็นจำนวนเต็ม 1 ถึง 1000", "en": "must be a whole number from 1 to 1000"},
    422: {"field": "name_th", "th": "ต้องระบุ", "en": "It is missing."},
}


def reference(status: int, *, unsafe: bool) -> dict[str, str]:
    """Return what stands for a problem in an operation; an ``unsafe`` one's has the headers of Idempotency-Key."""
    return {"$ref": f"#/components/responses/{_name(status, unsafe=unsafe)}"}


def add_to(spec: APISpec, prefix: str) -> None:
    """Describe every problem in the document."""
    for status in _ABOUT:
        for unsafe in (False, True):
            answer = {
                "description": _ABOUT[status],
                "headers": answer_headers.of_answer(status, unsafe=unsafe),
                "content": {MEDIA: {"schema": ProblemSchema, "example": example(status, prefix)}},
            }
            spec.components.response(_name(status, unsafe=unsafe), answer)


def example(status: int, prefix: str) -> dict[str, Any]:
    """Return a problem as it is answered; of ``detail`` its page's sentence stands here, where a field is named that."""
    code = _SHOWN[status]
    at = _NAMES_A_FIELD.get(status)
    shown = {
        "type": f"{prefix}/api/problems/{code}",
        "title": TITLES[status][0],
        "status": status,
        "detail": f"{at['field']}: {at['th']}" if at is not None else types()[code].th,
        "code": code,
        "request_id": "9f2b7c1e5d3a4b60",
    }
    return {**shown, "errors": [at]} if at is not None else shown


def _name(status: int, *, unsafe: bool) -> str:
    return f"Problem{status}{'OfACall' if unsafe else ''}"

"""The problems that a route can answer with, in the OpenAPI document."""

from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any, TypeVar, cast

from flask_smorest import Blueprint

from creditbank_plugin.api import answer_headers, examples, problem
from creditbank_plugin.api.schemas import ProblemSchema

View = TypeVar("View", bound=Callable[..., Any])

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
_SCHEMA = ProblemSchema()


def problems(statuses: Iterable[int], *, unsafe: bool) -> Callable[[View], View]:
    """Document that a view answers with these problems beside what is said of it; ``unsafe``: its method changes something.

    The library's own decorator is for one status, and copies deeply what was said before it: a dozen of them around each
    view were half of the time in which a program with this API starts.
    """
    known = {status: _response(status, unsafe) for status in sorted(statuses)}

    def document(view: View) -> View:
        @wraps(view)
        def documented(*args: Any, **values: Any) -> Any:
            return view(*args, **values)

        said = getattr(view, "_apidoc", {})
        response = said.get("response", {})
        told = {**response, "responses": {**known, **response.get("responses", {})}}
        documented._apidoc = {**said, "response": told}  # type: ignore[attr-defined]
        return cast(View, documented)

    return document


@cache
def _response(status: int, unsafe: bool) -> list[dict[str, Any]]:
    """Return what the library's decorator would keep of one problem."""
    documented = Blueprint("problems", __name__).alt_response(
        status,
        schema=_SCHEMA,
        content_type=problem.MEDIA,
        description=_ABOUT[status],
        headers=answer_headers.of_answer(status, unsafe=unsafe),
        **({"example": examples.PROBLEM} if status == 422 else {}),
    )(lambda: None)
    responses: dict[int, list[dict[str, Any]]] = documented._apidoc["response"]["responses"]
    return responses[status]

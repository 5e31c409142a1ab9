"""The blueprint of the API's routes, and how each documents the problems it can answer with."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema

from creditbank_plugin import machines
from creditbank_plugin.api import examples, guard, problem
from creditbank_plugin.api.schemas import ProblemSchema
from creditbank_plugin.observed import observe
from creditbank_plugin.services.access.tokens import ORGANISATIONS

View = TypeVar("View", bound=Callable[..., Any])

NAME = "creditbank_api"
SECURITY = "client_credentials"

blp = Blueprint(NAME, __name__, description="ธนาคารหน่วยกิต – credit bank")
observe(blp)
problem.answer_errors(blp)

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
    428: "ต้องบอกว่าอ่านฉบับใดมา (If-Match) – say what was read, in If-Match",
    500: "ระบบขัดข้อง – internal error",
    503: "ฐานข้อมูลใช้ไม่ได้ชั่วคราว – the database cannot be reached; see Retry-After",
}


def route(
    method: str,
    path: str,
    *,
    scope: str | tuple[str, ...],
    of: str = ORGANISATIONS,
    tag: str,
    status: int,
    schema: type[Schema],
    example: dict[str, Any],
    problems: Sequence[int] = (),
    **document: Any,
) -> Callable[[View], View]:
    """Mount a view below the API's prefix, guarded by ``scope`` (any of them, where there are several), and document it.

    ``of`` says whose affair it is (see `guard.scope`).

    ``problems`` are its own; 401, 403, 500 and 503 every route has.  ``document`` is OpenAPI's own (parameters,
    requestBody); the operation is named by the view.
    """

    def mount(view: View) -> View:
        codes = (scope,) if isinstance(scope, str) else scope
        made = guard.scope(*codes, of=of)(view)
        for each in sorted({*problems, 401, 403, 500, 503}):
            shown = {"example": examples.PROBLEM} if each == 422 else {}
            documented = blp.alt_response(
                each, schema=ProblemSchema, content_type=problem.MEDIA, description=_ABOUT[each], **shown
            )
            made = documented(made)
        made = blp.response(status, schema, example=example)(made)
        made = blp.doc(security=[{SECURITY: [code]} for code in codes], operationId=view.__name__, **document)(made)
        blp.add_url_rule(path, view_func=made, methods=[method], tags=[tag])
        return view

    return mount


blp.after_request(machines.seal)

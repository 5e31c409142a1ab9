"""The blueprint of the API's routes, and how each documents the problems it can answer with."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema

from creditbank_plugin import machines
from creditbank_plugin.api import (
    answer_headers,
    conduct,
    ending,
    entity_tags,
    fields,
    guard,
    idempotency,
    problem,
    problem_answers,
    rate_headers,
)
from creditbank_plugin.api.ending import Ending
from creditbank_plugin.observed import observe
from creditbank_plugin.services.access.tokens import BOTH, LEARNER, ORGANISATIONS

View = TypeVar("View", bound=Callable[..., Any])

NAME = "creditbank_api"
#: The security schemes of the document: a client's own token, and one that a learner's consent gave it.
MACHINE, LEARNERS = "client_credentials", "authorization_code"
_OPENED_BY = {ORGANISATIONS: (MACHINE,), LEARNER: (LEARNERS,), BOTH: (MACHINE, LEARNERS)}

blp = Blueprint(NAME, __name__, description="ธนาคารหน่วยกิต – credit bank")
observe(blp)
blp.before_request(machines.refuse_oversized)
problem.answer_errors(blp)

#: Operations of which a repetition changes nothing by itself (see `route`).
REPEATABLE: set[str] = set()
_UNCHANGED = "ยังเหมือนที่อ่านไปแล้ว – still what If-None-Match names"
#: Problems that every route may answer.
_EVERY = (401, 403, 414, 429, 431, 500, 503)


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
    repeatable: bool = False,
    include: Sequence[str] = (),
    ends: Ending | None = None,
    parameters: Sequence[Any] = (),
    **document: Any,
) -> Callable[[View], View]:
    """Mount a view below the API's prefix, guarded by ``scope`` (any of them, where there are several), and document it.

    ``of`` says whose affair it is (see `guard.scope`).  ``problems`` are its own; every route has those of `_EVERY`, and an
    unsafe one those of its Idempotency-Key.  ``include``: parts that a reader may ask for beside (see `fields.includes`).
    ``repeatable``: see `idempotency.once`.  ``ends``: it is deprecated.  ``document`` is OpenAPI's own (requestBody); the
    operation is named by the view.
    """

    def mount(view: View) -> View:
        codes = (scope,) if isinstance(scope, str) else scope
        acted = conduct.conducted(view, schema, include=include, repeatable=repeatable, ends=ends)
        made = guard.scope(*codes, of=of)(acted)
        if repeatable:
            REPEATABLE.add(view.__name__)
        unsafe = method in idempotency.UNSAFE
        answers = sorted({*problems, *_EVERY, 400, *((409,) if unsafe else ())})
        refused = {str(each): problem_answers.reference(each, unsafe=unsafe) for each in answers}
        document["responses"] = {**refused, **document.get("responses", {})}
        told = answer_headers.of_answer(status, unsafe=unsafe)
        made = blp.response(status, schema, example=example, headers=told)(made)
        if not unsafe:
            made = blp.alt_response(304, description=_UNCHANGED, headers=told, success=True)(made)
        read = [entity_tags.PARAMETER, *fields.parameters(schema, include)]
        named = [*parameters, *([idempotency.PARAMETER] if unsafe else read)]
        security = [{scheme: [code]} for scheme in _OPENED_BY[of] for code in codes]
        if ends is not None:
            document["deprecated"] = True
        made = blp.doc(security=security, operationId=view.__name__, parameters=named, **document)(made)
        blp.add_url_rule(path, view_func=made, methods=[method], tags=[tag])
        return view

    return mount


blp.after_request(ending.dress)
blp.after_request(rate_headers.dress)
blp.after_request(machines.seal)

"""What Schemathesis cannot know of this API: how a token is carried, which ids there are, and what each call has of its own.

Only calls that fit the document are changed, and one in four stays as it was made; those that do not fit are sent so.
"""

import json
import os
import re
import uuid
import zlib
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

_MACHINE, _LEARNER = "client_credentials", "authorization_code"
_KEY = re.compile(r'[!#-+\-.-\[\]-~]{1,255}|"[!#-+\-.-\[\]-~]{1,255}"')
#: What of a body names things that stand, or must not be said beside them (None), by operation.
_BODIES: dict[str, dict[str, Any]] = json.loads(os.environ.get("WORLD_BODIES", "{}"))


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """A token of OAuth 2 is a bearer token (RFC 6750): said so, it is sent, left out and falsified by `ignored_auth`."""
    schemes = raw_schema["components"]["securitySchemes"]
    for name in (_MACHINE, _LEARNER):
        schemes[name] = {"type": "http", "scheme": "bearer"}
    for operations in raw_schema["paths"].values():
        for method, operation in operations.items():
            if method != "parameters":
                names = dict.fromkeys(name for each in operation.get("security", ()) for name in each)
                operation["security"] = [{name: []} for name in names] or operation.get("security", [])
                _name_few_fields(operation)


def _name_few_fields(operation: dict[str, Any]) -> None:
    """Let ``fields`` have two names: for each it would make a call, which `before_call` makes the same as the others."""
    for each in operation.get("parameters", ()):
        if each.get("name") == "fields":
            each["schema"]["items"]["enum"] = each["schema"]["items"]["enum"][:2]


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Let a call that fits the document be about something that there is."""
    if case.meta is None:
        return
    negative = {place for place, each in case.meta.components.items() if each.mode.is_negative}
    own = "/api/v1/" in case.path
    if own and _KEY.fullmatch(str((case.headers or {}).get("Idempotency-Key", ""))):
        # The document asks for a new value for each call; the same one again would be 409, and nothing would be tried.
        case.headers["Idempotency-Key"] = str(uuid.uuid5(uuid.NAMESPACE_URL, case.id))
    if own and isinstance(case.query, dict) and set(_listed(case.query.get("fields"))) <= set(_fields(case)):
        # A sparse answer lacks what its schema requires, as the document says of the parameter: tests/api/test_fields.py.
        case.query.pop("fields", None)
    if zlib.crc32(repr((case.path_parameters, case.body)).encode()) % 4 == 0:
        return
    if case.meta.phase.name != TestPhase.STATEFUL and ParameterLocation.PATH not in negative:
        for name in case.path_parameters or {}:
            known = "51" if "/reports/" in case.path else os.environ.get(f"WORLD_{name.upper()}")
            if known is not None and "/api/v1/" in case.path:
                case.path_parameters[name] = known
    if ParameterLocation.BODY not in negative and isinstance(case.body, dict):
        for name, value in _BODIES.get(case.operation.definition.raw["operationId"], {}).items():
            case.body.pop(name, None) if value is None else case.body.update({name: value})


def _fields(case: schemathesis.Case) -> list[str]:
    parameters = case.operation.definition.raw.get("parameters", ())
    return next((each["schema"]["items"]["enum"] for each in parameters if each.get("name") == "fields"), [])


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else str(value).split(",")

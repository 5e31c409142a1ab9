"""What is told of a comparison: its terms, read from a JSON object, each refused at its field."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request

from creditbank_plugin.api import json_body
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.json_body import JsonBody
from creditbank_plugin.errors import invalid
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.hours import SCHEMES, hundredths
from creditbank_plugin.rules.terms import CONDITIONS, HOURS, LEVEL_BASES, MOST_EVIDENCE, MOST_OUTCOMES
from creditbank_plugin.services.comparing import proposals

#: The fields of the terms, as they are called in the API.
TERMS = (
    *("scheme", "credits", "credits_rule", "nqf_level", "nqf_level_basis", "outcomes", "hours", "conditions"),
    *("evidence", "applies_from", "applies_until"),
)

_DAY = {"type": "string", "format": "date", "nullable": True}
_AMOUNT: dict[str, Any] = {"oneOf": [{"type": "string"}, {"type": "number"}], "nullable": True}
_PERSON = {"type": "string", "description": "the client's own short code of the person who acts; no name"}
#: How a course is named in a body.
COURSE_SHAPE: dict[str, Any] = {
    "description": "its id, or owner, code and version",
    "oneOf": [
        {"type": "string", "format": "uuid"},
        {
            "type": "object",
            "required": ["owner", "code", "version"],
            "properties": {name: {"type": "string"} for name in ("owner", "code", "version")},
        },
    ],
}
TERM_SHAPES: dict[str, Any] = {
    "scheme": {"type": "string", "enum": [*SCHEMES, None], "nullable": True},
    "credits": {**_AMOUNT, "description": 'credits of the scheme, such as "1.50"'},
    "credits_rule": {"type": "string", "nullable": True},
    "nqf_level": {"type": "integer", "minimum": 1, "maximum": 8, "nullable": True},
    "nqf_level_basis": {"type": "string", "enum": [*LEVEL_BASES, None], "nullable": True},
    "outcomes": {"type": "array", "maxItems": MOST_OUTCOMES, "items": {"type": "string", "format": "uuid"}},
    "hours": {"type": "object", "properties": dict.fromkeys(HOURS, _AMOUNT), "additionalProperties": False},
    "conditions": {"type": "object", "properties": {name: {} for name in CONDITIONS}, "additionalProperties": False},
    "evidence": {
        "type": "array",
        "maxItems": MOST_EVIDENCE,
        "items": {
            "type": "object",
            "required": ["title"],
            "properties": {"title": {"type": "string"}, "url": {"type": "string", "nullable": True}},
        },
    },
    "applies_from": {**_DAY, "description": "first Bangkok day of completion; it may lie before the approval"},
    "applies_until": {**_DAY, "description": "last day, included"},
    "replaces": {
        "type": "string",
        "format": "uuid",
        "nullable": True,
        "description": "the comparison it ends; a draft names the one of the same body that applies, unless told otherwise",
    },
}


#: What begins a draft; a course may be named by its id as well.
DRAFT_EXAMPLE: dict[str, Any] = {
    "course": {"owner": "national", "code": "ว31101", "version": "2551"},
    "scheme": "basic",
    "credits": "1.50",
    "outcomes": ["019308a0-6d2e-7c11-9a55-0d6f0a2b3c67"],
    "conditions": {"min_score": 50},
    "applies_from": "2026-01-01",
    "on_behalf_of": "officer-1",
}


def document(properties: dict[str, Any], example: dict[str, Any], *required: str) -> dict[str, Any]:
    """Return OpenAPI's description of a body; whoever acts may be named in every one."""
    schema = json_body.described({**properties, "on_behalf_of": _PERSON}, *required)
    return {"required": bool(required), "content": {"application/json": {"schema": schema, "example": example}}}


def read_any() -> JsonBody:
    """Return the request's JSON object, an empty one where nothing was sent."""
    is_empty = not request.content_length and "Transfer-Encoding" not in request.headers
    return JsonBody({}) if is_empty else json_body.read()


def terms(told: JsonBody) -> dict[str, Any]:
    """Return those terms that were told, as fields of `rules.terms.Terms`; null takes one away."""
    found: dict[str, Any] = {}
    for name in TERMS:
        if name in told.values:
            found[name] = _READERS[name](told, name)
    return found


def whole(told: JsonBody, name: str) -> int | None:
    """Return a whole number; ``Refused`` names its field for anything else."""
    value = told.values.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9):
        raise invalid(name, "ต้องเป็นจำนวนเต็ม", "It must be a whole number.")
    return value


def texts_of(told: JsonBody, name: str) -> dict[str, str]:
    """Return an object of texts."""
    value = told.values.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise invalid(name, "ต้องเป็นวัตถุของข้อความ", "It must be an object of texts.")
    return value


def _amount(value: object, name: str) -> int:
    """Return an amount in hundredths, told as a text or a number with two decimals at most."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid(name, "ต้องเป็นตัวเลข", "It must be a number.")
    try:
        return hundredths(value if isinstance(value, str | int) else Decimal(str(value)))
    except (ValueError, InvalidOperation):
        raise invalid(
            name, "ต้องเป็นตัวเลขทศนิยมไม่เกินสองตำแหน่ง", "It must be a number with two decimals at most."
        ) from None


def _credits(told: JsonBody, name: str) -> int | None:
    value = told.values[name]
    return None if value is None else _amount(value, name)


def _object(told: JsonBody, name: str) -> dict[str, Any]:
    value = told.values[name]
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(name, "ต้องเป็นวัตถุ", "It must be an object.")
    return value


def _hours(told: JsonBody, name: str) -> dict[str, int]:
    return {kind: _amount(value, name) for kind, value in _object(told, name).items() if value is not None}


def _outcomes(told: JsonBody, name: str) -> tuple[str, ...]:
    return tuple(each.lower() for each in told.texts(name, most=MOST_OUTCOMES))


def _evidence(told: JsonBody, name: str) -> tuple[dict[str, Any], ...]:
    value = told.values[name]
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise invalid(name, "ต้องเป็นรายการของวัตถุ", "It must be a list of objects.")
    kept = ({key: each[key] for key in each if each[key] is not None} for each in value)
    return tuple(
        {**each, "title": thai.normalise(each["title"])} if isinstance(each.get("title"), str) else each
        for each in kept
    )


_READERS: dict[str, Any] = {
    "scheme": lambda told, name: told.text(name, longest=20),
    "credits": _credits,
    "credits_rule": lambda told, name: told.text(name, longest=40),
    "nqf_level": whole,
    "nqf_level_basis": lambda told, name: told.text(name, longest=20),
    "outcomes": _outcomes,
    "hours": _hours,
    "conditions": _object,
    "evidence": _evidence,
    "applies_from": lambda told, name: told.day(name),
    "applies_until": lambda told, name: told.day(name),
}


def course(told: JsonBody) -> str:
    """Return the id of the course that was named, by itself or by owner, code and version."""
    named = told.values.get("course")
    if isinstance(named, str):
        return named
    parts = [named.get(name) for name in ("owner", "code", "version")] if isinstance(named, dict) else []
    if not parts or not all(isinstance(part, str) for part in parts):
        raise invalid(
            "course", "ต้องเป็นรหัสระบบ หรือ owner, code และ version", "It must be an id, or owner, code and version."
        )
    found = proposals.course_named(runtime(), *map(str, parts))
    if found is None:
        raise invalid("course", "ไม่พบรายวิชานี้", "This course was not found.")
    return found

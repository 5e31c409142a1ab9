"""What an order is told as: its scope and its paper, read from a JSON object."""

from typing import Any

from creditbank_plugin.api import json_body
from creditbank_plugin.api.json_body import JsonBody
from creditbank_plugin.rules.orders import Paper, Scope
from creditbank_plugin.services.adopting.adoptions import LONGEST, MOST

SCOPE = ("bank", "comparison_ids", "body", "level_group", "occupational_group", "standing")
PAPER = ("order_number", "signatory", "ordered_on", "applies_from", "applies_until")

_DAY = {"type": "string", "format": "date"}
_SCOPE: dict[str, Any] = {
    "bank": {"type": "string", "description": "code of the bank; without it the bank of the client's organisation"},
    "comparison_ids": {
        "type": "array",
        "maxItems": MOST,
        "items": {"type": "string", "format": "uuid"},
        "description": "the comparisons to adopt; or name a `body`",
    },
    "body": {
        "type": "string",
        "description": "code of the comparing body: all its comparisons that are in force today",
    },
    "level_group": {"type": "string", "description": "with `body`: only courses of this level group"},
    "occupational_group": {"type": "string", "description": "with `body`: only courses of this occupational group"},
    "standing": {"type": "boolean", "description": "with `body`: also what it approves later"},
}
_DAYS: dict[str, Any] = {
    "applies_from": {**_DAY, "description": "first Bangkok day of completion; it may lie in the past"},
    "applies_until": {**_DAY, "description": "last day, included"},
}
_ORDER: dict[str, Any] = {
    "order_number": {"type": "string", "maxLength": LONGEST},
    "signatory": {"type": "string", "maxLength": LONGEST},
    "ordered_on": _DAY,
}
_WHO: dict[str, Any] = {
    "on_behalf_of": {"type": "string", "description": "the client's own short code of the person who acts; no name"}
}


def request_body(*, signed: bool) -> dict[str, Any]:
    """Return OpenAPI's description of the body: of an order, or (not ``signed``) of one that is only thought of."""
    properties = {**_SCOPE, **_DAYS, **({**_ORDER, **_WHO} if signed else {})}
    required = [*_ORDER, "applies_from"] if signed else ["applies_from"]
    example: dict[str, Any] = {"body": "province-51", "standing": False, "applies_from": "2026-01-01"}
    if signed:
        example |= {"order_number": "12/2569", "signatory": "ผู้อำนวยการสถานศึกษา", "ordered_on": "2026-01-03"}
    schema = json_body.described(properties, *required)
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def scope(told: JsonBody) -> Scope:
    """Return what is to be adopted."""
    return Scope(
        comparison_ids=tuple(told.texts("comparison_ids", most=MOST)),
        body=told.text("body"),
        level_group=told.text("level_group"),
        occupational_group=told.text("occupational_group"),
        standing=told.flag("standing"),
    )


def paper(told: JsonBody) -> Paper:
    """Return the order itself."""
    return Paper(
        order_number=told.needed_text("order_number", longest=LONGEST),
        signatory=told.needed_text("signatory", longest=LONGEST),
        ordered_on=told.needed_day("ordered_on"),
        applies_from=told.needed_day("applies_from"),
        applies_until=told.day("applies_until"),
    )

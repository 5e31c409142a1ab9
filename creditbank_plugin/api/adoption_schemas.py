"""The shape of an order in the API, an example of it, and how a stored one is written so."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from creditbank_plugin.api.schemas import BankSchema, CourseSchema
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.orders import STATES, state_of


def _text(about: str = "", *, null: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about} if about else {})


def _day(about: str, *, null: bool = False) -> fields.Date:
    return fields.Date(required=True, allow_none=null, metadata={"description": about})


class RevocationSchema(ma.Schema):
    """How an order was revoked; what was credited under it stays."""

    revoked_from = _day("first Bangkok day of completion to which the order no longer applies")
    order_number = _text("number of the order of revocation", null=True)
    reason = _text("", null=True)
    revoked_at = fields.DateTime(required=True, metadata={"description": "when it was entered"})


class AdoptedComparisonSchema(ma.Schema):
    """The comparison that an order names."""

    id = fields.String(required=True, metadata={"format": "uuid"})
    body = _text("code of the comparing body")
    reference = _text("the announcement it rests on")
    course = fields.Nested(CourseSchema, required=True)


class AdoptionSchema(ma.Schema):
    """An order of a bank, on one comparison or standing; several under one `order_number` are one order."""

    id = fields.String(required=True, metadata={"format": "uuid"})
    bank = fields.Nested(BankSchema, required=True)
    standing = fields.Boolean(required=True)
    comparison = fields.Nested(AdoptedComparisonSchema, required=True, allow_none=True)
    body = _text("of a standing order: the comparing body", null=True)
    level_group = _text("", null=True)
    occupational_group = _text("", null=True)
    order_number = _text()
    signatory = _text()
    ordered_on = _day("date of the order")
    applies_from = _day("first Bangkok day of completion, included")
    applies_until = _day("last day, included", null=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    revocation = fields.Nested(RevocationSchema, required=True, allow_none=True)
    entered_at = fields.DateTime(required=True)


class AdoptionsSchema(ma.Schema):
    """The orders that stand under what was entered."""

    items = fields.Nested(AdoptionSchema, required=True, many=True)


class AdoptionPageSchema(AdoptionsSchema):
    """A page of orders, newest entry first."""

    next = _text("cursor of the following page", null=True)


EXAMPLE: dict[str, Any] = {
    "id": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c44",
    "bank": {"code": "99000001", "name": {"th": "ธนาคารหน่วยกิตตัวอย่าง", "en": None}},
    "standing": True,
    "comparison": None,
    "body": "province-51",
    "level_group": "lower_secondary",
    "occupational_group": None,
    "order_number": "12/2569",
    "signatory": "ผู้อำนวยการสถานศึกษา",
    "ordered_on": "2026-01-03",
    "applies_from": "2026-01-01",
    "applies_until": None,
    "state": "in_force",
    "revocation": None,
    "entered_at": "2026-01-03T03:00:00Z",
}


def adoption(row: Any, day: date) -> dict[str, Any]:
    """Return a stored order as the API writes it, as of ``day``."""
    return {
        "id": row.id,
        "bank": {"code": row.bank_code, "name": {"th": row.bank_name_th, "en": row.bank_name_en}},
        "standing": row.comparison_id is None,
        "comparison": _comparison(row) if row.comparison_id is not None else None,
        "body": row.body_code,
        "level_group": row.level_group,
        "occupational_group": row.occupational_group,
        "order_number": row.order_number,
        "signatory": row.signatory,
        "ordered_on": row.ordered_on.isoformat(),
        "applies_from": row.applies_from.isoformat(),
        "applies_until": row.applies_until.isoformat() if row.applies_until else None,
        "state": state_of(row, day),
        "revocation": _revocation(row) if row.revoked_from is not None else None,
        "entered_at": instant_text(row.entered_at),
    }


def adoptions(rows: Sequence[Any], day: date) -> list[dict[str, Any]]:
    """Return stored orders as the API writes them."""
    return [adoption(row, day) for row in rows]


def _comparison(row: Any) -> dict[str, Any]:
    title = {"th": row.title_th, "en": row.title_en}
    course = {"owner": row.owner_code, "code": row.code, "version": row.version, "title": title}
    return {"id": row.comparison_id, "body": row.compared_by, "reference": row.reference, "course": course}


def _revocation(row: Any) -> dict[str, Any]:
    return {
        "revoked_from": row.revoked_from.isoformat(),
        "order_number": row.revocation_order,
        "reason": row.revocation,
        "revoked_at": instant_text(row.revoked_at),
    }

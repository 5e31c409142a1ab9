"""The shapes of courses in the API: what is read, what is sent, and what became of it."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from creditbank_plugin.api.schemas import BilingualSchema, FieldErrorSchema, OutcomeSchema
from creditbank_plugin.rules.course import LEVEL_GROUPS, SECTORS
from creditbank_plugin.rules.course_row import COLUMNS, REQUIRED


def _text(about: str = "", *, null: bool = True) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about} if about else {})


def _hours(about: str) -> fields.Float:
    return fields.Float(required=True, allow_none=True, metadata={"description": about})


class CourseRowSchema(ma.Schema):
    """A course version as the catalogue lists it; its fields are named as the columns of the template."""

    owner = _text("code of the organisation that owns the course", null=False)
    owner_name = fields.Nested(BilingualSchema, required=True)
    code = _text(null=False)
    version = _text("curriculum year พ.ศ.", null=False)
    title_th = _text(null=False)
    title_en = _text()
    description = _text()
    outcomes = fields.List(fields.String(), required=True)
    hours = _hours("clock hours in all")
    hours_theory = _hours("of them theory")
    hours_practice = _hours("of them practice")
    hours_field = _hours("of them field work")
    tpn = _text("weekly theory and practice, and credits, of a vocational course: 2-2-3")
    level_group = _text(f"one of {', '.join(LEVEL_GROUPS)}; older courses may have another word, or none")
    sector = _text(f"one of {', '.join(SECTORS)}; older courses may have none")
    delivery = _text()
    provider = _text()
    province = _text("two digits")
    agency = _text()
    occupational_group = _text()
    in_force_from = fields.Date(required=True, allow_none=True)
    in_force_until = fields.Date(required=True, allow_none=True)
    source = _text()
    evidence = _text("how good the source is")
    revision = fields.Integer(required=True, metadata={"description": "rises with each edit"})


class CoursePageSchema(ma.Schema):
    """A page of the catalogue."""

    items = fields.Nested(CourseRowSchema, many=True, required=True)
    next = _text("cursor of the following page")


class AdoptedBySchema(ma.Schema):
    """A bank that gives credit for the course today, and its order."""

    code = _text(null=False)
    name = fields.Nested(BilingualSchema, required=True)
    organisation = _text(null=False)
    adoption_id = fields.String(required=True, metadata={"format": "uuid"})
    order_number = _text(null=False)
    ordered_on = fields.Date(required=True)
    signatory = _text(null=False)
    standing = fields.Boolean(required=True, metadata={"description": "the order speaks of many courses"})


class CountsForSchema(ma.Schema):
    """An approved comparison of the course."""

    comparison_id = fields.String(required=True, metadata={"format": "uuid"})
    body = fields.Dict(required=True, metadata={"description": "code and name of the comparing body"})
    reference = _text("the announcement it rests on", null=False)
    approved_at = fields.DateTime(required=True)
    applies_from = fields.Date(required=True)
    applies_until = fields.Date(required=True, allow_none=True)
    in_force = fields.Boolean(required=True, metadata={"description": "covers completions of today"})
    scheme = _text("schemes are different currencies and are never added", null=False)
    credits = _text("credits of the scheme, as a decimal string", null=False)
    nqf_level = fields.Integer(required=True, allow_none=True)
    nqf_level_basis = _text()
    outcomes = fields.Nested(OutcomeSchema, many=True, required=True)
    conditions = fields.Dict(required=True)
    course_revision = fields.Integer(
        required=True, allow_none=True, metadata={"description": "the revision of the course that was judged"}
    )
    banks = fields.Nested(AdoptedBySchema, many=True, required=True)


class CourseRevisionSchema(ma.Schema):
    """What the course said from a moment on."""

    revision = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    changed = fields.List(fields.String(), required=True, metadata={"description": "fields that changed with it"})
    values = fields.Dict(required=True, metadata={"description": "what it said; empty fields are left out"})


class CourseViewSchema(CourseRowSchema):
    """One course version, what it counts for and what it was before."""

    versions = fields.List(fields.String(), required=True, metadata={"description": "curriculum years of this course"})
    counts_for = fields.Nested(CountsForSchema, many=True, required=True)
    more_banks = fields.Boolean(required=True, metadata={"description": "there are more banks than are named here"})
    revisions = fields.Nested(CourseRevisionSchema, many=True, required=True)


class CourseEntrySchema(ma.Schema):
    """What became of one course that was sent."""

    state = fields.String(required=True, validate=validate.OneOf(("new", "changed", "unchanged", "refused")))
    owner = _text("as understood; null when it was refused")
    code = _text()
    version = _text()
    revision = fields.Integer(required=True, allow_none=True)
    errors = fields.List(fields.Nested(FieldErrorSchema), required=True)


class CourseEntriesSchema(ma.Schema):
    """Answers in the order in which the courses were sent."""

    results = fields.Nested(CourseEntrySchema, many=True, required=True)
    counts = fields.Dict(required=True, metadata={"description": "how many are new, changed, unchanged, refused"})


def sent() -> dict[str, Any]:
    """Return the JSON schema of a course as it is sent: the columns of the template."""
    text: dict[str, Any] = {"type": "string", "nullable": True}
    number = {"oneOf": [{"type": "number", "minimum": 0}, {"type": "string"}], "nullable": True}
    shapes: dict[str, Any] = {name: number if name.startswith("hours") else text for name in COLUMNS}
    shapes["outcomes"] = {"type": "array", "items": {"type": "string"}}
    shapes["level_group"] = {"type": "string", "enum": list(LEVEL_GROUPS)}
    shapes["sector"] = {"type": "string", "enum": list(SECTORS)}
    return {"type": "object", "properties": shapes, "required": list(REQUIRED), "additionalProperties": False}

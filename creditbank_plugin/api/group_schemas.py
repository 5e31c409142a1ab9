"""The shapes of a group's meetings and of what is put to the public, and what is sent to enter a group."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from creditbank_plugin.api import json_body
from creditbank_plugin.api.comparison_schemas import (
    COMPARISON,
    GROUP,
    BodySchema,
    CommentSchema,
    ComparedCourseSchema,
    EvidenceSchema,
    GroupSchema,
    NamedGroupSchema,
)
from creditbank_plugin.api.schemas import CREDITS, OutcomeSchema
from creditbank_plugin.rules.hours import SCHEMES
from creditbank_plugin.rules.proposal import PROCEDURES, ROLES
from creditbank_plugin.services.comparing.groups import LONGEST, MOST_COMMENT_DAYS, MOST_RATERS
from creditbank_plugin.services.comparing.proposals import LONGEST_COMMENT

_TEXT: dict[str, Any] = {"type": "string", "maxLength": LONGEST}
_DAY: dict[str, Any] = {"type": "string", "format": "date"}
#: Who acts: members of groups are named by the client and its person.
PERSON = {"type": "string", "description": "the client's own short code of the person who acts; no name"}
#: How a group decides.
HOW: dict[str, Any] = {
    "procedure": {"type": "string", "enum": list(PROCEDURES)},
    "raters": {"type": "integer", "minimum": 0, "maximum": MOST_RATERS, "description": "ratings needed"},
    "quorum": {"type": "integer", "minimum": 1, "maximum": 100, "description": "members needed at a meeting"},
    "comment_days": {
        "type": "integer",
        "minimum": 0,
        "maximum": MOST_COMMENT_DAYS,
        "description": "how long the public may comment; 0: not at all",
    },
}
CHANGES: dict[str, Any] = {
    **HOW,
    "dissolved_on": {**_DAY, "nullable": True, "description": "from this day on nobody acts in it; null: it works on"},
}
NEW: dict[str, Any] = {
    "body": {**_TEXT, "description": "code of the organisation in whose name it compares"},
    **dict.fromkeys(("name_th", "name_en", "order_number", "order_signatory"), _TEXT),
    "ordered_on": _DAY,
    **HOW,
    "level_group": {**_TEXT, "description": "only courses of this level group"},
    "occupational_group": {**_TEXT, "description": "only courses of this occupational group"},
}
NEW_EXAMPLE: dict[str, Any] = {
    "body": "province-51",
    "name_th": "คณะทำงานเปรียบเทียบรายวิชา",
    "order_number": "12/2569",
    "order_signatory": "ผู้ว่าราชการจังหวัด",
    "ordered_on": "2026-01-05",
    "procedure": "meeting",
    "quorum": 5,
}
MEMBER: dict[str, Any] = {
    "actor": {"type": "string", "maxLength": 255, "description": "user:<id at the host> or client:<id>[/<person>]"},
    "name": {**_TEXT, "description": "as in the order"},
    "role": {"type": "string", "enum": list(ROLES)},
    "since": _DAY,
    "until": {**_DAY, "nullable": True},
}
MEETING: dict[str, Any] = {
    "held_on": _DAY,
    "present": {"type": "array", "maxItems": 200, "items": {"type": "string"}, "description": "actors of members"},
    "minutes": {"type": "string", "maxLength": 1000, "description": "number or address of the minutes"},
}
COMMENT: dict[str, Any] = {
    "text": {"type": "string", "maxLength": LONGEST_COMMENT},
    "name": {"type": "string", "maxLength": 200, "description": "the name to show; the person has agreed to that"},
}


def _text(about: str = "", *, null: bool = False, **more: Any) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about, **more} if about else more)


def _day(about: str, *, null: bool = False) -> fields.Date:
    return fields.Date(required=True, allow_none=null, metadata={"description": about})


class GroupChangeSchema(ma.Schema):
    """Who changed how a group decides, or the term of a member."""

    changed_at = fields.DateTime(required=True)
    actor = _text("who did")
    name = _text()
    act = fields.String(required=True, validate=validate.OneOf(("changed", "appointed")))
    member = _text("whose term, by their actor", null=True)
    before = fields.Dict(
        required=True, allow_none=True, metadata={"description": "what was otherwise; null: a new term"}
    )
    after = fields.Dict(required=True, metadata={"description": "what is now"})


class GroupViewSchema(GroupSchema):
    """A working group, and for its committee the latest 100 changes of it."""

    changes = fields.Nested(
        GroupChangeSchema,
        required=True,
        many=True,
        allow_none=True,
        metadata={"description": "newest first; null for callers outside of the committee"},
    )


class PresentSchema(ma.Schema):
    """A member who was there."""

    actor = _text("null for callers outside of the committee", null=True)
    name = _text()


class MeetingSchema(ma.Schema):
    """A meeting of a group with its minutes; what it resolved stands in the approval that names it."""

    id = _text(format="uuid")
    held_on = _day("")
    present = fields.Nested(PresentSchema, required=True, many=True)
    quorum = fields.Integer(required=True, metadata={"description": "how many members were needed"})
    minutes = _text("number or address of the minutes")
    entered_at = fields.DateTime(required=True)


class MeetingListSchema(ma.Schema):
    """A page of the meetings of a group, newest first."""

    items = fields.Nested(MeetingSchema, required=True, many=True)
    next = _text("the cursor of the next page", null=True)


class PublishedSchema(ma.Schema):
    """What is put to the public: what is proposed, until when they may comment, and what was said."""

    id = _text(format="uuid")
    course = fields.Nested(ComparedCourseSchema, required=True)
    body = fields.Nested(BodySchema, required=True)
    group = fields.Nested(NamedGroupSchema, required=True, allow_none=True)
    scheme = fields.String(required=True, allow_none=True, validate=validate.OneOf(SCHEMES))
    credits = fields.String(required=True, allow_none=True, validate=validate.Regexp(CREDITS))
    nqf_level = fields.Integer(required=True, allow_none=True)
    applies_from = _day("", null=True)
    applies_until = _day("", null=True)
    comment_until = _day("the last day for comments")
    outcomes = fields.Nested(OutcomeSchema, required=True, many=True)
    hours = fields.Dict(required=True)
    conditions = fields.Dict(required=True)
    evidence = fields.Nested(EvidenceSchema, required=True, many=True)
    comments = fields.Nested(CommentSchema, required=True, many=True)


class PublishedListSchema(ma.Schema):
    """Everything that is open for comments today."""

    items = fields.Nested(PublishedSchema, required=True, many=True)
    next = _text("always null", null=True)


MEETING_EXAMPLE: dict[str, Any] = {
    "id": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c4a",
    "held_on": "2026-03-05",
    "present": [{"actor": each["actor"], "name": each["name"]} for each in GROUP["members"]],
    "quorum": 3,
    "minutes": "รายงานการประชุม 3/2569",
    "entered_at": "2026-03-06T03:00:00Z",
}
GROUP_VIEW: dict[str, Any] = {
    **GROUP,
    "changes": [
        {
            "changed_at": "2026-03-06T03:00:00Z",
            "actor": "client:abc/officer-1",
            "name": "officer-1",
            "act": "appointed",
            "member": "client:abc/rater-1",
            "before": {"until": None},
            "after": {"until": "2027-01-04"},
        }
    ],
}
PUBLISHED: dict[str, Any] = {
    **{name: COMPARISON[name] for name in ("id", "course", "body", "group", "scheme", "credits", "nqf_level")},
    **{name: COMPARISON[name] for name in ("applies_from", "applies_until", "outcomes", "hours", "conditions")},
    "comment_until": "2026-03-19",
    "evidence": COMPARISON["evidence"],
    "comments": [{"name": "ผู้ปกครอง", "text": "ควรเพิ่มชั่วโมงปฏิบัติ", "said_at": "2026-03-06T03:00:00Z"}],
}


def request_body(properties: dict[str, Any], example: dict[str, Any], *required: str) -> dict[str, Any]:
    """Return OpenAPI's description of a body; whoever acts may be named in every one."""
    schema = json_body.described({**properties, "on_behalf_of": PERSON}, *required)
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}

"""The shapes of a comparison and of a working group in the API, and what is sent to act on one."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from creditbank_plugin.api.schemas import CREDITS, BilingualSchema, CourseSchema, OutcomeSchema
from creditbank_plugin.rules.agreement import ADVICE, MARKS
from creditbank_plugin.rules.hours import SCHEMES
from creditbank_plugin.rules.proposal import PROCEDURES, ROLES, STATES


def _text(about: str = "", *, null: bool = False, **more: Any) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about, **more} if about else more)


def _id(about: str, *, null: bool = False) -> fields.String:
    return _text(about, null=null, format="uuid")


def _day(about: str, *, null: bool = False) -> fields.Date:
    return fields.Date(required=True, allow_none=null, metadata={"description": about})


def _moment(about: str, *, null: bool = False) -> fields.DateTime:
    return fields.DateTime(required=True, allow_none=null, metadata={"description": about})


def _nested(schema: type[ma.Schema], *, many: bool = False, null: bool = False) -> fields.Nested:
    return fields.Nested(schema, required=True, many=many, allow_none=null)


def _number(about: str, *, null: bool = False) -> fields.Integer:
    return fields.Integer(required=True, allow_none=null, metadata={"description": about})


class ComparedCourseSchema(CourseSchema):
    """The course version that is compared."""

    id = _id("")
    revision = _number("the revision of its entry that was, or is to be, judged")


class BodySchema(ma.Schema):
    """An organisation that compares."""

    code = _text()
    name = _nested(BilingualSchema)


class NamedGroupSchema(ma.Schema):
    """A working group by its name."""

    id = _id("")
    name = _nested(BilingualSchema)


class EvidenceSchema(ma.Schema):
    """A paper that the terms rest on."""

    title = _text()
    url = _text(null=True)


class ComparisonSummarySchema(ma.Schema):
    """A comparison as lists show it."""

    id = _id("the same from the draft to the end")
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    revision = _number("rises with every act; the ETag")
    round = _number("rises when it is proposed again after it was returned")
    course = _nested(ComparedCourseSchema)
    body = _nested(BodySchema)
    group = _nested(NamedGroupSchema, null=True)
    scheme = fields.String(required=True, allow_none=True, validate=validate.OneOf(SCHEMES))
    credits = fields.String(required=True, allow_none=True, validate=validate.Regexp(CREDITS))
    nqf_level = _number("", null=True)
    applies_from = _day("first Bangkok day of completion", null=True)
    applies_until = _day("last day, included", null=True)
    reference = _text("the announcement an approved one rests on", null=True)
    made_at = _moment("")
    changed_at = _moment("")
    proposed_at = _moment("", null=True)
    approved_at = _moment("", null=True)
    comment_until = _day("until when the public may comment", null=True)
    ended_from = _day("first day of completion to which it no longer applies", null=True)


class StepSchema(ma.Schema):
    """One act: who, in which role, when and why; of an approval the very text that was signed."""

    number = _number("")
    action = _text()
    from_state = _text(null=True)
    to_state = _text()
    actor = _text("who, as members of groups are named; null for readers outside of the committee", null=True)
    name = _text()
    role = _text()
    at = _moment("")
    reason = _text(null=True)
    signed = _text("the text that was signed", null=True)
    details = fields.Dict(required=True, allow_none=True)


class RatingSchema(ma.Schema):
    """One rater's judgement of a round."""

    round = _number("")
    actor = _text()
    name = _text()
    design = fields.String(required=True, validate=validate.OneOf(MARKS))
    measurement = fields.String(required=True, validate=validate.OneOf(MARKS))
    quality = fields.String(required=True, validate=validate.OneOf(MARKS))
    level = _number("the NQF level found", null=True)
    advice = fields.String(required=True, validate=validate.OneOf(ADVICE))
    notes = fields.Dict(required=True)
    rated_at = _moment("")


class CommentSchema(ma.Schema):
    """What somebody said in the public round."""

    name = _text()
    text = _text()
    said_at = _moment("")


class ComparisonSchema(ComparisonSummarySchema):
    """A comparison in full, as far as the caller may see it."""

    credits_rule = _text(null=True)
    nqf_level_basis = _text(null=True)
    outcomes = _nested(OutcomeSchema, many=True)
    hours = fields.Dict(required=True, metadata={"description": "hours by kind: theory, practice, field"})
    conditions = fields.Dict(required=True)
    evidence = _nested(EvidenceSchema, many=True)
    replaces = _id("the comparison it ends from its own first day on", null=True)
    steps = _nested(StepSchema, many=True)
    ratings = _nested(RatingSchema, many=True)
    rated = _number("how many have rated in this round, also where their ratings may not be read yet")
    ratings_needed = _number("how many ratings an approval needs; 0 where a meeting decides")
    differing = fields.List(fields.String(), required=True, metadata={"description": "on what the raters differ"})
    comments = _nested(CommentSchema, many=True)
    may = fields.List(fields.String(), required=True, metadata={"description": "the acts open to the caller now"})


class ComparisonPageSchema(ma.Schema):
    """A page of comparisons, newest first."""

    items = _nested(ComparisonSummarySchema, many=True)
    next = _text("cursor of the following page", null=True)


class TextSchema(ma.Schema):
    """What would be signed."""

    text = _text()
    digest = _text("to be sent as text_digest when it is signed")


class MemberSchema(ma.Schema):
    """A term of a member, both days included."""

    actor = _text("null for callers outside of the committee", null=True)
    name = _text()
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    since = _day("")
    until = _day("", null=True)


class AgreedSchema(ma.Schema):
    """How many of all pairs of ratings of a round say the same."""

    rounds = _number("")
    pairs = _number("")
    agreeing = _number("")
    percent = _number("null where there is no pair", null=True)
    small = fields.Boolean(required=True, metadata={"description": "too few pairs for the percentage to say much"})


class DecisionsSchema(ma.Schema):
    """How often the chair went another way than most of the raters."""

    decided = _number("")
    followed = _number("")
    against = _number("")
    divided = _number("")


class FiguresSchema(ma.Schema):
    """Figures of a group's decided rounds."""

    agreement = fields.Dict(keys=fields.String(), values=fields.Nested(AgreedSchema), required=True)
    decisions = _nested(DecisionsSchema)


class GroupSchema(NamedGroupSchema):
    """A working group with its order and its members."""

    revision = _number("rises with every change; the ETag")
    body = _nested(BodySchema)
    level_group = _text(null=True)
    occupational_group = _text(null=True)
    order_number = _text()
    order_signatory = _text()
    ordered_on = _day("")
    procedure = fields.String(required=True, validate=validate.OneOf(PROCEDURES))
    raters = _number("")
    quorum = _number("")
    comment_days = _number("")
    dissolved_on = _day("", null=True)
    members = _nested(MemberSchema, many=True)
    figures = _nested(FiguresSchema, null=True)


class GroupListSchema(ma.Schema):
    """The working groups."""

    items = _nested(GroupSchema, many=True)
    next = _text("the cursor of the next page", null=True)


_ID = "019308a0-6d2e-7c11-9a55-0d6f0a2b3c{}"
_NAME = {"th": "คณะทำงานตัวอย่าง", "en": None}
SUMMARY: dict[str, Any] = {
    "id": _ID.format(43),
    "state": "under_judgement",
    "revision": 4,
    "round": 1,
    "course": {
        "id": _ID.format(65),
        "owner": "national",
        "code": "ว31101",
        "version": "2551",
        "title": {"th": "วิทยาศาสตร์", "en": "Science"},
        "revision": 1,
    },
    "body": {"code": "province-51", "name": {"th": "จังหวัดตัวอย่าง", "en": None}},
    "group": {"id": _ID.format(66), "name": _NAME},
    "scheme": "basic",
    "credits": "1.50",
    "nqf_level": 3,
    "applies_from": "2026-01-01",
    "applies_until": None,
    "reference": None,
    "made_at": "2026-03-01T03:00:00Z",
    "changed_at": "2026-03-02T03:00:00Z",
    "proposed_at": "2026-03-02T03:00:00Z",
    "approved_at": None,
    "comment_until": None,
    "ended_from": None,
}
_STEP = {
    "number": 1,
    "action": "create",
    "from_state": None,
    "to_state": "draft",
    "actor": "client:abc/officer-1",
    "name": "abc/officer-1",
    "role": "secretary",
    "at": "2026-03-01T03:00:00Z",
    "reason": None,
    "signed": None,
    "details": None,
}
COMPARISON: dict[str, Any] = {
    **SUMMARY,
    "credits_rule": "BE-H1",
    "nqf_level_basis": "comparison",
    "outcomes": [
        {
            "id": _ID.format(67),
            "framework": "core-curriculum-2551",
            "code": "ว 1.1",
            "title": {"th": "เข้าใจความหลากหลายของระบบนิเวศ", "en": None},
        }
    ],
    "hours": {"theory": 40, "practice": 20},
    "conditions": {"min_score": 50},
    "evidence": [{"title": "แผนการจัดการเรียนรู้", "url": "https://school.example.ac.th/plan.pdf"}],
    "replaces": None,
    "steps": [_STEP],
    "ratings": [],
    "rated": 1,
    "ratings_needed": 2,
    "differing": [],
    "comments": [],
    "may": ["rate"],
}
_AGREED = {"rounds": 12, "pairs": 12, "agreeing": 10, "percent": 83, "small": True}
GROUP: dict[str, Any] = {
    "id": _ID.format(66),
    "revision": 1,
    "name": _NAME,
    "body": SUMMARY["body"],
    "level_group": None,
    "occupational_group": None,
    "order_number": "12/2569",
    "order_signatory": "ผู้ว่าราชการจังหวัด",
    "ordered_on": "2026-01-05",
    "procedure": "raters_and_chair",
    "raters": 2,
    "quorum": 3,
    "comment_days": 0,
    "dissolved_on": None,
    "members": [
        {"actor": "client:abc/rater-1", "name": "ผู้ประเมิน 1", "role": "rater", "since": "2026-01-05", "until": None}
    ],
    "figures": {
        "agreement": {"design": _AGREED},
        "decisions": {"decided": 12, "followed": 10, "against": 1, "divided": 1},
    },
}

"""Routes of credit that waits for a person since its comparison was withdrawn: the list of it, and the decision."""

from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields, validate

from creditbank_plugin.api import json_body, paging, shapes
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import actor
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.schemas import BilingualSchema, CourseSchema
from creditbank_plugin.errors import invalid
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.rules.scopes import REVIEWS_DECIDE
from creditbank_plugin.services.comparing import review_list, reviews
from creditbank_plugin.services.comparing.review_list import UnderReview

TAG = "reviews"
_PERSON = {"type": "string", "description": "the client's own short code of the person who acts; no name"}


def _text(about: str = "", *, null: bool = False, **more: Any) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about, **more} if about else more)


def _day(about: str) -> fields.Date:
    return fields.Date(required=True, metadata={"description": about})


class WithdrawnSchema(ma.Schema):
    """The comparison that was withdrawn."""

    id = _text(format="uuid")
    reference = _text("the announcement it rested on")
    body = fields.Nested(BilingualSchema, required=True)
    ended_from = _day("the first day of completion to which it no longer applies")
    reason = _text("why it was withdrawn, where that was told", null=True)


class ReviewedLearnerSchema(ma.Schema):
    """The learner by the number that their school's system gave."""

    issuer = _text()
    id = _text()


class AttemptSchema(ma.Schema):
    """A completion that is in question."""

    completed_on = _day("the Bangkok day")
    score = _text("", null=True)
    grade = _text("", null=True)


class ReviewSchema(ma.Schema):
    """A record of which something is under review."""

    record_id = _text(format="uuid")
    course = fields.Nested(CourseSchema, required=True)
    scheme = _text()
    under_review = _text("credits of the scheme that are held back")
    since = fields.DateTime(required=True, metadata={"description": "since when it is in question"})
    comparison = fields.Nested(WithdrawnSchema, required=True)
    bank = fields.Nested(BilingualSchema, required=True)
    order_number = _text("the order it was deposited by", null=True)
    school = _text("code of the school that told of it", null=True)
    learner = fields.Nested(ReviewedLearnerSchema, required=True)
    attempts = fields.Nested(AttemptSchema, required=True, many=True)


class ReviewPageSchema(ma.Schema):
    """A page of what waits for a decision, the oldest record first."""

    items = fields.Nested(ReviewSchema, required=True, many=True)
    next = _text("cursor of the following page", null=True)


class DecidedSchema(ma.Schema):
    """What was decided."""

    record_id = _text(format="uuid")
    decision = fields.String(required=True, validate=validate.OneOf(reviews.DECISIONS))


EXAMPLE: dict[str, Any] = {
    "record_id": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c51",
    "course": {
        "owner": "national",
        "code": "ว31101",
        "version": "2551",
        "title": {"th": "วิทยาศาสตร์ 1", "en": None},
    },
    "scheme": "basic",
    "under_review": "1.50",
    "since": "2026-06-02T03:00:00Z",
    "comparison": {
        "id": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c47",
        "reference": "ประกาศจังหวัด ที่ 9/2569",
        "body": {"th": "จังหวัดตัวอย่าง", "en": None},
        "ended_from": "2026-06-01",
        "reason": "หลักสูตรเปลี่ยน",
    },
    "bank": {"th": "ธนาคารหน่วยกิตตัวอย่าง", "en": None},
    "order_number": "12/2569",
    "school": "9951000001",
    "learner": {"issuer": "https://lms.school.example", "id": "s-1"},
    "attempts": [{"completed_on": "2026-03-01", "score": "80", "grade": None}],
}


@route(
    "GET",
    "/reviews",
    scope=REVIEWS_DECIDE,
    tag=TAG,
    status=200,
    schema=ReviewPageSchema,
    example={"items": [EXAMPLE], "next": None},
    problems=(400,),
    parameters=["cursor", "limit"],
)
def list_reviews() -> Response:
    """List credit that waits for a decision of the client's organisation, the oldest record first

    Its comparison was withdrawn with all credit put under review. The comparing body sees it, the organisation whose bank
    deposited it, and those above them.
    """
    page = review_list.page(runtime(), by=actor(), after=paging.cursor(), limit=paging.limit())
    return shapes.answer({"items": [_shape(each) for each in page.items], "next": paging.next_cursor(page.next)})


@route(
    "GET",
    "/reviews/<record_id>",
    scope=REVIEWS_DECIDE,
    tag=TAG,
    status=200,
    schema=ReviewSchema,
    example=EXAMPLE,
    problems=(404,),
)
def get_review(record_id: str) -> Response:
    """Read what waits for a decision about one record"""
    return shapes.answer(_shape(review_list.get(runtime(), record_id, by=actor())))


@route(
    "POST",
    "/reviews/<record_id>/decide",
    scope=REVIEWS_DECIDE,
    tag=TAG,
    status=200,
    schema=DecidedSchema,
    example={"record_id": EXAMPLE["record_id"], "decision": reviews.UPHOLD},
    problems=(400, 404, 409, 413, 415, 422),
    requestBody={
        "required": True,
        "content": {
            "application/json": {
                "schema": json_body.described(
                    {
                        "decision": {"type": "string", "enum": list(reviews.DECISIONS)},
                        "reason": {"type": "string", "maxLength": reviews.LONGEST_REASON},
                        "on_behalf_of": _PERSON,
                    },
                    *("decision", "reason"),
                ),
                "example": {"decision": reviews.UPHOLD, "reason": "ผลลัพธ์ถูกต้อง", "on_behalf_of": "officer-1"},
            }
        },
    },
)
def decide_review(record_id: str) -> Response:
    """Let the credit stand as it was (`uphold`), or revoke it (`revoke`), with the reason

    A person decides, once: what was decided already is answered 409 `nothing_in_question`. The learner reads the reason
    and who decided, and may appeal to the school.
    """
    told = json_body.read().only("decision", "reason", "on_behalf_of")
    decision, by = told.needed_text("decision", longest=20), actor(told.text("on_behalf_of"))
    if decision not in reviews.DECISIONS:
        listed = ", ".join(reviews.DECISIONS)
        raise invalid("decision", f"ต้องเป็น {listed}", f"It must be one of: {listed}")
    reason = told.needed_text("reason", longest=reviews.LONGEST_REASON)
    reviews.decide(runtime(), record_id, uphold=decision == reviews.UPHOLD, by=by, reason=reason)
    return shapes.answer({"record_id": record_id, "decision": decision})


def _shape(each: UnderReview) -> shapes.Json:
    owner, code, version = each.course
    return {
        "record_id": each.record_id,
        "course": {"owner": owner, "code": code, "version": version, "title": shapes.bilingual(each.title)},
        "scheme": each.scheme,
        "under_review": credit_text(each.amount),
        "since": instant_text(each.since),
        "comparison": {
            "id": each.comparison_id,
            "reference": each.reference,
            "body": shapes.bilingual(each.body),
            "ended_from": each.ended_from.isoformat(),
            "reason": each.reason,
        },
        "bank": shapes.bilingual(each.bank),
        "order_number": each.order_number,
        "school": each.school,
        "learner": {"issuer": each.issuer, "id": each.learner},
        "attempts": [{**attempt, "completed_on": attempt["completed_on"].isoformat()} for attempt in each.attempts],
    }

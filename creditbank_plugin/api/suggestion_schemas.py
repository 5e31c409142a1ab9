"""The shapes of suggestions, and an example of them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from creditbank_plugin.api.schemas import CREDITS, CourseSchema, OutcomeSchema


def _share(about: str) -> fields.Float:
    return fields.Float(required=True, validate=validate.Range(0, 1), metadata={"description": about})


class SuggestionReasonSchema(ma.Schema):
    """Why an outcome is suggested."""

    code = fields.String(
        required=True,
        validate=validate.OneOf(
            ("words", "synonym", "area", "year", "level", "precedent", "own", "other_year", "other_area")
        ),
        metadata={"description": "stable code of the kind of reason"},
    )
    values = fields.Dict(required=True, metadata={"description": "what the sentences are made of"})
    th = fields.String(required=True)
    en = fields.String(required=True)


class SuggestionSchema(ma.Schema):
    """An outcome that may fit; a person decides."""

    item = fields.Nested(OutcomeSchema, required=True)
    level = fields.Integer(required=True, allow_none=True, metadata={"description": "the framework's own level"})
    area = fields.String(required=True, allow_none=True)
    score = _share("how well it fits")
    reasons = fields.Nested(SuggestionReasonSchema, many=True, required=True)


class SimilarComparisonSchema(ma.Schema):
    """A standing comparison of a similar course."""

    id = fields.String(required=True, metadata={"format": "uuid"})
    body = fields.String(required=True, metadata={"description": "code of the body that approved it"})
    reference = fields.String(required=True, metadata={"description": "the announcement it rests on"})
    scheme = fields.String(required=True)
    credits = fields.String(required=True, validate=validate.Regexp(CREDITS))
    nqf_level = fields.Integer(required=True, allow_none=True)
    applies_from = fields.Date(required=True)
    applies_until = fields.Date(required=True, allow_none=True)
    outcomes = fields.Nested(OutcomeSchema, many=True, required=True)


class SimilarCourseSchema(ma.Schema):
    """A course like the one asked about."""

    course = fields.Nested(CourseSchema, required=True)
    likeness = _share("how alike the courses are")
    own = fields.Boolean(required=True, metadata={"description": "true where it is the very course asked about"})
    comparisons = fields.Nested(SimilarComparisonSchema, many=True, required=True)


class SuggestionsSchema(ma.Schema):
    """Outcomes that may fit a course, best first, and how similar courses were compared."""

    course = fields.Nested(CourseSchema, required=True)
    items = fields.Nested(SuggestionSchema, many=True, required=True)
    similar = fields.Nested(SimilarCourseSchema, many=True, required=True)


_OUTCOME = {
    "id": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c45",
    "framework": "core-curriculum-2551",
    "code": "ค 1.1 ม.1/1",
    "title": {"th": "เข้าใจจำนวนตรรกยะและความสัมพันธ์ของจำนวนตรรกยะ", "en": None},
}
_COURSE = {
    "owner": "99000001",
    "code": "ค21101",
    "version": "2551",
    "title": {"th": "คณิตศาสตร์ 1", "en": "Mathematics 1"},
}
EXAMPLE: dict[str, Any] = {
    "course": {**_COURSE, "version": "2568"},
    "items": [
        {
            "item": _OUTCOME,
            "level": None,
            "area": "คณิตศาสตร์",
            "score": 0.79,
            "reasons": [
                {
                    "code": "area",
                    "values": {"code": "ค21101", "area_th": "คณิตศาสตร์", "area_en": "Mathematics"},
                    "th": "รหัสรายวิชา ค21101 อยู่ในกลุ่มสาระการเรียนรู้คณิตศาสตร์",
                    "en": "The course code ค21101 is of the learning area Mathematics.",
                }
            ],
        }
    ],
    "similar": [
        {
            "course": _COURSE,
            "likeness": 1.0,
            "own": False,
            "comparisons": [
                {
                    "id": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c46",
                    "body": "99000002",
                    "reference": "ประกาศตัวอย่าง 1/2568",
                    "scheme": "basic",
                    "credits": "1.50",
                    "nqf_level": None,
                    "applies_from": "2025-05-16",
                    "applies_until": None,
                    "outcomes": [_OUTCOME],
                }
            ],
        }
    ],
}

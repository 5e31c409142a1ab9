"""The shapes of what is sent: CloudEvents and their data, with the limits that the door enforces (``creditbank_hooks``).

They make the OpenAPI document only; the door reads with ``formats``, whose refusals name the field in Thai and English.
"""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from creditbank_hooks.tidings import ASSESSMENT_ASSURANCE, IDENTITY_ASSURANCE, PRECISIONS
from creditbank_plugin.formats.cloudevents import TOLD_FROM_OUTSIDE

HIGHEST_ATTEMPT, MOST_HOURS = 9999, 100_000


def _text(longest: int = 255, *, required: bool = False, about: str = "") -> fields.String:
    return fields.String(
        required=required,
        allow_none=not required,
        validate=validate.Length(1, longest),
        metadata={"description": about} if about else {},
    )


def _attribute(longest: int = 255, *, about: str) -> fields.String:
    """A text of the envelope: CloudEvents allows no control characters there."""
    signs = validate.Regexp(r"^[^\x00-\x1f\x7f-\x9f]*$")
    metadata = {"description": about}
    return fields.String(required=True, validate=[validate.Length(1, longest), signs], metadata=metadata)


def _number(high: int, about: str) -> fields.Float:
    return fields.Float(allow_none=True, validate=validate.Range(0, high), metadata={"description": about})


def _attempt(about: str) -> fields.Integer:
    return fields.Integer(allow_none=True, validate=validate.Range(1, HIGHEST_ATTEMPT), metadata={"description": about})


def _word(*words: str) -> fields.String:
    return fields.String(allow_none=True, validate=validate.OneOf(words), metadata={"default": words[0]})


def _moment(about: str) -> fields.DateTime:
    about = f"{about}; RFC 3339 with an offset, a year of the common era, at most 24 hours ahead"
    return fields.DateTime(required=True, metadata={"description": about})


class _Open(ma.Schema):
    """Fields that the contract does not know are kept and ignored."""

    class Meta:
        unknown = ma.INCLUDE


class ToldLearnerSchema(_Open):
    """Who, as the sending system knows them."""

    id = _text(required=True, about="never changes; holds at least one visible character")
    issuer = _text(required=True, about="home page of the sending system: the one that the client speaks for")
    name = _text()
    national_id = _text(40)
    birth_date = fields.Date(allow_none=True)


class ToldCourseSchema(_Open):
    """Which course, as the sending system names it."""

    code = _text(required=True)
    version = _text(20, about="curriculum year พ.ศ.; absent: the one in force on the day of completion")
    owner = _text(60, about="code of the organisation that owns the course")
    title = _text(500)
    iri = _text(1000)


class ToldAssuranceSchema(_Open):
    """How sure the sender is of who learned, and of how it was assessed; each from least to most."""

    identity = _word(*IDENTITY_ASSURANCE)
    assessment = _word(*ASSESSMENT_ASSURANCE)


class CompletedDataSchema(_Open):
    """The data of lms.course.completed.v1: a learner finished a course."""

    learner = fields.Nested(ToldLearnerSchema, required=True)
    course = fields.Nested(ToldCourseSchema, required=True)
    completed_at = _moment("when it was finished")
    completed_at_precision = _word(*PRECISIONS)
    attempt = _attempt("absent: 1")
    school = _text(60, about="code of the organisation; absent: the client's, the same fact either way")
    score = _number(100, "0 to 100")
    grade = _text(20)
    attendance = _number(100, "percent")
    hours = _number(MOST_HOURS, "clock hours; told, never the source of credit")
    assurance = fields.Nested(ToldAssuranceSchema, allow_none=True)


class RevokedDataSchema(_Open):
    """The data of lms.course.revoked.v1: completions up to a moment are void."""

    learner = fields.Nested(ToldLearnerSchema, required=True)
    course = fields.Nested(ToldCourseSchema, required=True)
    attempt = _attempt("absent: every attempt")
    revoked_at = _moment("up to when")
    reason = _text(500, required=True)


#: The data of each type, by its name among the components of the document.
DATA: dict[str, type[ma.Schema]] = {
    "CompletedData": CompletedDataSchema,
    "RevokedData": RevokedDataSchema,
}
_EITHER: list[dict[str, Any]] = [{"$ref": f"#/components/schemas/{name}"} for name in DATA]


class CloudEventSchema(_Open):
    """A CloudEvent 1.0; `type` says what `data` holds, an event of any other type is kept as ignored."""

    specversion = fields.String(required=True, validate=validate.Equal("1.0"), metadata={"example": "1.0"})
    id = _attribute(about="unique within source")
    source = _attribute(1000, about="URI reference of the sending system")
    type = _attribute(about=" or ".join(TOLD_FROM_OUTSIDE))
    time = fields.DateTime(allow_none=True, metadata={"description": "orders corrections of the same fact"})
    datacontenttype = fields.String(allow_none=True, metadata={"default": "application/json"})
    data = fields.Dict(metadata={"anyOf": _EITHER})
    data_base64 = fields.String(metadata={"format": "byte", "description": "in place of data: its JSON as base64"})

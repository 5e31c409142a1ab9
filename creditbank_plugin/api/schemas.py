"""The shapes of the API as marshmallow schemas: the OpenAPI document is made of them, and tests hold answers to them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from creditbank_plugin.rules.reasons import STATES

CREDITS = r"^-?[0-9]+\.[0-9]{2}$"


def _text(about: str = "", *, null: bool = False, **more: Any) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about, **more} if about else more)


def _id(about: str, *, null: bool = False) -> fields.String:
    return _text(about, null=null, format="uuid")


def _nested(schema: type[ma.Schema], *, many: bool = False, null: bool = False) -> fields.Nested:
    return fields.Nested(schema, required=True, many=many, allow_none=null)


def _moment(about: str, *, null: bool = False) -> fields.DateTime:
    return fields.DateTime(required=True, allow_none=null, metadata={"description": about})


def _credits(about: str) -> fields.String:
    return fields.String(
        required=True, validate=validate.Regexp(CREDITS), metadata={"description": about, "example": "1.50"}
    )


class BilingualSchema(ma.Schema):
    """A name in Thai and, where one is known, in English."""

    th = _text()
    en = _text(null=True)


class FieldErrorSchema(ma.Schema):
    """What is wrong with one field."""

    field = _text("dotted path of the field; null when it is the message as a whole", null=True)
    th = _text()
    en = _text()


class ProblemSchema(ma.Schema):
    """An error (RFC 9457)."""

    type = _text("always about:blank; `code` tells problems apart")
    title = _text()
    status = fields.Integer(required=True)
    detail = _text("a sentence in Thai, or in English by Accept-Language")
    code = _text("stable code of the problem")
    errors = fields.List(fields.Nested(FieldErrorSchema))
    request_id = fields.String(metadata={"description": "of an internal error: tell it to the administrator"})


class ReasonSchema(ma.Schema):
    """Why a message is in its state."""

    code = _text("stable code")
    th = _text()
    en = _text()


class LineSchema(ma.Schema):
    """One line of an explanation: which rule, from which source, looked at what, and found what."""

    rule = _text()
    source = _text(null=True)
    inputs = fields.Dict(required=True)
    result = fields.Raw(required=True, allow_none=True)
    th = _text()
    en = _text()


class ToldSchema(ma.Schema):
    """What became of one message, as its sender is answered."""

    id = _text("the message's own id", null=True)
    source = _text("the message's own source", null=True)
    event_id = _id("our id of the message; null when it was refused", null=True)
    state = fields.String(required=True, validate=validate.OneOf((*STATES, "refused")))
    reason = _nested(ReasonSchema)
    record_id = _id("the credit record, where there is one", null=True)
    error = fields.Nested(FieldErrorSchema, metadata={"description": "only of a refused item"})


class AcceptedSchema(ma.Schema):
    """Answers in the order in which the messages were sent."""

    events = _nested(ToldSchema, many=True)


class DecisionSchema(ma.Schema):
    """The current decision about a message."""

    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = _nested(ReasonSchema)
    explanation = _nested(LineSchema, many=True)
    record_id = _id("", null=True)
    comparison_id = _id("", null=True)
    adoption_id = _id("", null=True)
    decided_at = _moment("")


class EventSchema(ToldSchema):
    """A message with its decision."""

    received_at = _moment("when we received it")
    tiding = fields.Dict(required=True, metadata={"description": "what was told; personal fields are [redacted]"})
    decision = _nested(DecisionSchema, null=True)


class EventPageSchema(ma.Schema):
    """A page of messages, newest first."""

    items = _nested(EventSchema, many=True)
    next = _text("cursor of the following page", null=True)


class LearnerSchema(ma.Schema):
    """A learner by our numbers."""

    id = _id("number of the person")
    account_ids = fields.List(fields.String(metadata={"format": "uuid"}), required=True)
    state = fields.String(required=True, validate=validate.OneOf(("provisional", "active")))


class LearnerListSchema(ma.Schema):
    """The learners that fit: none or one."""

    items = _nested(LearnerSchema, many=True)
    next = _text("always null: the list is never longer than a page", null=True)


class BankSchema(ma.Schema):
    """The credit bank that deposited."""

    code = _text()
    name = _nested(BilingualSchema)


class CourseSchema(ma.Schema):
    """A course version."""

    owner = _text("code of the organisation that owns the course")
    code = _text()
    version = _text("curriculum year พ.ศ.")
    title = _nested(BilingualSchema)


class OutcomeSchema(ma.Schema):
    """A learning outcome of a framework."""

    id = _id("")
    framework = _text()
    code = _text()
    title = _nested(BilingualSchema)


class AssuranceSchema(ma.Schema):
    """How sure the sender was."""

    identity = _text()
    assessment = _text()


class RecordSchema(ma.Schema):
    """A credit record."""

    id = _id("")
    account_id = _id("")
    bank = _nested(BankSchema)
    course = _nested(CourseSchema)
    scheme = _text("schemes are different currencies and are never added")
    credits = _credits("credits of the record's scheme, as a decimal string")
    outcomes = _nested(OutcomeSchema, many=True)
    nqf_level = fields.Integer(required=True, allow_none=True, validate=validate.Range(1, 8))
    nqf_level_basis = _text(null=True)
    grade = _text(null=True)
    score = fields.Float(required=True, allow_none=True)
    assurance = _nested(AssuranceSchema)
    completed_on = fields.Date(required=True, metadata={"description": "day in Bangkok"})
    completed_at_precision = fields.String(required=True, validate=validate.OneOf(("exact", "upper_bound")))
    credited_at = _moment("")
    school = _text(null=True)
    state = _text()
    comparison_id = _id("")
    adoption_id = _id("")
    explanation = _nested(LineSchema, many=True)
    event_id = _id("the message the record rests on")


class BalanceSchema(ma.Schema):
    """What is held in one scheme."""

    scheme = _text()
    available = _credits("")
    held = _credits("")
    redeemed = _credits("")
    under_review = _credits("")


class MeSchema(ma.Schema):
    """The learner who let the client in, and for how long."""

    learner_id = _id("the present number, also after a merge")
    state = fields.String(required=True, validate=validate.OneOf(("provisional", "active")))
    scopes = fields.List(fields.String(), required=True, metadata={"description": "what the token is good for"})
    token_ends = _moment("when the token ends", null=True)
    until = _moment("when what the learner agreed to ends; null where the platform keeps that", null=True)


class CreditsSchema(ma.Schema):
    """A learner's balances, and a page of records, newest first."""

    learner_id = _id("")
    balances = _nested(BalanceSchema, many=True)
    items = _nested(RecordSchema, many=True)
    next = _text("cursor of the following page", null=True)

"""The shapes of the progress report."""

import marshmallow as ma
from marshmallow import fields

from creditbank_plugin.api.schemas import BilingualSchema
from creditbank_plugin.rules.report import NEEDS

_HIDDEN = "null where so few learners stand behind it that it is not shown; see `hidden`"


def _nested(schema: type[ma.Schema], *, many: bool = False, null: bool = False) -> fields.Nested:
    return fields.Nested(schema, required=True, many=many, allow_none=null)


def _number(about: str = "", *, null: bool = False) -> fields.Integer:
    return fields.Integer(required=True, allow_none=null, metadata={"description": about} if about else {})


def _numbers(about: str) -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": about})


def _text(about: str = "", *, null: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about} if about else {})


class PlaceSchema(ma.Schema):
    """A province."""

    code = _text("two digits; null: what belongs to no province", null=True)
    name = _nested(BilingualSchema)


class StagesSchema(ma.Schema):
    """How many courses, and how far each has come."""

    number = _number()
    stages = _numbers("how many have come how far, each counted once")


class KindSchema(StagesSchema):
    """Courses of one kind."""

    kind = _text("the code or the words as entered; null: not stated", null=True)


class ProposalCountsSchema(ma.Schema):
    """Proposals of the province's bodies."""

    states = _numbers("by their present state")
    rated = _number("of those under judgement")
    oldest_proposed_at = fields.DateTime(required=True, allow_none=True)
    oldest_days = _number(null=True)


class ComparisonCountsSchema(ma.Schema):
    """Comparisons of the province's bodies."""

    standing = _number()
    ended = _number()
    adopting_banks = _number()


class BankCountsSchema(ma.Schema):
    """Banks of the province."""

    number = _number()
    adopting = _number()


class MemorandumCountsSchema(ma.Schema):
    """Memoranda of the province."""

    number = _number()
    agencies = _number()


class WaitsSchema(ma.Schema):
    """Completions that wait."""

    completions = _number(_HIDDEN, null=True)
    learners = _number(_HIDDEN, null=True)


class WaitingSchema(ma.Schema):
    """Completions by what they wait for."""

    locals().update({need: _nested(WaitsSchema) for need in NEEDS})


class AmountSchema(ma.Schema):
    """Records of one scheme."""

    records = _number(_HIDDEN, null=True)
    learners = _number(_HIDDEN, null=True)
    credits = _text(_HIDDEN, null=True)


class GrantedSchema(ma.Schema):
    """Credits of one scheme."""

    scheme = _text("schemes are different currencies and are never added")
    standing = _nested(AmountSchema)
    taken_back = _nested(AmountSchema)


class ProvinceSummarySchema(ma.Schema):
    """The figures of a province that stand beside those of the others."""

    province = _nested(PlaceSchema)
    courses = _nested(StagesSchema)
    level_groups = _nested(KindSchema, many=True)
    proposals = _nested(ProposalCountsSchema)
    comparisons = _nested(ComparisonCountsSchema)
    banks = _nested(BankCountsSchema)
    memoranda = _nested(MemorandumCountsSchema)
    waiting = _nested(WaitingSchema)
    credits = _nested(GrantedSchema, many=True)


class HeadSchema(ma.Schema):
    """When the figures were counted, and what each means."""

    as_of = fields.DateTime(required=True)
    day = fields.Date(required=True, metadata={"description": "the day in Bangkok"})
    least_shown = _number("fewer learners than this are not shown")
    hidden = _nested(BilingualSchema)
    definitions = fields.Dict(keys=fields.String(), values=fields.Nested(BilingualSchema), required=True)


class OverviewSchema(HeadSchema):
    """All provinces."""

    provinces = _nested(ProvinceSummarySchema, many=True)
    without_figures = _nested(PlaceSchema, many=True)


class PendingSchema(ma.Schema):
    """A proposal that waits to be decided."""

    id = _text()
    state = _text()
    course = _text("code of the course")
    title = _nested(BilingualSchema)
    group = _nested(BilingualSchema, null=True)
    proposed_at = fields.DateTime(required=True)
    days = _number()


class GroupCountsSchema(ma.Schema):
    """What a working group has before it and behind it."""

    id = _text("null: entered from paper, by no group", null=True)
    name = _nested(BilingualSchema, null=True)
    dissolved_on = fields.Date(required=True, allow_none=True)
    states = _numbers("proposals by state")
    approved = _number()
    ended = _number()


class WantedSchema(ma.Schema):
    """A course that learners have finished and that gives no credit yet."""

    owner = _text()
    code = _text()
    version = _text()
    title = _nested(BilingualSchema)
    need = _text("comparison or order")
    completions = _number()
    learners = _number()


class MonthSchema(ma.Schema):
    """What a month added."""

    month = _text('such as "2026-03"; null: everything before', null=True)
    courses = _number()
    comparisons = _number()
    credits = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        required=True,
        metadata={"description": f"by scheme; {_HIDDEN}"},
    )


class ReportSchema(HeadSchema, ProvinceSummarySchema):
    """Everything about one province."""

    agencies = _nested(KindSchema, many=True)
    sectors = _nested(KindSchema, many=True)
    occupational_groups = _nested(KindSchema, many=True)
    longest_waiting = _nested(PendingSchema, many=True)
    groups = _nested(GroupCountsSchema, many=True)
    most_wanted = _nested(WantedSchema, many=True)
    months = _nested(MonthSchema, many=True)

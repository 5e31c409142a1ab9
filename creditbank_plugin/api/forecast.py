"""Routes of forecasts: what approving or withdrawing a comparison, or an order of a bank, would mean for learners."""

from typing import Any

import marshmallow as ma
from flask import Response, request
from marshmallow import fields

from creditbank_plugin.api import adoption_body, json_body, paging, shapes
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import actor
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.paging import described
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.acts import Act
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.rules.scopes import ADOPTIONS_WRITE, COMPARISONS_READ
from creditbank_plugin.services.adopting import adoptions
from creditbank_plugin.services.comparing import proposal_views
from creditbank_plugin.services.forecasting import forecast
from creditbank_plugin.services.forecasting.forecast import Forecast, Running
from creditbank_plugin.services.forecasting.tally import NUMBERS
from creditbank_plugin.services.reach import not_yours

#: After how many seconds to ask again for a forecast that is still being made.
AGAIN_SECONDS = "2"


def _number(about: str) -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": about})


class DetailsSchema(ma.Schema):
    """More of a forecast, where `details=true` asks for it."""

    waiting = _number("completions that would still wait")
    credited_learners = _number("people of whom a completion would be credited")
    under_review = _number("records that would go before a person")
    credits = fields.Dict(
        required=True, metadata={"description": "what records would hold more, by scheme; schemes are never added"}
    )
    reasons = fields.Dict(
        required=True, metadata={"description": "completions that would not be credited, by the code of the reason"}
    )
    at = fields.DateTime(required=True, metadata={"description": "when it was made"})


class ForecastSchema(ma.Schema):
    """What an act would mean if it were done now."""

    learners = _number("different people behind `completions`")
    completions = _number("completions that the act would have decided anew; of a withdrawal: that rest on it")
    credited = _number("of these, those that would be credited")
    withheld = _number("of these, those that would be withheld; the others would still wait")
    already_used = _number("records held or redeemed that would change, or need a person to decide")
    details = fields.Nested(DetailsSchema)


EXAMPLE = {"learners": 118, "completions": 124, "credited": 109, "withheld": 12, "already_used": 0}
_RUNNING = {
    "202": {
        "description": "more than anybody waits for: it is being made, ask again after `Retry-After` seconds",
        "headers": {"Retry-After": {"schema": {"type": "integer"}}},
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["job", "done", "total"],
                    "properties": {
                        "job": {"type": "string", "format": "uuid"},
                        "done": {"type": "integer"},
                        "total": {"type": "integer", "nullable": True},
                    },
                },
                "example": {"job": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c47", "done": 40000, "total": 310000},
            }
        },
    }
}
_DETAILS = described("details", "`true`: say more, under `details`", enum=["true", "false"])


@route(
    "GET",
    "/comparisons/<comparison_id>/impact",
    scope=COMPARISONS_READ,
    tag="comparisons",
    status=200,
    schema=ForecastSchema,
    example=EXAMPLE,
    problems=(400, 404, 422),
    parameters=[_DETAILS, described("on_behalf_of", "read it as this person of the client may")],
    responses=_RUNNING,
)
def get_impact(comparison_id: str) -> Response:
    """What signing it would mean for learners

    Of a proposal: what approving it would do, with the orders that stand. Of what is or was law: what withdrawing it with
    all credit put under review would touch. Computed by the code that settles, exact to the person at this moment. For the
    comparing body, its group and those above it.
    """
    by = actor(request.args.get("on_behalf_of") or None)
    view = proposal_views.get(runtime(), comparison_id, by=by)
    if not view.inside:
        raise not_yours()
    if proposal_views.is_law(view.row):
        return _told(forecast.outlook(runtime(), Act(withdrawn=comparison_id), by=by))
    return _told(forecast.outlook(runtime(), proposal_views.approval(view.row, runtime().clock()), by=by))


@route(
    "POST",
    "/adoptions:forecast",
    scope=(ADOPTIONS_WRITE, COMPARISONS_READ),
    tag="adoptions",
    status=200,
    schema=ForecastSchema,
    example=EXAMPLE,
    repeatable=True,
    problems=(400, 413, 415, 422),
    parameters=[_DETAILS],
    requestBody=adoption_body.request_body(signed=False),
    responses=_RUNNING,
)
def forecast_adoption() -> Response:
    """What an order would mean for the bank's learners

    The body of `POST /adoptions`; number, signatory and date of the order are not needed, and change nothing. Nothing is
    entered.
    """
    told = json_body.read().only(*adoption_body.SCOPE, *adoption_body.PAPER, "on_behalf_of")
    by = actor(told.text("on_behalf_of"))
    orders = adoptions.draft(
        runtime(),
        bank=told.text("bank"),
        scope=adoption_body.scope(told),
        applies_from=told.needed_day("applies_from"),
        applies_until=told.day("applies_until"),
        by=by,
    )
    return _told(forecast.outlook(runtime(), Act(orders=orders), by=by))


def _told(found: Forecast | Running) -> Response:
    if isinstance(found, Running):
        answer = shapes.answer({"job": found.job_id, "done": found.done, "total": found.total}, 202)
        answer.headers["Retry-After"] = AGAIN_SECONDS
        return answer
    told: dict[str, Any] = {name: getattr(found, name) for name in NUMBERS}
    if paging.flag("details"):
        told["details"] = {
            "waiting": found.waiting,
            "credited_learners": found.credited_learners,
            "under_review": found.under_review,
            "credits": {scheme: credit_text(amount) for scheme, amount in found.credits.items()},
            "reasons": dict(found.reasons),
            "at": instant_text(found.at),
        }
    return shapes.answer(told)

"""Outcomes that may fit a course, with the reasons: they pre-fill a proposal, and decide nothing."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from creditbank_plugin.api import shapes
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.suggestion_schemas import EXAMPLE, SuggestionsSchema
from creditbank_plugin.rules.authority import Comparison
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.rules.scopes import CATALOGUE_READ, COMPARISONS_READ
from creditbank_plugin.services.comparing import suggestions
from creditbank_plugin.services.comparing.suggestions import SimilarCourse, Suggested
from creditbank_plugin.services.views import outcome_of
from creditbank_plugin.storage.base import Stored

Json = dict[str, Any]


@route(
    "GET",
    "/courses/<owner>/<code>/<version>/suggestions",
    scope=(CATALOGUE_READ, COMPARISONS_READ),
    tag="suggestions",
    status=200,
    schema=SuggestionsSchema,
    example=EXAMPLE,
    problems=(404,),
)
def suggest_outcomes(owner: str, code: str, version: str) -> Response:
    """Suggest ten outcomes for a course, each with its reasons

    And the comparisons of similar courses that stand. Suggestions pre-fill a proposal; they decide nothing.
    """
    found = suggestions.of_course(runtime(), owner, code, version)
    return shapes.answer(
        {
            "course": _course(found.course),
            "items": [_suggested(each) for each in found.items],
            "similar": [_similar(each, found.outcomes) for each in found.similar],
        }
    )


def _course(row: Stored) -> Json:
    title = {"th": row.title_th, "en": row.title_en}
    return {"owner": row.owner_code, "code": row.code, "version": row.version, "title": title}


def _outcome(row: Stored) -> Json:
    return shapes.outcome(outcome_of(row))


def _suggested(each: Suggested) -> Json:
    return {
        "item": _outcome(each.item),
        "level": each.item.level,
        "area": each.item.area,
        "score": each.score,
        "reasons": [{"code": one.code, "values": dict(one.values), "th": one.th, "en": one.en} for one in each.reasons],
    }


def _similar(each: SimilarCourse, outcomes: Mapping[str, Stored]) -> Json:
    return {
        "course": _course(each.course),
        "likeness": each.likeness,
        "own": each.own,
        "comparisons": [_comparison(one, outcomes) for one in each.comparisons],
    }


def _comparison(one: Comparison, outcomes: Mapping[str, Stored]) -> Json:
    return {
        "id": one.id,
        "body": one.body,
        "reference": one.reference,
        "scheme": one.scheme,
        "credits": credit_text(one.credits),
        "nqf_level": one.nqf_level,
        "applies_from": one.applies_from.isoformat(),
        "applies_until": one.applies_until.isoformat() if one.applies_until is not None else None,
        "outcomes": [_outcome(outcomes[item]) for item in one.outcomes if item in outcomes],
    }

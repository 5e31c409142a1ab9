"""What the forms of a comparison share: hours as a hint of credits, the choice of outcomes; and the paper form's fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from creditbank_hooks.tidings import ASSESSMENT_ASSURANCE, IDENTITY_ASSURANCE
from creditbank_plugin.rules.conditions import REQUIRABLE
from creditbank_plugin.rules.grades import grade
from creditbank_plugin.rules.hours import SCHEMES, HoursResult, Kind, credits_from_hours
from creditbank_plugin.rules.terms import LEVEL_BASES, MOST_OUTCOMES
from creditbank_plugin.services.catalogue import frameworks
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web.access import runtime
from creditbank_plugin.web.forms import Form

#: How many outcomes a search shows.
FOUND = 30


@dataclass(frozen=True)
class Draft:
    """A comparison as entered and found sound; ``credits`` in hundredths."""

    body: str
    scheme: str
    credits: int
    credits_rule: str | None
    outcomes: list[str]
    nqf_level: int | None
    nqf_level_basis: str | None
    conditions: dict[str, Any]
    reference: str
    approved_on: date
    applies_from: date
    applies_until: date | None


@dataclass(frozen=True)
class Hint:
    """What one published ratio makes of the course's hours in one scheme."""

    scheme: str
    kind: str
    result: HoursResult


def hints(hours: int | None) -> list[Hint]:
    """Return what each sourced ratio makes of ``hours`` (hundredths of an hour); nothing where hours are unknown."""
    if hours is None:
        return []
    amount = Decimal(hours) / 100
    found = [Hint("basic", "", result)] if (result := credits_from_hours("basic", amount)) else []
    for scheme in ("vocational", "higher"):
        for kind in get_args(Kind):
            result = credits_from_hours(scheme, amount, kind)
            if result is not None:
                found.append(Hint(scheme, kind, result))
    return found


def outcomes(form: Form) -> dict[str, Any]:
    """Return what the page needs for choosing outcomes: those chosen so far, and what the search in ``form`` finds."""
    chosen = [each for each in form.values("outcomes") if is_uuid(each)]
    words, framework = form.value("find").strip()[:200], form.value("framework") or None
    found: list[Any] = []
    if words or framework:
        rows = frameworks.items(runtime(), search=words or None, framework=framework, limit=FOUND)
        found = [row for row in rows if row.id not in chosen]
    return {
        "frameworks": frameworks.all_frameworks(runtime()),
        "chosen": frameworks.items(runtime(), ids=chosen, limit=len(chosen)) if chosen else [],
        "found": found,
        "search": words,
    }


def read(form: Form, course: Any, bodies: Sequence[str], today: date) -> Draft | None:
    """Return what was entered, or None with the errors in ``form``."""
    body, scheme = form.choice("body", bodies), form.choice("scheme", SCHEMES)
    credits = form.credits("credits")
    rule = credit_rule(form, course, scheme, credits)
    level, basis = level_of(form)
    reference = form.text("reference")
    approved_on, applies_from = form.day("approved_on"), form.day("applies_from")
    applies_until = form.day("applies_until", required=False)
    form.in_order("applies_from", applies_from, "applies_until", applies_until)
    if approved_on is not None and approved_on > today:
        form.wrong("approved_on", "wrong.future")
    if scheme == "none" and credits:
        form.wrong("credits", "wrong.none_has_no_credit")
    outcomes = [each for each in dict.fromkeys(form.values("outcomes")) if is_uuid(each)]
    if not outcomes:
        form.wrong("outcomes", "wrong.outcomes")
    elif len(outcomes) > MOST_OUTCOMES:
        form.wrong("outcomes", "wrong.too_many", most=MOST_OUTCOMES)
    told = conditions(form)
    if form.errors or credits is None or not (body and scheme and reference and approved_on and applies_from):
        return None
    return Draft(
        body,
        scheme,
        credits,
        rule,
        outcomes,
        level,
        basis,
        told,
        reference,
        approved_on,
        applies_from,
        applies_until,
    )


def credit_rule(form: Form, course: Any, scheme: str | None, credits: int | None) -> str | None:
    """Return the ratio that the credits are said to follow; refused where it gives another amount."""
    known = hints(course.hours)
    rule = form.choice("credits_rule", [hint.result.rule for hint in known], required=False)
    amounts = [hint.result.credits for hint in known if (hint.result.rule, hint.scheme) == (rule, scheme)]
    if rule is not None and credits is not None and credits not in amounts:
        form.wrong("credits_rule", "wrong.not_by_rule")
    return rule


def level_of(form: Form) -> tuple[int | None, str | None]:
    """Return the NQF level and on what it rests; one without the other is wrong."""
    level = form.choice("nqf_level", [str(each) for each in range(1, 9)], required=False)
    basis = form.choice("nqf_level_basis", LEVEL_BASES, required=False)
    if (level is None) != (basis is None) and not {"nqf_level", "nqf_level_basis"} & form.errors.keys():
        form.wrong("nqf_level_basis", "wrong.level_needs_basis" if basis is None else "wrong.basis_needs_level")
    return (None, None) if level is None else (int(level), basis)


def conditions(form: Form) -> dict[str, Any]:
    """Return the conditions in the shape that rules/conditions.py reads; what is left empty is no condition."""
    mark = form.text("min_grade", required=False, longest=10)
    if mark is not None:
        found = grade(mark)
        if found is None or found.point is None or not found.earned:
            form.wrong("min_grade", "wrong.grade")
        else:
            mark = found.mark
    told = {
        "min_score": form.percent("min_score"),
        "min_grade": mark,
        "min_attendance": form.percent("min_attendance"),
        "min_identity": form.choice("min_identity", IDENTITY_ASSURANCE, required=False),
        "min_assessment": form.choice("min_assessment", ASSESSMENT_ASSURANCE, required=False),
        "required": [name for name in REQUIRABLE if name in form.values("required")],
    }
    return {name: value for name, value in told.items() if value}

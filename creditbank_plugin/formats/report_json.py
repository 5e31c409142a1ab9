"""The progress report as JSON: the same for the API, the command line and the file to download.

A number that is not shown is null; ``hidden`` says why.  Credits are decimal texts, such as "1.50".
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules import report as values
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.rules.report_words import MEANINGS, about_hiding

Json = dict[str, Any]


def overview(found: values.Overview) -> Json:
    """Return the figures of all provinces as a JSON value."""
    return {
        **_head(found.as_of, found.least),
        "provinces": [_summary(each) for each in found.provinces],
        "without_figures": [_place(each) for each in found.empty],
    }


def report(found: values.Report) -> Json:
    """Return everything about one province as a JSON value."""
    return {
        **_head(found.as_of, found.least),
        **_summary(found.summary),
        "agencies": [_courses(each) for each in found.agencies],
        "sectors": [_courses(each) for each in found.sectors],
        "occupational_groups": [_courses(each) for each in found.occupational_groups],
        "longest_waiting": [_pending(each) for each in found.pending],
        "groups": [_group(each) for each in found.groups],
        "most_wanted": [_wanted(each) for each in found.wanted],
        "months": [_month(each) for each in found.months],
    }


def _head(as_of: datetime, least: int) -> Json:
    return {
        "as_of": instant_text(as_of),
        "day": thai.bangkok_day(as_of).isoformat(),
        "least_shown": least,
        "hidden": vars(about_hiding(least)),
        "definitions": {name: vars(meaning) for name, meaning in MEANINGS.items()},
    }


def _summary(found: values.Summary) -> Json:
    proposals, law = found.proposals, found.comparisons
    return {
        "province": _place(found.place),
        "courses": {"number": found.courses.number, "stages": dict(found.courses.stages)},
        "level_groups": [_courses(each) for each in found.level_groups],
        "proposals": {
            "states": dict(proposals.states),
            "rated": proposals.rated,
            "oldest_proposed_at": instant_text(proposals.oldest) if proposals.oldest is not None else None,
            "oldest_days": proposals.oldest_days,
        },
        "comparisons": {"standing": law.standing, "ended": law.ended, "adopting_banks": law.banks},
        "banks": {"number": found.banks, "adopting": found.banks_adopting},
        "memoranda": {"number": found.memoranda, "agencies": found.agencies},
        "waiting": {
            need: {"completions": each.completions, "learners": each.learners} for need, each in found.waiting.items()
        },
        "credits": [
            {"scheme": each.scheme, "standing": _credits(each.standing), "taken_back": _credits(each.taken_back)}
            for each in found.granted
        ],
    }


def _place(place: values.Place) -> Json:
    return {"code": place.code, "name": _name(place.name)}


def _name(name: values.Name | None) -> Json | None:
    return None if name is None else {"th": name.th, "en": name.en}


def _courses(found: values.Courses) -> Json:
    return {"kind": found.kind, "number": found.number, "stages": dict(found.stages)}


def _credits(found: values.Credits) -> Json:
    credits = credit_text(found.credits) if found.credits is not None else None
    return {"records": found.records, "learners": found.learners, "credits": credits}


def _pending(each: values.Pending) -> Json:
    return {
        "id": each.id,
        "state": each.state,
        "course": each.course,
        "title": _name(each.title),
        "group": _name(each.group),
        "proposed_at": instant_text(each.proposed_at),
        "days": each.days,
    }


def _group(each: values.Group) -> Json:
    return {
        "id": each.id,
        "name": _name(each.name),
        "dissolved_on": each.dissolved_on.isoformat() if each.dissolved_on is not None else None,
        "states": dict(each.states),
        "approved": each.approved,
        "ended": each.ended,
    }


def _wanted(each: values.Wanted) -> Json:
    return {
        "owner": each.owner,
        "code": each.code,
        "version": each.version,
        "title": _name(each.title),
        "need": each.need,
        "completions": each.completions,
        "learners": each.learners,
    }


def _month(each: values.Month) -> Json:
    return {
        "month": each.month,
        "courses": each.courses,
        "comparisons": each.comparisons,
        "credits": _by_scheme(each.credits.items()),
    }


def _by_scheme(credits: Iterable[tuple[str, int | None]]) -> Mapping[str, str | None]:
    return {scheme: credit_text(amount) if amount is not None else None for scheme, amount in credits}

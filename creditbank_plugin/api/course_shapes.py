"""Courses as the API writes them."""

from collections import Counter
from collections.abc import Sequence

from creditbank_plugin.api.shapes import Json, bilingual, outcome
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.course import EDITABLE, HOUR_FIELDS, KEY, CourseValues, content
from creditbank_plugin.rules.hours import credit_text, hours_number
from creditbank_plugin.services.catalogue.course_counts import AdoptedBy, Finding
from creditbank_plugin.services.catalogue.course_entry import Entry
from creditbank_plugin.services.catalogue.course_view import CourseView, Revision
from creditbank_plugin.services.catalogue.courses import values_of
from creditbank_plugin.services.views import Name
from creditbank_plugin.storage.base import Stored


def row(stored: Stored) -> Json:
    """Return a course of a list."""
    return _course(values_of(stored), Name(stored.owner_name_th, stored.owner_name_en), stored.revision)


def view(shown: CourseView) -> Json:
    """Return one course with what it counts for and what it was before."""
    return {
        **_course(shown.values, shown.owner, shown.revision),
        "versions": list(shown.versions),
        "counts_for": [_finding(each) for each in shown.counts.findings],
        "more_banks": shown.counts.more,
        "revisions": [_revision(each) for each in shown.revisions],
    }


def entries(done: Sequence[Entry]) -> Json:
    """Return what became of the courses that were sent."""
    counted = Counter(each.state for each in done)
    counts = {state: counted[state] for state in ("new", "changed", "unchanged", "refused")}
    return {"results": [entry(each) for each in done], "counts": counts}


def entry(done: Entry) -> Json:
    """Return what became of one course."""
    owner, code, version = done.key or (None, None, None)
    return {
        "state": done.state,
        "owner": owner,
        "code": code,
        "version": version,
        "revision": done.revision,
        "errors": errors(done),
    }


def errors(done: Entry) -> list[Json]:
    """Return what is wrong with a course that was sent."""
    return [{"field": each.column or None, "th": each.th, "en": each.en} for each in done.faults]


def _course(values: CourseValues, owner: Name, revision: int) -> Json:
    told: Json = {name: getattr(values, name) for name in (*KEY, *EDITABLE)}
    told["outcomes"] = list(values.outcomes)
    told.update({name: _hours(told[name]) for name in HOUR_FIELDS})
    for name in ("in_force_from", "in_force_until"):
        told[name] = told[name].isoformat() if told[name] is not None else None
    return {**told, "owner_name": bilingual(owner), "revision": revision}


def _hours(amount: int | None) -> int | float | None:
    return hours_number(amount) if amount is not None else None


def _finding(each: Finding) -> Json:
    told = each.comparison
    last = told.last_day
    return {
        "comparison_id": told.id,
        "body": {"code": told.body, "name": bilingual(each.body)},
        "reference": told.reference,
        "approved_at": instant_text(told.approved_at),
        "applies_from": told.applies_from.isoformat(),
        "applies_until": last.isoformat() if last is not None else None,
        "in_force": each.in_force,
        "scheme": told.scheme,
        "credits": credit_text(told.credits),
        "nqf_level": told.nqf_level,
        "nqf_level_basis": told.nqf_level_basis,
        "outcomes": [outcome(one) for one in each.outcomes],
        "conditions": dict(told.conditions),
        "course_revision": each.course_revision,
        "banks": [_bank(one) for one in each.banks],
    }


def _bank(each: AdoptedBy) -> Json:
    return {
        "code": each.bank,
        "name": bilingual(each.name),
        "organisation": each.organisation,
        "adoption_id": each.adoption_id,
        "order_number": each.order_number,
        "ordered_on": each.ordered_on.isoformat(),
        "signatory": each.signatory,
        "standing": each.standing,
    }


def _revision(each: Revision) -> Json:
    said = content(each.values)
    said.update({name: _hours(said[name]) for name in HOUR_FIELDS if name in said})
    return {"revision": each.number, "at": instant_text(each.at), "changed": list(each.changed), "values": said}

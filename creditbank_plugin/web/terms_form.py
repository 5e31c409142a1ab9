"""The form of a proposal's terms: filled from what stands, and read back; nothing is needed before it is proposed."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from creditbank_plugin.rules import thai
from creditbank_plugin.rules.hours import SCHEMES, credit_text, hours_text, hundredths
from creditbank_plugin.rules.terms import HOURS, MOST_EVIDENCE, MOST_HOURS, MOST_OUTCOMES, Terms
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web.comparison_form import conditions, credit_rule, level_of
from creditbank_plugin.web.forms import Form


def filled(terms: Terms) -> Form:
    """Return the form as it stands for ``terms``."""
    told: MultiDict[str, str] = MultiDict()
    told["scheme"] = terms.scheme or ""
    told["credits"] = credit_text(terms.credits) if terms.credits is not None else ""
    told["credits_rule"] = terms.credits_rule or ""
    told["nqf_level"] = str(terms.nqf_level or "")
    told["nqf_level_basis"] = terms.nqf_level_basis or ""
    told.setlist("outcomes", list(terms.outcomes))
    for kind in HOURS:
        told[f"hours_{kind}"] = hours_text(terms.hours[kind]) if terms.hours.get(kind) is not None else ""
    for name in ("min_score", "min_grade", "min_attendance", "min_identity", "min_assessment"):
        told[name] = str(terms.conditions.get(name, ""))
    told.setlist("required", list(terms.conditions.get("required", ())))
    told["evidence"] = "\n".join(_line(each) for each in terms.evidence)
    form = Form(told)
    for name, day in (("applies_from", terms.applies_from), ("applies_until", terms.applies_until)):
        form.put_day(name, day)
    return form


def read(form: Form, course: Any) -> dict[str, Any] | None:
    """Return the terms that were entered, as fields of `Terms`; None with the errors in ``form``."""
    scheme = form.choice("scheme", SCHEMES, required=False)
    credits = form.credits("credits") if form.value("credits").strip() else None
    rule = credit_rule(form, course, scheme, credits)
    level, basis = level_of(form)
    first, last = form.day("applies_from", required=False), form.day("applies_until", required=False)
    form.in_order("applies_from", first, "applies_until", last)
    if scheme == "none" and credits:
        form.wrong("credits", "wrong.none_has_no_credit")
    outcomes = [each for each in dict.fromkeys(form.values("outcomes")) if is_uuid(each)]
    if len(outcomes) > MOST_OUTCOMES:
        form.wrong("outcomes", "wrong.too_many", most=MOST_OUTCOMES)
    found = {
        "scheme": scheme,
        "credits": credits,
        "credits_rule": rule,
        "nqf_level": level,
        "nqf_level_basis": basis,
        "outcomes": tuple(outcomes),
        "hours": _hours(form),
        "conditions": conditions(form),
        "evidence": _evidence(form),
        "applies_from": first,
        "applies_until": last,
    }
    return None if form.errors else found


def _hours(form: Form) -> dict[str, int]:
    found = {}
    for kind in HOURS:
        text = form.text(f"hours_{kind}", required=False, longest=12)
        if text is None:
            continue
        try:
            amount = hundredths(text)
        except ValueError:
            amount = -1
        if 0 <= amount <= MOST_HOURS:
            found[kind] = amount
        else:
            form.wrong(f"hours_{kind}", "wrong.hours")
    return found


def _evidence(form: Form) -> tuple[Mapping[str, str], ...]:
    """Return one piece of evidence a line: its title, and at the end of the line its address, if it has one."""
    found = []
    for line in form.value("evidence").splitlines():
        words = line.split()
        if not words:
            continue
        url = words.pop() if len(words) > 1 and words[-1].startswith(("http://", "https://")) else None
        title = thai.normalise(" ".join(words))
        if len(title) > 500:
            form.wrong("evidence", "wrong.too_long", longest=500)
        found.append({"title": title, "url": url} if url else {"title": title})
    if len(found) > MOST_EVIDENCE:
        form.wrong("evidence", "wrong.too_many", most=MOST_EVIDENCE)
    return tuple(found)


def _line(each: Mapping[str, Any]) -> str:
    return f"{each.get('title', '')} {each.get('url') or ''}".strip()

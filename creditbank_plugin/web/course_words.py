"""Courses in words: under which conditions a comparison gives credit, what a field holds."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from creditbank_plugin import reference
from creditbank_plugin.rules.course import HOUR_FIELDS
from creditbank_plugin.rules.hours import hours_text
from creditbank_plugin.web import choices
from creditbank_plugin.web.show import day, name, own, plain
from creditbank_plugin.web.words import t, word

_LOWEST = ("unknown", "self")


def conditions(told: Mapping[str, Any]) -> list[str]:
    """Return the conditions of a comparison as sentences; one that says so where the completion suffices."""
    said = [
        t(f"condition.{key}", minimum=plain(told[key]))
        for key in ("min_score", "min_grade", "min_attendance")
        if told.get(key) is not None
    ]
    for kind in ("identity", "assessment"):
        level = told.get(f"min_{kind}")
        if level is not None and level not in _LOWEST:
            said.append(t(f"condition.min_{kind}", minimum=choices.assurance(kind, level)))
    if told.get("required"):
        said.append(t("condition.required", names=", ".join(word("fact", each) for each in told["required"])))
    return said or [t("condition.none")]


def field(key: str, value: Any) -> Markup:
    """Return what a field of a course holds, as words; a dash for nothing."""
    if value in (None, "", ()):
        return Markup("–")
    if key in HOUR_FIELDS:
        return own(t("course.hours", hours=hours_text(value)))
    if key in ("level_group", "sector"):
        return own(word(key, value))
    if key == "province":
        return name(_province(value))
    if key in ("in_force_from", "in_force_until"):
        return own(day(value))
    return own(" · ".join(value)) if isinstance(value, tuple) else own(value)


def _province(code: str) -> Any:
    return next((each for each in reference.provinces() if each.code == code), code)

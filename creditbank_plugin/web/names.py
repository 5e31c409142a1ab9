"""Names of organisations and banks by their codes, looked up once a request, and the line that names a course."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import g
from markupsafe import Markup

from creditbank_plugin.services import organisations
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.web.access import runtime
from creditbank_plugin.web.show import own, version
from creditbank_plugin.web.words import language, t

_Find = Callable[[Runtime, Iterable[str]], Mapping[str, Any]]


def organisation(code: str | None) -> str:
    """Return the name of an organisation for this visitor, or its code where we do not know it; a dash for none."""
    return _name("creditbank_organisations", organisations.organisations, code)


def bank(code: str | None) -> str:
    """Return the name of a bank for this visitor, or its code where we do not know it; a dash for none."""
    return _name("creditbank_banks", organisations.banks_by_code, code)


def course_line(code: str, edition: str, owner: str) -> Markup:
    """Return a course's code, curriculum and owner in one line."""
    return own(t("record.course_line", code=code, version=version(edition), owner=organisation(owner)))


def edition_line(edition: str, owner: str) -> Markup:
    """Return a course's curriculum and owner in one line, for a list that shows its code and title."""
    return own(t("comparisons.version", version=version(edition), owner=organisation(owner)))


def _name(kept: str, find: _Find, code: str | None) -> str:
    if not code:
        return "–"
    known: dict[str, Any] = g.setdefault(kept, {})
    if code not in known:
        known[code] = find(runtime(), [code]).get(code)
    row = known[code]
    return code if row is None else str((language() == "en" and row.name_en) or row.name_th)

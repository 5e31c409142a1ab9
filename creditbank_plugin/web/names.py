"""Names of organisations and banks by their codes, looked up once a request."""

from typing import Any

from flask import g

from creditbank_plugin.services import organisations
from creditbank_plugin.web.access import runtime
from creditbank_plugin.web.words import language


def organisation(code: str | None) -> str:
    """Return the name of an organisation for this visitor, or its code where we do not know it; a dash for none."""
    if not code:
        return "–"
    known: dict[str, Any] = g.setdefault("creditbank_organisations", {})
    if code not in known:
        known[code] = organisations.organisations(runtime(), [code]).get(code)
    row = known[code]
    return code if row is None else str((language() == "en" and row.name_en) or row.name_th)

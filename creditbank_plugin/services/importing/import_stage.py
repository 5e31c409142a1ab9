"""Checked rows as they are kept until somebody loads them, and back."""

from collections.abc import Collection
from typing import Any

from creditbank_plugin.rules import course as rules
from creditbank_plugin.rules.course_row import spoken_of
from creditbank_plugin.services.importing.import_check import REFUSED, UNCHANGED, Checked
from creditbank_plugin.services.importing.import_publish import Ready
from creditbank_plugin.storage.base import Stored


def staged(import_id: str, row: Checked) -> dict[str, Any]:
    """Return a checked row as the columns of its table."""
    content: dict[str, Any] = {}
    if row.values is not None and row.state != REFUSED:
        told = rules.content(row.values) if row.state != UNCHANGED else {"title_th": row.values.title_th}
        content = {"key": list(row.values.key), "values": told, "revision": row.revision}
    if row.was:
        content["was"] = dict(row.was)
    if row.told:
        content["told"] = dict(row.told)
    if row.doubt:
        content["doubt"] = list(row.doubt)
    faults = [vars(fault) for fault in row.faults] or None
    return {"import_id": import_id, "number": row.number, "state": row.state, "content": content, "faults": faults}


def ready(row: Stored, columns: Collection[str]) -> Ready:
    """Return a row that is to be loaded; ``columns`` are those of its file."""
    owner, code, version = row.content["key"]
    values = rules.of_content((owner, code, version), row.content["values"])
    return Ready(values, spoken_of(columns, values), row.content["revision"])


def told_of(row: Stored) -> dict[str, str]:
    """Return by what somebody finds a row that was good in their file."""
    if "key" not in row.content:
        return dict(row.content.get("told", {}))
    return {"code": row.content["key"][1], "title_th": row.content["values"]["title_th"]}

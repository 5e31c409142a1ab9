"""Files of frameworks that come by a page: looked at first, then loaded, as long work that somebody watches."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from creditbank_plugin.errors import not_found
from creditbank_plugin.rules.framework import Item
from creditbank_plugin.services import jobs
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.catalogue import framework_files
from creditbank_plugin.services.catalogue.framework_files import About, FileRefused, Plan, sentences
from creditbank_plugin.services.jobs import Progress, long_work
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import jobs as rows
from creditbank_plugin.storage.session import writing

KIND = "framework_file"
#: How many items of each sort a preview names.
NAMED = 200


def look(runtime: Runtime, content: bytes, name: str, about: About, *, by: Actor) -> str:
    """Begin to look at a file and return the job's id; ``Refused`` (403) for anybody but the platform's administrator."""
    framework_files.require(by)
    with writing(runtime.engine) as connection:
        rows.forget(connection, KIND, by.id)  # what was looked at before and never loaded
    wanted = {"name": name[:255], "content": base64.b64encode(content).decode(), "about": vars(about), "load": False}
    return jobs.start(runtime, KIND, {**wanted, "by": vars(by)}, by=by.id, organisation=None)


def load(runtime: Runtime, job_id: str, *, by: Actor) -> str:
    """Begin to load the file that was looked at in a job; return the new job's id.  ``Refused``: 403, 404."""
    framework_files.require(by)
    row = get(runtime, job_id, by=by)
    if row.state != rows.DONE or "content" not in row.wanted or row.result.get("faults"):
        raise not_found()
    return jobs.start(runtime, KIND, {**row.wanted, "load": True, "by": vars(by)}, by=by.id, organisation=None)


def get(runtime: Runtime, job_id: str, *, by: Actor) -> Stored:
    """Return such a job; ``Refused`` (404) for any other."""
    framework_files.require(by)
    row = jobs.get(runtime, job_id, acting_for=None)
    if row.kind != KIND:
        raise not_found()
    return row


@long_work(KIND)
def _work(runtime: Runtime, wanted: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    content, by = base64.b64decode(wanted["content"]), Actor(**wanted["by"])
    work = framework_files.load if wanted["load"] else framework_files.preview
    progress.at(0, 1)
    try:
        plan = work(runtime, content, wanted["name"], About(**wanted["about"]), by=by)
    except FileRefused as refusal:
        return {"faults": [dict(zip(("th", "en"), sentences(fault), strict=True)) for fault in refusal.faults]}
    if wanted["load"]:
        with writing(runtime.engine) as connection:
            rows.forget(connection, KIND, by.id)
            rows.change(connection, progress.job_id, progress.attempt, wanted={"load": True})
    return {**_told(plan), "loaded": wanted["load"]}


def _told(plan: Plan) -> dict[str, Any]:
    change = plan.change
    framework = change.framework
    return {
        "framework": {"code": framework.code, "title_th": framework.title_th, "title_en": framework.title_en},
        "known": change.before is not None,
        "nothing": change.says_nothing_new,
        "counts": plan.counts,
        "new": _items(change.new),
        "changed": _items([*(each.after for each in change.changed), *change.returned]),
        "retired": _items(change.retired),
        "ignored": list(plan.ignored),
    }


def _items(items: Iterable[Item]) -> list[dict[str, Any]]:
    return [{"code": each.code, "text_th": each.text_th, "text_en": each.text_en} for each in list(items)[:NAMED]]

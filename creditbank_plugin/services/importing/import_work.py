"""The long work of bringing in a file: checking its rows in chunks, and loading the good ones in one transaction.

Either may die at any point and be begun again: rows that are staged stay staged, and the courses and the word that they
are loaded are written together.
"""

from collections.abc import Mapping
from typing import Any

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.course_headings import Headings
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.importing import import_table
from creditbank_plugin.services.importing.import_check import CHANGED, NEW, REFUSED, STATES, Checker
from creditbank_plugin.services.importing.import_publish import publish
from creditbank_plugin.services.importing.import_stage import ready, staged, told_of
from creditbank_plugin.services.importing.import_table import Table
from creditbank_plugin.services.jobs import Progress, Stopped, long_work
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import generations, imports
from creditbank_plugin.storage.session import reading, writing

CHECK, LOAD = "course_check", "course_load"
MAPPING, CHECKING, CHECKED, LOADING, LOADED, FAILED, DROPPED = (
    *("mapping", "checking", "checked", "loading", "loaded", "failed", "dropped"),
)


def table_of(row: Stored, content: bytes) -> Table:
    """Return the file of an import as the table that its mapping makes of it; ``Refused`` as `import_table.read`."""
    told = row.mapping or {}
    opened, _ = import_table.read(content, row.file_name, row.sheet)
    headings = Headings(told["first"], told["last"], tuple(told["texts"]), {})
    return Table(opened, headings, told["columns"])


@long_work(CHECK)
def check(runtime: Runtime, wanted: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    """Check the rows of a file and stage them; where some stand already, go on behind them."""
    import_id = wanted["import"]
    with reading(runtime.engine) as connection:
        row, content = imports.get(connection, import_id), imports.content(connection, import_id)
        generation = generations.current(connection, generations.COURSES)
    if row is None or row.state != CHECKING or content is None:
        return {}
    counts = {"generation": generation} | row.counts  # that of the first attempt, where there was one before
    with writing(runtime.engine) as connection:
        imports.change(connection, import_id, {"state": CHECKING}, counts=counts)
    try:
        table = table_of(row, content)
        checker = Checker(runtime, table, row.province, wanted["acting_for"])
        _stage(runtime, row, checker, progress)
    except Refused as refusal:
        fail(runtime, import_id, CHECKING, refusal)
        raise
    return _checked(runtime, import_id, checker, counts)


def _stage(runtime: Runtime, row: Stored, checker: Checker, progress: Progress) -> None:
    last = row.rows_read
    for chunk in checker.chunks():
        rows = [staged(row.id, each) for each in chunk if each.number > last]
        if rows:
            values = {"rows_read": rows[-1]["number"], "changed_at": runtime.clock()}
            with writing(runtime.engine) as connection:
                if not imports.change(connection, row.id, {"state": CHECKING, "rows_read": last}, **values):
                    raise Stopped  # somebody else goes on with it, or it was dropped
                imports.add_rows(connection, rows)
            last = rows[-1]["number"]
        progress.at(chunk[-1].number - checker.table.headings.last, checker.table.height)


def _checked(runtime: Runtime, import_id: str, checker: Checker, counts: dict[str, Any]) -> dict[str, int]:
    with writing(runtime.engine) as connection:
        for number, fault in checker.retracted.items():
            before = imports.row(connection, import_id, number)
            content = {"told": told_of(before)} if before is not None else {}
            imports.refuse(connection, import_id, number, state=REFUSED, content=content, faults=[vars(fault)])
        found = dict.fromkeys(STATES, 0) | imports.count(connection, import_id)
        told = {"state": CHECKED, "rows": sum(found.values()), "counts": counts | found, "changed_at": runtime.clock()}
        imports.change(connection, import_id, {"state": CHECKING}, **told)
    return found


@long_work(LOAD)
def load(runtime: Runtime, wanted: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    """Load the good rows of a checked file: all of them and the word that they are loaded in one transaction."""
    import_id = wanted["import"]
    by = Actor(wanted["by"], wanted["by"], wanted["acting_for"])
    with reading(runtime.engine) as connection:
        row = imports.get(connection, import_id)
        if row is None or row.state != LOADING:
            return {}
        told = [ready(each, row.mapping["columns"]) for each in imports.rows_in(connection, import_id, (NEW, CHANGED))]
    progress.at(0, len(told))
    values = {"state": LOADED, "content": None, "changed_at": runtime.clock()}
    try:
        done = publish(
            runtime,
            told,
            by=by,
            generation=row.counts["generation"],
            also=lambda connection: imports.change(connection, import_id, {"state": LOADING}, **values),
        )
    except Refused as refusal:
        fail(runtime, import_id, LOADING, refusal)
        raise
    if done is None:  # somebody else has loaded it
        return {}
    with writing(runtime.engine) as connection:
        imports.forget_rows(connection, import_id, but=REFUSED)
    settle_at_once(runtime)
    return {state: row.counts[state] for state in STATES}


def fail(runtime: Runtime, import_id: str, state: str, refusal: Refused) -> None:
    """Keep why a file could not be checked or loaded."""
    fault = {"code": refusal.code, "th": refusal.th, "en": refusal.en}
    with writing(runtime.engine) as connection:
        imports.change(connection, import_id, {"state": state}, state=FAILED, fault=fault, changed_at=runtime.clock())

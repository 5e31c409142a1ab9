"""A file of courses checked and loaded in one go, without staging: the command line's way."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from creditbank_plugin import reference
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.course_headings import Headings
from creditbank_plugin.rules.course_row import Fault
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.importing import import_table
from creditbank_plugin.services.importing.import_check import (
    CHANGED,
    NEW,
    REFUSED,
    UNCHANGED,
    Checked,
    Checker,
    retract,
)
from creditbank_plugin.services.importing.import_publish import Ready, publish
from creditbank_plugin.services.importing.import_table import Note, Table
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage.queries import generations, imports
from creditbank_plugin.storage.session import reading

#: Told while it goes on: how many rows of how many are checked.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Report:
    """What became of a file: how many rows it has, and of those that were not refused, what they were or would be.

    ``faults`` are the row's number (None for the whole file) and what is wrong there; ``notes`` what somebody should know of
    the file besides.
    """

    rows: int
    new: int
    changed: int
    unchanged: int
    faults: Sequence[tuple[int | None, Fault]]
    loaded: bool
    notes: Sequence[Note] = ()


def import_now(
    runtime: Runtime,
    content: bytes,
    name: str,
    *,
    by: Actor,
    province: str | None = None,
    dry_run: bool = False,
    whole_only: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Load the good rows of a file, or with ``whole_only`` none where any is refused; with ``dry_run`` change nothing.

    ``province`` is the code of the province whose courses these are where the file does not say; what it said of columns
    with the same headings holds.  ``Refused`` (422, field ``file``) for a file that is no table of courses; then nothing
    is loaded.
    """
    require_province(province)
    opened, headings = import_table.read(content, name)
    columns = remembered(runtime, province, headings) if headings is not None else None
    if headings is None or not (columns or headings.columns):
        raise import_table.no_headings()
    table = Table(opened, headings, columns or headings.columns)
    notes = import_table.notes(opened, headings)
    if table.missing:
        faults = [(headings.last, missing_column(column)) for column in table.missing]
        return Report(0, 0, 0, 0, faults, loaded=False, notes=notes)
    with reading(runtime.engine) as connection:
        generation = generations.current(connection, generations.COURSES)
    rows, counts, total = _gathered(Checker(runtime, table, province, by.acting_for), progress)
    del opened, table  # tens of megabytes
    refused = [row for row in rows if row.state == REFUSED]
    faults = [(row.number, fault) for row in refused for fault in row.faults]
    good = [row for row in rows if row.state != REFUSED]
    if whole_only and refused:
        return Report(total, 0, 0, counts[UNCHANGED], faults, loaded=False, notes=notes)
    if not dry_run and good:
        _load(runtime, good, by, generation)
    return Report(total, counts[NEW], counts[CHANGED], counts[UNCHANGED], faults, not dry_run, notes)


def require_province(province: str | None) -> None:
    """Let pass a province's code, and none; ``Refused`` (422, field ``province``)."""
    if province is not None and province not in {each.code for each in reference.provinces()}:
        raise Refused(
            "province_unknown",
            "รหัสจังหวัดต้องเป็นตัวเลขสองหลัก เช่น 51 (ลำพูน)",
            "A province's code has two digits, such as 51 (Lamphun).",
            field="province",
        )


def remembered(runtime: Runtime, province: str | None, headings: Headings) -> dict[str, int] | None:
    """Return what a province said the last time that columns under these headings mean; None where it never did."""
    if province is None:
        return None
    with reading(runtime.engine) as connection:
        known = imports.mapping(connection, province, headings.digest)
    return dict(known["columns"]) if known is not None else None


def missing_column(column: str) -> Fault:
    """Return what is wrong with a table that lacks a column."""
    return Fault(
        column,
        "column_missing",
        f"ไม่พบคอลัมน์ที่จำเป็น: {column} ใส่คอลัมน์นี้ตามแม่แบบ แล้วนำเข้าอีกครั้ง",
        f"The required column {column} is missing. Add it as the template has it and bring the file in again.",
    )


def _gathered(checker: Checker, progress: Progress | None) -> tuple[list[Checked], Counter[str], int]:
    """Return the rows that are to be loaded or told of, what all of them are, and how many there are."""
    kept: list[Checked] = []
    counts: Counter[str] = Counter()
    for chunk in checker.chunks():
        kept += [row for row in chunk if row.state != UNCHANGED or row.number in checker.retracted]
        counts.update(row.state for row in chunk)
        if progress is not None:
            progress(chunk[-1].number - checker.table.headings.last, checker.table.height)
    total = counts.total()
    kept = _retracted(kept, checker, counts)
    return kept, counts, total


def _retracted(kept: list[Checked], checker: Checker, counts: Counter[str]) -> list[Checked]:
    if not checker.retracted:
        return kept
    made, left = [], dict(checker.retracted)
    for row in kept:
        fault = left.pop(row.number, None)
        if fault is not None:
            counts[row.state] -= 1
            row = retract(row, fault)
        made.append(row)
    for number, fault in left.items():  # it was found unchanged, and so not kept
        counts[UNCHANGED] -= 1
        made.append(Checked(number, REFUSED, faults=[fault]))
    return sorted(made, key=lambda row: row.number)


def _load(runtime: Runtime, rows: Sequence[Checked], by: Actor, generation: int) -> None:
    ready = [Ready(row.values, row.spoken, row.revision) for row in rows if row.values is not None]
    publish(runtime, ready, by=by, generation=generation)
    settle_at_once(runtime)

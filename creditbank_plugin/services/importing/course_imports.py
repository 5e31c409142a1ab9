"""Bring a province's spreadsheet into the catalogue: upload, say what the columns mean, check, look, load or drop.

Nothing of a file is in the catalogue until it is loaded, and then all of what was good.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.rules import course_cells, thai
from creditbank_plugin.rules.course_headings import Headings
from creditbank_plugin.rules.course_words import COLUMNS, REQUIRED
from creditbank_plugin.services import jobs
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.importing import import_publish, import_table
from creditbank_plugin.services.importing.import_check import REFUSED, province_centre
from creditbank_plugin.services.importing.import_now import missing_column, remembered, require_province
from creditbank_plugin.services.importing.import_work import (
    CHECK,
    CHECKED,
    CHECKING,
    DROPPED,
    FAILED,
    LOAD,
    LOADED,
    LOADING,
    MAPPING,
)
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import authority, imports
from creditbank_plugin.storage.queries import jobs as job_rows
from creditbank_plugin.storage.session import reading, writing

#: An import that nobody goes on with is dropped after so long; what was refused of a loaded one is kept for so long.
ABANDONED, REMEMBERED = timedelta(days=7), timedelta(days=30)
#: How many rows of a file are shown beside its headings.
_SAMPLE = 3


def upload(
    runtime: Runtime, content: bytes, name: str, *, by: Actor, province: str | None, sheet: str | None = None
) -> str:
    """Take in a file and guess what its columns mean; return the import's id.

    ``province`` is whose courses they are where the file does not say.  ``Refused`` (422, field ``file`` or ``province``).
    """
    require_province(province)
    mapping = _read(runtime, content, name, sheet, province)
    now = runtime.clock()
    import_id = new_id()
    expire(runtime)
    with writing(runtime.engine) as connection:
        imports.add(
            connection,
            id=import_id,
            organisation_code=_organisation(connection, by, province),
            province=province,
            file_name=thai.normalise(name.replace("\\", "/").rpartition("/")[2])[:255] or "-",
            sheet=mapping["sheet"],
            content=content,
            mapping=mapping,
            state=MAPPING,
            whole_only=False,
            rows=None,
            rows_read=0,
            counts={},
            made_at=now,
            made_by=by.id,
            changed_at=now,
        )
    return import_id


def get(runtime: Runtime, import_id: str, *, acting_for: str | None) -> Stored:
    """Return an import without its file; ``Refused`` (404) when it is unknown or of others."""
    with reading(runtime.engine) as connection:
        row = imports.get(connection, import_id) if is_uuid(import_id) else None
        if row is None:
            raise not_found()
        if acting_for is not None and not authority.is_within(connection, row.organisation_code, acting_for):
            raise not_found()
    return row


def job_of(runtime: Runtime, row: Stored, *, acting_for: str | None) -> Stored | None:
    """Return the work that an import waits for; one whose process has died is begun again.  None where it waits for none."""
    if row.state not in (CHECKING, LOADING):
        return None
    return jobs.get(runtime, row.counts["job"], acting_for=acting_for)


def choose_sheet(runtime: Runtime, import_id: str, sheet: str, *, by: Actor) -> None:
    """Take another sheet of the file; ``Refused`` (422) where it cannot be read, (409) when it is too late."""
    row, content = _with_content(runtime, import_id, by)
    mapping = _read(runtime, content, row.file_name, sheet, row.province)
    _change(runtime, row, (MAPPING, CHECKED, FAILED), sheet=mapping["sheet"], mapping=mapping, state=MAPPING)


def check(runtime: Runtime, import_id: str, columns: Mapping[str, int], *, by: Actor) -> None:
    """Begin to check the rows of a file, its columns meaning what ``columns`` says (ours → place, from 0).

    The province remembers it for files with the same headings, where one of its own says so.
    ``Refused`` (422) names a column that is missing or taken twice; (409) when it is being checked or loaded already.
    """
    row, _ = _with_content(runtime, import_id, by)
    chosen = _chosen(columns, len(row.mapping["texts"]))
    mapping = {**row.mapping, "columns": chosen}
    with writing(runtime.engine) as connection:
        if row.province is not None and _is_of(connection, row.province, by):
            imports.keep_mapping(
                connection,
                province=row.province,
                headings=_digest(mapping),
                mapping={"columns": chosen},
                used_at=runtime.clock(),
            )
    before = (MAPPING, CHECKED, FAILED)
    _begin(runtime, row, before, CHECK, by, state=CHECKING, mapping=mapping, rows_read=0, rows=None, counts={})


def load(runtime: Runtime, import_id: str, *, by: Actor, whole_only: bool = False) -> None:
    """Begin to load the good rows of a checked file; ``whole_only``: only where none is refused.

    ``Refused``: ``rows_refused`` (422) for that, (409) when it is not checked or loaded already.
    """
    row = get(runtime, import_id, acting_for=by.acting_for)
    if whole_only and row.counts.get(REFUSED):
        raise Refused(
            "rows_refused",
            "มีแถวที่ไม่ผ่านการตรวจ จึงยังไม่นำเข้าทั้งไฟล์ แก้ไขไฟล์แล้วส่งใหม่ หรือเลือกนำเข้าเฉพาะแถวที่ผ่าน",
            "Some rows are refused, so nothing is loaded. Mend the file and send it again, or load the good rows only.",
        )
    _begin(runtime, row, (CHECKED,), LOAD, by, state=LOADING, whole_only=whole_only, counts=row.counts)


def drop(runtime: Runtime, import_id: str, *, by: Actor) -> None:
    """Give up an import and forget its file; ``Refused`` (409) while it is being loaded or when it was."""
    row = get(runtime, import_id, acting_for=by.acting_for)
    _change(runtime, row, (MAPPING, CHECKING, CHECKED, FAILED), state=DROPPED, content=None)
    with writing(runtime.engine) as connection:
        imports.forget_rows(connection, import_id)


def retry(runtime: Runtime, import_id: str, *, by: Actor) -> None:
    """Check a file once more whose checking or loading ended badly; ``Refused`` (409) when it did not."""
    row = get(runtime, import_id, acting_for=by.acting_for)
    job = job_of(runtime, row, acting_for=by.acting_for)
    if job is not None and job.state in ("failed", "stopped"):
        _change(runtime, row, (row.state,), state=FAILED)
    check(runtime, import_id, row.mapping["columns"], by=by)


def rows(runtime: Runtime, import_id: str, state: str, *, after: int = 0, limit: int) -> Sequence[Stored]:
    """Return the checked rows in ``state`` behind row ``after``; who may see the import has been asked before."""
    with reading(runtime.engine) as connection:
        return imports.rows(connection, import_id, state, after, limit)


def history(runtime: Runtime, *, acting_for: str | None, limit: int = 100) -> Sequence[Stored]:
    """Return imports, newest first, of those for whom ``acting_for`` may act."""
    expire(runtime)
    with reading(runtime.engine) as connection:
        within = authority.below(connection, acting_for) if acting_for is not None else None
        return imports.latest(connection, within, limit)


def expire(runtime: Runtime) -> None:
    """Drop what was abandoned and forget the rows of what was loaded long ago."""
    now = runtime.clock()
    with reading(runtime.engine) as connection:
        abandoned = imports.stale(connection, (MAPPING, CHECKING, CHECKED, FAILED), now - ABANDONED)
        remembered = imports.stale(connection, (LOADED,), now - REMEMBERED)
    for import_id in abandoned:
        with writing(runtime.engine) as connection:
            imports.change(connection, import_id, {}, state=DROPPED, content=None, changed_at=now)
            imports.forget_rows(connection, import_id)
    for import_id in remembered:
        with writing(runtime.engine) as connection:
            imports.forget_rows(connection, import_id)


def _read(runtime: Runtime, content: bytes, name: str, sheet: str | None, province: str | None) -> dict[str, Any]:
    """Return what a file looks like, and what its columns mean as far as that is known, for the mapping to be chosen."""
    opened, headings = import_table.read(content, name, sheet)
    if headings is None:
        raise import_table.no_headings()
    made: dict[str, Any] = {
        "sheet": opened.name,
        "names": list(opened.names),
        "hidden": list(opened.hidden),
        "merged": import_table.merged_below(opened, headings),
        "height": opened.height,
        "first": headings.first,
        "last": headings.last,
        "texts": list(headings.texts),
        "columns": dict(headings.columns),
        "sample": [],
    }
    for number, row in enumerate(opened.rows(), 1):
        if number > headings.last and any(not course_cells.is_empty(cell) for cell in row):
            made["sample"].append([course_cells.shown(cell) or "" for cell in row][: len(headings.texts)])
            if len(made["sample"]) == _SAMPLE:
                break
    known = remembered(runtime, province, headings)
    if known is not None:
        made |= {"columns": known, "remembered": True}
    return made


def _digest(mapping: Mapping[str, Any]) -> str:
    return Headings(mapping["first"], mapping["last"], tuple(mapping["texts"]), {}).digest


def _is_of(connection: Connection, province: str, by: Actor) -> bool:
    """Tell whether somebody acts for an organisation of the province, or for the platform: others teach it nothing."""
    if by.acting_for is None:
        return True
    own = authority.organisations(connection, [by.acting_for]).get(by.acting_for)
    return own is not None and own.province == province


def _organisation(connection: Connection, by: Actor, province: str | None) -> str:
    """Return whose import it is: the uploader's own organisation, for the platform's administrator the centre."""
    if by.acting_for is not None:
        return by.acting_for
    if province is None:
        raise Refused("missing", "เลือกจังหวัด", "Choose the province.", field="province")
    found = imports.centres(connection, [province], None).get(province)
    if found is None:
        found = province_centre(province)
        import_publish.enter_centres(connection, {found})
    return found


def _with_content(runtime: Runtime, import_id: str, by: Actor) -> tuple[Stored, bytes]:
    row = get(runtime, import_id, acting_for=by.acting_for)
    with reading(runtime.engine) as connection:
        content = imports.content(connection, import_id)
    if content is None:
        raise _too_late()
    return row, content


def _change(runtime: Runtime, row: Stored, states: Sequence[str], **values: Any) -> None:
    values["changed_at"] = runtime.clock()
    with writing(runtime.engine) as connection:
        if row.state not in states or not imports.change(connection, row.id, {"state": row.state}, **values):
            raise _too_late()


def _begin(runtime: Runtime, row: Stored, states: Sequence[str], kind: str, by: Actor, **values: Any) -> None:
    """Change an import and queue its work in one transaction, then begin it."""
    job_id, now = new_id(), runtime.clock()
    values |= {"counts": {**values["counts"], "job": job_id}, "fault": None, "changed_at": now}
    with writing(runtime.engine) as connection:
        if row.state not in states or not imports.change(connection, row.id, {"state": row.state}, **values):
            raise _too_late()
        if kind == CHECK:
            imports.forget_rows(connection, row.id)
        job_rows.add(
            connection,
            id=job_id,
            kind=kind,
            organisation_code=row.organisation_code,
            wanted={"import": row.id, "by": by.id, "acting_for": by.acting_for},
            state=job_rows.QUEUED,
            done=0,
            attempts=0,
            made_at=now,
            made_by=by.id,
        )
    jobs.begin_here(runtime, job_id)


def _chosen(columns: Mapping[str, int], width: int) -> dict[str, int]:
    chosen = {column: place for column, place in columns.items() if column in COLUMNS and 0 <= place < width}
    for column in REQUIRED:
        if column not in chosen:
            fault = missing_column(column)
            raise Refused(fault.code, fault.th, fault.en, field=column)
    for column, place in chosen.items():
        if any(other != column and chosen[other] == place for other in chosen):
            raise Refused(
                "column_twice",
                "คอลัมน์เดียวกันในไฟล์ถูกเลือกให้สองความหมาย",
                "The same column of the file is chosen for two meanings.",
                field=column,
            )
    return chosen


def _too_late() -> Refused:
    return Refused(
        "import_state",
        "ทำขั้นตอนนี้ไม่ได้แล้ว เพราะไฟล์นี้กำลังตรวจ นำเข้า หรือถูกนำเข้าหรือยกเลิกไปแล้ว เปิดหน้านี้ใหม่เพื่อดูสถานะ",
        "This is no longer possible: the file is being checked or loaded, or was loaded or dropped. Open the page anew.",
        status=409,
    )

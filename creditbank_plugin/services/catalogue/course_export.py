"""The catalogue as a spreadsheet in the columns of the template: what is taken in again changes nothing."""

import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats.table_file import Value, write_table
from creditbank_plugin.rules.course import HOUR_FIELDS, CourseValues, lines_of
from creditbank_plugin.rules.course_words import MORE, TEMPLATE
from creditbank_plugin.rules.hours import hours_number
from creditbank_plugin.services.catalogue.courses import values_of
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import course_list
from creditbank_plugin.storage.session import reading

KINDS = ("csv", "xlsx")
#: More courses than these are not handed out to somebody who waits for a page; the command line writes any number.
MOST_AT_ONCE = 20_000


def export_to(runtime: Runtime, path: Path, *, wanted: Mapping[str, str] | None = None) -> int:
    """Write all courses (of ``wanted`` values of `course_list.COLUMNS`) to a file by its ending; return how many.

    What stood there is replaced only when the whole file is written.  ``Refused``: ``file_kind_unknown`` for an ending
    other than ``.csv`` and ``.xlsx``.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise unknown_kind()
    made = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with made.open("wb") as file, reading(runtime.engine) as connection:
            heading = _heading(connection, wanted or {})
            number = write_table(file, kind, heading, _rows(connection, wanted or {}, heading), name="courses")
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    return number


def unknown_kind() -> Refused:
    """Return the refusal of a kind of file that we do not write."""
    return Refused(
        "file_kind_unknown",
        "ชื่อไฟล์ต้องลงท้ายด้วย .xlsx หรือ .csv",
        "The file's name must end with .xlsx or .csv.",
        field="file",
    )


def exported(runtime: Runtime, kind: str, *, wanted: Mapping[str, str] | None = None) -> bytes:
    """Return the same as the content of a file of ``kind``; ``Refused`` (``too_many``) for more than `MOST_AT_ONCE`."""
    with reading(runtime.engine) as connection:
        if course_list.count(connection, wanted or {}, MOST_AT_ONCE + 1) > MOST_AT_ONCE:
            raise Refused(
                "too_many",
                f"รายวิชาเกิน {MOST_AT_ONCE:,} รายการ ให้เลือกตัวกรองเพิ่ม หรือขอให้ผู้ดูแลระบบส่งออกด้วยคำสั่ง creditbank courses export",
                f"These are more than {MOST_AT_ONCE:,} courses: choose a filter, or use `creditbank courses export`.",
            )
        file = io.BytesIO()
        heading = _heading(connection, wanted or {})
        write_table(file, kind, heading, _rows(connection, wanted or {}, heading), name="courses")
    return file.getvalue()


def _heading(connection: Connection, wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns of the template; with those for hours in all and ท-ป-น where a course needs them."""
    return (*TEMPLATE, *MORE) if course_list.needs_more_columns(connection, wanted) else TEMPLATE


def _rows(connection: Connection, wanted: Mapping[str, str], heading: tuple[str, ...]) -> Iterator[list[Value]]:
    for row in course_list.everything(connection, wanted):
        values = values_of(row)
        yield [_cell(values, name) for name in heading]


def _cell(values: CourseValues, name: str) -> Value:
    told = getattr(values, name)
    if name == "outcomes":
        return lines_of(values.outcomes) or None
    if name in HOUR_FIELDS and told is not None:
        return hours_number(told)
    return str(told) if told is not None else None

"""The one short transaction in which checked rows become courses."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin import reference
from creditbank_plugin.errors import Refused
from creditbank_plugin.reference import Province
from creditbank_plugin.rules import course as rules
from creditbank_plugin.rules.catalogue import NATIONAL
from creditbank_plugin.rules.course import CourseValues
from creditbank_plugin.services import reach
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.catalogue.courses import CHUNK, Put
from creditbank_plugin.services.importing.import_check import province_centre
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import authority, generations
from creditbank_plugin.storage.queries import courses as course_rows
from creditbank_plugin.storage.queries.writes import insert_new
from creditbank_plugin.storage.session import reading, writing
from creditbank_plugin.storage.tables import Organisation


@dataclass(frozen=True)
class Ready:
    """A checked row to be loaded: what it says, the fields it speaks of, the revision that stood when it was checked."""

    values: CourseValues
    spoken: frozenset[str]
    revision: int


#: What else the transaction writes, before the courses; it tells whether to go on.
Also = Callable[[Connection], bool]


def publish(
    runtime: Runtime, rows: Sequence[Ready], *, by: Actor, generation: int, also: Also | None = None
) -> list[Put] | None:
    """Enter or edit the courses in one transaction; ``generation`` is the catalogue's when they were checked.

    Everything that can be is worked out before the transaction begins: it compares nothing again unless somebody changed
    the catalogue in between.  None, and nothing written, where ``also`` says so.  ``Refused``: what `courses.put`
    refuses, ``not_yours`` (403), and ``changed_meanwhile`` (409) where somebody has edited one of the courses since they
    were checked, so that nobody's edit is overwritten unseen; the same rows loaded by somebody else are no such edit.
    """
    spoken = {row.values.key: row.spoken for row in rows}
    told: dict[str, Any] = {"by": by.id, "now": runtime.clock(), "only": lambda values: spoken[values.key]}
    values = [row.values for row in rows]
    owners = sorted({each.owner for each in values})
    planned = None
    with reading(runtime.engine) as connection:
        if not _missing_centres(connection, owners):
            _refuse_overtaken(connection, rows, generation)
            planned = courses.plan(connection, values, **told)
    with writing(runtime.engine) as connection:
        if also is not None and not also(connection):
            return None
        enter_centres(connection, owners)
        for owner in owners:
            reach.require(connection, owner, by.acting_for)
        done = courses.put_planned(connection, planned) if planned is not None else None
        if done is None:
            generations.hold(connection, generations.COURSES)
            _refuse_overtaken(connection, rows, generation)
            done = courses.put(connection, values, **told)
    return done


def _missing_centres(connection: Connection, owners: Iterable[str]) -> dict[str, Province]:
    """Return those of ``owners`` that are centres of provinces and not registered yet."""
    wanted = {province_centre(province.code): province for province in reference.provinces()}
    named = set(owners) & wanted.keys()
    missing = named - authority.organisations(connection, named).keys() if named else set()
    return {code: wanted[code] for code in sorted(missing)}


def enter_centres(connection: Connection, owners: Iterable[str]) -> None:
    """Enter the centres of provinces that own something and are not registered yet."""
    missing = _missing_centres(connection, owners)
    if not missing:
        return
    parent = NATIONAL if authority.organisations(connection, [NATIONAL]) else None
    rows = [
        {
            "code": code,
            "kind": "province",
            "sector": None,
            "province": province.code,
            "parent_code": parent,
            "name_th": f"ศูนย์ธนาคารหน่วยกิตจังหวัด{province.name_th}",
            "name_en": f"Credit bank centre of {province.name_en}",
        }
        for code, province in missing.items()
    ]
    insert_new(connection, Organisation, rows, ["code"])


def _refuse_overtaken(connection: Connection, rows: Sequence[Ready], generation: int) -> None:
    """Refuse rows whose course somebody has edited since the catalogue was of ``generation``."""
    if generations.current(connection, generations.COURSES) == generation:
        return
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        standing = course_rows.by_keys(connection, [row.values.key for row in chunk])
        if any(_is_overtaken(row, standing.get(row.values.key)) for row in chunk):
            raise Refused(
                "changed_meanwhile",
                "มีผู้แก้ไขรายวิชาบางรายการหลังจากตรวจไฟล์นี้ ยังไม่มีการนำเข้า ตรวจไฟล์อีกครั้งเพื่อดูค่าล่าสุด",
                "Some of the courses were edited after this file was checked. Nothing was loaded; check the file again.",
                status=409,
            )


def _is_overtaken(row: Ready, stands: Stored | None) -> bool:
    if stands is None or stands.revision == row.revision:
        return False
    before = courses.values_of(stands)
    return rules.edited(before, row.values, row.spoken) != before

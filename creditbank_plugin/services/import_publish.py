"""The one short transaction in which checked rows become courses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from creditbank_plugin import reference
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import course as rules
from creditbank_plugin.rules.catalogue import NATIONAL
from creditbank_plugin.rules.course import CourseValues
from creditbank_plugin.services import courses, reach
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.courses import CHUNK, Put
from creditbank_plugin.services.import_check import province_centre
from creditbank_plugin.storage.queries import authority, generations
from creditbank_plugin.storage.queries import courses as course_rows
from creditbank_plugin.storage.queries.writes import insert_new
from creditbank_plugin.storage.tables import Organisation


@dataclass(frozen=True)
class Ready:
    """A checked row to be loaded: what it says, the fields it speaks of, the revision that stood when it was checked."""

    values: CourseValues
    spoken: frozenset[str]
    revision: int


def publish(connection: Connection, rows: Sequence[Ready], *, by: Actor, now: datetime, generation: int) -> list[Put]:
    """Enter or edit the courses in this transaction; ``generation`` is the catalogue's when they were checked.

    ``Refused``: what `courses.put` refuses, ``not_yours`` (403), and ``changed_meanwhile`` (409) where somebody has
    edited one of the courses since, so that nobody's edit is overwritten unseen.  The same rows loaded by somebody else
    in the meantime are no such edit.
    """
    generations.hold(connection, generations.COURSES)
    enter_centres(connection, {row.values.owner for row in rows})
    for owner in sorted({row.values.owner for row in rows}):
        reach.require(connection, owner, by.acting_for)
    if generations.current(connection, generations.COURSES) != generation:
        for start in range(0, len(rows), CHUNK):
            _refuse_overtaken(connection, rows[start : start + CHUNK])
    spoken = {row.values.key: row.spoken for row in rows}
    return courses.put(
        connection, [row.values for row in rows], by=by.id, now=now, only=lambda values: spoken[values.key]
    )


def enter_centres(connection: Connection, owners: set[str]) -> None:
    """Enter the centres of provinces that own something here and are not registered yet."""
    wanted = {province_centre(province.code): province for province in reference.provinces()}
    named = owners & wanted.keys()
    missing = named - authority.organisations(connection, named).keys() if named else set()
    if not missing:
        return
    parent = NATIONAL if authority.organisations(connection, [NATIONAL]) else None
    rows = [
        {
            "code": code,
            "kind": "province",
            "sector": None,
            "province": wanted[code].code,
            "parent_code": parent,
            "name_th": f"ศูนย์ธนาคารหน่วยกิตจังหวัด{wanted[code].name_th}",
            "name_en": f"Credit bank centre of {wanted[code].name_en}",
        }
        for code in sorted(missing)
    ]
    insert_new(connection, Organisation, rows, ["code"])


def _refuse_overtaken(connection: Connection, rows: Sequence[Ready]) -> None:
    standing = course_rows.by_keys(connection, [row.values.key for row in rows])
    for row in rows:
        stands = standing.get(row.values.key)
        if stands is None or stands.revision == row.revision:
            continue
        before = courses.values_of(stands)
        if rules.edited(before, row.values, row.spoken) != before:
            raise Refused(
                "changed_meanwhile",
                "มีผู้แก้ไขรายวิชาบางรายการหลังจากตรวจไฟล์นี้ ยังไม่มีการนำเข้า ตรวจไฟล์อีกครั้งเพื่อดูค่าล่าสุด",
                "Some of the courses were edited after this file was checked. Nothing was loaded; check the file again.",
                status=409,
            )

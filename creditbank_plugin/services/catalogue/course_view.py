"""One course version: what it is, what it counts for, what it was before; and editing it without overwriting others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.rules import course as rules
from creditbank_plugin.rules.course import EDITABLE, CourseValues
from creditbank_plugin.services import reach
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.catalogue import course_counts, courses
from creditbank_plugin.services.catalogue.course_counts import Counts
from creditbank_plugin.services.catalogue.courses import Put, SpokenOf, values_of
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.services.views import Name
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import course_authority, course_list, generations
from creditbank_plugin.storage.session import reading, writing

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Revision:
    """What a course version said from ``at`` on: ``by`` whom (None for the first) and which fields that changed."""

    number: int
    values: CourseValues
    at: datetime
    by: str | None
    changed: tuple[str, ...]


@dataclass(frozen=True)
class CourseView:
    """A course version as readers see it; ``revisions`` and ``versions`` (its other curriculum years too) newest first."""

    id: str
    values: CourseValues
    owner: Name
    revision: int
    added_at: datetime
    changed_at: datetime | None
    counts: Counts
    revisions: Sequence[Revision]
    versions: Sequence[str]


def view(runtime: Runtime, key: Key, *, organisation: str | None = None) -> CourseView:
    """Return the course version of owner, code and version; the bank of ``organisation`` stands first among the banks.

    ``Refused`` with 404 where there is none.
    """
    with reading(runtime.engine) as connection:
        row = _one(connection, key)
        counts = course_counts.of_course(connection, row, runtime.today(), organisation)
        return CourseView(
            id=row.id,
            values=values_of(row),
            owner=Name(row.owner_name_th, row.owner_name_en),
            revision=row.revision,
            added_at=row.added_at,
            changed_at=row.changed_at,
            counts=counts,
            revisions=_revisions(connection, row),
            versions=[each.version for each in course_list.versions(connection, row.owner_code, row.code)],
        )


def by_id(runtime: Runtime, course_id: str) -> Key:
    """Return owner, code and version of a course version known by its id; ``Refused`` with 404 where there is none."""
    with reading(runtime.engine) as connection:
        row = course_list.named(connection, [course_id]).get(course_id)
    if row is None:
        raise not_found()
    return row.owner_code, row.code, row.version


def edit(
    runtime: Runtime, values: CourseValues, *, revision: int | None, by: Actor, only: SpokenOf | None = None
) -> Put:
    """Edit a course version that stands at ``revision``, or enter a new one (None); settle what waited for it.

    ``only`` names the fields that ``values`` speak of, as in `courses.put`.
    ``Refused``: ``not_yours`` (403), 404 for one to edit that is not there, ``changed_meanwhile`` (409) where somebody
    else has edited it since ``revision``, ``already_there`` (409) for a new one that stands already.
    """
    with writing(runtime.engine) as connection:
        reach.require(connection, values.owner, by.acting_for)
        generations.hold(connection, generations.COURSES)
        row = course_list.one(connection, values.key)
        if row is None and revision is not None:
            raise not_found()
        if row is not None and revision is None:
            raise _already_there()
        if row is not None and row.revision != revision:
            raise _changed_meanwhile()
        [done] = courses.put(connection, [values], by=by.id, now=runtime.clock(), only=only)
    if done.state != "unchanged":
        settle_at_once(runtime)
    return done


def _one(connection: Connection, key: Key) -> Stored:
    row = course_list.one(connection, key)
    if row is None:
        raise not_found()
    return row


def _revisions(connection: Connection, row: Stored) -> list[Revision]:
    kept = course_authority.revisions(connection, row.id)
    present = values_of(row)
    said = [rules.of_content(present.key, each.content) for each in kept] + [present]
    since = [row.added_at, *(each.replaced_at for each in kept)]
    by = [None, *(each.replaced_by for each in kept)]
    found = []
    for place, values in enumerate(said):
        before = said[place - 1] if place else values
        changed = tuple(name for name in EDITABLE if getattr(values, name) != getattr(before, name))
        found.append(Revision(place + 1, values, since[place], by[place], changed))
    return found[::-1]


def _changed_meanwhile() -> Refused:
    return Refused(
        "changed_meanwhile",
        "มีผู้อื่นแก้ไขรายวิชานี้หลังจากที่เปิดดู โปรดดูข้อมูลล่าสุดแล้วแก้ไขอีกครั้ง ข้อมูลที่พิมพ์ไว้ยังไม่ถูกบันทึก",
        "Somebody else has edited this course meanwhile. Look at what it says now and edit it again; nothing was saved.",
        status=409,
    )


def _already_there() -> Refused:
    return Refused(
        "already_there",
        "มีรายวิชานี้ (เจ้าของ รหัส และปีหลักสูตรตรงกัน) อยู่แล้ว",
        "This course (owner, code and version) stands already.",
        field="version",
        status=409,
    )

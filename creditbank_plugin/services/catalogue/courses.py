"""Enter and edit course versions, one or thousands at a time; what waited for them is settled."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Literal

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import course as rules
from creditbank_plugin.rules import thai, waits
from creditbank_plugin.rules.course import EDITABLE, CourseValues
from creditbank_plugin.services import reach
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage.base import Stored, new_id
from creditbank_plugin.storage.queries import courses, generations, waking
from creditbank_plugin.storage.session import reading, writing

#: How many course versions are compared with what stands by one statement.
CHUNK = 1000
_EDITABLE_OF = attrgetter(*EDITABLE)
_PLACING = ("level_group", "occupational_group")
_IN_FORCE = ("in_force_from", "in_force_until")


#: The fields that rows speak of, or what tells them of each row.
SpokenOf = Collection[str] | Callable[[CourseValues], Collection[str]]


@dataclass(frozen=True)
class Put:
    """What became of one course version: its id, and the revision that stands now (1 for a new one)."""

    state: Literal["new", "changed", "unchanged"]
    course_id: str
    revision: int


@dataclass
class _Work:
    """What a transaction is about to write, and the keys of those who wait for it."""

    new: list[dict[str, Any]]
    edited: list[dict[str, Any]]
    revisions: list[dict[str, Any]]
    woken: set[str]


def values_of(row: Stored) -> CourseValues:
    """Return what a stored course version says; the sector of an older row is read as what it means."""
    told: dict[str, Any] = dict(zip(EDITABLE, _EDITABLE_OF(row), strict=True))
    told["outcomes"] = tuple(row.outcomes or ())
    told["sector"] = rules.sector(row.sector)
    return CourseValues(owner=row.owner_code, code=row.code, version=row.version, **told)


def put(
    connection: Connection,
    rows: Sequence[CourseValues],
    *,
    by: str,
    now: datetime,
    only: SpokenOf | None = None,
) -> list[Put]:
    """Enter or edit course versions in this transaction, all or none; return what became of each, in their order.

    A version that stands gets a new revision where something differs, and what it was is kept; the same again changes
    nothing.  ``only`` names the fields that the rows, or each of them, speak of (a spreadsheet has no column for the
    others): whatever else a version that stands says, it goes on saying; its whole hours follow their parts.  ``Refused``:
    ``code_is_alias`` (409), ``owner_unknown``, ``course_twice`` (the same version twice with different content).

    What waited for the courses is woken last; the caller settles after the commit.
    """
    generations.hold(connection, generations.COURSES)
    planned = plan(connection, rows, by=by, now=now, only=only)
    _write(connection, planned.work)
    return planned.done


@dataclass(frozen=True)
class Planned:
    """What is to be written of many course versions, as it was found in the catalogue of ``generation``."""

    done: list[Put]
    work: _Work
    generation: int


def plan(
    connection: Connection,
    rows: Sequence[CourseValues],
    *,
    by: str,
    now: datetime,
    only: SpokenOf | None = None,
) -> Planned:
    """Do all of `put` but the writing: of thousands of courses most of the time, in which nobody else waits."""
    each = _each_once(rows)
    generation = generations.current(connection, generations.COURSES)
    made: dict[tuple[str, str, str], Put] = {}
    work = _Work([], [], [], set())
    for chunk in _chunks(list(each.values())):
        _refuse(connection, chunk)
        standing = courses.by_keys(connection, [values.key for values in chunk])
        for values in chunk:
            row = standing.get(values.key)
            if row is None:
                made[values.key] = _new(work, values, now)
            else:
                before = values_of(row)
                spoken = only(values) if callable(only) else only
                made[values.key] = _edit(work, row, before, rules.edited(before, values, spoken), by, now)
    return Planned(_in_order(rows, made), work, generation)


def put_planned(connection: Connection, planned: Planned) -> list[Put] | None:
    """Write what was planned in this transaction; None, and nothing written, where the catalogue has changed since.

    ``Refused``: ``code_is_alias`` (409) for a code that was mapped to another course since.
    """
    generations.hold(connection, generations.COURSES)
    if generations.current(connection, generations.COURSES) != planned.generation:
        return None
    codes = sorted({row["code"] for row in planned.work.new})
    for start in range(0, len(codes), CHUNK):
        for refusal in alias_refusals(connection, codes[start : start + CHUNK]).values():
            raise refusal
    _write(connection, planned.work)
    return planned.done


def put_courses(
    runtime: Runtime, rows: Sequence[CourseValues], *, by: Actor, only: SpokenOf | None = None
) -> list[Put]:
    """Do the same as `put` in a transaction of its own and settle what waited; ``not_yours`` (403) for others' courses."""
    with writing(runtime.engine) as connection:
        for owner in sorted({values.owner for values in rows}):
            reach.require(connection, owner, by.acting_for)
        done = put(connection, rows, by=by.id, now=runtime.clock(), only=only)
    if any(each.state != "unchanged" for each in done):
        settle_at_once(runtime)
    return done


def alias_refusals(connection: Connection, codes: Collection[str]) -> dict[str, Refused]:
    """Return, by code, why those of ``codes`` cannot be entered that mean another course already (see `put`)."""
    return {code: _is_alias(row) for code, row in courses.aliased(connection, codes).items()}


def add_course(
    runtime: Runtime,
    *,
    owner: str,
    code: str,
    version: str,
    title_th: str,
    title_en: str | None = None,
    level_group: str | None = None,
    sector: str | None = None,
    hours: int | None = None,
    in_force_from: date | None = None,
    in_force_until: date | None = None,
    source: str | None = None,
    evidence: str | None = None,
    **more: Any,
) -> str:
    """Enter a course version (``hours`` in hundredths of an hour) and settle what waited for it; return its id.

    ``more`` are further fields of `CourseValues`.  A version that stands already is left as it is.  ``Refused``:
    ``code_is_alias`` (409) for a code that is mapped to another course, and so would never be found.
    """
    values = CourseValues(
        owner=owner,
        code=thai.course_code(code),
        version=thai.digits(version).strip(),
        title_th=thai.normalise(title_th),
        title_en=title_en,
        level_group=level_group,
        sector=sector,
        hours=hours,
        in_force_from=in_force_from,
        in_force_until=in_force_until,
        source=source,
        evidence=evidence,
        **more,
    )
    with writing(runtime.engine) as connection:
        generations.hold(connection, generations.COURSES)
        _refuse(connection, [values])
        standing = courses.by_keys(connection, [values.key]).get(values.key)
        if standing is not None:
            return str(standing.id)
        made = put(connection, [values], by="system", now=runtime.clock())
    settle_at_once(runtime)
    return made[0].course_id


def courses_with(
    runtime: Runtime, search: str | None = None, limit: int = 50, ids: Sequence[str] | None = None
) -> Sequence[Stored]:
    """Return course versions whose code or title holds ``search``."""
    with reading(runtime.engine) as connection:
        words = thai.normalise(thai.digits(search)) if search else None
        return courses.search(connection, words, limit, ids)


def _chunks(rows: Sequence[CourseValues]) -> Iterator[Sequence[CourseValues]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _each_once(rows: Sequence[CourseValues]) -> dict[tuple[str, str, str], CourseValues]:
    """Return the rows by key; said twice in the same words, a course is one."""
    found: dict[tuple[str, str, str], CourseValues] = {}
    if any(found.setdefault(values.key, values) != values for values in rows):
        raise course_twice()
    return found


def course_twice() -> Refused:
    """Return the refusal of a course that is told twice with different content."""
    return Refused(
        "course_twice",
        "มีรายวิชาเดียวกัน (เจ้าของ รหัส และปีหลักสูตรตรงกัน) ซ้ำกันแต่รายละเอียดต่างกัน",
        "The same course (owner, code and version) stands twice with different content.",
        field="code",
    )


def _in_order(rows: Sequence[CourseValues], made: dict[tuple[str, str, str], Put]) -> list[Put]:
    done: list[Put] = []
    told: set[tuple[str, str, str]] = set()
    for values in rows:
        each = made[values.key]
        done.append(replace(each, state="unchanged") if values.key in told else each)
        told.add(values.key)
    return done


def _refuse(connection: Connection, rows: Sequence[CourseValues]) -> None:
    for refusal in alias_refusals(connection, {values.code for values in rows}).values():
        raise refusal
    owners = {values.owner for values in rows}
    if owners - courses.known_owners(connection, owners):
        raise Refused(
            "owner_unknown",
            "ไม่รู้จักหน่วยงานเจ้าของรายวิชา",
            "The organisation that owns the course is unknown.",
            field="owner",
        )


def _is_alias(row: Stored) -> Refused:
    said = "/".join(part for part in (row.owner_code, row.code, row.version) if part)
    return Refused(
        "code_is_alias",
        f"รหัสนี้จับคู่ไว้กับรายวิชา {said} แล้ว จึงเพิ่มเป็นรายวิชาใหม่ไม่ได้",
        f"This code is mapped to the course {said}; it cannot be entered as a course of its own.",
        field="code",
        status=409,
    )


def _columns(values: CourseValues) -> dict[str, Any]:
    """Return the columns that may change; the key's are guarded by the database itself."""
    return {**{name: getattr(values, name) for name in EDITABLE}, "outcomes": list(values.outcomes) or None}


def _new(work: _Work, values: CourseValues, now: datetime) -> Put:
    made = new_id()
    key = {"owner_code": values.owner, "code": values.code, "version": values.version}
    work.new.append({"id": made, **key, **_columns(values), "added_at": now, "changed_at": None, "revision": 1})
    work.woken.add(waits.course(values.code))
    return Put("new", made, 1)


def _edit(work: _Work, row: Stored, before: CourseValues, values: CourseValues, by: str, now: datetime) -> Put:
    if values == before:
        return Put("unchanged", row.id, row.revision)
    work.revisions.append(
        {
            "course_id": row.id,
            "revision": row.revision,
            "content": rules.content(before),
            "replaced_at": now,
            "replaced_by": by,
        }
    )
    work.edited.append({"id": row.id, **_columns(values), "changed_at": now, "revision": row.revision + 1})
    if any(getattr(values, name) != getattr(before, name) for name in _IN_FORCE):
        work.woken.add(waits.course(values.code))
    if any(getattr(values, name) != getattr(before, name) for name in _PLACING):  # a standing order may now speak of it
        work.woken.add(waits.comparison(row.id))
    return Put("changed", row.id, row.revision + 1)


def _write(connection: Connection, work: _Work) -> None:
    if not work.new and not work.edited:
        return
    generation = generations.raise_to_next(connection, generations.COURSES)
    for row in (*work.new, *work.edited):
        row["generation"] = generation
    for write, rows in (
        (courses.insert, work.new),
        (courses.keep_revisions, work.revisions),
        (courses.edit, work.edited),
    ):
        for start in range(0, len(rows), CHUNK):
            write(connection, rows[start : start + CHUNK])
    waking.wake(connection, work.woken)

"""Courses told as objects by another agency's system: each checked as a row of a spreadsheet is, with its own answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.rules import course_cells, thai
from creditbank_plugin.rules.cells import Cell
from creditbank_plugin.rules.course import KEY, CourseValues, lines_of
from creditbank_plugin.rules.course_row import COLUMNS, Fault, RowContext, check_row, spoken_of
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.catalogue import course_view, courses
from creditbank_plugin.services.catalogue.courses import Put
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage.queries import authority, imports
from creditbank_plugin.storage.session import reading, writing

#: How many courses are told at once at most.
MOST = 1000
_NOT_AN_OBJECT = Fault("", "not_an_object", "ต้องเป็นวัตถุ JSON ของรายวิชาหนึ่ง", "It must be a JSON object: one course.")


@dataclass(frozen=True)
class Entry:
    """What became of one course: ``state`` is ``new, changed, unchanged`` or ``refused``, with what is wrong with it.

    ``key`` is owner, code and version as they were understood; ``revision`` that which stands now.
    """

    state: str
    key: tuple[str, str, str] | None = None
    course_id: str | None = None
    revision: int | None = None
    faults: Sequence[Fault] = ()


def enter(runtime: Runtime, told: Sequence[Any], *, by: Actor) -> list[Entry]:
    """Enter or edit the courses that can be, in one transaction, and settle what waited; answer each in its place.

    An object speaks of the columns that it names: what it does not name stays as it is.  An empty owner is the centre of
    the province.  Only courses of the actor's own organisation and those below it are taken.
    """
    with reading(runtime.engine) as connection:
        known = _context(connection, told, by)
    checked = [_check(each, known) for each in told]
    with writing(runtime.engine) as connection:
        good = _enterable(connection, checked)
        columns = {values.key: told[place] for place, values in good.items()}
        rows, now = list(good.values()), runtime.clock()
        done = courses.put(
            connection, rows, by=by.id, now=now, only=lambda values: spoken_of(columns[values.key], values)
        )
    if any(each.state != "unchanged" for each in done):
        settle_at_once(runtime)
    answers = dict(
        zip(good, (_entered(good[place], each) for place, each in zip(good, done, strict=True)), strict=True)
    )
    return [answers.get(place) or _refused(each) for place, each in enumerate(checked)]


def replace_one(
    runtime: Runtime, key: tuple[str, str, str], told: Mapping[str, Any], *, revision: int | None, by: Actor
) -> Entry:
    """Say anew everything a course says that the template has a column for (see `course_view.edit`).

    What is not named becomes empty.  ``Refused`` besides: a key in ``told`` that is not that of the address.
    """
    whole = {**dict.fromkeys(COLUMNS), **told}
    for name, said in zip(KEY, key, strict=True):
        if whole[name] not in (None, "", said):
            th, en = "ต้องตรงกับที่อยู่ที่เรียก หรือไม่ต้องส่ง", "It must be that of the address, or left out."
            return Entry("refused", faults=[Fault(name, "other_key", th, en)])
        whole[name] = said
    values = _check(whole, context(runtime, whole, by=by))
    if not isinstance(values, CourseValues):
        return Entry("refused", faults=values)
    if values.key != key:
        th, en = "รหัสในที่อยู่ไม่ได้เขียนตามรูปที่ทะเบียนเก็บ", "The address does not spell the code as the catalogue keeps it."
        return Entry("refused", faults=[Fault("code", "code_spelling", th, en)])
    only = frozenset(COLUMNS) - set(KEY)
    done = course_view.edit(runtime, values, revision=revision, by=by, only=only)
    return _entered(values, done)


def context(runtime: Runtime, told: Mapping[str, Any], *, by: Actor) -> RowContext:
    """Return what one object is checked against: the organisations it names, and for whom the actor may act."""
    with reading(runtime.engine) as connection:
        return _context(connection, [told], by)


def _check(told: Any, context: RowContext) -> CourseValues | list[Fault]:
    if not isinstance(told, Mapping):
        return [_NOT_AN_OBJECT]
    faults = [fault for name, value in told.items() if (fault := _misfit(name, value)) is not None]
    if faults:
        return faults
    return check_row({name: _cell(value) for name, value in told.items()}, context)


def _misfit(name: str, value: Any) -> Fault | None:
    """Return what is wrong with a field before anybody reads what it says."""
    if name not in COLUMNS:
        th, en = "ไม่รู้จักชื่อฟิลด์นี้", "This field is unknown."
        return Fault(name[:100], "field_unknown", th, en)
    if isinstance(value, list):
        if name == "outcomes" and all(isinstance(each, str) for each in value):
            return None
    elif value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return None
    th, en = "ชนิดข้อมูลไม่ถูกต้อง", "This is not of the right type."
    return Fault(name, "type_wrong", th, en)


def _cell(value: Any) -> Cell:
    if isinstance(value, list):
        return lines_of([thai.normalise(each) for each in value])
    told: Cell = value
    return told


def _enterable(connection: Connection, checked: list[CourseValues | list[Fault]]) -> dict[int, CourseValues]:
    """Return the good ones by place; those that a put would refuse get their fault in ``checked``."""
    good = {place: each for place, each in enumerate(checked) if isinstance(each, CourseValues)}
    refusals = courses.alias_refusals(connection, {values.code for values in good.values()})
    first: dict[tuple[str, str, str], CourseValues] = {}
    for place, values in list(good.items()):
        refusal = refusals.get(values.code)
        if refusal is None and first.setdefault(values.key, values) != values:
            refusal = courses.course_twice()
        if refusal is not None:
            checked[place] = [Fault(refusal.field, refusal.code, refusal.th, refusal.en)]
            del good[place]
    return good


def _entered(values: CourseValues, done: Put) -> Entry:
    return Entry(done.state, values.key, done.course_id, done.revision)


def _refused(faults: CourseValues | list[Fault]) -> Entry:
    return Entry("refused", faults=faults if isinstance(faults, list) else ())


def _context(connection: Connection, told: Sequence[Any], by: Actor) -> RowContext:
    """Return what the objects are checked against: organisations they name, and for whom the actor may act."""
    objects = [each for each in told if isinstance(each, Mapping)]
    own = authority.organisations(connection, [by.acting_for]).get(by.acting_for) if by.acting_for is not None else None
    province = own.province if own is not None else None
    known = imports.owners(connection, {thai.normalise(str(each.get("owner") or "")) for each in objects} - {""})
    provinces = {_province(each.get("province")) for each in objects} | {province}
    centres = imports.centres(connection, [each for each in provinces if each is not None], by.acting_for)
    within = authority.below(connection, by.acting_for) if by.acting_for is not None else None
    named = {*known.values(), *centres.values()}
    not_yours = frozenset(named - within) if within is not None else frozenset()
    return RowContext(province=province, centres=centres, owners=known, not_yours=not_yours)


def _province(told: Any) -> str | None:
    try:
        return course_cells.province(told) if isinstance(told, str | int) else None
    except course_cells.Wrong:
        return None

"""Checking the rows of a table against the rules, against one another and against what stands in the catalogue.

Nothing is written here: what is found is staged by `course_imports` or loaded at once by `import_now`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.rules import course as rules
from creditbank_plugin.rules import course_cells, course_codes, thai
from creditbank_plugin.rules.course import CourseValues
from creditbank_plugin.rules.course_row import Fault, RowContext, check_row, spoken_of
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.importing.import_table import Table, Told
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import authority, imports
from creditbank_plugin.storage.queries import courses as course_rows
from creditbank_plugin.storage.session import reading

CHUNK = 1000
NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"
STATES = (NEW, CHANGED, UNCHANGED, REFUSED)

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Checked:
    """A row and what became of it.

    ``values`` are what it says (None for a refused one), ``spoken`` the fields it speaks of, ``was`` what stands of the
    fields that it would change, ``revision`` the one that stands (0 for none).  ``faults`` say why it is refused, ``told``
    what stood in the cells that somebody needs to find it; ``doubt`` is a sentence for somebody to look at.
    """

    number: int
    state: str
    values: CourseValues | None = None
    spoken: frozenset[str] = frozenset()
    was: Mapping[str, Any] = field(default_factory=dict)
    revision: int = 0
    faults: Sequence[Fault] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    doubt: tuple[str, str] | None = None


def province_centre(province: str) -> str:
    """Return the code that a province's centre is entered with where none is registered."""
    return f"province-{province}"


class Checker:
    """Checks a table once, from its first row to its last.

    ``retracted`` are rows that were found good and are refused after all, because a later one says otherwise of the same
    course.
    """

    def __init__(self, runtime: Runtime, table: Table, province: str | None, acting_for: str | None) -> None:
        self.runtime, self.table, self.province, self.acting_for = runtime, table, province, acting_for
        self.retracted: dict[int, Fault] = {}
        self._seen: dict[Key, tuple[int, int, str]] = {}
        self._within: frozenset[str] | None = None
        self._spoken: dict[frozenset[str], frozenset[str]] = {}

    def chunks(self) -> Iterator[list[Checked]]:
        """Yield the checked rows, some hundreds at a time; each chunk is compared with one view of the catalogue."""
        if self.acting_for is not None:
            with reading(self.runtime.engine) as connection:
                self._within = frozenset(authority.below(connection, self.acting_for))
        rows = self.table.rows()
        while told := list(islice(rows, CHUNK)):
            with reading(self.runtime.engine) as connection:
                yield self._chunk(connection, told)

    def _chunk(self, connection: Connection, told: Sequence[Told]) -> list[Checked]:
        context = self._context(connection, told)
        read = [(row, check_row(row.cells, context, merged=row.merged)) for row in told]
        good = [values for _, values in read if isinstance(values, CourseValues)]
        standing = course_rows.by_keys(connection, [values.key for values in good])
        aliased = courses.alias_refusals(connection, {values.code for values in good})
        made = []
        for row, values in read:
            if not isinstance(values, CourseValues):
                made.append(_refused(row, values))
            elif values.code in aliased:
                refusal = aliased[values.code]
                made.append(_refused(row, [Fault("code", refusal.code, refusal.th, refusal.en)]))
            else:
                made.append(self._compared(row, values, standing.get(values.key)))
        return made

    def _context(self, connection: Connection, told: Iterable[Told]) -> RowContext:
        owners, provinces = set(), {self.province} if self.province else set()
        for row in told:
            owner, province = row.cells.get("owner"), row.cells.get("province")
            if not course_cells.is_empty(owner):
                owners.add(thai.normalise(str(owner)).removesuffix(".0"))
            if not course_cells.is_empty(province):
                provinces |= _province(province)
        known = imports.owners(connection, owners)
        centres = {province: province_centre(province) for province in provinces}
        centres |= imports.centres(connection, provinces, self.acting_for)
        named = {*known.values(), *centres.values()}
        not_yours = named - self._within if self._within is not None else set()
        return RowContext(province=self.province, centres=centres, owners=known, not_yours=frozenset(not_yours))

    def _compared(self, row: Told, values: CourseValues, stands: Stored | None) -> Checked:
        digest = hash(values)
        earlier = self._seen.setdefault(values.key, (row.number, digest, values.title_th))
        if earlier[0] != row.number:
            if earlier[1] != digest:
                self.retracted.setdefault(earlier[0], _double(earlier[0], row.number, earlier[2] != values.title_th))
                return _refused(row, [_double(row.number, earlier[0], earlier[2] != values.title_th)])
            return Checked(row.number, UNCHANGED, values)
        spoken = spoken_of(self.table.columns, values)
        spoken = self._spoken.setdefault(spoken, spoken)
        doubt = course_codes.doubt(course_codes.read(values.code, values.version), values.level_group)
        if stands is None:
            return Checked(row.number, NEW, values, spoken, doubt=doubt)
        before = courses.values_of(stands)
        after = rules.edited(before, values, spoken)
        if after == before:
            return Checked(row.number, UNCHANGED, values, spoken, revision=stands.revision)
        old, new = rules.content(before), rules.content(after)
        was = {name: old.get(name) for name in rules.EDITABLE if old.get(name) != new.get(name)}
        return Checked(row.number, CHANGED, after, spoken, was, stands.revision, doubt=doubt)


def retract(row: Checked, fault: Fault) -> Checked:
    """Return a row that was good as one that is refused."""
    values = row.values
    told = {"code": values.code, "title_th": values.title_th} if values is not None else row.told
    return Checked(row.number, REFUSED, faults=[fault], told=told)


def _province(cell: Any) -> set[str]:
    try:
        return {course_cells.province(cell)}
    except course_cells.Wrong:
        return set()


def _refused(row: Told, faults: Collection[Fault]) -> Checked:
    columns = dict.fromkeys(("code", "title_th", *(fault.column for fault in faults)))
    told = {column: said for column in columns if (said := course_cells.shown(row.cells.get(column))) is not None}
    return Checked(row.number, REFUSED, faults=list(faults), told=told)


def _double(number: int, other: int, titles_differ: bool) -> Fault:
    if titles_differ:
        return Fault(
            "title_th",
            "duplicate_title",
            f"แถว {number} กับแถว {other} เป็นรายวิชาเดียวกัน (เจ้าของ รหัส ปีหลักสูตร) แต่ชื่อต่างกัน ให้เหลือแถวที่ถูกต้องแถวเดียว",
            f"Rows {number} and {other} are the same course (owner, code, version) with different titles. Keep one.",
        )
    return Fault(
        "code",
        "duplicate_differs",
        f"แถว {number} กับแถว {other} เป็นรายวิชาเดียวกัน (เจ้าของ รหัส ปีหลักสูตร) แต่รายละเอียดต่างกัน ให้เหลือแถวที่ถูกต้องแถวเดียว",
        f"Rows {number} and {other} are the same course (owner, code, version) with different content. Keep one.",
    )

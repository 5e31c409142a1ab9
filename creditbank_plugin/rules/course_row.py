"""A row of a course spreadsheet: the checked values of a course version, or everything that is wrong with it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from creditbank_plugin.rules import course_cells as cell_of
from creditbank_plugin.rules.cells import Cell
from creditbank_plugin.rules.course import CourseValues, hours_in_all
from creditbank_plugin.rules.course_cells import Fault, Wrong
from creditbank_plugin.rules.course_words import COLUMNS, MORE, REQUIRED, TEMPLATE
from creditbank_plugin.rules.guarded import unguarded

__all__ = ["COLUMNS", "MORE", "REQUIRED", "TEMPLATE", "Fault", "RowContext", "check_row", "spoken_of"]

Value = TypeVar("Value")
_PARTS = ("hours_theory", "hours_practice", "hours_field")
_TEXTS = {
    name: partial(cell_of.text, name)
    for name in ("title_en", "description", "delivery", "provider", "agency", "occupational_group")
}


@dataclass(frozen=True, kw_only=True)
class RowContext:
    """What a row is checked against.

    ``province`` is that of the file; ``centres`` are the codes of the provinces' centres by province, also where one is
    entered only when the file is loaded.  ``owners`` leads from what a file calls an owner (code or name, as
    `thai.normalise` leaves it) to its code; ``not_yours`` are those codes for which whoever loads it may not act.
    """

    province: str | None = None
    centres: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    not_yours: frozenset[str] = frozenset()


def spoken_of(columns: Collection[str], values: CourseValues) -> frozenset[str]:
    """Return the fields of a course that a row of a file with these columns says something of: the others stay.

    The province may be that of the whole file, and a ท-ป-น may stand in a column of hours.
    """
    told = set(columns) - {"owner", "code", "version"}
    return frozenset(told | {name for name in ("province", "tpn") if getattr(values, name) is not None})


def check_row(
    cells: Mapping[str, Cell], context: RowContext, *, merged: frozenset[str] = frozenset()
) -> CourseValues | list[Fault]:
    """Return what a row says, or what is wrong with it, in the order of the columns.

    ``cells`` are by column (see `COLUMNS`); ``merged`` are the columns whose cell belongs to a merged area.
    """
    reader = _Reader(cells, merged)
    told: dict[str, Any] = {
        "code": reader.required("code", cell_of.code),
        "version": reader.required("version", cell_of.version),
        "title_th": reader.required("title_th", partial(cell_of.text, "title_th")),
        "level_group": reader.required("level_group", cell_of.level_group),
        "sector": reader.required("sector", cell_of.sector),
        "outcomes": reader.optional("outcomes", cell_of.outcomes) or (),
        "province": reader.optional("province", cell_of.province) or context.province,
        **{name: reader.optional(name, read) for name, read in _TEXTS.items()},
        **_hours(reader),
    }
    told["owner"] = _owner(reader, told["province"], context)
    if reader.faults:
        return sorted(reader.faults, key=lambda fault: COLUMNS.index(fault.column))
    return CourseValues(**told)


class _Reader:
    """Reads the cells of one row and gathers what is wrong with them."""

    def __init__(self, cells: Mapping[str, Cell], merged: frozenset[str]) -> None:
        self.cells, self.merged = cells, merged
        self.faults: list[Fault] = []

    def is_empty(self, column: str) -> bool:
        return cell_of.is_empty(self.cells.get(column))

    def required(self, column: str, read: Callable[[Cell], Value]) -> Value | None:
        if not self.is_empty(column):
            return self._read(column, read)
        if column in self.merged:
            self.wrong(
                column,
                "cell_merged",
                "ช่องนี้อยู่ในเซลล์ที่ผสานไว้ ให้ยกเลิกการผสานเซลล์แล้วใส่ค่าทุกแถว",
                "This is part of a merged cell. Unmerge the cells and fill in every row.",
            )
        else:
            self.wrong(
                column,
                "missing",
                "ต้องระบุช่องนี้ ถ้ามีสูตรอยู่ ให้คัดลอกแล้ววางเป็นค่า",
                "This is required. Where there is a formula, copy it and paste its value.",
            )
        return None

    def optional(self, column: str, read: Callable[[Cell], Value]) -> Value | None:
        return None if self.is_empty(column) else self._read(column, read)

    def _read(self, column: str, read: Callable[[Cell], Value]) -> Value | None:
        cell = self.cells.get(column)
        try:
            return read(unguarded(cell) if isinstance(cell, str) else cell)
        except Wrong as wrong:
            self.faults.append(wrong.fault)
            return None

    def wrong(self, column: str, code: str, th: str, en: str) -> None:
        self.faults.append(Fault(column, code, th, en))


def _hours(reader: _Reader) -> dict[str, Any]:
    """Read hours: whole, by kind, and a weekly ท-ป-น, which has a column of its own or stands in one of those."""
    found: dict[str, Any] = {}
    weekly: set[str] = set()
    for column in (*_PARTS, "hours"):
        if reader.is_empty(column):
            found[column] = None
            continue
        printed = reader.optional(column, partial(cell_of.tpn, column))
        if printed is not None:
            weekly.add(printed)
            found[column] = None
        elif not any(fault.column == column for fault in reader.faults):
            found[column] = reader.optional(column, partial(cell_of.hours, column))
    own = reader.optional("tpn", partial(cell_of.tpn, "tpn"))
    if own is not None:
        weekly.add(own)
    elif not reader.is_empty("tpn") and not any(fault.column == "tpn" for fault in reader.faults):
        reader.wrong("tpn", "tpn_wrong", "ท-ป-น ต้องเป็นตัวเลขสามตัว เช่น 2-2-3", "ท-ป-น has three numbers, such as 2-2-3.")
    if len(weekly) > 1:
        reader.wrong("tpn", "tpn_disagree", "ท-ป-น ในแถวนี้ไม่ตรงกัน", "The ท-ป-น of this row differ from each other.")
    parts = hours_in_all(*(found.get(column) for column in _PARTS))
    whole = found.get("hours")
    if whole is not None and parts is not None and whole != parts:
        reader.wrong(
            "hours",
            "hours_disagree",
            "ชั่วโมงรวมไม่เท่ากับทฤษฎี ปฏิบัติ และฝึกงานรวมกัน",
            "The hours in all are not the sum of theory, practice and field work.",
        )
    return {**found, "hours": whole if whole is not None else parts, "tpn": min(weekly) if weekly else None}


def _owner(reader: _Reader, province: str | None, context: RowContext) -> str | None:
    told = reader.optional("owner", partial(cell_of.text, "owner"))
    if told is None and not reader.is_empty("owner"):
        return None
    if told is None:
        owner = context.centres.get(province) if province is not None else None
        if owner is None:
            reader.wrong(
                "owner",
                "owner_missing",
                "ไม่ได้ระบุเจ้าของรายวิชา และไม่รู้ว่าเป็นของศูนย์จังหวัดใด ให้เลือกจังหวัดหรือใส่รหัสหน่วยงาน",
                "No owner is given, nor a province whose centre it could be. Choose the province, or give an organisation.",
            )
            return None
    else:
        owner = context.owners.get(told.removesuffix(".0"))
        if owner is None:
            reader.wrong(
                "owner",
                "owner_unknown",
                "ไม่รู้จักหน่วยงานเจ้าของ ตรวจสอบรหัส หรือให้ผู้ดูแลระบบเพิ่มหน่วยงานก่อน เว้นว่างไว้ถ้าเป็นของศูนย์จังหวัด",
                "The owner is unknown. Check its code or have it entered first; leave it empty for the province's centre.",
            )
            return None
    if owner in context.not_yours:
        reader.wrong(
            "owner",
            "owner_not_yours",
            "นำเข้าได้เฉพาะรายวิชาของหน่วยงานที่สังกัดและหน่วยงานที่อยู่ภายใต้",
            "You can bring in courses of your own organisation and those below it only.",
        )
        return None
    return owner

"""A row of a framework's spreadsheet as an item, or what is wrong with it; and what its columns may be called."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from creditbank_plugin.reference.frameworks import TPQI
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.framework import LONGEST_CODE, LONGEST_TEXT, LONGEST_TITLE, Fault, Item

#: The columns, each with the Thai headings that mean it.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("รหัส", "รหัสตัวชี้วัด", "รหัสหน่วยสมรรถนะ", "รหัสรายการ"),
    "text_th": ("ข้อความ", "ข้อความภาษาไทย", "ข้อความไทย", "ตัวชี้วัด", "ผลลัพธ์การเรียนรู้", "ชื่อหน่วยสมรรถนะ"),
    "text_en": ("ข้อความภาษาอังกฤษ", "ข้อความอังกฤษ"),
    "level": ("ระดับ",),
    "kind": ("ประเภท", "ชนิด"),
    "area": ("กลุ่มสาระ", "กลุ่มสาระการเรียนรู้", "สาขา", "สาขาวิชาชีพ", "ด้าน"),
    "parent": ("รหัสแม่", "รายการแม่", "อยู่ภายใต้"),
    "grade": ("ชั้น", "ชั้นปี", "ระดับชั้น"),
    "source": ("แหล่งที่มา", "แหล่งอ้างอิง", "ที่มา"),
}
#: What may stand above the headings, a name and a value in a row: what the framework itself is.
LEADING: Mapping[str, tuple[str, ...]] = {
    "framework": ("รหัสกรอบ", "framework_code"),
    "title_th": ("ชื่อกรอบ", "ชื่อกรอบภาษาไทย", "title"),
    "title_en": ("ชื่อกรอบภาษาอังกฤษ",),
    "version": ("ฉบับ", "รุ่น", "ปีหลักสูตร"),
    "source": ("แหล่งที่มาของกรอบ", "แหล่งที่มา", "framework_source"),
    "publisher": ("หน่วยงานเจ้าของ", "ผู้เผยแพร่"),
    "evidence": ("คุณภาพแหล่งที่มา",),
}
#: How good a source is: the marks of the reference data.
EVIDENCE = ("primary", "official", "copy of official", "cross-checked", "secondary", "weak")
_LONGEST = {
    "code": LONGEST_CODE,
    "parent": LONGEST_CODE,
    "kind": 60,
    "grade": 60,
    "area": LONGEST_TITLE,
    "source": LONGEST_TITLE,
}
_LEVEL = re.compile(r"([0-9]{1,2})(?:\.0+)?")
#: Of a unit of competency: SECTOR-XXXX-NNN[A] now, SECTOR-XXX-N-NNNZx before, and AE43 as some are still printed.
_UNITS = (
    re.compile(r"[A-Z]{2,4}-[A-Z]{4}-[0-9]{3,4}[A-Z]?"),
    re.compile(r"[A-Z]{2,4}-[A-Z]{3}-[0-9]-[0-9]{3}Z[A-Z]"),
    re.compile(r"[A-Z]{2}[0-9]{2}"),
)


@dataclass(frozen=True)
class Row:
    """A row as read: ``item`` without an id of ours yet, or what is wrong."""

    number: int
    item: Item | None
    faults: tuple[Fault, ...]


def named(headings: Sequence[str], names: Mapping[str, tuple[str, ...]] = COLUMNS) -> dict[int, str]:
    """Return which place holds which column; headings that mean none of them, or one that is there already, are left out."""
    meanings = {_plain(word): column for column, words in names.items() for word in (column, *words)}
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        column = meanings.get(_plain(heading))
        if column is not None and column not in found.values():
            found[place] = column
    return found


def _plain(heading: str) -> str:
    return thai.normalise(heading).lower().replace(" ", "").replace("_", "").rstrip("*:")


def is_unit_code(code: str) -> bool:
    """Tell whether ``code`` is one of a TPQI unit of competency."""
    return any(form.fullmatch(code) for form in _UNITS)


def is_framework_code(code: str) -> bool:
    """Tell whether ``code`` can name a framework: it stands in addresses."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,59}", code) is not None


def read(number: int, cells: Mapping[str, str], framework: str) -> Row:
    """Read one row, ``number`` as a spreadsheet counts it; ``cells`` are its texts by column."""
    name = f"แถว {number} / row {number}"
    found: list[Fault] = []

    def wrong(field: str, code: str, th: str, en: str) -> None:
        found.append(Fault(name, field, code, th, en))

    said = {column: thai.normalise(text) for column, text in cells.items()}
    code = thai.digits(said.get("code", ""))
    if not code:
        wrong("code", "missing", "ต้องมีรหัส", "The code is missing.")
    elif framework == TPQI and not is_unit_code(code):
        wrong(
            "code",
            "unit_code",
            "ไม่ใช่รหัสหน่วยสมรรถนะของ สคช. เช่น DG-WPJL-028 หรือ ICT-QLIP-401B",
            "This is no code of a TPQI unit of competency, such as DG-WPJL-028 or ICT-QLIP-401B.",
        )
    for column, text in said.items():
        longest = _LONGEST.get(column, LONGEST_TEXT)
        if len(text) > longest:
            wrong(column, "too_long", f"ยาวเกิน {longest:,} ตัวอักษร", f"It is longer than {longest:,} characters.")
    level = _LEVEL.fullmatch(thai.digits(said.get("level", "")))
    if said.get("level") and level is None:
        wrong("level", "not_a_level", "ระดับต้องเป็นจำนวนเต็ม 0 ถึง 99", "The level must be a whole number from 0 to 99.")
    if found:
        return Row(number, None, tuple(found))
    item = Item(
        id="",
        code=code,
        text_th=said.get("text_th") or None,
        text_en=said.get("text_en") or None,
        level=int(level[1]) if level is not None else None,
        kind=said.get("kind") or None,
        area=said.get("area") or None,
        grade=said.get("grade") or None,
        parent=thai.digits(said.get("parent", "")) or None,
        source=said.get("source") or None,
        position=number,
    )
    return Row(number, item, ())

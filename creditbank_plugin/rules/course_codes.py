"""What the code of a course says by its form: basic, vocational, TPQI; any other is accepted as it is.

What a digit means stands here only as far as a source says so, with the mark of how good that is.  No meaning refuses a
code: older curricula numbered otherwise, and schools number their own courses.
"""

import re
from dataclasses import dataclass

from creditbank_plugin import reference
from creditbank_plugin.rules import thai

_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")

_BASIC_SOURCE = "https://blog.nsru.ac.th/60111806059/4202"
_CURRICULUM_SOURCE = "http://curriculum51.net/viewtopic.php?id=315"
_VOCATIONAL_SOURCE = "http://www.chontech.ac.th/html/branch45.htm"
_TPQI_SOURCE = "https://tpqi-net.tpqi.go.th/qualifications/unitinfo/33651"

_LEVELS = {
    "1": ("ประถมศึกษา", "primary", None),
    "2": ("มัธยมศึกษาตอนต้น", "lower secondary", "lower_secondary"),
    "3": ("มัธยมศึกษาตอนปลาย", "upper secondary", "upper_secondary_vocational"),
}
_TYPES = {"1": ("รายวิชาพื้นฐาน", "basic course"), "2": ("รายวิชาเพิ่มเติม", "additional course")}
#: The curriculum from which on the digits mean what `_LEVELS` says; the one before numbered by stages (ช่วงชั้น).
_FIRST_CURRICULUM = "2551"


@dataclass(frozen=True)
class Part:
    """A piece of a code and what it means, with source and evidence mark; ``inferred`` where no page says it in full."""

    text: str
    th: str
    en: str
    evidence: str
    source: str
    inferred: bool = False


@dataclass(frozen=True)
class CourseCode:
    """A code as it is kept; ``form`` is ``basic, vocational, vocational_before_2556, tpqi, tpqi_before`` or ``other``."""

    text: str
    form: str
    parts: tuple[Part, ...] = ()
    level_group: str | None = None


def canonical(text: str) -> str:
    """Return a code as the catalogue keeps it.

    Beside what `thai.course_code` does, every kind of dash is a hyphen; a code of a known form has no blanks in it and
    capitals only ("ท 21101", "dg-wpjl-028").
    """
    code = thai.course_code(_DASHES.sub("-", text))
    close = code.replace(" ", "").upper()
    return close if any(form.fullmatch(close) for form, _ in _FORMS) else code


def read(text: str, version: str | None = None) -> CourseCode:
    """Return what a code says by its form; ``version``, the curriculum year, where it is known."""
    code = canonical(text)
    for form, name in _FORMS:
        found = form.fullmatch(code)
        if found is None:
            continue
        if name == "basic":
            return _basic(code, version)
        if name in ("vocational", "vocational_before_2556"):
            return CourseCode(code, name, _vocational(code, name))
        return CourseCode(code, name, _tpqi(found))
    return CourseCode(code, "other")


def doubt(code: CourseCode, level_group: str | None) -> tuple[str, str] | None:
    """Return what somebody should look at once more, in Thai and English; None where nothing is strange.

    It is no fault: what the digits mean rests on secondary sources.
    """
    if code.level_group is not None and level_group in _GROUPS and code.level_group != level_group:
        place = next(part for part in code.parts if part.en in (_LEVELS["2"][1], _LEVELS["3"][1]))
        return (
            f"รหัส {code.text} ใช้เลข {place.text} ซึ่งหมายถึง{place.th} แต่ระดับที่ระบุเป็นอย่างอื่น โปรดตรวจสอบ",
            f"The digit {place.text} of {code.text} stands for {place.en}, but another level group is given. Please check.",
        )
    if code.form == "other" and _NEARLY_BASIC.fullmatch(code.text):
        return (
            f"รหัส {code.text} คล้ายรหัสรายวิชาขั้นพื้นฐาน แต่ตัวเลขไม่ครบ 5 หลักหรือเกิน โปรดตรวจสอบ",
            f"{code.text} resembles a code of basic education, but has not five digits. Please check.",
        )
    if code.form == "other" and _NEARLY_VOCATIONAL.fullmatch(code.text):
        return (
            f"รหัส {code.text} คล้ายรหัสรายวิชาอาชีวศึกษา แต่จำนวนหลักไม่ตรง (ควรเป็น 5 หรือ 4 หลัก ขีด 4 หลัก) โปรดตรวจสอบ",
            f"{code.text} resembles a vocational code, but has not 5 or 4 digits, a hyphen and 4 digits. Please check.",
        )
    return None


_GROUPS = ("lower_secondary", "upper_secondary_vocational")
_FORMS = (
    (re.compile("[ก-ฮ][0-9]{5}"), "basic"),
    (re.compile("[0-9]{5}-[0-9]{4}"), "vocational"),
    (re.compile("[0-9]{4}-[0-9]{4}"), "vocational_before_2556"),
    (re.compile("([A-Z]{2,4})-([A-Z]{4})-([0-9]{3,4})([A-Z]?)"), "tpqi"),
    (re.compile("([A-Z]{2,4})-([A-Z]{3})-([1-8])-([0-9]{3})(Z[A-Z])"), "tpqi_before"),
)
_NEARLY_BASIC = re.compile("[ก-ฮ] ?[0-9]{3,8}")
_NEARLY_VOCATIONAL = re.compile("[0-9]{3,6}-[0-9]{3,5}")


def _basic(code: str, version: str | None) -> CourseCode:
    parts = []
    areas = {row["letter"]: row for row in reference.load("learning_areas")["rows"]}
    area = areas.get(code[0])
    if area is not None:
        parts.append(Part(code[0], area["name_th"], area["name_en"], "secondary", area["source"]))
    if version is not None and thai.is_be_year(version) and version < _FIRST_CURRICULUM:
        return CourseCode(code, "basic", tuple(parts))
    level = _LEVELS.get(code[1])
    if level is not None:
        parts.append(Part(code[1], level[0], level[1], "secondary", _BASIC_SOURCE))
    year = ("ทุกชั้นปี", "any year") if code[2] == "0" else (f"ชั้นปีที่ {code[2]}", f"year {code[2]}")
    parts.append(Part(code[2], *year, "secondary", _CURRICULUM_SOURCE, inferred=True))
    kind = _TYPES.get(code[3])
    if kind is not None:
        parts.append(Part(code[3], *kind, "secondary", _CURRICULUM_SOURCE, inferred=True))
    parts.append(Part(code[4:], "ลำดับที่", "serial number", "secondary", _CURRICULUM_SOURCE, inferred=True))
    return CourseCode(code, "basic", tuple(parts), level[2] if level is not None else None)


def _vocational(code: str, form: str) -> tuple[Part, ...]:
    """Only a leading 2 has a sourced meaning; those of the digits of 2567 are not known."""
    if not code.startswith("2"):
        return ()
    said = "หลักสูตรประกาศนียบัตรวิชาชีพ (ปวช.)", "vocational certificate"
    return (Part("2", *said, "secondary", _VOCATIONAL_SOURCE, inferred=form == "vocational"),)


def _tpqi(found: re.Match[str]) -> tuple[Part, ...]:
    parts = [Part(found[1], "สาขาวิชาชีพ", "sector", "official", _TPQI_SOURCE)]
    if found.re.groups == 5:  # the older pattern names the level
        level = found[3]
        source = "https://tpqi-net.tpqi.go.th/qualifications/unitinfo/7009"
        said = f"คุณวุฒิวิชาชีพชั้น {level}", f"qualification level {level}"
        parts.append(Part(level, *said, "official", source, inferred=True))
    return tuple(parts)

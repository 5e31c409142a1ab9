"""A cell of a course spreadsheet as the value that its column means, or a sentence on how to put it right."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Any

from creditbank_plugin import reference
from creditbank_plugin.rules import course_codes, course_words, thai
from creditbank_plugin.rules.cells import Cell
from creditbank_plugin.rules.hours import MOST_HOURS

#: The longest text that each column takes, in characters.
LONGEST = {
    "owner": 255,
    "code": 255,
    "title_th": 500,
    "title_en": 500,
    "description": 20_000,
    "delivery": 40,
    "provider": 500,
    "agency": 500,
    "occupational_group": 100,
}
MOST_OUTCOMES, LONGEST_OUTCOME = 200, 2000

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_AS_TEXT_TH = "จัดรูปแบบคอลัมน์เป็น “ข้อความ” (Text) ก่อน แล้วพิมพ์ค่าใหม่"
_AS_TEXT_EN = "Format the column as Text first, then type the value again."


@dataclass(frozen=True)
class Fault:
    """What is wrong in one column of a row: a stable code and a sentence with advice, in Thai and English."""

    column: str
    code: str
    th: str
    en: str


class Wrong(Exception):  # noqa: N818 - carries a fault out of a reader of cells
    """Raised by the readers here."""

    def __init__(self, column: str, code: str, th: str, en: str) -> None:
        super().__init__(code)
        self.fault = Fault(column, code, th, en)


def is_empty(cell: Cell) -> bool:
    """Tell whether nothing stands in a cell that anybody could see."""
    if not isinstance(cell, str):
        return cell is None
    return not cell[:1].isalnum() and not _line(cell)


def _line(text: str) -> str:
    """Return a line of text in one spelling; those of a column repeat themselves."""
    return _repeated(text) if len(text) <= _SHORT else _cleaned(text)


def _cleaned(text: str) -> str:
    return thai.normalise(text if text.isprintable() else _CONTROL.sub(" ", text))


_SHORT = 60
_repeated = lru_cache(maxsize=10_000)(_cleaned)


def lines(column: str, cell: Cell) -> list[str]:
    """Return the lines of a cell with text, each in one spelling, empty ones left out."""
    if isinstance(cell, bool):
        cell = "TRUE" if cell else "FALSE"
    if isinstance(cell, date | time | timedelta):
        raise Wrong(
            column,
            "text_is_date",
            f"ช่องนี้ควรเป็นข้อความ แต่ตารางคำนวณแปลงเป็นวันที่หรือเวลา {_AS_TEXT_TH}",
            f"This should be text, but the spreadsheet turned it into a date or time. {_AS_TEXT_EN}",
        )
    text = f"{cell}" if cell is not None else ""
    if "\ufffd" in text:
        raise Wrong(
            column,
            "text_damaged",
            "มีตัวอักษรเสีย (�) ในช่องนี้ ให้พิมพ์ใหม่ หรือบันทึกไฟล์ต้นทางเป็น UTF-8 แล้วส่งอีกครั้ง",
            "There are damaged characters (�). Type the text anew, or save the source as UTF-8 and send it again.",
        )
    return [line for each in text.splitlines() if (line := _line(each))]


def text(column: str, cell: Cell) -> str | None:
    """Return a cell as one line of text; None for an empty one."""
    return _short_text(column, cell) if isinstance(cell, str) and len(cell) <= _SHORT else _text(column, cell)


def _text(column: str, cell: Cell) -> str | None:
    said = " ".join(lines(column, cell))
    most = LONGEST[column]
    if len(said) > most:
        raise Wrong(
            column, "text_too_long", f"ข้อความยาวเกิน {most:,} ตัวอักษร", f"The text is longer than {most:,} characters."
        )
    return said or None


_short_text = lru_cache(maxsize=10_000)(_text)

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTHS_TH = r"ม\.ค|ก\.พ|มี\.ค|เม\.ย|พ\.ค|มิ\.ย|ก\.ค|ส\.ค|ก\.ย|ต\.ค|พ\.ย|ธ\.ค"
#: How a date that was a code is written where a spreadsheet was saved as text.
_DATES = re.compile(
    rf"[0-9]{{1,2}}[-/. ]({_MONTHS}|{_MONTHS_TH})\.?([-/. ][0-9]{{2,4}})?|({_MONTHS}|{_MONTHS_TH})\.?[-/. ]?[0-9]{{2,4}}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:]{5,8})?",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+)?e\+?[0-9]+|[0-9]+\.0+", re.IGNORECASE)


def code(cell: Cell) -> str:
    """Return a course code as the catalogue keeps it."""
    told = cell if isinstance(cell, str) else None
    plain = thai.digits(_line(told)) if told is not None else ""
    if (isinstance(cell, int | float) and not isinstance(cell, bool)) or _NUMBERS.fullmatch(plain):
        raise Wrong(
            "code",
            "code_is_number",
            f"รหัสถูกตารางคำนวณแปลงเป็นตัวเลข เลข 0 นำหน้าหรือขีดอาจหายไป {_AS_TEXT_TH} เช่น 20000-1101",
            f"The spreadsheet turned the code into a number; leading zeros or hyphens may be lost. {_AS_TEXT_EN}",
        )
    if isinstance(cell, date | time | timedelta) or _DATES.fullmatch(plain):
        raise Wrong(
            "code",
            "code_is_date",
            f"รหัสถูกตารางคำนวณแปลงเป็นวันที่หรือเวลา {_AS_TEXT_TH} ตามเอกสารหลักสูตร",
            f"The spreadsheet turned the code into a date or time. {_AS_TEXT_EN}",
        )
    said = text("code", cell)
    made = course_codes.canonical(said) if said else ""
    if not re.search(r"\w", made):
        raise Wrong("code", "code_wrong", "รหัสรายวิชาต้องมีตัวอักษรหรือตัวเลข", "A course code has letters or digits.")
    return made


_YEAR = re.compile(r"(?:ปี|หลักสูตร|พุทธศักราช|พ\. ?ศ\.?|\s)*([0-9]{4})(?:\.0+)?")


@lru_cache(maxsize=1000, typed=True)
def version(cell: Cell) -> str:
    """Return a curriculum year of the Buddhist era."""
    if isinstance(cell, datetime | date):
        raise Wrong(
            "version",
            "version_is_date",
            "ปีหลักสูตรถูกแปลงเป็นวันที่ ให้ใส่เฉพาะปี พ.ศ. สี่หลัก เช่น 2551",
            "The curriculum year was turned into a date. Give only the year of the Buddhist era, such as 2551.",
        )
    said = thai.digits(" ".join(lines("version", cell)))
    found = _YEAR.fullmatch(said)
    if found is not None and thai.is_be_year(found[1]):
        return found[1]
    if found is not None and 1950 <= int(found[1]) <= 2099:
        be = thai.be_year(int(found[1]))
        raise Wrong(
            "version",
            "version_is_ce",
            f"{found[1]} เป็นปี ค.ศ. ให้ใส่ปี พ.ศ. คือ {be}",
            f"{found[1]} is a year of the common era; give that of the Buddhist era, {be}.",
        )
    raise Wrong(
        "version",
        "version_wrong",
        "ปีหลักสูตรต้องเป็นปี พ.ศ. สี่หลักปีเดียว เช่น 2551",
        "The curriculum year is one year of the Buddhist era with four digits, such as 2551.",
    )


@lru_cache(maxsize=1000, typed=True)
def level_group(cell: Cell) -> str:
    """Return one of the four level groups."""
    found = course_words.level_group(" ".join(lines("level_group", cell)))
    if found is None:
        raise Wrong(
            "level_group",
            "level_group_unknown",
            "ไม่รู้จักระดับนี้ ใช้คำใดคำหนึ่ง: ม.ต้น, ม.ปลาย/ปวช., ปวส./อนุปริญญา, ระยะสั้น",
            "This level group is unknown. Use one of lower_secondary, upper_secondary_vocational, diploma, short_course.",
        )
    return found


@lru_cache(maxsize=1000, typed=True)
def sector(cell: Cell) -> str:
    """Return one of the four sectors."""
    found = course_words.sector(" ".join(lines("sector", cell)))
    if found is None:
        raise Wrong(
            "sector",
            "sector_unknown",
            "ไม่รู้จักรูปแบบการศึกษานี้ ใช้คำใดคำหนึ่ง: ในระบบ, นอกระบบ, ตามอัธยาศัย, ประสบการณ์ทำงาน",
            "This sector is unknown. Use one of formal, non_formal, informal, work_experience.",
        )
    return found


_PLAIN_HOURS = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})(\.[0-9]{1,9})?(?: ?(?:ชั่วโมง|ชม\.?|hours?|hrs?|h))?")
_TPN = re.compile(r"(?:[0-9]{1,2} ?\( ?)?([0-9]{1,2}) ?[-–—:] ?([0-9]{1,2}|\*) ?[-–—:] ?([0-9]{1,2}|\*) ?\)?")


def tpn(column: str, cell: Cell) -> str | None:
    """Return a ท-ป-น as it is printed, "2-2-3"; None where the cell holds something else."""
    if isinstance(cell, date):
        raise _hours_are_date(column)
    found = _TPN.fullmatch(thai.digits(_line(cell))) if isinstance(cell, str) else None
    return "-".join(found.groups()) if found is not None else None


def hours(column: str, cell: Cell) -> int:
    """Return hours in hundredths."""
    if type(cell) is int and 0 <= cell <= MOST_HOURS:  # as most are
        return cell * 100
    if isinstance(cell, timedelta):
        exact = Decimal(str(cell.total_seconds())) / 3600
    elif isinstance(cell, time):
        exact = Decimal(cell.hour * 3600 + cell.minute * 60 + cell.second) / 3600
    elif isinstance(cell, date):
        raise _hours_are_date(column)
    else:
        plain = thai.digits(_line(str(cell))).lower()
        found = _PLAIN_HOURS.fullmatch(plain)
        if isinstance(cell, bool) or found is None:
            raise _not_hours(column)
        exact = Decimal(found[1].replace(",", "") + (found[2] or ""))
    if not 0 <= exact <= MOST_HOURS:
        raise _not_hours(column)
    return int((exact * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _not_hours(column: str) -> Wrong:
    return Wrong(
        column,
        "hours_wrong",
        f"จำนวนชั่วโมงต้องเป็นตัวเลข 0 ถึง {MOST_HOURS:,} เช่น 40 หรือ 40.5",
        f"Hours are a number from 0 to {MOST_HOURS:,}, such as 40 or 40.5.",
    )


def _hours_are_date(column: str) -> Wrong:
    return Wrong(
        column,
        "hours_are_date",
        f"ค่านี้ถูกตารางคำนวณแปลงเป็นวันที่ (เช่น 2-2-3) {_AS_TEXT_TH}",
        f"The spreadsheet turned this into a date (as it does with 2-2-3). {_AS_TEXT_EN}",
    )


_PROVINCE_NOISE = re.compile(r"^(จังหวัด|จ\.|province of)\s*|\s*province$", re.IGNORECASE)


@cache
def _provinces() -> dict[str, str]:
    found = {name.lower(): row.code for row in reference.provinces() for name in (row.code, row.name_th, row.name_en)}
    return found | {"กทม.": "10", "กรุงเทพ": "10", "กรุงเทพฯ": "10", "กทม": "10"}


@lru_cache(maxsize=1000, typed=True)
def province(cell: Cell) -> str:
    """Return a province's two-digit code, told by that or by its name."""
    said = thai.digits(" ".join(lines("province", cell))).removesuffix(".0")
    found = _provinces().get(_PROVINCE_NOISE.sub("", said).lower())
    if found is None:
        raise Wrong(
            "province",
            "province_unknown",
            "ไม่รู้จักจังหวัดนี้ ใส่ชื่อจังหวัดหรือรหัสสองหลัก เช่น ลำพูน หรือ 51",
            "This province is unknown. Give its name or its two-digit code, such as ลำพูน or 51.",
        )
    return found


_BULLET = re.compile(r"^\(?[0-9]{1,2}[.)](?![0-9])\s*|^[-–—•●▪*·]\s+")
_NUMBERED = re.compile(r"\s(?=\(?[0-9]{1,2}[.)](?![0-9]))")


def outcomes(cell: Cell) -> tuple[str, ...]:
    """Return learning outcomes: one a line, or numbered from 1 on in one line; numbers and bullets are taken off."""
    said = lines("outcomes", cell)
    if len(said) == 1:
        said = _unnumbered(said[0])
    made = tuple(found for line in said if (found := _BULLET.sub("", thai_numbers(line), count=1).strip()))
    if len(made) > MOST_OUTCOMES or any(len(each) > LONGEST_OUTCOME for each in made):
        raise Wrong(
            "outcomes",
            "outcomes_too_long",
            f"ใส่ผลลัพธ์การเรียนรู้ได้ไม่เกิน {MOST_OUTCOMES} ข้อ ข้อละไม่เกิน {LONGEST_OUTCOME:,} ตัวอักษร ขึ้นบรรทัดใหม่ทุกข้อ",
            f"At most {MOST_OUTCOMES} outcomes of {LONGEST_OUTCOME:,} characters each, every one on a line of its own.",
        )
    return made


def thai_numbers(line: str) -> str:
    """Return a line with the Thai digits of its number, if it begins with one, as 0-9; all else is kept."""
    head = re.match(r"\(?[๐-๙]{1,2}[.)]", line)
    return thai.digits(head[0]) + line[head.end() :] if head is not None else line


def _unnumbered(line: str) -> list[str]:
    """Cut "1. a 2. b" into its parts where the numbers count up from 1; anything else stays one."""
    parts = _NUMBERED.split(thai.digits(line))
    numbers = [re.match(r"\(?([0-9]{1,2})[.)]", part) for part in parts]
    if len(parts) < 2 or [int(each[1]) if each else 0 for each in numbers] != list(range(1, len(parts) + 1)):
        return [line]
    ends, start = [], 0
    for part in parts:
        ends.append(line[start : start + len(part)])
        start += len(part) + 1
    return ends


def shown(cell: Cell) -> str | None:
    """Return a cell as a person may look at it beside what is wrong with it, at most 200 characters."""
    if cell is None:
        return None
    made: Any = cell.isoformat() if isinstance(cell, date | time) else cell
    said = _line(str(made))
    return said if len(said) <= 200 else f"{said[:199]}…"

"""Thai text, digits, dates and numbers of people, as the rest of the house compares and shows them."""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NationalIdKind = Literal["citizen_id", "g_code", "other"]

MONTHS_TH = (
    *("มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน"),
    *("กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม"),
)
MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
# Signs that nobody sees; those that turn the direction of what follows make a text look like another.
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# Nikhahit and sara aa, with or without a tone mark between, are how some keyboards and PDFs spell sara am.
_SPLIT_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")


def _bangkok() -> tzinfo:
    try:
        return ZoneInfo("Asia/Bangkok")
    except ZoneInfoNotFoundError:  # a machine without a zone database; Thailand has had no other offset since 1920
        return timezone(timedelta(hours=7), "Asia/Bangkok")


BANGKOK = _bangkok()


def normalise(text: str) -> str:
    """Return ``text`` in one spelling: NFC, whole sara am, single blanks, no zero-width signs, nothing at the ends.

    NFC and not NFKC: the latter takes sara am apart.  Applying it twice changes nothing.
    """
    if text.isascii():
        return " ".join(text.split())
    if not text.isprintable():  # zero-width signs are not, and most texts have none
        text = _ZERO_WIDTH.sub("", text)
    text = unicodedata.normalize("NFC", text)
    if "\u0e4d" in text:
        text = unicodedata.normalize("NFC", _SPLIT_SARA_AM.sub("\\1\u0e33", text))
    return " ".join(text.split())


def digits(text: str) -> str:
    """Return ``text`` with Thai digits written as 0-9."""
    return text.translate(_THAI_DIGITS)


@lru_cache(maxsize=20_000)  # a term's completions name few courses, many times each
def course_code(text: str) -> str:
    """Return a course code as it is compared: normalised, digits 0-9, no blanks beside hyphens; all else is kept."""
    return re.sub(r"\s*-\s*", "-", digits(normalise(text)))


def is_be_year(version: str) -> bool:
    """Tell whether a course version is a curriculum year of the Buddhist era, such as "2551"."""
    return re.fullmatch("25[0-9]{2}", version) is not None


def curriculum_th(version: str) -> str:
    """Return a course version as a Thai reader says it: "หลักสูตร พ.ศ. 2551"."""
    return f"หลักสูตร {'พ.ศ. ' if is_be_year(version) else ''}{version}"


def curriculum_en(version: str) -> str:
    """Return a course version in English: "curriculum B.E. 2551"."""
    return f"curriculum {'B.E. ' if is_be_year(version) else ''}{version}"


def be_year(ce: int) -> int:
    """Return the Buddhist-era year of a common-era year."""
    return ce + 543


def bangkok_day(instant: datetime) -> date:
    """Return the calendar day in Bangkok of a zone-aware moment; raises ``ValueError`` for one without a zone."""
    return _in_bangkok(instant).date()


def _in_bangkok(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("a moment needs a time zone")
    return instant.astimezone(BANGKOK)


def date_th(day: date) -> str:
    """Return a day as a Thai reader writes it: "21 พฤศจิกายน 2569"."""
    return f"{day.day} {MONTHS_TH[day.month - 1]} {be_year(day.year)}"


def date_en(day: date) -> str:
    """Return a day in English with the common-era year: "21 November 2026"."""
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def datetime_th(instant: datetime) -> str:
    """Return a moment as read in Bangkok: "21 พฤศจิกายน 2569 เวลา 09.05 น."."""
    local = _in_bangkok(instant)
    return f"{date_th(local.date())} เวลา {local:%H.%M} น."


def datetime_en(instant: datetime) -> str:
    """Return a moment as read in Bangkok: "21 November 2026 09:05"."""
    local = _in_bangkok(instant)
    return f"{date_en(local.date())} {local:%H:%M}"


def national_id(text: str) -> str:
    """Return a citizen ID, G-code or passport number as it is compared: digits 0-9, capitals, no blanks or hyphens."""
    return re.sub(r"[\s-]", "", digits(normalise(text))).upper()


def citizen_id_ok(text: str) -> bool:
    """Tell whether ``text`` is a 13-digit citizen ID whose last digit is right.

    check = (11 - sum of d[i] * (13 - i) mod 11) mod 10, for i = 0 to 11
    (secondary source: https://github.com/jukbot/thai-citizen-id-validator).
    """
    number = national_id(text)
    if re.fullmatch("[0-9]{13}", number) is None:
        return False
    total = sum(int(digit) * (13 - place) for place, digit in enumerate(number[:12]))
    return int(number[12]) == (11 - total % 11) % 10


def is_g_code(text: str) -> bool:
    """Tell whether ``text`` is a G-code: ``G`` and 12 digits, without a check digit.

    For learners without civil registration (secondary source: https://datacenter.loei1.go.th/qa/dmc-gcode).
    """
    return re.fullmatch("G[0-9]{12}", national_id(text)) is not None


def kind_of_national_id(text: str) -> NationalIdKind:
    """Return what ``text`` is; a 13-digit number with a wrong check digit is ``other``."""
    if citizen_id_ok(text):
        return "citizen_id"
    return "g_code" if is_g_code(text) else "other"

"""What a value must be before it may stand in a tiding; every refusal names its field."""

import math
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


class TidingError(ValueError):
    """A value of the wrong type or range: ``field`` is its dotted name, ``th``/``en`` the sentence.

    The sentence never repeats the value, which may be personal.
    """

    def __init__(self, field: str, th: str, en: str) -> None:
        super().__init__(f"{field}: {en}")
        self.field, self.th, self.en = field, th, en


def text(field: str, value: object, *, longest: int = 255) -> str:
    """Return ``value`` in NFC without blanks at its ends: 1 to ``longest`` characters, no control characters."""
    if not isinstance(value, str):
        raise TidingError(field, "ต้องเป็นข้อความ", "must be text")
    value = value.strip()
    if value.isascii() and value.isprintable() and 0 < len(value) <= longest:
        return value
    value = unicodedata.normalize("NFC", value).strip()
    if not value:
        raise TidingError(field, "ต้องไม่ว่าง", "must not be empty")
    if len(value) > longest:
        raise TidingError(field, f"ยาวได้ไม่เกิน {longest} ตัวอักษร", f"must have at most {longest} characters")
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
        raise TidingError(field, "มีอักขระควบคุมที่เก็บไม่ได้", "holds control characters that cannot be kept")
    return value


def identifier(field: str, value: object, *, longest: int = 255) -> str:
    """Return ``value`` as `text` does, when at least one of its signs can be seen; nobody could tell the others apart."""
    value = text(field, value, longest=longest)
    if not value.isascii() and not any(_visible(sign) for sign in value):
        raise TidingError(field, "ต้องมีอักขระที่มองเห็นได้อย่างน้อยหนึ่งตัว", "must hold at least one visible character")
    return value


# Signs that show nothing although their category is that of letters, marks or symbols: fillers, joiners, the empty
# braille pattern, variation selectors (Unicode, Default_Ignorable_Code_Point).
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))


def _visible(sign: str) -> bool:
    if unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Zl", "Zp") or sign in _UNSEEN:
        return False
    return not any(ord(sign) in selectors for selectors in _SELECTORS)


def instant(field: str, value: object) -> datetime:
    """Return a zone-aware moment as UTC, between the years 1900 and 9998 of the common era."""
    if not isinstance(value, datetime):
        raise TidingError(field, "ต้องเป็นวันเวลา", "must be a date and time")
    if value.tzinfo is None:
        raise TidingError(field, "ต้องระบุเขตเวลา เช่น +07:00", "needs a time zone, such as +07:00")
    try:
        value = value.astimezone(UTC)
    except OverflowError:  # within a day of the calendar's ends
        value = datetime.min.replace(tzinfo=UTC)
    if not 1900 <= value.year <= 9998:
        raise TidingError(field, "อยู่นอกช่วงที่รับได้ (ค.ศ. 1900–9998)", "is out of range (years 1900 to 9998 CE)")
    return value


def day(field: str, value: Any) -> date:
    """Return a plain calendar day of the common era."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TidingError(field, "ต้องเป็นวันที่ เช่น 2010-05-16", "must be a date, such as 2010-05-16")
    return value


def number(field: str, value: Any, low: int, high: int) -> Decimal:
    """Return an exact number between ``low`` and ``high``, both included, with at most six decimals."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TidingError(field, "ต้องเป็นตัวเลข", "must be a number")
    out_of_range = TidingError(field, f"ต้องอยู่ระหว่าง {low} ถึง {high}", f"must be between {low} and {high}")
    if isinstance(value, float) and not math.isfinite(value):
        raise out_of_range
    try:
        exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        if not exact.is_finite() or not low <= exact <= high:
            raise out_of_range
        exact = exact.quantize(Decimal("0.000001")).normalize()
    except InvalidOperation:
        raise out_of_range from None
    return abs(exact) if exact == 0 else exact


def whole(field: str, value: Any, low: int, high: int) -> int:
    """Return a whole number between ``low`` and ``high``, both included."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TidingError(field, "ต้องเป็นจำนวนเต็ม", "must be a whole number")
    if not low <= value <= high:
        raise TidingError(field, f"ต้องอยู่ระหว่าง {low} ถึง {high}", f"must be between {low} and {high}")
    return value


def one_of(field: str, value: Any, words: tuple[str, ...]) -> str:
    """Return ``value`` when it is one of ``words``."""
    if not isinstance(value, str) or value not in words:
        listed = ", ".join(words)
        raise TidingError(field, f"ต้องเป็นค่าใดค่าหนึ่งใน: {listed}", f"must be one of: {listed}")
    return value

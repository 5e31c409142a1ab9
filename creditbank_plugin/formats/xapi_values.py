"""The small values of xAPI 1.0.3 (part 2, sections 2.2, 2.4, 4): identifiers, maps, times; how objects are checked.

A check takes the field's dotted path and the value, and raises ``BadStatement``; the sentence never repeats the value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NoReturn

Check = Callable[[str, Any], None]


class BadStatement(ValueError):  # noqa: N818 - named by what was sent
    """A statement that breaks xAPI: ``field`` is the dotted path, ``th``/``en`` the sentence."""

    def __init__(self, field: str, th: str, en: str) -> None:
        super().__init__(f"{field}: {en}")
        self.field, self.th, self.en = field, th, en


def bad(field: str, th: str, en: str) -> NoReturn:
    """Refuse a field."""
    raise BadStatement(field, th, en)


def text(field: str, value: Any) -> None:
    """Any text."""
    if not isinstance(value, str):
        bad(field, "ต้องเป็นข้อความ", "must be text")


def boolean(field: str, value: Any) -> None:
    """True or false, never a word for it."""
    if not isinstance(value, bool):
        bad(field, "ต้องเป็น true หรือ false", "must be true or false")


def number(field: str, value: Any) -> None:
    """A JSON number; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        bad(field, "ต้องเป็นตัวเลข", "must be a number")


def whole(field: str, value: Any) -> None:
    """A whole number that is not negative."""
    number(field, value)
    if (isinstance(value, float) and not value.is_integer()) or value < 0:
        bad(field, "ต้องเป็นจำนวนเต็มที่ไม่ติดลบ", "must be a whole number, not negative")


def pattern(regex: str, th: str, en: str) -> Check:
    """Return a check that text matches ``regex`` as a whole."""
    compiled = re.compile(regex, re.ASCII)

    def check(field: str, value: Any) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            bad(field, th, en)

    return check


def word(*words: str) -> Check:
    """Return a check that the value is one of ``words``."""
    listed = ", ".join(words)

    def check(field: str, value: Any) -> None:
        if not isinstance(value, str) or value not in words:
            bad(field, f"ต้องเป็นค่าใดค่าหนึ่งใน: {listed}", f"must be one of: {listed}")

    return check


iri = pattern(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", "ต้องเป็น IRI ที่สมบูรณ์", "must be an absolute IRI")
uuid = pattern(
    r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    "ต้องเป็น UUID",
    "must be a UUID",
)
mailbox = pattern(r"mailto:[^\s@]+@[^\s@]+", "ต้องเป็น mailto: ตามด้วยที่อยู่อีเมล", "must be mailto: and an e-mail address")
sha1 = pattern(r"[0-9A-Fa-f]{40}", "ต้องเป็น SHA-1 เลขฐานสิบหก 40 หลัก", "must be a SHA-1 of 40 hexadecimal digits")
sha2 = pattern(r"[0-9A-Fa-f]{56,128}", "ต้องเป็น SHA-2 เลขฐานสิบหก", "must be a SHA-2 in hexadecimal digits")
version = pattern(r"1\.0(\.[0-9]+)?", "ต้องเป็น 1.0.x", "must be 1.0.x")
media_type = pattern(r"[!-~]+/[!-~]+( *;.*)?", "ต้องเป็นชนิดสื่อ เช่น text/plain", "must be a media type such as text/plain")
duration = pattern(  # ISO 8601: weeks stand alone, only the smallest part may have a fraction
    r"P(?:\d+(?:\.\d+)?W|(?=\d|T\d)(?:\d+(?:\.\d+)?Y)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?D)?"
    r"(?:T(?=\d)(?:\d+(?:\.\d+)?H)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?S)?)?)",
    "ต้องเป็นระยะเวลาแบบ ISO 8601 เช่น PT1H30M",
    "must be an ISO 8601 duration such as PT1H30M",
)
language = pattern(  # RFC 5646: language, script, region, variants, extensions; or private use, or grandfathered i-
    r"(?:[A-Za-z]{2,8}|[A-Za-z]{2,3}-[A-Za-z]{3}|[XxIi](?=-))(?:-[A-Za-z0-9]{1,8})*",
    "ต้องเป็นรหัสภาษา เช่น th",
    "must be a language tag such as th",
)
_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.\d+)?([Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)


def stamp(field: str, value: Any) -> None:
    """An ISO 8601 date-time; the offset may be absent, but "-00:00" (an unknown one) may not stand there."""
    found = _STAMP.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is None or found[3] in ("-00", "-0000", "-00:00"):
            raise ValueError
        datetime.fromisoformat(f"{found[1]}T{found[2]}{(found[3] or '').upper()}")
    except ValueError:
        bad(field, "ต้องเป็นวันเวลาแบบ ISO 8601", "must be an ISO 8601 date and time")


def language_map(field: str, value: Any) -> None:
    """Texts by language tag (part 2, section 4.2)."""
    for tag, each in mapping(field, value).items():
        language(field, tag)
        text(f"{field}.{tag}", each)


def extensions(field: str, value: Any) -> None:
    """Anything by IRI (part 2, section 4.1); the only place where ``null`` is allowed."""
    for name in mapping(field, value):
        iri(field, name)


def mapping(field: str, value: Any) -> dict[str, Any]:
    """Return the value when it is an object."""
    if not isinstance(value, dict):
        bad(field, "ต้องเป็นวัตถุ JSON", "must be a JSON object")
    return value


def items(check: Check, *, one_alone: bool = False) -> Check:
    """Return a check for a list of things; with ``one_alone`` a single thing outside a list will do."""

    def check_all(field: str, value: Any) -> None:
        if one_alone and isinstance(value, dict):
            return check(field, value)
        if not isinstance(value, list):
            bad(field, "ต้องเป็นรายการ (list)", "must be a list")
        for place, each in enumerate(value):
            check(f"{field}[{place}]", each)
        return None

    return check_all


def shape(properties: Mapping[str, Check], *required: str) -> Check:
    """Return a check for an object of these properties and no others, ``required`` present, none of them null."""

    def check(field: str, value: Any) -> None:
        told = mapping(field, value)
        prefix = f"{field}." if field else ""
        for name in required:
            if name not in told:
                bad(prefix + name, "ต้องส่งค่านี้มาด้วย", "is required")
        for name, each in told.items():
            if name not in properties:
                bad(field or "statement", "มีชื่อฟิลด์ที่ xAPI ไม่รู้จัก", "holds a field that xAPI does not know")
            if each is None:
                bad(prefix + name, "ต้องไม่เป็น null", "must not be null")
            properties[name](prefix + name, each)

    return check

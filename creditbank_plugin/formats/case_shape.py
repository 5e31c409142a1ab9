"""Which fields a CASE 1.1 package may have and of what kind each is, as the official schemas have it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from creditbank_hooks.checks import TidingError
from creditbank_plugin.formats import moments
from creditbank_plugin.formats.case import TYPES, is_identifier
from creditbank_plugin.rules.framework import LONGEST_TEXT, LONGEST_TITLE

#: What is wrong with a value: a stable code, and the rest of a sentence in Thai and English.
Wrong = tuple[str, str, str]
Check = Callable[[Any], Wrong | None]

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]+")
_ADDRESS = re.compile(r"""https?://[^\s/?#\[\]<>"]+[^\s<>"]*|urn:[^\s<>"]+""", re.IGNORECASE)
LONGEST_URI = 1000

_NO_TEXT: Wrong = ("wrong_type", "ต้องเป็นข้อความ", "must be a text")
_NO_OBJECT: Wrong = ("wrong_type", "ต้องเป็นวัตถุ JSON", "must be a JSON object")
_NO_LIST: Wrong = ("wrong_type", "ต้องเป็นรายการ (array)", "must be a list")


def long_text(value: Any) -> Wrong | None:
    """Refuse what is no text, too long, or holds a sign that no page shows (NUL and other controls)."""
    if not isinstance(value, str):
        return _NO_TEXT
    if len(value) > LONGEST_TEXT:
        return "too_long", f"ยาวเกิน {LONGEST_TEXT:,} ตัวอักษร", f"is longer than {LONGEST_TEXT:,} characters"
    if _CONTROL.search(value):
        return "control_sign", "มีอักขระควบคุมที่มองไม่เห็น", "holds a control character"
    return None


def filled_text(value: Any) -> Wrong | None:
    """Refuse an empty text too."""
    return long_text(value) or (("missing", "ต้องไม่ว่าง", "must not be empty") if not value.strip() else None)


def line(value: Any) -> Wrong | None:
    """Refuse a title or code that is too long for one."""
    wrong = filled_text(value)
    if wrong is None and len(value) > LONGEST_TITLE:
        return "too_long", f"ยาวเกิน {LONGEST_TITLE:,} ตัวอักษร", f"is longer than {LONGEST_TITLE:,} characters"
    return wrong


def identifier(value: Any) -> Wrong | None:
    """Refuse anything but a UUID in lower case."""
    if isinstance(value, str) and is_identifier(value):
        return None
    return "invalid_uuid", "ต้องเป็น UUID ตัวพิมพ์เล็ก", "must be a UUID in lower case"


def address(value: Any) -> Wrong | None:
    """Refuse anything but an absolute http, https or urn address: what others open must lead nowhere else."""
    wrong = line(value)
    if wrong is not None:
        return wrong
    if len(value) > LONGEST_URI or _ADDRESS.fullmatch(value) is None:
        return "uri_invalid", "ต้องเป็นที่อยู่เต็มแบบ http, https หรือ urn", "must be an absolute http, https or urn address"
    return None


def moment(value: Any) -> Wrong | None:
    """Refuse anything but a date and time with its offset."""
    try:
        moments.moment("", value)
    except TidingError as error:
        return "invalid_moment", error.th, error.en
    return None


def day(value: Any) -> Wrong | None:
    """Refuse anything but a day."""
    try:
        moments.day("", value)
    except TidingError as error:
        return "invalid_day", error.th, error.en
    return None


def language(value: Any) -> Wrong | None:
    """Refuse a language that we cannot keep: texts are kept in Thai and in English."""
    if isinstance(value, str) and _LANGUAGE.fullmatch(value) and value.lower().split("-")[0] in ("th", "en"):
        return None
    return (
        "language_unsupported",
        "ต้องเป็นภาษาไทย (th) หรืออังกฤษ (en) ระบบเก็บข้อความสองภาษานี้",
        "must be Thai (th) or English (en): texts are kept in these two",
    )


def association_type(value: Any) -> Wrong | None:
    """Refuse a type that CASE does not know."""
    if isinstance(value, str) and (value in TYPES or (_EXTENSION.fullmatch(value) and len(value) <= 60)):
        return None
    listed = ", ".join(TYPES)
    return (
        "type_unknown",
        f"ต้องเป็นค่าใดค่าหนึ่งใน: {listed} หรือขึ้นต้นด้วย ext:",
        f"must be one of {listed}, or begin with ext:",
    )


def whole_number(value: Any) -> Wrong | None:
    """Refuse anything but a whole number of 32 bits."""
    if isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31:
        return None
    return "wrong_type", "ต้องเป็นจำนวนเต็ม", "must be a whole number"


def number(value: Any) -> Wrong | None:
    """Refuse anything but a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None
    return "wrong_type", "ต้องเป็นตัวเลข", "must be a number"


def version(value: Any) -> Wrong | None:
    """Refuse another version of CASE."""
    return None if value == "1.1" else ("version_unknown", "ต้องเป็น CASE รุ่น 1.1", "must be CASE 1.1")


def anything(value: Any) -> Wrong | None:
    """Refuse only what is no object, or holds a NUL: extensions hold what they like, as long as it can be kept."""
    if not isinstance(value, dict):
        return _NO_OBJECT
    return ("control_sign", "มีอักขระควบคุมที่มองไม่เห็น", "holds a control character") if _holds_nul(value) else None


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any("\0" in name or _holds_nul(each) for name, each in value.items())
    return any(map(_holds_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value


@dataclass(frozen=True)
class Shape:
    """The fields of one kind of object; those in ``required`` must be there."""

    fields: Mapping[str, "Check | Shape | Many"]
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Many:
    """A list of values."""

    of: "Check | Shape"


_LINK = Shape({"title": long_text, "identifier": identifier, "uri": address}, ("title", "identifier", "uri"))
_END = Shape(
    {"title": long_text, "identifier": line, "uri": address, "targetType": filled_text}, ("title", "identifier", "uri")
)
_COMMON: dict[str, Check] = {
    "identifier": identifier,
    "uri": address,
    "lastChangeDateTime": moment,
    "extensions": anything,
}
_ALWAYS = ("identifier", "uri", "lastChangeDateTime")

DOCUMENT = Shape(
    {
        **_COMMON,
        **dict.fromkeys(("frameworkType", "publisher", "version", "adoptionStatus"), long_text),
        "caseVersion": version,
        "creator": line,
        "title": line,
        "officialSourceURL": long_text,
        "language": language,
        "description": long_text,
        "notes": long_text,
        "subject": Many(long_text),
        "subjectURI": Many(_LINK),
        "statusStartDate": day,
        "statusEndDate": day,
        "licenseURI": _LINK,
    },
    (*_ALWAYS, "creator", "title"),
)
ITEM = Shape(
    {
        **_COMMON,
        **dict.fromkeys(("alternativeLabel", "CFItemType", "listEnumeration", "abbreviatedStatement"), long_text),
        "fullStatement": filled_text,
        "humanCodingScheme": long_text,
        "notes": long_text,
        "language": language,
        "conceptKeywords": Many(long_text),
        "conceptKeywordsURI": _LINK,
        "subject": Many(long_text),
        "subjectURI": Many(_LINK),
        "educationLevel": Many(long_text),
        "CFItemTypeURI": _LINK,
        "licenseURI": _LINK,
        "statusStartDate": day,
        "statusEndDate": day,
    },
    (*_ALWAYS, "fullStatement"),
)
ASSOCIATION = Shape(
    {
        **_COMMON,
        "associationType": association_type,
        "sequenceNumber": whole_number,
        "notes": long_text,
        "originNodeURI": _END,
        "destinationNodeURI": _END,
        "CFAssociationGroupingURI": _LINK,
    },
    (*_ALWAYS, "associationType", "originNodeURI", "destinationNodeURI"),
)
_TITLED: dict[str, Check] = {**_COMMON, "title": line, "description": long_text}
_CODED: dict[str, Check] = {**_TITLED, "hierarchyCode": long_text}
DEFINITIONS = Shape(
    {
        "CFConcepts": Many(Shape({**_CODED, "keywords": long_text}, (*_ALWAYS, "title", "hierarchyCode"))),
        "CFSubjects": Many(Shape(_CODED, (*_ALWAYS, "title", "hierarchyCode"))),
        "CFLicenses": Many(Shape({**_TITLED, "licenseText": long_text}, (*_ALWAYS, "title", "licenseText"))),
        "CFItemTypes": Many(
            Shape({**_CODED, "typeCode": long_text}, (*_ALWAYS, "title", "description", "hierarchyCode"))
        ),
        "CFAssociationGroupings": Many(Shape(_TITLED, (*_ALWAYS, "title"))),
        "extensions": anything,
    }
)
_SCORED: dict[str, Check] = {**_COMMON, "description": long_text, "position": whole_number}
_RUBRIC_LEVEL = Shape(
    {
        **_SCORED,
        "quality": long_text,
        "score": number,
        "feedback": long_text,
        "rubricCriterionId": identifier,
        "extensions": Many(anything),
    },
    _ALWAYS,
)
_CRITERION = Shape(
    {
        **_SCORED,
        "category": long_text,
        "CFItemURI": _LINK,
        "weight": number,
        "rubricId": identifier,
        "CFRubricCriterionLevels": Many(_RUBRIC_LEVEL),
    },
    _ALWAYS,
)
PACKAGE = Shape(
    {
        "CFDocument": DOCUMENT,
        "CFItems": Many(ITEM),
        "CFAssociations": Many(ASSOCIATION),
        "CFDefinitions": DEFINITIONS,
        "CFRubrics": Many(Shape({**_TITLED, "CFRubricCriteria": Many(_CRITERION)}, _ALWAYS)),
        "extensions": anything,
    },
    ("CFDocument",),
)


def wrongs(value: Any, shape: "Check | Shape | Many" = PACKAGE, place: str = "") -> Iterator[tuple[str, Wrong]]:
    """Yield what is wrong, each with its place as the package writes it: ``CFItems[3].fullStatement``."""
    if isinstance(shape, Many):
        if not isinstance(value, list):
            yield place, _NO_LIST
            return
        for number_, each in enumerate(value):
            yield from wrongs(each, shape.of, f"{place}[{number_}]")
    elif isinstance(shape, Shape):
        if not isinstance(value, dict):
            yield place, _NO_OBJECT
            return
        before = f"{place}." if place else ""
        for name in shape.required:
            if name not in value:
                yield f"{before}{name}", ("missing", "ไม่มีช่องนี้ซึ่งต้องมี", "is missing")
        for name, each in value.items():
            if name in shape.fields:
                yield from wrongs(each, shape.fields[name], f"{before}{name}")
            else:
                shown = name if re.fullmatch(r"[A-Za-z0-9_.:-]{1,60}", name) else "…"
                yield (
                    f"{before}{shown}",
                    ("unknown_field", "CASE 1.1 ไม่มีช่องนี้ในที่นี้", "is no field of CASE 1.1 in this place"),
                )
    else:
        wrong = shape(value)
        if wrong is not None:
            yield place, wrong

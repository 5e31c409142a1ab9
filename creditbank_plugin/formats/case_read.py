"""A CASE 1.1 package read as a framework: strictly, and so that `case_write` gives it out as it came.

What a package says beside our own fields is kept in ``more``: whatever the writer would not write by itself.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from creditbank_plugin.formats import case_write, strict_json
from creditbank_plugin.formats.case import DOCUMENTS, NO_TEXT, OURS, RUBRICS, Addresses, Json, is_identifier
from creditbank_plugin.formats.case_shape import Wrong, wrongs
from creditbank_plugin.rules.framework import CHILD, LONGEST_CODE, MOST_FAULTS, Fault, Framework, Item, Tie
from creditbank_plugin.rules.framework import faults as faults_of
from creditbank_plugin.rules.thai import normalise

#: Bytes of a file, and things in it.
LARGEST, MOST = 48 << 20, 100_000
#: How good a source an outsider's file is, where it does not say so itself.
EVIDENCE = "secondary"
_THAI, _LATIN = re.compile("[\u0e01-\u0e5b]"), re.compile("[A-Za-z]")
#: A text of so many Latin letters and no Thai one is not in Thai, whatever is said of it.
_SURELY = 30


class NotRead(ValueError):  # noqa: N818 - named by what became of the file
    """A package that is refused; ``faults`` say why, those of the whole file under no item."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True)
class Foreign:
    """An end of an association that is not in the package; ``inside``: by its address it ought to be."""

    item: str
    field: str
    identifier: str
    inside: bool


@dataclass(frozen=True)
class Read:
    """A framework as read, and the ends of its associations that the package does not hold."""

    framework: Framework
    foreign: tuple[Foreign, ...]


def read(raw: bytes) -> Read:
    """Return the framework of a package; raises `NotRead` with at most `MOST_FAULTS` faults, and reads nothing by halves."""
    package = _package(raw)
    found = list(islice(_shape_faults(package), MOST_FAULTS))
    found = found or list(islice(_doubles(package), MOST_FAULTS)) or list(islice(_languages(package), MOST_FAULTS))
    if found:
        raise NotRead(found)
    framework, named = _framework(package)
    foreign, missing = _foreign(package, framework)
    found = [*missing, *faults_of(framework, named)][:MOST_FAULTS]
    if found:
        raise NotRead(found)
    return Read(framework, foreign)


def _refuse(code: str, th: str, en: str, item: str = "", field: str = "") -> NotRead:
    return NotRead([Fault(item, field, code, th, en)])


def too_large() -> NotRead:
    """Return the refusal of a file with more than `LARGEST` bytes."""
    most = LARGEST >> 20
    return _refuse(
        "too_large",
        f"ไฟล์ใหญ่เกิน {most} MB แบ่งกรอบเป็นหลายกรอบ หรือลบสิ่งที่ไม่เกี่ยวข้องออกก่อน",
        f"The file is larger than {most} MB: split the framework, or take out what does not belong to it.",
    )


def _package(raw: bytes) -> Json:
    if len(raw) > LARGEST:
        raise too_large()
    try:
        package = strict_json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except strict_json.NotJson as error:
        raise _refuse("not_json", f"อ่านไฟล์ไม่ได้: {error.th}", f"The file cannot be read: it {error.en}.") from None
    if not isinstance(package, dict) or "CFDocument" not in package:
        raise _refuse(
            "not_case",
            "ไฟล์นี้ไม่ใช่ CFPackage ของ CASE 1.1: ไม่มี CFDocument",
            "This is no CFPackage of CASE 1.1: it has no CFDocument.",
            field="CFDocument",
        )
    for name in ("CFItems", "CFAssociations"):
        if isinstance(package.get(name), list) and len(package[name]) > 5 * MOST:
            raise _refuse(
                "too_many", f"{name} มีเกิน {5 * MOST:,} รายการ", f"{name} holds more than {5 * MOST:,}.", field=name
            )
    if not package.get("CFItems"):
        raise _refuse("no_items", "ไฟล์ไม่มีรายการ (CFItems) เลย", "The file has no items (CFItems).", field="CFItems")
    return package


def _shape_faults(package: Json) -> Iterator[Fault]:
    for place, (code, th, en) in wrongs(package):
        yield _fault(package, place, (code, th, en))


def _fault(package: Json, place: str, wrong: Wrong) -> Fault:
    """Return a fault that names the item as people know it: by its code, else by its identifier, else by its place."""
    head, dot, field = place.partition(".")
    where = re.fullmatch(r"(CFItems|CFAssociations)\[([0-9]+)\]", head)
    item = head
    if where is not None:
        item = _name(package[where[1]][int(where[2])]) or head
    elif not dot and head != "CFDocument":
        item, field = "", head
    code, th, en = wrong
    return Fault(item, field, code, th, en)


def _name(each: Any) -> str:
    for name in ("humanCodingScheme", "identifier"):
        said = each.get(name) if isinstance(each, dict) else None
        if isinstance(said, str) and 0 < len(said) <= LONGEST_CODE and said.isprintable():
            return said
    return ""


def _doubles(package: Json) -> Iterator[Fault]:
    seen = {package["CFDocument"]["identifier"]}
    for name in ("CFItems", "CFAssociations"):
        for number, each in enumerate(package.get(name, ())):
            if each["identifier"] in seen:
                yield _fault(
                    package,
                    f"{name}[{number}].identifier",
                    ("duplicate", "identifier นี้ซ้ำกับรายการก่อนหน้า", "An earlier thing has this identifier."),
                )
            seen.add(each["identifier"])


def _languages(package: Json) -> Iterator[Fault]:
    of_document = package["CFDocument"].get("language")
    for number, each in enumerate(package["CFItems"]):
        said = each.get("language") or of_document
        text = "" if each["fullStatement"] == NO_TEXT else each["fullStatement"]
        thai, latin = len(_THAI.findall(text)), len(_LATIN.findall(text))
        if said is None or (thai == 0 and latin < _SURELY):
            continue
        if (said.lower().startswith("th") and thai == 0) or (said.lower().startswith("en") and thai > latin):
            yield _fault(
                package,
                f"CFItems[{number}].language",
                (
                    "language_differs",
                    "ภาษาที่ระบุไม่ตรงกับข้อความ",
                    "The text is not in the language that is said.",
                ),
            )


def _framework(package: Json) -> tuple[Framework, dict[str, str]]:
    said = package["CFDocument"]
    ours = _ours(said)
    places = Addresses(said["uri"].removesuffix(f"/{DOCUMENTS}/{said['identifier']}"))
    title, language = normalise(said["title"]), said.get("language")
    english = (language or "").lower().startswith("en")
    source = _text(ours, "source") or said.get("officialSourceURL") or said["uri"]
    framework = Framework(
        id=said["identifier"],
        code=_text(ours, "code", 60) or said["identifier"],
        title_th=_text(ours, "title_th") or title,
        title_en=_text(ours, "title_en") or (title if english else None),
        version=_short(said.get("version"), 60),
        source=source,
        evidence=_text(ours, "evidence", 40) or EVIDENCE,
        uri=said["uri"],
        publisher=normalise(said["publisher"]) if said.get("publisher") else None,
        language=_short(language, 20),
        status=_short(said.get("adoptionStatus"), 40),
        changed=said["lastChangeDateTime"],
    )
    items = _items(package, framework, places)
    framework = replace(framework, items=items)
    framework = replace(framework, ties=_ties(package, framework, places))
    beside = {
        "CFDefinitions": _other_definitions(package, framework, places),
        RUBRICS: package.get(RUBRICS),
        "extensions of the package": package.get("extensions"),
    }
    more = {**_left(said, case_write.document(framework, places)), **{name: v for name, v in beside.items() if v}}
    return replace(framework, more=more or None), {
        item.id: _name(row) for item, row in zip(items, package["CFItems"], strict=True)
    }


def _items(package: Json, framework: Framework, places: Addresses) -> tuple[Item, ...]:
    codes: set[str] = set()
    found = []
    for number, row in enumerate(package["CFItems"], start=1):
        code = _short(row.get("humanCodingScheme"), LONGEST_CODE)
        if code is None or code in codes:  # CASE lets several have one code; ours names one
            code = row["identifier"]
        codes.add(code)
        found.append(_item(row, code, number, framework, places))
    parents = _parents(package, {each.id: each.code for each in found})
    return tuple(replace(each, parent=parents.get(each.id)) for each in found)


def _item(row: Json, code: str, number: int, framework: Framework, places: Addresses) -> Item:
    ours, text = _ours(row), "\n".join(normalise(part) for part in row["fullStatement"].strip().splitlines())
    thai = _is_thai(text, row.get("language") or framework.language)
    none = text == normalise(NO_TEXT)
    note = row.get("notes")
    made = Item(
        id=row["identifier"],
        code=code,
        text_th=None if none or not thai else text,
        text_en=None if none else (_text(ours, "text_en") if thai else text),
        description_th=_text(ours, "description_th"),
        description_en=_text(ours, "description_en"),
        level=_level(ours.get("level")),
        kind=_short(row.get("CFItemType"), 60),
        area=_only(row.get("subject")),
        grade=_short(_only(row.get("educationLevel")), 60),
        note_th=note if thai else None,
        note_en=_text(ours, "note_en") if thai else note,
        source=None if none else _text(ours, "source") or framework.source,
        evidence=None if none else _text(ours, "evidence", 40) or framework.evidence,
        position=number,
        changed=row["lastChangeDateTime"],
        retired=_text(ours, "retired_at", 40),
    )
    if row["uri"] != places.of("CFItems", made.id):
        made = replace(made, uri=row["uri"])
    left = _left(row, case_write.item(made, framework, places))
    return replace(made, more=left or None)


def _ties(package: Json, framework: Framework, places: Addresses) -> tuple[Tie, ...]:
    own = {framework.id, *(item.id for item in framework.items)}
    ends = case_write.ends(framework, places)
    found = []
    for row in package.get("CFAssociations", ()):
        origin, target = row["originNodeURI"], row["destinationNodeURI"]
        made = Tie(
            id=row["identifier"],
            kind=row["associationType"],
            position=row.get("sequenceNumber"),
            source=_text(_ours(row), "source"),
            **_end("origin", origin, own),
            **_end("target", target, own),
        )
        left = _left(row, case_write.association(made, framework, places, ends))
        found.append(replace(made, more=left or None))
    return tuple(found)


def _end(name: str, link: Json, own: set[str]) -> dict[str, Any]:
    identifier = link["identifier"]
    if identifier in own:
        return {f"{name}_id": identifier}
    known = identifier if is_identifier(identifier) else None
    return {f"{name}_id": known, f"{name}_uri": link["uri"], f"{name}_title": link["title"] or None}


def _parents(package: Json, codes: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in package.get("CFAssociations", ()):
        below, above = row["originNodeURI"]["identifier"], row["destinationNodeURI"]["identifier"]
        if row["associationType"] == CHILD and below in codes and above in codes:
            found.setdefault(below, codes[above])
    return found


def _foreign(package: Json, framework: Framework) -> tuple[tuple[Foreign, ...], list[Fault]]:
    """Return the ends outside the package, and faults of hierarchy: that must not leave it."""
    own = {framework.id, *(item.id for item in framework.items)}
    home = package["CFDocument"]["uri"].removesuffix(f"/{DOCUMENTS}/{framework.id}")
    foreign, missing = [], []
    for row in package.get("CFAssociations", ()):
        for end in ("originNodeURI", "destinationNodeURI"):
            identifier, uri = row[end]["identifier"], row[end]["uri"]
            if identifier not in own:
                if row["associationType"] == CHILD:
                    missing.append(Fault(row["identifier"], end, *TARGET_MISSING))
                foreign.append(Foreign(row["identifier"], end, identifier, uri.startswith(f"{home}/CF")))
    return tuple(foreign), missing


TARGET_MISSING: Wrong = (
    "target_missing",
    "ชี้ไปยังรายการที่ไม่มีในไฟล์และไม่มีในระบบ",
    "It points to an item that is neither in the file nor known here.",
)


def _other_definitions(package: Json, framework: Framework, places: Addresses) -> Json:
    came: Json = package.get("CFDefinitions", {})
    ours = {row["identifier"] for rows in case_write.definitions(framework, places).values() for row in rows}
    left = {
        name: [row for row in rows if row["identifier"] not in ours] if isinstance(rows, list) else rows
        for name, rows in came.items()
    }
    return {name: rows for name, rows in left.items() if rows}


def _left(came: Json, written: Json) -> Json:
    """Return what the writer would not write as it came."""
    left = {name: value for name, value in came.items() if not _says_the_same(written.get(name), value)}
    if "extensions" in left:
        kept = _kept(left.pop("extensions"), _ours(written))
        if kept:
            left["extensions"] = kept
    left.pop("uri", None)
    return left


def _kept(extensions: Json, written: Json) -> Json:
    """Return the extensions that the writer would not write: others' as they are, and of ours what it does not know."""
    others = {name: value for name, value in extensions.items() if name != OURS}
    ours = {name: value for name, value in _ours({"extensions": extensions}).items() if written.get(name) != value}
    return {**others, OURS: ours} if ours else others


_LINK = {"title", "identifier", "uri"}


def _says_the_same(written: Any, came: Any) -> bool:
    """Compare two values; links to definitions of ours by their identifiers, whichever installation wrote them."""
    if isinstance(written, list) and isinstance(came, list) and len(written) == len(came) == 1:
        return _says_the_same(written[0], came[0])
    if (
        isinstance(written, dict)
        and isinstance(came, dict)
        and written.keys() == came.keys() == {"title", "identifier", "uri"}
    ):
        return bool(written["identifier"] == came["identifier"] and written["title"] == came["title"])
    return bool(written == came)


def _ours(row: Json) -> Json:
    said = row.get("extensions", {}).get(OURS)
    return said if isinstance(said, dict) else {}


def _text(ours: Json, name: str, longest: int = 20_000) -> str | None:
    said = ours.get(name)
    return said if isinstance(said, str) and 0 < len(said) <= longest and "\0" not in said else None


def _level(said: Any) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= 99 else None


def _short(said: str | None, longest: int) -> str | None:
    """Return a text that a column of ours can hold; another one stands in ``more``."""
    text = normalise(said) if said else ""
    return text if 0 < len(text) <= longest else None


def _only(said: list[str] | None) -> str | None:
    return normalise(said[0]) or None if said is not None and len(said) == 1 else None


def _is_thai(text: str, language: str | None) -> bool:
    return language.lower().startswith("th") if language else _THAI.search(text) is not None or not text

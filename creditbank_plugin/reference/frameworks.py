"""The outcome frameworks that we carry, one shape for all of them.

An item has a text only where the text has a source, and no text (None, nor a source) where only its code is known;
English only where the source has English.  Which levels exist differs by framework: ``Item.level`` is the framework's
own level (NQF 1-8, TPQI 1-8, DSD 1-3).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from creditbank_plugin import reference

CORE, TPQI, DSD, NQF, HIGHER = "core-curriculum-2551", "tpqi", "dsd", "nqf", "higher-ed-domains"
TPQI_LEVELS, DSD_LEVELS = "tpqi-levels", "dsd-levels"

# The source of a framework that was put together from many documents.
EACH_ITEM = "each item names its own source"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One outcome: ``parent`` is the code of another item of the framework, ``area`` its learning area or branch.

    ``kind`` is what the framework calls such an item (level, domain, standard, indicator, unit …), ``grade`` the school
    year an indicator is for ("ม.1", "ม.4-6"); ``note_th`` and ``note_en`` say what a person should know before deciding
    on it, such as a level that was read off a code.
    """

    id: str
    code: str
    text_th: str | None
    source: str | None
    evidence: str | None
    kind: str
    text_en: str | None = None
    level: int | None = None
    area: str | None = None
    parent: str | None = None
    grade: str | None = None
    description_th: str | None = None
    note_th: str | None = None
    note_en: str | None = None


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A published set of outcomes; ``version`` is None where the publisher states none."""

    id: str
    code: str
    title_th: str
    title_en: str
    version: str | None
    source: str
    evidence: str
    publisher: str | None
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Tie:
    """A sourced tie from one item to another; ``kind`` is CASE's association type, each end (framework, item code)."""

    kind: str
    origin: tuple[str, str]
    target: tuple[str, str]
    source: str
    note_th: str | None = None
    note_en: str | None = None


def stable_id(framework: str, code: str | None = None) -> str:
    """Return the UUID (version 5) of an item, or of the framework itself: the same on every installation, for ever."""
    return str(uuid5(NAMESPACE_URL, f"urn:creditbank:{framework}" + (f":{code}" if code is not None else "")))


@cache
def frameworks() -> tuple[Framework, ...]:
    """Return all frameworks we carry; within each the codes are unique and a parent stands before its children."""
    table, copied = reference.load("nqf_levels")["source_note"], "copy of official"
    return (
        _framework(
            CORE,
            "หลักสูตรแกนกลางการศึกษาขั้นพื้นฐาน พุทธศักราช 2551 (ฉบับปรับปรุง พ.ศ. 2560)",
            "Basic Education Core Curriculum B.E. 2551 (revised B.E. 2560)",
            _core(),
            (EACH_ITEM, copied),
            version="2551 (2560)",
            publisher="กระทรวงศึกษาธิการ",
        ),
        _framework(
            TPQI,
            "หน่วยสมรรถนะ มาตรฐานอาชีพและคุณวุฒิวิชาชีพ (สคช.)",
            "Units of competency, professional qualifications (TPQI)",
            _tpqi(),
            ("https://tpqi-net.tpqi.go.th/", "official"),
            publisher="สถาบันคุณวุฒิวิชาชีพ (องค์การมหาชน)",
        ),
        _framework(
            DSD,
            "มาตรฐานฝีมือแรงงานแห่งชาติ (กรมพัฒนาฝีมือแรงงาน)",
            "National skill standards (Department of Skill Development)",
            _dsd(),
            (EACH_ITEM, copied),
            publisher="กรมพัฒนาฝีมือแรงงาน",
        ),
        _framework(
            NQF, "กรอบคุณวุฒิแห่งชาติ", "Thai National Qualifications Framework", _nqf(), (table, copied), version="2560"
        ),
        _framework(
            HIGHER,
            "ผลลัพธ์การเรียนรู้ระดับอุดมศึกษา 4 ด้าน",
            "Higher-education outcome domains",
            _higher(),
            (reference.load("higher_ed")["definition"]["source"], copied),
            version="2565",
        ),
        _framework(
            TPQI_LEVELS,
            "ชั้นคุณวุฒิวิชาชีพ (สคช.)",
            "Levels of professional qualifications (TPQI)",
            _tpqi_levels(),
            (table, copied),
            publisher="สถาบันคุณวุฒิวิชาชีพ (องค์การมหาชน)",
        ),
        _framework(
            DSD_LEVELS,
            "ระดับมาตรฐานฝีมือแรงงานแห่งชาติ (กรมพัฒนาฝีมือแรงงาน)",
            "Levels of national skill standards (Department of Skill Development)",
            _dsd_levels(),
            (reference.load("dsd_skill_levels")["source"], "official"),
            publisher="กรมพัฒนาฝีมือแรงงาน",
        ),
    )


def _framework(
    code: str,
    title_th: str,
    title_en: str,
    items: Iterator[Item],
    rests_on: tuple[str, str],
    *,
    version: str | None = None,
    publisher: str | None = None,
) -> Framework:
    return Framework(
        id=stable_id(code),
        code=code,
        title_th=title_th,
        title_en=title_en,
        version=version,
        source=rests_on[0],
        evidence=rests_on[1],
        publisher=publisher,
        items=tuple(items),
    )


def _item(framework: str, kind: str, row: Mapping[str, Any], code: str, text_th: str, **more: Any) -> Item:
    return Item(
        id=stable_id(framework, code),
        code=code,
        text_th=text_th,
        source=row["source"],
        evidence=row["evidence"],
        kind=kind,
        **more,
    )


def _unsourced(framework: str, kind: str, code: str, **more: Any) -> Item:
    """Return an item of which only the code is known."""
    return Item(id=stable_id(framework, code), code=code, text_th=None, source=None, evidence=None, kind=kind, **more)


def _core() -> Iterator[Item]:
    document = reference.load("core_curriculum")
    areas = {row["code"].split()[0]: row["learning_area"] for row in document["standards"]}
    for row in document["standards"]:
        notes = {"note_th": row.get("note_th"), "note_en": row.get("note")}
        yield _item(CORE, "standard", row, row["code"], row["text_th"], area=row["learning_area"], **notes)
    for row in document["missing_standards"]:
        yield _unsourced(CORE, "standard", row["code"], area=areas[row["code"].split()[0]])
    for row in document["indicators"]:
        yield _item(
            CORE,
            "indicator",
            row,
            row["code"],
            row["text_th"],
            area=row["learning_area"],
            parent=row["standard"],
            grade=row["grade"],
            **_copy_notes(row),
        )
    for code in document["known_codes_without_clean_text"]:  # "ว 1.2 ม.1/10": area, standard, grade, number
        area, number, place = code.split()
        grade = place.partition("/")[0]
        yield _unsourced(CORE, "indicator", code, area=areas[area], parent=f"{area} {number}", grade=grade)


def _copy_notes(row: Mapping[str, Any]) -> dict[str, str]:
    if "variant_text_th" in row:
        variant = row["variant_text_th"]
        return {
            "note_th": f"สำเนาอีกฉบับเขียนว่า: {variant} (ควรตรวจกับหลักสูตรฉบับพิมพ์)",
            "note_en": f"Another copy reads: {variant} (check against the printed curriculum)",
        }
    if "spacing" in row:
        return {"note_th": "คัดจากไฟล์ PDF วรรคอาจตกที่ท้ายบรรทัดเดิม", "note_en": row["spacing"]}
    return {}


def _tpqi() -> Iterator[Item]:
    for row in reference.load("tpqi_units")["units"]:
        yield _item(
            TPQI,
            "unit",
            row,
            row["code"],
            row["title_th"],
            level=row["level"],
            area=row["sector_th"],
            description_th=row["description_th"],
            note_th=row["level_basis_th"],
            note_en=row["level_basis"],
        )


def occupation_code(branch_th: str, level: int) -> str:
    """Return OUR code of a skill standard: the department's own code is not in the sources.

    ``DSD-`` and the first eight hex digits of the SHA-256 of the branch name as printed, then the level.
    """
    return f"DSD-{sha256(branch_th.encode()).hexdigest()[:8]}-L{level}"


def _dsd() -> Iterator[Item]:
    document = reference.load("dsd")
    full = document["full_standard"]
    seen: dict[str, str] = {}
    for row in document["rows"]:
        code = occupation_code(row["branch_th"], row["level"])
        if code in seen:  # wage, fee and test method of one standard are separate rows of the gazette
            continue
        whole = full["level"] == row["level"] and full["branch_th"].endswith(row["branch_th"])
        seen[code] = row["branch_th"]
        yield _item(
            DSD,
            "skill_standard",
            full if whole else row,
            code,
            f"{row['branch_th']} ระดับ {row['level']}",
            level=row["level"],
            area=row.get("occupation_group_th"),
            description_th=full["level_text_th"] if whole else None,
        )
        if whole:
            yield from _abilities(full, code)


def _abilities(full: Mapping[str, Any], standard: str) -> Iterator[Item]:
    """Yield a standard's abilities (3.2.x as printed, after the standard's code) and their parts (numbered by us)."""
    for ability in full["ability"]:
        code = f"{standard} {ability['code']}"
        more = {"level": full["level"], "area": full["branch_th"]}
        yield _item(DSD, "ability", full, code, ability["title_th"], parent=standard, **more)
        for number, text_th in enumerate(ability["items_th"], start=1):
            yield _item(DSD, "ability_part", full, f"{code} ({number})", text_th, parent=code, **more)


_OPEN_TH = ("คำอธิบายระดับ: ยังไม่ได้แนบแหล่งที่มา", "ระดับ AQRF: ยังไม่ได้แนบแหล่งที่มา")
_OPEN_EN = ("Level descriptor: source not yet attached", "AQRF level: source not yet attached")


def _nqf() -> Iterator[Item]:
    for row, level in zip(reference.load("nqf_levels")["rows"], reference.nqf_levels(), strict=True):
        names_th = " / ".join(placed.name_th for placed in level.qualifications)
        names_en = " / ".join(placed.name_en for placed in level.qualifications)
        notes_th = [placed.note_th for placed in level.qualifications if placed.note_th]
        notes_en = [placed.note for placed in level.qualifications if placed.note]
        yield _item(
            NQF,
            "level",
            row,
            f"NQF-{level.level}",
            f"{level.label_th}: {names_th}",
            text_en=f"Level {level.level}: {names_en}",
            level=level.level,
            description_th=level.descriptor_th,
            note_th=" · ".join([*_OPEN_TH, *notes_th]),
            note_en=" · ".join([*_OPEN_EN, *notes_en]),
        )


def _higher() -> Iterator[Item]:
    for row in reference.load("higher_ed")["domains"]:
        yield _item(HIGHER, "domain", row, row["code"], row["name_th"], text_en=row["name_en"])


def _tpqi_levels() -> Iterator[Item]:
    for row in reference.load("tpqi_units")["level_names"]:
        yield _item(TPQI_LEVELS, "level", row, f"TPQI-L{row['level']}", row["name_th"], level=row["level"])


def _dsd_levels() -> Iterator[Item]:
    for row in reference.load("dsd_skill_levels")["rows"]:
        yield _item(DSD_LEVELS, "level", row, f"DSD-L{row['level']}", row["text_th"], level=row["level"])


def ties(framework: str) -> Iterator[Tie]:
    """Yield the sourced ties that one of our frameworks brings, beside those of its items to their parents.

    The NQF brings which TPQI and DSD level stands in the same row of the source's table; the AQRF level stays open.
    """
    if framework == NQF:
        yield from _level_ties()
    own = {TPQI: (TPQI_LEVELS, "unit", "TPQI-L"), DSD: (DSD_LEVELS, "skill_standard", "DSD-L")}.get(framework)
    if own is None:
        return
    levels, kind, prefix = own
    for item in next(each.items for each in frameworks() if each.code == framework):
        if item.kind == kind and item.level is not None and item.source is not None:
            target = (levels, f"{prefix}{item.level}")
            notes = {"note_th": item.note_th, "note_en": item.note_en} if framework == TPQI else {}
            yield Tie(kind="hasSkillLevel", origin=(framework, item.code), target=target, source=item.source, **notes)


def _level_ties() -> Iterator[Tie]:
    document = reference.load("nqf_levels")
    said_th, said_en = document["caveats_th"], document["caveats"]
    for level in reference.nqf_levels():
        origin = (NQF, f"NQF-{level.level}")
        if level.tpqi_level is not None:
            target = (TPQI_LEVELS, f"TPQI-L{level.tpqi_level}")
            yield Tie(
                kind="isPeerOf",
                origin=origin,
                target=target,
                source=level.source,
                note_th=said_th[_REISSUED],
                note_en=said_en[_REISSUED],
            )
        if level.dsd_skill_standard is not None:
            number = level.dsd_skill_standard.removeprefix("มรช.").split()[0]
            yield Tie(
                kind="isPeerOf",
                origin=origin,
                target=(DSD_LEVELS, f"DSD-L{number}"),
                source=level.source,
                note_th=f"{said_th[_MISPRINT]} · {said_th[_REISSUED]}",
                note_en=f"{said_en[_MISPRINT]} · {said_en[_REISSUED]}",
            )


#: Which caveats of the NQF table concern its ties, by their place in the list.
_MISPRINT, _REISSUED = 1, 3

"""The outcome frameworks that have sourced text, one shape for all of them.

An item has a text only where the text has a source; English only where the source has English.
Which levels exist differs by framework: ``Item.level`` is the framework's own level (NQF 1-8, TPQI 1-8, DSD 1-3).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from creditbank_plugin import reference

CORE, TPQI, DSD, NQF, HIGHER = "core-curriculum-2551", "tpqi", "dsd", "nqf", "higher-ed-domains"

# The source of a framework that was put together from many documents.
EACH_ITEM = "each item names its own source"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One outcome: ``parent`` is the code of another item of the framework, ``area`` its learning area or branch.

    ``grade`` is the school year an indicator is for ("ม.1", "ม.4-6"); ``note_th`` and ``note_en`` say what a person
    should know before deciding on it, such as a level that was read off a code.
    """

    id: str
    code: str
    text_th: str
    source: str
    evidence: str
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
    items: tuple[Item, ...]


def stable_id(framework: str, code: str | None = None) -> str:
    """Return the UUID (version 5) of an item, or of the framework itself: the same on every installation, for ever."""
    return str(uuid5(NAMESPACE_URL, f"urn:creditbank:{framework}" + (f":{code}" if code is not None else "")))


@cache
def frameworks() -> tuple[Framework, ...]:
    """Return all frameworks we carry; within each the codes are unique and a parent stands before its children."""
    return (
        _framework(
            CORE,
            "หลักสูตรแกนกลางการศึกษาขั้นพื้นฐาน พุทธศักราช 2551 (ฉบับปรับปรุง พ.ศ. 2560)",
            "Basic Education Core Curriculum B.E. 2551 (revised B.E. 2560)",
            "2551 (2560)",
            EACH_ITEM,
            "copy of official",
            _core(),
        ),
        _framework(
            TPQI,
            "หน่วยสมรรถนะ มาตรฐานอาชีพและคุณวุฒิวิชาชีพ (สคช.)",
            "Units of competency, professional qualifications (TPQI)",
            None,
            "https://tpqi-net.tpqi.go.th/",
            "official",
            _tpqi(),
        ),
        _framework(
            DSD,
            "มาตรฐานฝีมือแรงงานแห่งชาติ (กรมพัฒนาฝีมือแรงงาน)",
            "National skill standards (Department of Skill Development)",
            None,
            EACH_ITEM,
            "copy of official",
            _dsd(),
        ),
        _framework(
            NQF,
            "กรอบคุณวุฒิแห่งชาติ",
            "Thai National Qualifications Framework",
            "2560",
            reference.load("nqf_levels")["source_note"],
            "copy of official",
            _nqf(),
        ),
        _framework(
            HIGHER,
            "ผลลัพธ์การเรียนรู้ระดับอุดมศึกษา 4 ด้าน",
            "Higher-education outcome domains",
            "2565",
            reference.load("higher_ed")["definition"]["source"],
            "copy of official",
            _higher(),
        ),
    )


def _framework(
    code: str, title_th: str, title_en: str, version: str | None, source: str, evidence: str, items: Iterator[Item]
) -> Framework:
    return Framework(
        id=stable_id(code),
        code=code,
        title_th=title_th,
        title_en=title_en,
        version=version,
        source=source,
        evidence=evidence,
        items=tuple(items),
    )


def _item(framework: str, row: Mapping[str, Any], code: str, text_th: str, **more: Any) -> Item:
    return Item(
        id=stable_id(framework, code),
        code=code,
        text_th=text_th,
        source=row["source"],
        evidence=row["evidence"],
        **more,
    )


def _core() -> Iterator[Item]:
    document = reference.load("core_curriculum")
    standards = {row["code"] for row in document["standards"]}
    for row in document["standards"]:
        notes = {"note_th": row.get("note_th"), "note_en": row.get("note")}
        yield _item(CORE, row, row["code"], row["text_th"], area=row["learning_area"], **notes)
    for row in document["indicators"]:
        # ว 4.1 has indicators, but no trustworthy text of its own: they stand without a parent.
        parent = row["standard"] if row["standard"] in standards else None
        yield _item(
            CORE,
            row,
            row["code"],
            row["text_th"],
            area=row["learning_area"],
            parent=parent,
            grade=row["grade"],
            **_copy_notes(row),
        )


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
        yield _item(DSD, full, code, ability["title_th"], parent=standard, **more)
        for number, text_th in enumerate(ability["items_th"], start=1):
            yield _item(DSD, full, f"{code} ({number})", text_th, parent=code, **more)


def _nqf() -> Iterator[Item]:
    for row, level in zip(reference.load("nqf_levels")["rows"], reference.nqf_levels(), strict=True):
        names_th = " / ".join(placed.name_th for placed in level.qualifications)
        names_en = " / ".join(placed.name_en for placed in level.qualifications)
        notes_th = [placed.note_th for placed in level.qualifications if placed.note_th]
        notes_en = [placed.note for placed in level.qualifications if placed.note]
        yield _item(
            NQF,
            row,
            f"NQF-{level.level}",
            f"{level.label_th}: {names_th}",
            text_en=f"Level {level.level}: {names_en}",
            level=level.level,
            description_th=level.descriptor_th,
            note_th=" · ".join(["คำอธิบายระดับ: ยังไม่ได้แนบแหล่งอ้างอิง", *notes_th]),
            note_en=" · ".join(["Level descriptor: source not yet attached", *notes_en]),
        )


def _higher() -> Iterator[Item]:
    for row in reference.load("higher_ed")["domains"]:
        yield _item(HIGHER, row, row["code"], row["name_th"], text_en=row["name_en"])

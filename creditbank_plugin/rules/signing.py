"""The very text that is signed when a comparison is approved; it is kept in the step, so that it can be read for ever.

It is Thai, as the announcement it rests on is.  The same terms give the same text, letter by letter: what somebody has read
on the page is what is signed, or it is not signed at all.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from creditbank_plugin.rules import thai
from creditbank_plugin.rules.assurance import ASSESSMENT_WORDS, IDENTITY_WORDS
from creditbank_plugin.rules.hours import credit_text, hours_text
from creditbank_plugin.rules.terms import Terms

_SCHEMES = {
    "basic": "การศึกษาขั้นพื้นฐาน",
    "vocational": "อาชีวศึกษา",
    "higher": "อุดมศึกษา",
    "non_formal": "การศึกษานอกระบบ",
}
_BASES = {"comparison": "การเทียบรายวิชา", "standard": "มาตรฐานอาชีพ", "qualification": "คุณวุฒิที่รายวิชาเป็นส่วนหนึ่ง"}
_HOURS = {"theory": "ทฤษฎี", "practice": "ปฏิบัติ", "field": "ภาคสนาม"}
_FACTS = {"score": "คะแนน", "grade": "ผลการเรียน", "attendance": "เวลาเรียน", "assurance": "ระดับการยืนยันตัวตนและการวัดผล"}


@dataclass(frozen=True, kw_only=True)
class Names:
    """The names that stand in the text: of the course, the body, the group and its order, the outcomes, who signs."""

    course: str
    owner: str
    version: str
    course_revision: int
    body: str
    group: str
    order: str
    outcomes: Sequence[str]
    replaces: str | None
    signer: str


def text(terms: Terms, names: Names, *, reference: str, resolution: str | None = None) -> str:
    """Return the text of an approval; ``reference`` is the announcement it rests on."""
    lines = [
        f"ข้าพเจ้า {names.signer} ในฐานะผู้ลงนามของ{names.group} ({names.order}) ในนาม{names.body} อนุมัติการเทียบรายวิชาดังนี้",
        f"รายวิชา: {names.course} {thai.curriculum_th(names.version)} ของ{names.owner}",
        f"ข้อมูลรายวิชาที่พิจารณา: ฉบับปรับปรุงครั้งที่ {names.course_revision}",
        f"หน่วยกิต: {_credits(terms)}",
        f"ระดับคุณวุฒิตามกรอบ NQF: {_level(terms)}",
        f"ชั่วโมงเรียน: {_hours(terms)}",
        "ผลลัพธ์การเรียนรู้:",
        *(f"  {place}. {said}" for place, said in enumerate(names.outcomes, start=1)),
        f"เงื่อนไข: {_conditions(terms)}",
        f"ใช้กับการเรียนจบ: {_days(terms)}",
    ]
    if names.replaces:
        lines.append(f"แทนการเทียบเดิม: {names.replaces}")
    if terms.evidence:
        lines.append("หลักฐาน: " + "; ".join(_evidence(each) for each in terms.evidence))
    if resolution:
        lines.append(f"มติที่ประชุม: {resolution.strip()}")
    lines.append(f"อ้างอิงประกาศ: {thai.normalise(reference)}")
    return "\n".join(lines)


def digest(signed: str) -> str:
    """Return what tells one text from another: its SHA-256 in hexadecimal."""
    return hashlib.sha256(signed.encode()).hexdigest()


def _credits(terms: Terms) -> str:
    if terms.scheme == "none":
        return "บันทึกผลลัพธ์โดยไม่มีหน่วยกิต"
    said = f"{credit_text(terms.credits or 0)} หน่วยกิต ระบบ{_SCHEMES.get(terms.scheme or '', terms.scheme or '')}"
    return f"{said} ตามกฎ {terms.credits_rule}" if terms.credits_rule else said


def _level(terms: Terms) -> str:
    if terms.nqf_level is None:
        return "ไม่กำหนด"
    return f"ระดับ {terms.nqf_level} ที่มา: {_BASES.get(terms.nqf_level_basis or '', '')}"


def _hours(terms: Terms) -> str:
    said = [f"{_HOURS[kind]} {hours_text(terms.hours[kind])} ชั่วโมง" for kind in _HOURS if terms.hours.get(kind)]
    return " ".join(said) or "ไม่ระบุ"


def _conditions(terms: Terms) -> str:
    told = terms.conditions
    said = []
    if told.get("min_score") is not None:
        said.append(f"คะแนนไม่ต่ำกว่า {told['min_score']}")
    if told.get("min_grade") is not None:
        said.append(f"ผลการเรียนไม่ต่ำกว่า {told['min_grade']}")
    if told.get("min_attendance") is not None:
        said.append(f"เวลาเรียนไม่ต่ำกว่าร้อยละ {told['min_attendance']}")
    if told.get("min_identity") is not None:
        said.append(f"การยืนยันตัวตน: {IDENTITY_WORDS[told['min_identity']][0]}")
    if told.get("min_assessment") is not None:
        said.append(f"การวัดผล: {ASSESSMENT_WORDS[told['min_assessment']][0]}")
    if told.get("required"):
        said.append("ต้องส่ง" + "และ".join(_FACTS[name] for name in told["required"]))
    return "; ".join(said) or "ไม่มี"


def _days(terms: Terms) -> str:
    first = f"ตั้งแต่ {thai.date_th(terms.applies_from)}" if terms.applies_from else ""
    return f"{first} ถึง {thai.date_th(terms.applies_until)}" if terms.applies_until else f"{first} เป็นต้นไป"


def _evidence(each: object) -> str:
    title, url = (each.get("title"), each.get("url")) if isinstance(each, dict) else (each, None)
    return f"{title} <{url}>" if url else str(title)

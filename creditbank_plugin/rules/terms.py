"""What a comparison is about to say, or says: credits, level, outcomes, hours, conditions, evidence, days.

While it is a draft anything may still be missing; `check` says what must be there, and right, before it can be law.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from creditbank_hooks import Assurance, TidingError
from creditbank_plugin.errors import invalid, need
from creditbank_plugin.rules.conditions import REQUIRABLE
from creditbank_plugin.rules.grades import grade
from creditbank_plugin.rules.hours import SCHEMES

LEVEL_BASES = ("comparison", "standard", "qualification")
#: The kinds of learning whose hours are judged apart.
HOURS = ("theory", "practice", "field")
CONDITIONS = ("min_score", "min_grade", "min_attendance", "min_identity", "min_assessment", "required")
MOST_CREDITS = 100_000
MOST_HOURS = 10_000_000
MOST_OUTCOMES = 200
MOST_EVIDENCE = 50


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms of a comparison; ``credits`` and ``hours`` in hundredths, ``outcomes`` ids of items.

    ``conditions`` are those of `rules.conditions`; ``evidence`` holds ``{"title", "url"}``, the address optional; the days
    are Bangkok days of completion, both included.
    """

    scheme: str | None = None
    credits: int | None = None
    credits_rule: str | None = None
    nqf_level: int | None = None
    nqf_level_basis: str | None = None
    outcomes: tuple[str, ...] = ()
    hours: Mapping[str, int] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    evidence: Sequence[Mapping[str, Any]] = ()
    applies_from: date | None = None
    applies_until: date | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the terms as they are kept."""
        return {
            "scheme": self.scheme,
            "credits": self.credits,
            "credits_rule": self.credits_rule,
            "nqf_level": self.nqf_level,
            "nqf_level_basis": self.nqf_level_basis,
            "outcomes": list(self.outcomes),
            "hours": dict(self.hours),
            "conditions": dict(self.conditions),
            "evidence": [dict(each) for each in self.evidence],
            "applies_from": self.applies_from.isoformat() if self.applies_from else None,
            "applies_until": self.applies_until.isoformat() if self.applies_until else None,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Terms":
        """Return terms from what `to_json` wrote; what is not there is missing."""
        first, last = kept.get("applies_from"), kept.get("applies_until")
        return cls(
            scheme=kept.get("scheme"),
            credits=kept.get("credits"),
            credits_rule=kept.get("credits_rule"),
            nqf_level=kept.get("nqf_level"),
            nqf_level_basis=kept.get("nqf_level_basis"),
            outcomes=tuple(kept.get("outcomes") or ()),
            hours=dict(kept.get("hours") or {}),
            conditions=dict(kept.get("conditions") or {}),
            evidence=tuple(kept.get("evidence") or ()),
            applies_from=date.fromisoformat(first) if first else None,
            applies_until=date.fromisoformat(last) if last else None,
        )

    def with_(self, changes: Mapping[str, Any]) -> "Terms":
        """Return the terms with some of them changed."""
        return replace(self, **changes)


def check(terms: Terms) -> None:
    """Raise `Refused` (422, with its field) for the first thing that is missing or cannot be: these may become law."""
    need(terms.scheme is not None, "scheme", "ต้องเลือกระบบหน่วยกิต", "Choose the credit scheme.")
    need(terms.credits is not None, "credits", "ต้องระบุหน่วยกิต", "Say how many credits.")
    need(terms.applies_from is not None, "applies_from", "ต้องระบุวันที่เริ่มใช้", "Say from which day on it applies.")
    need(bool(terms.outcomes), "outcomes", "ต้องเลือกผลลัพธ์อย่างน้อยหนึ่งรายการ", "Choose one outcome at least.")
    check_draft(terms)


def check_draft(terms: Terms) -> None:
    """Raise `Refused` (422, with its field) for the first thing that can never be; what is missing is no fault yet."""
    need(terms.scheme in (None, *SCHEMES), "scheme", "ไม่รู้จักระบบหน่วยกิตนี้", "This credit scheme is unknown.")
    in_range = terms.credits is None or 0 <= terms.credits <= MOST_CREDITS
    need(in_range, "credits", "หน่วยกิตไม่อยู่ในช่วง", "The credits are out of range.")
    creditless = terms.scheme != "none" or not terms.credits
    need(creditless, "credits", "ระบบนี้บันทึกผลลัพธ์โดยไม่มีหน่วยกิต", "This scheme records outcomes without credit.")
    level, basis = terms.nqf_level, terms.nqf_level_basis
    need(level is None or 1 <= level <= 8, "nqf_level", "ระดับต้องเป็น 1 ถึง 8", "The level must be 1 to 8.")
    basis_fits = (level is None) == (basis is None) and basis in (None, *LEVEL_BASES)
    need(basis_fits, "nqf_level_basis", "ต้องบอกที่มาของระดับ", "Say what the level rests on.")
    few = len(terms.outcomes) <= MOST_OUTCOMES
    need(few, "outcomes", f"เลือกผลลัพธ์ได้ไม่เกิน {MOST_OUTCOMES} รายการ", f"At most {MOST_OUTCOMES} outcomes.")
    once = len(set(terms.outcomes)) == len(terms.outcomes)
    need(once, "outcomes", "มีผลลัพธ์ที่เลือกซ้ำ", "An outcome is named twice.")
    first, last = terms.applies_from, terms.applies_until
    dated = first is None or last is None or first <= last
    need(dated, "applies_until", "วันสิ้นสุดมาก่อนวันเริ่ม", "It would end before it begins.")
    _hours(terms.hours)
    _evidence(terms.evidence)
    conditions(terms.conditions)


def conditions(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return conditions whose every part is understood, without the empty ones; `Refused` names the one that is not."""
    need(set(told) <= set(CONDITIONS), "conditions", "มีเงื่อนไขที่ไม่รู้จัก", "A condition is unknown.")
    for name in ("min_score", "min_attendance"):
        value = told.get(name)
        fits = value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100)
        need(fits, name, "ต้องอยู่ระหว่าง 0 ถึง 100", "It must be between 0 and 100.")
    mark = told.get("min_grade")
    need(mark is None or grade(str(mark)) is not None, "min_grade", "ไม่รู้จักผลการเรียนนี้", "This mark is unknown.")
    try:
        Assurance(
            identity=told.get("min_identity") or "unknown",
            assessment=told.get("min_assessment") or "self",
        )
    except TidingError as error:
        raise invalid("conditions", error.th, error.en) from None
    asked = told.get("required") or []
    known = isinstance(asked, list) and set(map(str, asked)) <= set(REQUIRABLE)
    need(known, "required", "ไม่รู้จักหลักฐานที่ต้องส่ง", "What is required is unknown.")
    return {name: value for name, value in told.items() if value is not None and value != []}


def _hours(hours: Mapping[str, int]) -> None:
    need(set(hours) <= set(HOURS), "hours", "ไม่รู้จักประเภทชั่วโมงนี้", "This kind of hours is unknown.")
    fit = all(isinstance(each, int) and 0 <= each <= MOST_HOURS for each in hours.values())
    need(fit, "hours", "จำนวนชั่วโมงไม่อยู่ในช่วง", "The hours are out of range.")


def _evidence(evidence: Sequence[Mapping[str, Any]]) -> None:
    many_th, many_en = f"แนบหลักฐานได้ไม่เกิน {MOST_EVIDENCE} รายการ", f"At most {MOST_EVIDENCE} pieces of evidence."
    need(len(evidence) <= MOST_EVIDENCE, "evidence", many_th, many_en)
    for each in evidence:
        title, url = each.get("title"), each.get("url")
        named = isinstance(title, str) and 0 < len(title.strip()) <= 500 and set(each) <= {"title", "url"}
        # It stands in the text that is signed, where a line of its own could say anything.
        named = named and str(title).isprintable()
        th, en = "หลักฐานต้องมีชื่อบรรทัดเดียว ไม่เกิน 500 ตัวอักษร", "Evidence needs a title: one line of 500 signs at most."
        need(named, "evidence", th, en)
        need(url is None or _is_address(url), "evidence", "ที่อยู่เว็บของหลักฐานไม่ถูกต้อง", "An address must be http or https.")


def _is_address(url: object) -> bool:
    if not isinstance(url, str) or len(url) > 1000 or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)

"""The conditions of a comparison: what a completion must show.

``conditions`` of a comparison are plain values, all optional:
``min_score`` (0–100), ``min_grade`` (a mark), ``min_attendance`` (percent), ``min_identity``, ``min_assessment``
(assurance levels), and ``required``: names among ``score, grade, attendance, assurance`` that must be sent at all.
A minimum for something that was not sent only counts where it is ``required``; otherwise the completion itself suffices.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from creditbank_hooks import Assurance, CourseCompleted
from creditbank_plugin.rules.assurance import meets
from creditbank_plugin.rules.grades import at_least, grade

REQUIRABLE = ("score", "grade", "attendance", "assurance")


@dataclass(frozen=True)
class Finding:
    """One condition looked at: ``code`` is empty when it is met, else the reason code."""

    rule: str
    source: str
    inputs: dict[str, Any]
    code: str
    th: str
    en: str


def findings(completion: CourseCompleted, conditions: Mapping[str, Any], source: str) -> Iterator[Finding]:
    """Look at every condition that says something about this completion; ``source`` names the comparison."""
    required = conditions.get("required", [])
    for name in REQUIRABLE:
        if name in required and getattr(completion, name) is None:
            th, en = _NAMES[name]
            yield Finding(
                "required", source, {"required": name}, "evidence_missing", f"ต้องส่ง{th}มาด้วย", f"The {en} must be sent."
            )
    yield from _numbers(completion, conditions, source)
    yield from _grades(completion, conditions, source)
    yield from _assurance(completion, conditions, source)


_NAMES = {
    "score": ("คะแนน", "score"),
    "grade": ("ผลการเรียน", "grade"),
    "attendance": ("เวลาเรียน", "attendance"),
    "assurance": ("ระดับการยืนยันตัวตนและการวัดผล", "assurance of identity and assessment"),
}


def _numbers(completion: CourseCompleted, conditions: Mapping[str, Any], source: str) -> Iterator[Finding]:
    for name, value in (("score", completion.score), ("attendance", completion.attendance)):
        minimum = conditions.get(f"min_{name}")
        if minimum is None or value is None:
            continue
        met = value >= Decimal(str(minimum))
        th, en = _NAMES[name]
        unit_th, unit_en = (" คะแนน", "") if name == "score" else (" เปอร์เซ็นต์", " percent")
        yield Finding(
            f"min_{name}",
            source,
            {name: _plain(value), "minimum": _plain(Decimal(str(minimum)))},
            "" if met else f"{name}_below",
            f"{th} {_plain(value)}{unit_th} {'ผ่าน' if met else 'ไม่ถึง'}เกณฑ์ {_plain(Decimal(str(minimum)))}{unit_th}",
            f"{en.capitalize()} {_plain(value)}{unit_en} is {'at least' if met else 'below'} the minimum of "
            f"{_plain(Decimal(str(minimum)))}{unit_en}.",
        )


def _grades(completion: CourseCompleted, conditions: Mapping[str, Any], source: str) -> Iterator[Finding]:
    if completion.grade is None:
        return
    found, minimum = grade(completion.grade), conditions.get("min_grade")
    if found is None:
        if minimum is not None:
            yield Finding(
                "min_grade",
                source,
                {"grade": completion.grade, "minimum": minimum},
                "evidence_missing",
                f"ไม่รู้จักผลการเรียน “{completion.grade}” จึงเทียบกับเกณฑ์ไม่ได้",
                f"The mark “{completion.grade}” is unknown and cannot be held against the minimum.",
            )
        return
    inputs = {"grade": found.mark, **({"minimum": minimum} if minimum is not None else {})}
    if not found.earned:
        yield Finding(
            "grade_earned",
            found.source,
            inputs,
            "evidence_missing" if found.pending else "grade_below",
            f"ผลการเรียน “{found.mark}” ({found.meaning_th}) {'ยังไม่ได้ตัดสิน' if found.pending else 'ยังไม่ได้หน่วยกิต'}",
            f"The mark “{found.mark}” {'is still pending' if found.pending else 'earns no credit'}.",
        )
    elif minimum is not None:
        met = bool(at_least(completion.grade, str(minimum)))
        yield Finding(
            "min_grade",
            source,
            inputs,
            "" if met else "grade_below",
            f"ผลการเรียน {found.mark} {'ผ่าน' if met else 'ไม่ถึง'}เกณฑ์ {minimum}",
            f"Grade {found.mark} is {'at least' if met else 'below'} the minimum of {minimum}.",
        )


def _assurance(completion: CourseCompleted, conditions: Mapping[str, Any], source: str) -> Iterator[Finding]:
    minimum = Assurance(
        identity=conditions.get("min_identity", "unknown"), assessment=conditions.get("min_assessment", "self")
    )
    if minimum == Assurance():
        return
    have = completion.assurance or Assurance()
    met = meets(have, minimum)
    yield Finding(
        "min_assurance",
        source,
        {
            "identity": have.identity,
            "assessment": have.assessment,
            "minimum_identity": minimum.identity,
            "minimum_assessment": minimum.assessment,
        },
        "" if met else "assurance_below",
        f"การยืนยันตัวตนและการวัดผล{'ถึง' if met else 'ไม่ถึง'}ระดับที่กำหนด",
        f"Identity and assessment were {'' if met else 'not '}assured to the level asked for.",
    )


def _plain(value: Decimal) -> str:
    return f"{value:f}"

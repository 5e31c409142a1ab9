"""The conditions of a comparison: what a completion must show.

``conditions`` of a comparison are plain values, all optional:
``min_score`` (0–100), ``min_grade`` (a mark), ``min_attendance`` (percent), ``min_identity``, ``min_assessment``
(assurance levels), and ``required``: names among ``score, grade, attendance, assurance`` that must be sent at all.
A minimum for something that was not sent only counts where it is ``required``; otherwise the completion itself suffices.
What was sent and cannot be read is never taken for what was not sent: it waits as ``evidence_missing``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from creditbank_hooks import Assurance, CourseCompleted
from creditbank_plugin.rules.assurance import meets
from creditbank_plugin.rules.grades import at_least, grade
from creditbank_plugin.rules.thai import normalise

REQUIRABLE = ("score", "grade", "attendance", "assurance")
#: Where ``extra`` of a completion keeps a score, as sent, that nobody can place between 0 and 100.
UNPLACED_SCORE = "creditbank:unplaced_score"


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
    unplaced = completion.score is None and UNPLACED_SCORE in completion.extra
    if unplaced and ("score" in required or conditions.get("min_score") is not None):
        yield _unplaced_score(completion, conditions, source)
    for name in REQUIRABLE:
        if name in required and not _told(completion, name) and not (name == "score" and unplaced):
            th, en = _NAMES[name]
            yield Finding(
                "required", source, {"required": name}, "evidence_missing", f"ต้องส่ง{th}มาด้วย", f"The {en} must be sent."
            )
    yield from _numbers(completion, conditions, source)
    yield from _grades(completion, conditions, source)
    yield from _assurance(completion, conditions, source)


def _told(completion: CourseCompleted, name: str) -> bool:
    """Tell whether something was sent; a grade of blanks and invisible signs alone was not."""
    value = getattr(completion, name)
    return value is not None and (name != "grade" or bool(normalise(value)))


def _unplaced_score(completion: CourseCompleted, conditions: Mapping[str, Any], source: str) -> Finding:
    minimum = conditions.get("min_score")
    return Finding(
        "score_scale",
        source,
        {
            "sent": completion.extra[UNPLACED_SCORE],
            **({"minimum": _plain(Decimal(str(minimum)))} if minimum is not None else {}),
        },
        "evidence_missing",
        "คะแนนที่ระบบต้นทางส่งมาไม่บอกว่าคะแนนเต็มเท่าไร จึงเทียบกับเกณฑ์ไม่ได้",
        "The sender's score has no known maximum and cannot be held against the minimum.",
    )


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
        en = _NAMES[name][1]
        has, least = _plain(value), _plain(Decimal(str(minimum)))
        is_score = name == "score"
        has_th = f"ได้ {has} คะแนน" if is_score else f"เวลาเรียนร้อยละ {has}"
        least_th = f"{least} คะแนน" if is_score else f"ร้อยละ {least}"
        unit_en = "" if is_score else " percent"
        yield Finding(
            f"min_{name}",
            source,
            {name: has, "minimum": least},
            "" if met else f"{name}_below",
            f"{has_th} {'ผ่าน' if met else 'ไม่ถึง'}เกณฑ์ขั้นต่ำ {least_th}",
            f"{en.capitalize()} {has}{unit_en} is {'at least' if met else 'below'} the minimum of {least}{unit_en}.",
        )


def _grades(completion: CourseCompleted, conditions: Mapping[str, Any], source: str) -> Iterator[Finding]:
    if completion.grade is None or not _told(completion, "grade"):
        return
    found, minimum = grade(completion.grade), conditions.get("min_grade")
    compared = {"minimum": minimum} if minimum is not None else {}
    if found is None:
        yield Finding(
            "grade_known",
            source,
            {"grade": completion.grade, **compared},
            "evidence_missing",
            f"ไม่รู้จักผลการเรียน “{completion.grade}” จึงบอกไม่ได้ว่าได้หน่วยกิตหรือไม่",
            f"The mark “{completion.grade}” is unknown: nobody can say whether it earns credit.",
        )
        return
    inputs = {"grade": found.mark, **compared}
    if not found.earned:
        yield Finding(
            "grade_earned",
            found.source,
            inputs,
            "evidence_missing" if found.pending else "grade_below",
            f"รอผลการเรียน: ครูยังไม่ได้ตัดสินผล ({found.mark})"
            if found.pending
            else f"ผลการเรียน “{found.mark}” ({found.meaning_th}) ยังไม่ได้หน่วยกิต",
            f"The mark “{found.mark}” {'is still pending' if found.pending else 'earns no credit'}.",
        )
    elif minimum is not None:
        met = at_least(completion.grade, str(minimum))
        if met is None:
            yield Finding(
                "min_grade",
                source,
                inputs,
                "evidence_missing",
                f"ผลการเรียน “{found.mark}” กับเกณฑ์ “{minimum}” เป็นคนละมาตรา จึงเทียบกันไม่ได้",
                f"The mark “{found.mark}” and the minimum “{minimum}” are of different scales and cannot be compared.",
            )
            return
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

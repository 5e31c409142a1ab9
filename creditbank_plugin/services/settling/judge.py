"""Judge one completion: which course, under which comparison and order, are the conditions met, how many credits.

Every step leaves a line of explanation.  What stands of the course for the account is the casebook's business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from creditbank_hooks import CourseCompleted
from creditbank_plugin.formats.tiding_json import AHEAD
from creditbank_plugin.reference import rule
from creditbank_plugin.rules import catalogue, thai, waits
from creditbank_plugin.rules.authority import Adoption, Comparison
from creditbank_plugin.rules.course_hours import looked_at, of_course
from creditbank_plugin.rules.explain import line
from creditbank_plugin.rules.hours import HoursResult, credit_text, hours_text
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.rules.review import QUESTIONED
from creditbank_plugin.services.settling.asking import Answers
from creditbank_plugin.services.settling.context import Context, Told, wait_keys

Line = Mapping[str, Any]


@dataclass
class Judgement:
    """The verdict on one completion.  ``reason`` is empty when it passed; ``wait_for`` are keys that would help."""

    reason: str = ""
    course: catalogue.CourseKey | None = None
    comparison: Comparison | None = None
    adoption: Adoption | None = None
    credits: int = 0
    outcomes: Sequence[str] = ()
    explanation: list[Line] = field(default_factory=list)
    wait_for: list[str] = field(default_factory=list)
    ask_again: bool = False

    @property
    def passed(self) -> bool | None:
        """Tell whether the completion met its rule; None while no rule could be applied."""
        if not self.reason:
            return True
        return False if REASONS[self.reason].state == "withheld" else None

    @property
    def questioned(self) -> bool:
        """Tell whether it passed under a comparison of which all credit goes under review."""
        return not self.reason and self.comparison is not None and self.comparison.questioned

    @property
    def verdict(self) -> str | None:
        """Return the verdict that the decision keeps: the reason, or that its comparison is in question."""
        return QUESTIONED if self.questioned else self.reason or None


def judge(context: Context, told: Told, answers: Answers) -> Judgement:
    """Judge a completion whose learner is known."""
    made = place(context, told)
    if not made.reason:
        _conditions(answers, made)
    return made


def place(context: Context, told: Told) -> Judgement:
    """Find what a completion falls under, or why nothing; its conditions are not looked at."""
    made = Judgement()
    if _course(context, told, made):
        _authority(context, told, made)
    return made


def _course(context: Context, told: Told, made: Judgement) -> bool:
    found = context.find_course(told)
    course, asked, alias = found.course, told.course, context.alias_of(told)
    inputs = {
        "code": asked.code if asked else None,
        "version": asked.version if asked else None,
        "owner": asked.owner if asked else None,
        "school": told.row.school_code,
        "completed_on": told.day.isoformat(),
        **({"alias": alias} if alias is not None else {}),
    }
    made.course = course
    if course is None:
        made.reason = found.reason
        made.wait_for = wait_keys(asked) if asked else []
        reason = REASONS[found.reason]
        made.explanation.append(line("course", "catalogue", inputs, found.reason, reason.th, reason.en))
        return False
    found_th, found_en = _found_words(course, *context.name_of(course.owner), alias is not None)
    result = f"{course.owner}/{course.code}/{course.version}"
    made.explanation.append(line("course", "catalogue", inputs, result, found_th, found_en))
    return True


# The words of a batch are few and its completions many: what depends on the rule alone is written once.
@lru_cache(maxsize=1024)
def _found_words(course: catalogue.CourseKey, owner_th: str, owner_en: str, matched: bool) -> tuple[str, str]:
    by_th, by_en = (" ผ่านชื่อที่ผู้ดูแลระบบจับคู่ไว้", ", by a name that an administrator mapped to it") if matched else ("", "")
    return (
        f"พบรายวิชา {course.code} ({thai.curriculum_th(course.version)}) ของ{owner_th}{by_th}",
        f"Found the course {course.code} ({thai.curriculum_en(course.version)}) of {owner_en}{by_en}",
    )


def _authority(context: Context, told: Told, made: Judgement) -> bool:
    course = made.course
    if course is None:
        return False
    completion = told.tiding
    if isinstance(completion, CourseCompleted) and completion.completed_at > told.row.received_at + AHEAD:
        return _stop(made, "outside_dates", "completion_day", {"completed_on": told.day.isoformat()}, [])
    found = context.authority(told, course)
    bank = context.banks.get(told.row.school_code)
    inputs = {
        "completed_on": told.day.isoformat(),
        "school": told.row.school_code,
        "bank": bank.code if bank is not None else None,
    }
    wait_for = [waits.comparison(course.id), waits.adoption(told.row.school_code)]
    if found.nearest is not None:
        return _outside(made, told, found.nearest, inputs, wait_for)
    if found.comparison is None or found.adoption is None:
        made.comparison = found.comparison
        return _stop(made, found.reason, "authority", inputs, wait_for)
    made.comparison, made.adoption = found.comparison, found.adoption
    comparison, adoption = found.comparison, found.adoption
    made.explanation.append(
        line(
            "comparison",
            f"comparison:{comparison.id}",
            {"reference": comparison.reference, "applies_from": comparison.applies_from.isoformat(), **inputs},
            f"{credit_text(comparison.credits)} {comparison.scheme}",
            *_covering_words(comparison.reference, comparison.applies_from),
        )
    )
    made.explanation.append(
        line(
            "adoption",
            f"adoption:{adoption.id}",
            {"bank": adoption.bank, "order": adoption.order_number, "ordered_on": adoption.ordered_on.isoformat()},
            adoption.bank,
            *_adopted_words(adoption.order_number, adoption.ordered_on),
        )
    )
    return True


@lru_cache(maxsize=1024)
def _covering_words(reference: str, first: date) -> tuple[str, str]:
    return (
        f"ผลการเทียบรายวิชาตาม {reference} ใช้กับการเรียนจบตั้งแต่ {thai.date_th(first)}",
        f"The comparison of {reference} covers completions from {thai.date_en(first)} on",
    )


@lru_cache(maxsize=1024)
def _adopted_words(order_number: str, ordered_on: date) -> tuple[str, str]:
    return (
        f"ธนาคารหน่วยกิตรับรองใช้ตามคำสั่ง {order_number} ลงวันที่ {thai.date_th(ordered_on)}",
        f"The bank adopted it by order {order_number} of {thai.date_en(ordered_on)}",
    )


def _conditions(answers: Answers, made: Judgement) -> None:
    comparison = made.comparison
    if comparison is None:
        return
    if answers.comparison_id != comparison.id:
        # The rules changed between asking the plugins and locking the account: ask about the new one first.
        made.ask_again = True
        return
    if answers.unavailable is not None:
        _stop(made, "plugin_unavailable", "check_evidence", {"plugin": answers.unavailable}, [])
        return
    for verdict in answers.verdicts:
        result = "accepted" if verdict.accepted else verdict.code
        made.explanation.append(
            line(verdict.rule, verdict.source, dict(verdict.inputs), result, verdict.th, verdict.en)
        )
    # A wait (evidence is missing) weighs less than a refusal that no further evidence would change.
    codes = [_known(verdict.code) for verdict in answers.verdicts if not verdict.accepted]
    made.reason = next((code for code in codes if REASONS[code].state == "withheld"), codes[0] if codes else "")
    if made.reason:
        return
    made.outcomes = answers.outcomes
    made.credits = comparison.credits
    for weight in answers.weights:
        made.explanation.append(line(weight.rule, weight.source, {}, credit_text(weight.credits), weight.th, weight.en))
        made.credits = max(0, min(made.credits, weight.credits))
    made.explanation += _why_that_many(made, comparison)


def _why_that_many(made: Judgement, comparison: Comparison) -> list[Line]:
    """Explain the number: what the hours of the catalogue would give by the sourced rule, and what was approved."""
    hours = made.course.hours if made.course is not None else None
    by_hours = of_course(comparison.scheme, made.course)
    explained: list[Line] = []
    if by_hours is not None:
        inputs = {
            **looked_at(comparison.scheme, made.course),
            "evidence": by_hours.evidence,
            "step": by_hours.step_rule,
        }
        result = credit_text(by_hours.credits)
        explained.append(line(by_hours.rule, by_hours.source, inputs, result, by_hours.th, by_hours.en))
    elif hours is not None and comparison.scheme == "vocational" and comparison.credits_rule is None:
        explained.append(_unsplit_hours(hours))
    given = credit_text(made.credits)
    th, en = _approved_words(comparison, given, by_hours)
    inputs = {"scheme": comparison.scheme, "approved": credit_text(comparison.credits), "rule": comparison.credits_rule}
    explained.append(line("credits", f"comparison:{comparison.id}", inputs, given, th, en))
    return explained


def _unsplit_hours(hours: int) -> Line:
    """Say why a vocational course's hours do not give its credits: theory and practice weigh differently."""
    ratio, amount = rule("VE-H1"), hours_text(hours)
    return line(
        ratio.id,
        ratio.source,
        {"hours": amount, "evidence": ratio.evidence},
        "not_computed",
        f"รายวิชานี้ใช้เวลาเรียน {amount} ชั่วโมง แต่ทะเบียนไม่ได้แยกชั่วโมงทฤษฎีกับปฏิบัติ "
        "และอัตราชั่วโมงต่อหน่วยกิตที่มีมาจากแหล่งที่ยังไม่ได้ยืนยัน จึงไม่ได้ใช้ชั่วโมงคิดหน่วยกิต",
        f"The course takes {amount} hours, but the catalogue does not part theory from practice, "
        "and the source of the hourly ratio is not confirmed: the hours did not set the credits",
    )


def _approved_words(comparison: Comparison, given: str, by_hours: HoursResult | None) -> tuple[str, str]:
    approved = credit_text(comparison.credits)
    if comparison.scheme == "none":
        return (
            "รายวิชานี้รับรองผลลัพธ์การเรียนรู้ แต่ไม่นับเป็นหน่วยกิต",
            "This course vouches for learning outcomes; it counts for no credits",
        )
    if by_hours is None and comparison.credits_rule is None:
        return (
            f"ไม่ได้คิดจากชั่วโมงเรียน จำนวนหน่วยกิตมาจากเอกสารอนุมัติ {comparison.reference} "
            f"ซึ่งกำหนด {approved} หน่วยกิต จึงได้ {given} หน่วยกิต",
            f"Not counted from hours: the approved paper {comparison.reference} sets {approved} credits; {given} are given",
        )
    same = by_hours is not None and by_hours.credits == comparison.credits
    return (
        f"ผลการเทียบรายวิชาที่อนุมัติกำหนด {approved} หน่วยกิต{' ตรงกับชั่วโมงเรียน' if same else ''} จึงได้ {given} หน่วยกิต",
        f"The approved comparison sets {approved} credits{', as the hours do' if same else ''}; {given} are given",
    )


def _known(code: str) -> str:
    """Take a plugin's reason code where it is one that can stop a completion, else the general one."""
    reason = REASONS.get(code)
    return code if reason is not None and reason.state in ("withheld", "waiting") else "refused_by_policy"


def _outside(made: Judgement, told: Told, nearest: Comparison, inputs: dict[str, Any], wait_for: list[str]) -> bool:
    """Stop a completion of a day that no comparison covers, and say which days the nearest one does."""
    first, last = nearest.applies_from, nearest.last_day
    seen = {
        "reference": nearest.reference,
        "applies_from": first.isoformat(),
        "applies_until": last.isoformat() if last is not None else None,
        **inputs,
    }
    until_th = f" ถึง {thai.date_th(last)}" if last is not None else ""
    until_en = f" until {thai.date_en(last)}" if last is not None else " on"
    _stop(made, "outside_dates", "authority", seen, wait_for)
    made.explanation[-1] = {
        **made.explanation[-1],
        "th": f"เรียนจบวันที่ {thai.date_th(told.day)} แต่ผลการเทียบรายวิชาใช้กับผู้ที่เรียนจบตั้งแต่ {thai.date_th(first)}{until_th}",
        "en": f"Completed on {thai.date_en(told.day)}; the comparison covers those from {thai.date_en(first)}{until_en}",
    }
    return False


def _stop(made: Judgement, reason: str, rule: str, inputs: dict[str, Any], wait_for: list[str]) -> bool:
    words = REASONS[reason]
    made.reason = reason
    made.wait_for = wait_for
    made.explanation.append(line(rule, "authority", inputs, reason, words.th, words.en))
    return False

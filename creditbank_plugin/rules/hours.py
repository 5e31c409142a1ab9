"""Credits from hours, per scheme, in whole hundredths of a credit: exact fractions inside, never floats.

The ratios are those of credit_rules.json.  Two things have no source and are OUR configuration: that a part of a
step is rounded DOWN (no learner is promised more than was learned), and that where no step is sourced
(vocational, higher) the step is the smallest amount we keep, one hundredth.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from creditbank_plugin.reference import CreditRule, rule
from creditbank_plugin.rules import thai

Kind = Literal["theory", "practice", "lecture", "lab", "field", "project"]

SCHEMES = ("basic", "vocational", "higher", "non_formal", "none")
MOST_HOURS = 100_000
SMALLEST_STEP = 1
# No official text gives the length of a vocational term; 18 weeks is the assumption under which course lists fit.
TERM_WEEKS = 18

_KIND_WORDS: dict[Kind, tuple[str, str]] = {
    "theory": ("ทฤษฎี ", " of theory"),
    "practice": ("ปฏิบัติ ", " of practice"),
    "lecture": ("บรรยาย ", " of lectures"),
    "lab": ("ปฏิบัติการ ", " of laboratory work"),
    "field": ("ฝึกงาน ", " of field work"),
    "project": ("โครงงาน ", " of project work"),
}


@dataclass(frozen=True, kw_only=True)
class HoursResult:
    """An amount and why: ``credits`` and ``step`` in hundredths; ``rule``, ``source``, ``evidence`` of the ratio.

    ``step_rule`` is the rule the step is from, None where it is our configuration; ``rounded`` tells whether
    rounding down took something away; ``th`` and ``en`` explain the sum to a learner.
    """

    credits: int
    rule: str
    source: str
    evidence: str
    step: int
    step_rule: str | None
    rounded: bool
    th: str
    en: str


def hundredths(amount: str | int | Decimal) -> int:
    """Return an amount of credits ("1.5") as whole hundredths (150); Thai digits are read.

    Raises ``ValueError`` when it is no plain number, has a part smaller than a hundredth, or is 10^9 or more.
    """
    if isinstance(amount, str):
        text = thai.digits(thai.normalise(amount))
        if re.fullmatch(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?", text) is None:
            raise ValueError("not a plain number of credits")
        amount = Decimal(text)
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise ValueError("credits are text, a whole number or a Decimal, never a float")
    exact = Decimal(amount)
    if not exact.is_finite() or abs(exact) >= 10**9 or _too_fine(exact):
        raise ValueError("not an amount of credits")
    cents = Fraction(exact) * 100
    if cents.denominator != 1:
        raise ValueError("credits have at most two decimals")
    return int(cents)


def credit_text(amount: int) -> str:
    """Return hundredths as text with two places: 150 → "1.50", -5 → "-0.05"."""
    whole, rest = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:02}"


def hours_text(amount: int) -> str:
    """Return hundredths of an hour as text without needless zeros: 5400 → "54", 150 → "1.5"."""
    text = f"{Decimal(amount) / 100:.2f}"
    return text.rstrip("0").rstrip(".")


def hours_number(amount: int) -> int | float:
    """Return hundredths of an hour as the number that JSON and spreadsheets hold: 5400 → 54, 150 → 1.5."""
    return amount // 100 if amount % 100 == 0 else amount / 100


def credits_from_hours(scheme: str, hours: Decimal | int, kind: Kind | None = None) -> HoursResult | None:
    """Return the credits of ``hours`` clock hours of one kind of learning.

    - ``basic``: 40 h = 1 credit (BE-H1, gazette), in steps of 0.50 (BE-H2, secondary); no kind needed.
    - ``vocational``: ``theory`` 18 h, ``practice`` 36 h (VE-H1, weak).
    - ``higher``: ``lecture`` 15 h, ``lab`` 30 h, ``field`` and ``project`` 45 h (HE-H1, secondary; a handbook gives
      30 to 45 h for laboratories, we configure the 30 that a second institution gives).
    - None where there is no sourced ratio (``non_formal``, ``none``, any other scheme) or the kind does not belong to
      the scheme.

    Raises ``ValueError`` for hours below 0, above 100,000 or not finite.
    """
    amount = _hours(hours)
    if scheme == "basic":
        ratio, step = rule("BE-H1"), rule("BE-H2")
        return _divide(amount, ratio, ratio.value["hours_per_credit"], None, step)
    keys = {
        ("vocational", "theory"): ("VE-H1", "theory"),
        ("vocational", "practice"): ("VE-H1", "practice"),
        ("higher", "lecture"): ("HE-H1", "lecture"),
        ("higher", "lab"): ("HE-H1", "lab_min"),
        ("higher", "field"): ("HE-H1", "field"),
        ("higher", "project"): ("HE-H1", "project"),
    }
    if kind is None or (scheme, kind) not in keys:
        return None
    rule_id, key = keys[scheme, kind]
    return _divide(amount, rule(rule_id), rule(rule_id).value[key], kind, None)


def credits_from_tpn(theory_h_week: Decimal | int, practice_h_week: Decimal | int) -> HoursResult:
    """Return the credits of a vocational course from its weekly hours (ท-ป): theory + practice ÷ 2.

    From VE-H1 (weak: 18 h theory or 36 h practice) and a term of 18 weeks (our assumption).  It fits 47 of the 49
    course rows we hold and fails for projects (0-4-4): where a course states its credits (the น of ท-ป-น), those count.
    Raises ``ValueError`` as ``credits_from_hours`` does.
    """
    theory, practice = _hours(theory_h_week), _hours(practice_h_week)
    ratio = rule("VE-H1")
    per_theory, per_practice = ratio.value["theory"], ratio.value["practice"]
    exact = theory * TERM_WEEKS / per_theory + practice * TERM_WEEKS / per_practice
    amount = _down(exact, SMALLEST_STEP)
    sum_th = f"ทฤษฎี {_plain(theory)} ชั่วโมง/สัปดาห์ × {TERM_WEEKS} ÷ {per_theory}"
    sum_th += f" + ปฏิบัติ {_plain(practice)} ชั่วโมง/สัปดาห์ × {TERM_WEEKS} ÷ {per_practice}"
    sum_en = f"{_plain(theory)} h theory a week × {TERM_WEEKS} ÷ {per_theory}"
    sum_en += f" + {_plain(practice)} h practice a week × {TERM_WEEKS} ÷ {per_practice}"
    sum_th += f" (ถือว่าหนึ่งภาคเรียนมี {TERM_WEEKS} สัปดาห์ ซึ่งเป็นค่าที่ระบบตั้งไว้)"
    sum_en += f" (taking a term as {TERM_WEEKS} weeks, a setting of this system)"
    return _result(sum_th, sum_en, exact, amount, SMALLEST_STEP, ratio, None)


def credits_from_parts(
    scheme: str, theory: Decimal | int | None, practice: Decimal | int | None, field: Decimal | int | None = None
) -> HoursResult | None:
    """Return the credits of a course from its clock hours by kind of learning, summed before anything is rounded.

    ``vocational`` by VE-H1 (weak), ``higher`` by HE-H1 (theory as lectures, practice as laboratory work).  None where no
    hours are known, or there is no sourced ratio for a kind (a vocational course's field work, any other scheme).
    Raises ``ValueError`` as ``credits_from_hours`` does.
    """
    kinds: dict[str, tuple[Kind, ...]] = {"vocational": ("theory", "practice"), "higher": ("lecture", "lab", "field")}
    told = [None if part is None else _hours(part) for part in (theory, practice, field)]
    allowed = kinds.get(scheme, ())
    if any(told[len(allowed) :]) or not any(told):
        return None
    ratio = rule("VE-H1" if scheme == "vocational" else "HE-H1")
    exact, sums_th, sums_en = Fraction(0), [], []
    for kind, hours in zip(allowed, told, strict=False):
        if not hours:
            continue
        per, (before, after) = ratio.value["lab_min" if kind == "lab" else kind], _KIND_WORDS[kind]
        exact += hours / per
        sums_th.append(f"{before}{_plain(hours)} ชั่วโมง ÷ {per}")
        sums_en.append(f"{_plain(hours)} hours{after} ÷ {per}")
    return _result(
        " + ".join(sums_th), " + ".join(sums_en), exact, _down(exact, SMALLEST_STEP), SMALLEST_STEP, ratio, None
    )


def _hours(hours: Decimal | int) -> Fraction:
    if isinstance(hours, bool) or not isinstance(hours, int | Decimal):
        raise ValueError("hours are a whole number or a Decimal, never a float")
    exact = Decimal(hours)
    if not exact.is_finite() or not 0 <= exact <= MOST_HOURS or _too_fine(exact):
        raise ValueError(f"hours must be between 0 and {MOST_HOURS}")
    return Fraction(exact)


def _too_fine(exact: Decimal) -> bool:
    """Tell whether an amount is absurdly small: its exact fraction would fill the memory."""
    return exact != 0 and exact.adjusted() < -12


def _divide(hours: Fraction, ratio: CreditRule, per: int, kind: Kind | None, stepped: CreditRule | None) -> HoursResult:
    step = hundredths(stepped.value["credit_step"]) if stepped else SMALLEST_STEP
    exact = hours / per
    before, after = _KIND_WORDS[kind] if kind else ("", "")
    sum_th = f"{before}{_plain(hours)} ชั่วโมง ÷ {per} ชั่วโมงต่อหน่วยกิต"
    sum_en = f"{_plain(hours)} hours{after} ÷ {per} hours a credit"
    if kind == "lab":
        sum_th += " (แหล่งอ้างอิงให้ช่วง 30–45 ชั่วโมง ระบบตั้งไว้ที่ 30)"
        sum_en += " (the source gives 30 to 45 hours; this system is set to 30)"
    return _result(sum_th, sum_en, exact, _down(exact, step), step, ratio, stepped)


def _down(exact: Fraction, step: int) -> int:
    return int(exact * 100 // step) * step


def _result(
    sum_th: str, sum_en: str, exact: Fraction, amount: int, step: int, ratio: CreditRule, stepped: CreditRule | None
) -> HoursResult:
    rounded = exact * 100 != amount
    result, size = credit_text(amount), credit_text(step)
    if rounded:
        th = f"{sum_th} {_quotient(exact)} ปัดลงทีละ {size} เหลือ {result} หน่วยกิต (การปัดลงเป็นค่าที่ระบบตั้งไว้ ไม่มีระเบียบอ้างอิง)"
        en = f"{sum_en} {_quotient(exact)}, rounded down in steps of {size} to {result} {_noun(amount)}"
        en += " (rounding down is a setting of this system, not a published rule)"
    else:
        th, en = f"{sum_th} = {result} หน่วยกิต", f"{sum_en} = {result} {_noun(amount)}"
    if ratio.evidence == "weak":
        th += " — อัตรานี้มาจากแหล่งที่ยังไม่ได้ยืนยัน ต้องตรวจสอบก่อนใช้"
        en += " — the source of this ratio is not confirmed: check it before use"
    return HoursResult(
        credits=amount,
        rule=ratio.id,
        source=ratio.source,
        evidence=ratio.evidence,
        step=step,
        step_rule=stepped.id if stepped else None,
        rounded=rounded,
        th=th,
        en=en,
    )


def _noun(amount: int) -> str:
    return "credit" if amount == 100 else "credits"


def _plain(number: Fraction) -> str:
    """Return a number of at most six decimals without needless zeros: 1.5, 40."""
    text = f"{Decimal(number.numerator) / Decimal(number.denominator):.6f}"
    return text.rstrip("0").rstrip(".")


def _quotient(exact: Fraction) -> str:
    """Return "= 1.75" where four decimals show it whole, else "≈ 1.3333"."""
    shown = Fraction(int(exact * 10_000), 10_000)
    return f"{'=' if shown == exact else '≈'} {_plain(shown)}"

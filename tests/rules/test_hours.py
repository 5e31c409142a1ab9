from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin import reference
from creditbank_plugin.rules import hours

HOURS = st.decimals(0, 100_000, places=6)
# (scheme, kind, hours per credit as the sources print them)
RATIOS = [
    ("basic", None, 40),
    ("vocational", "theory", 18),
    ("vocational", "practice", 36),
    ("higher", "lecture", 15),
    ("higher", "lab", 30),
    ("higher", "field", 45),
    ("higher", "project", 45),
]


@pytest.mark.parametrize(("clock", "credits"), [(0, 0), (19, 0), (20, 50), (40, 100), (60, 150), (79, 150), (80, 200)])
def test_basic_education_forty_hours_a_credit_in_half_steps(clock, credits):
    result = hours.credits_from_hours("basic", Decimal(clock))
    assert (result.credits, result.rule, result.step, result.step_rule) == (credits, "BE-H1", 50, "BE-H2")
    assert result.evidence == "primary"
    assert result.source.startswith("https://ratchakitcha.soc.go.th/")


@pytest.mark.parametrize(("scheme", "kind", "per"), RATIOS)
@given(less=HOURS, more=HOURS)
def test_never_too_much_never_less_than_a_step_too_little_and_never_falling(scheme, kind, per, less, more):
    less, more = sorted((less, more))
    low, high = (hours.credits_from_hours(scheme, amount, kind) for amount in (less, more))
    assert low.credits <= high.credits
    for amount, result in ((less, low), (more, high)):
        exact = Fraction(amount) / per * 100
        assert result.credits % result.step == 0
        assert result.credits <= exact < result.credits + result.step
        assert result.rounded == (result.credits != exact)


def test_sentences_say_the_sum_and_what_is_only_our_setting():
    exact, rounded = (hours.credits_from_hours("basic", amount) for amount in (60, 70))
    assert exact.th == "60 ชั่วโมง ÷ 40 ชั่วโมงต่อหน่วยกิต = 1.50 หน่วยกิต"
    assert exact.en == "60 hours ÷ 40 hours a credit = 1.50 credits"
    assert rounded.th.startswith("70 ชั่วโมง ÷ 40 ชั่วโมงต่อหน่วยกิต = 1.75 ปัดลงทีละ 0.50 เหลือ 1.50 หน่วยกิต")
    assert "ค่าที่ระบบตั้งไว้" in rounded.th
    assert "not a published rule" in rounded.en
    assert hours.credits_from_hours("higher", 20, "lecture").en.startswith(
        "20 hours of lectures ÷ 15 hours a credit ≈ 1.3333"
    )
    assert "30 to 45" in hours.credits_from_hours("higher", 30, "lab").en


def test_a_weak_source_is_named_as_such():
    result = hours.credits_from_hours("vocational", 36, "practice")
    assert (result.credits, result.evidence) == (100, "weak")
    assert "not confirmed" in result.en
    assert "ยังไม่ได้ยืนยัน" in result.th


@pytest.mark.parametrize(
    ("scheme", "kind"),
    [
        ("non_formal", None),
        ("none", None),
        ("vocational", None),
        ("higher", None),
        ("higher", "theory"),
        ("ects", None),
    ],
)
def test_no_sourced_ratio_gives_no_credits(scheme, kind):
    assert hours.credits_from_hours(scheme, Decimal(40), kind) is None


@pytest.mark.parametrize("wrong", [-1, Decimal("NaN"), Decimal("Infinity"), 100_001, True, 1.5, Decimal("1E-99999999")])
def test_impossible_hours_are_refused(wrong):
    with pytest.raises(ValueError, match="hours"):
        hours.credits_from_hours("basic", wrong)


def test_theory_and_practice_fit_the_course_lists_we_hold():
    """The figure of vocational.json: 47 of 49 rows fit; the two others are projects printed 0-4-4."""
    rows = [row for row in reference.load("courses")["rows"] if "theory_h_week" in row]
    unfit = [
        row["tpn"]
        for row in rows
        if hours.credits_from_tpn(row["theory_h_week"], row["practice_h_week"]).credits
        != hours.hundredths(row["credits"])
    ]
    assert (len(rows), unfit) == (49, ["0-4-4", "0-4-4"])


def test_theory_and_practice_say_that_the_source_is_weak_and_the_term_assumed():
    result = hours.credits_from_tpn(1, 3)
    assert (result.credits, result.rule, result.evidence) == (250, "VE-H1", "weak")
    assert "18 weeks, a setting" in result.en
    assert result.th.startswith("ทฤษฎี 1 ชั่วโมง/สัปดาห์ × 18 ÷ 18 + ปฏิบัติ 3 ชั่วโมง/สัปดาห์ × 18 ÷ 36")


@given(st.integers(-(10**11) + 1, 10**11 - 1))
def test_text_and_hundredths_are_one(amount):
    text = hours.credit_text(amount)
    assert hours.hundredths(text) == hours.hundredths(Decimal(text)) == amount
    assert Decimal(text) * 100 == amount
    assert text[-3] == "."


def test_amounts_as_people_write_them():
    assert [hours.hundredths(amount) for amount in ("1.5", "๑.๕๐", " 2 ", "1.500", 3, Decimal("-0.05"))] == [
        *(150, 150, 200, 150, 300, -5)
    ]
    assert [hours.credit_text(amount) for amount in (150, 0, 5, -5, -150)] == ["1.50", "0.00", "0.05", "-0.05", "-1.50"]


@pytest.mark.parametrize("wrong", ["", "1.005", "1,5", "1e2", "NaN", Decimal("NaN"), Decimal("1E+99999"), True, 1.5])
def test_no_amount_of_credits(wrong):
    with pytest.raises(ValueError, match="credits"):
        hours.hundredths(wrong)


@pytest.mark.parametrize(
    ("amount", "text", "number"),
    [(5400, "54", 54), (150, "1.5", 1.5), (0, "0", 0), (25, "0.25", 0.25), (100_000, "1000", 1000)],
)
def test_hours_are_shown_without_needless_zeros(amount: int, text: str, number: float) -> None:
    assert hours.hours_text(amount) == text
    assert repr(hours.hours_number(amount)) == repr(number)

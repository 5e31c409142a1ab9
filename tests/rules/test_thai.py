import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.rules import thai

THAI_LETTERS = st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B)
ODD_SIGNS = st.sampled_from("\u0e4d\u0e32\u0e33\u0e48\u0e49\u0e38\u0301\u200b\u200d\ufeff\u00a0 \t")
MESSY = st.text(st.one_of(THAI_LETTERS, ODD_SIGNS, st.characters(codec="utf-8")))


def with_check_digit(twelve: str) -> str:
    """The check digit by the textbook wording: weights 13 down to 2, what is missing to a multiple of eleven."""
    total = sum(int(digit) * weight for digit, weight in zip(twelve, range(13, 1, -1), strict=True))
    return twelve + str((11 - total % 11) % 10)


@pytest.mark.parametrize(
    ("messy", "clean"),
    [
        ("น\u0e4d\u0e32", "น\u0e33"),
        ("น\u0e4d\u0e49\u0e32", "น\u0e49\u0e33"),
        ("น\u0e49\u0e4d\u0e32", "น\u0e49\u0e33"),
        ("ภาษา\u202eไทย\u2066", "ภาษาไทย"),
        ("  ภาษา\u200bไทย \u00a0 พื้นฐาน\n", "ภาษาไทย พื้นฐาน"),
        ("e\u0301", "\u00e9"),
        ("น\u0301\u0e4d\u0e49\u0e32", "น\u0e49\u0301\u0e33"),  # joining the vowel puts two marks side by side
        ("น\u0e33", "น\u0e33"),
    ],
)
def test_one_spelling(messy, clean):
    assert thai.normalise(messy) == clean


@given(MESSY)
def test_normalising_twice_changes_nothing(text):
    once = thai.normalise(text)
    assert thai.normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\u0e4d\u0e32" not in once


@given(st.text(THAI_LETTERS))
def test_canonically_equal_texts_become_the_same(text):
    assert thai.normalise(unicodedata.normalize("NFD", text)) == thai.normalise(text)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (" ท๒๑๑๐๑ ", "ท21101"),
        ("20000 - 1101", "20000-1101"),
        ("๒๐๐๐๐-๑๑๐๑", "20000-1101"),
        ("AI/ML 101?", "AI/ML 101?"),
    ],
)
def test_course_codes_compare_however_they_are_typed(typed, code):
    assert thai.course_code(typed) == code


def test_days_are_days_in_bangkok():
    assert thai.bangkok_day(datetime(2026, 11, 20, 16, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert thai.bangkok_day(datetime(2026, 11, 20, 17, 0, tzinfo=UTC)) == date(2026, 11, 21)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        thai.bangkok_day(datetime(2026, 11, 20))  # noqa: DTZ001 - that is the point


def test_days_on_screen():
    assert thai.date_th(date(2026, 11, 21)) == "21 พฤศจิกายน 2569"
    assert thai.date_en(date(2026, 11, 21)) == "21 November 2026"
    # 2567 is no leap year by division, the day exists all the same: only the year is shown otherwise
    assert thai.date_th(date(2024, 2, 29)) == "29 กุมภาพันธ์ 2567"
    assert thai.be_year(2026) == 2569


def test_every_month_has_its_own_name():
    names = {thai.date_th(date(2026, month, 1)) for month in range(1, 13)}
    assert len(names) == 12
    assert [thai.date_en(date(2026, month, 1)) for month in range(1, 13)] == [
        f"{date(2026, month, 1):1 %B %Y}" for month in range(1, 13)
    ]


def test_moments_on_screen_are_in_bangkok_time():
    instant = datetime(2026, 11, 21, 2, 5, tzinfo=UTC)
    assert thai.datetime_th(instant) == "21 พฤศจิกายน 2569 เวลา 09.05 น."
    assert thai.datetime_en(instant) == "21 November 2026 09:05"


@given(st.text("0123456789", min_size=12, max_size=12))
def test_exactly_one_check_digit_is_right(twelve):
    right = with_check_digit(twelve)
    assert [d for d in "0123456789" if thai.citizen_id_ok(twelve + d)] == [right[-1]]


def test_a_number_checked_by_hand():
    """13+24+33+40+45+48+49+48+45+0+3+4 = 352 = 32 × 11, so the check is 11 - 0 = 11, its last digit 1."""
    assert thai.citizen_id_ok("1234567890121")


def test_kinds_of_numbers_in_any_writing():
    number = with_check_digit("110170020345")
    grouped = f"{number[0]}-{number[1:5]}-{number[5:10]}-{number[10:12]}-{number[12]}"
    in_thai = number.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert {thai.national_id(text) for text in (number, grouped, f" {in_thai} ")} == {number}
    assert {thai.kind_of_national_id(text) for text in (number, grouped, in_thai)} == {"citizen_id"}
    assert thai.kind_of_national_id("g๖๔ 42-0000 0001") == "g_code"
    assert thai.is_g_code("G644200000001")
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert [thai.kind_of_national_id(text) for text in (wrong, "AA1234567", "", "G64420000000")] == ["other"] * 4

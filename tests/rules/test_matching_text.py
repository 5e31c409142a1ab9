"""Texts are compared in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.rules.matching.text import joined, likeness, normal, pieces

THAI = [chr(code) for code in range(0x0E00, 0x0E7F)]
TEXTS = st.one_of(st.text(max_size=40), st.text(st.sampled_from([*THAI, *' .-aAé\u0301\u200b\u00adİß1"'])))


@given(TEXTS)
def test_a_normal_form_stays_as_it_is(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    assert joined(joined(text)) == joined(text) == joined(normal(text))


@given(TEXTS, TEXTS)
def test_likeness_is_the_same_from_both_sides(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == (1 if joined(one) else 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("น้ำ", "น\u0e49\u0e4d\u0e32"),
        ("น้ำ", "น\u0e4d\u0e49\u0e32"),
        ("แรง", "เเรง"),
        ("ที่", "ท\u0e48\u0e35"),
        ("ที่", "ที่่"),
        ("ต่าง ๆ ที่", "ต่างๆที่"),
        ("ท 1.1 ม.2/1", "ท๑.๑ ม. ๒/๑"),
        ("ภาษา\u200bไทย", "ภาษาไทย"),
        ("English  LANGUAGE", "“English” language,"),
        ("20000-1101", "๒๐๐๐๐ – ๑๑๐๑"),
    ],
)
def test_spellings_of_the_same_are_the_same(one: str, other: str) -> None:
    assert joined(one) == joined(other)


def test_words_of_other_scripts_keep_their_blanks() -> None:
    assert joined("การใช้ English for Work 2") == "การใช้english for work 2"
    assert joined("Englishforwork") != joined("English for work")


def test_pieces_are_three_signs_each_once() -> None:
    assert pieces("abcabc") == ["abc", "bca", "cab"]
    assert pieces("ab") == []

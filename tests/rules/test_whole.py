"""Whole numbers as somebody wrote them."""

import pytest

from creditbank_plugin.rules.whole import whole


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("999", 999),
        *((text, None) for text in ("", "1000", "-1", "+1", " 1", "1_0", "1.0", "๑", "²", "x")),
    ],
)
def test_only_a_few_digits_are_a_number(text: str, number: int | None) -> None:
    assert whole(text, 3) == number

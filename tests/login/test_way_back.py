"""Where a log-in leads."""

import pytest

from creditbank_plugin.login.way_back import is_ours

OURS = (
    "/",
    "/creditbank/",
    "/creditbank/oauth/authorize?client_id=c&redirect_uri=https%3A%2F%2Fagency.example%2Fback&state=%2F%2Fx&code_challenge=a-_b",
    "/creditbank/courses?q=ท21101",
    "/creditbank/courses?q=//evil.example",
)
THEIRS = (
    "",
    "creditbank",
    "//evil.example",
    "///evil.example",
    "////evil.example/creditbank/",
    "https://evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "/\\evil.example",
    "\\\\evil.example",
    "/creditbank\\..\\evil",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "/\x00/evil.example",
    "/ /evil.example",
    "/\u3000/evil.example",
    "/\u202e/evil",
    "//[evil",
    "//evil.example@creditbank/",
)


@pytest.mark.parametrize("target", OURS)
def test_a_page_of_ours_is_led_back_to(target: str) -> None:
    assert is_ours(target)


@pytest.mark.parametrize("target", THEIRS)
def test_nothing_else_is(target: str) -> None:
    assert not is_ours(target)

"""What a spreadsheet program would run is written so that it does not, and read back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.rules.guarded import guarded, unguarded

_RUNS = ("=", "+", "-", "@", "\t", "\r")


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r ก1a"), max_size=8) | st.text(max_size=20))
def test_what_is_written_is_read_back_and_never_runs(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(_RUNS)


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "＝1"])
def test_what_could_run_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["ภาษาไทย 1", "", "'สวัสดี'", "20000-1101", "1-2-2"])
def test_anything_else_stands_as_it_is(text: str) -> None:
    assert guarded(text) == unguarded(text) == text

"""Our own JSON: what is written is JSON, and comes back as it was."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.formats import json_text

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
def test_what_is_written_comes_back_here_and_elsewhere(value: Any) -> None:
    text = json_text.dumps(value)
    assert json_text.loads(text) == value
    assert json.loads(text) == value


@given(st.text(alphabet=st.characters(codec=None), min_size=1))
def test_text_with_half_pairs_comes_back(text: str) -> None:
    assert json_text.loads(json_text.dumps([text])) == [text]


def test_thai_stands_as_itself_and_half_a_pair_is_escaped() -> None:
    assert json_text.dumps({"ก": ["ข", 1]}) == '{"ก":["ข",1]}'
    assert json_text.dumps("ก\ud800") == '"\\u0e01\\ud800"'


def test_moments_and_decimals_have_one_text_each() -> None:
    value = {"at": datetime(2026, 3, 1, tzinfo=UTC), "score": Decimal("80.50")}
    assert json_text.dumps(value) == '{"at":"2026-03-01T00:00:00Z","score":"80.50"}'


@pytest.mark.parametrize("beside", ["", "\ud800"])
def test_a_text_that_is_ready_is_passed_on(beside: str) -> None:
    value = {"beside": beside, "explanation": json_text.ready('[ {"a":"ก"} ]')}
    assert json.loads(json_text.dumps(value)) == {"beside": beside, "explanation": [{"a": "ก"}]}


class Marked(str):
    __slots__ = ()


class Grade(IntEnum):
    BEST = 4


def test_text_and_numbers_of_a_class_of_their_own_are_what_they_are() -> None:
    assert json_text.dumps({"title": Marked("ก"), "grade": Grade.BEST}) == '{"title":"ก","grade":4}'
    assert json.loads(json_text.dumps({True: 1, None: 2})) == {"true": 1, "null": 2}
    with pytest.raises(TypeError, match="object is no JSON"):
        json_text.dumps({"x": object()})


def test_broken_text_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        json_text.loads("{")

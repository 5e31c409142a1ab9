"""What a completion must show: what cannot be read is never taken for what was not sent."""

from decimal import Decimal
from typing import Any

import pytest

from creditbank_plugin.rules.conditions import UNPLACED_SCORE, findings
from tests.builders import completed


def codes(conditions: dict[str, Any], **told: Any) -> list[str]:
    return [each.code for each in findings(completed(**told), conditions, "comparison:1")]


@pytest.mark.parametrize("mark", ["E", "A+", "4.5", "5", "??", "0.85", "Pass"])
@pytest.mark.parametrize("conditions", [{}, {"min_grade": "1"}, {"required": ["grade"]}])
def test_a_mark_that_no_source_explains_waits(mark: str, conditions: dict[str, Any]) -> None:
    (found,) = findings(completed(grade=mark), conditions, "comparison:1")
    assert (found.code, found.rule) == ("evidence_missing", "grade_known")
    assert mark in found.th
    assert mark in found.en
    assert found.inputs["grade"] == mark


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        *((mark, None) for mark in ("1", "1.5", "2", "2.50", "3.50", "4.0", "๔", "๓.๕", "ผ", " ผ ")),
        *((mark, "grade_below") for mark in ("0", "๐", "มผ", "มส", "ม.ส.", "ข.ร.")),
        ("ร", "evidence_missing"),
    ],
)
def test_known_marks_are_judged_without_a_minimum(mark: str, code: str | None) -> None:
    assert codes({}, grade=mark) == ([code] if code else [])


@pytest.mark.parametrize("blank", ["\u200b", "\u200b\u200d", "\ufeff \u200e"])
def test_a_mark_of_invisible_signs_was_not_told(blank: str) -> None:
    assert codes({}, grade=blank) == []
    assert codes({"min_grade": "1"}, grade=blank) == []
    assert codes({"required": ["grade"]}, grade=blank) == ["evidence_missing"]


def test_marks_of_different_scales_wait() -> None:
    assert codes({"min_grade": "2"}, grade="ผ") == ["evidence_missing"]
    assert codes({"min_grade": "2"}, grade="มผ") == ["grade_below"]
    assert codes({"min_grade": "2"}, grade="1.5") == ["grade_below"]
    assert codes({"min_grade": "2"}, grade="2.0") == [""]


def test_a_score_that_cannot_be_placed_waits_where_a_score_decides() -> None:
    sent = {"score": None, "extra": {UNPLACED_SCORE: {"raw": 30}}}
    for conditions in ({"min_score": 50}, {"required": ["score"]}, {"min_score": 0, "required": ["score"]}):
        (found,) = findings(completed(**sent), conditions, "comparison:1")
        assert (found.rule, found.code, found.inputs["sent"]) == ("score_scale", "evidence_missing", {"raw": 30})
        assert "no known maximum" in found.en
    assert codes({}, **sent) == []
    assert codes({"min_score": 50}, score=None) == []
    assert codes({"min_score": 50}, score=Decimal(40), extra=sent["extra"]) == ["score_below"]


@pytest.mark.parametrize(
    ("mark", "code"), [("A", None), ("F", "grade_below"), ("ไม่ผ่าน", "grade_below"), ("I", "evidence_missing")]
)
def test_a_mark_of_another_scale_means_what_is_configured_and_says_so(mark, code):
    found = list(findings(completed(grade=mark, assurance=None), {}, "comparison:c"))
    assert [each.code for each in found] == ([code] if code else [])
    assert [each.source for each in found] == (["configuration"] if code else [])

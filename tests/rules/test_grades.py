from decimal import Decimal

import pytest

from creditbank_plugin import reference
from creditbank_plugin.rules import grades


@pytest.mark.parametrize(
    ("typed", "mark"),
    [
        ("4", "4"),
        ("4.0", "4"),
        ("3.50", "3.5"),
        ("๓.๕", "3.5"),
        (" ๐ ", "0"),
        ("มส.", "มส"),
        ("ขร", "ข.ร."),
        ("ร", "ร"),
    ],
)
def test_marks_in_any_writing(typed, mark):
    assert grades.grade(typed).mark == mark


@pytest.mark.parametrize("unknown", ["", "E", "A+", "4.5", "3.7", "5", "-1", "+4", "4e0", "ผผ", "ถ.น."])
def test_unknown_marks_are_not_guessed(unknown):
    assert grades.grade(unknown) is None


def test_the_eight_levels_are_those_of_the_scale():
    bands = reference.rule("BE-G1").value["bands"]
    found = {point: grades.grade(str(point)) for _, _, point in bands}
    assert len(found) == 8
    for point, grade in found.items():
        assert grade.point == Decimal(str(point))
        assert grade.rule == "BE-G1"
        assert grade.earned == (point > 0)
        assert not grade.pending


def test_marks_without_a_number():
    assert {mark: (grades.grade(mark).earned, grades.grade(mark).pending) for mark in ("ร", "มส", "ผ", "มผ")} == {
        "ร": (False, True),
        "มส": (False, False),
        "ผ": (True, False),
        "มผ": (False, False),
    }
    assert [grades.grade(mark).point for mark in ("ร", "มส", "ผ", "มผ", "ข.ร.", "ข.ส.", "ถ.ล.")] == [None] * 7


def test_every_mark_says_what_it_means_and_from_where():
    document = reference.load("grade_codes")
    marks = [row["mark"] for row in document["rows"] + document["marks"]]
    assert len(marks) == 15
    for mark in marks:
        grade = grades.grade(mark)
        assert grade.mark == mark
        assert grade.meaning_th
        assert grade.meaning_en
        assert grade.source.startswith("http")
        assert reference.rule(grade.rule).topic.startswith("grade")


@pytest.mark.parametrize(
    ("mark", "minimum", "answer"),
    [
        ("3", "2", True),
        ("2.0", "2", True),
        ("1.5", "๒", False),
        ("0", "1", False),
        ("มส", "1", False),
        ("ข.ร.", "1", False),
        ("มผ", "ผ", False),
        ("ผ", "ผ", True),
        ("ร", "1", None),
        ("ผ", "2", None),
        ("3", "ผ", None),
        ("มส", "มส", None),
        ("A", "2", None),
        ("F", "A", False),
        ("F", "2", False),
        ("b+", "B+", True),
        ("2", "C", None),
    ],
)
def test_at_least(mark, minimum, answer):
    assert grades.at_least(mark, minimum) is answer


@pytest.mark.parametrize(
    ("mark", "earned", "pending"),
    [("a", True, False), ("F", False, False), ("ไม่ผ่าน", False, False), ("I", False, True)],
)
def test_marks_without_a_national_source_are_configuration_and_say_so(mark, earned, pending):
    found = grades.grade(mark)
    assert (found.earned, found.pending, found.point) == (earned, pending, None)
    assert (found.source, found.evidence) == ("configuration", "setting")

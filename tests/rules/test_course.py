"""What a course version says: kept in a revision and read back as it was, whatever it was."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from creditbank_plugin.rules import course_cells
from creditbank_plugin.rules.course import (
    EDITABLE,
    KEY,
    LEVEL_GROUPS,
    SECTORS,
    CourseValues,
    content,
    edited,
    hours_in_all,
    lines_of,
    of_content,
    sector,
    sector_spellings,
)
from creditbank_plugin.rules.thai import normalise

TEXT = st.text(min_size=1, max_size=12).map(normalise).filter(bool)
HOURS = st.none() | st.integers(0, 100_000)
DAY = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))
OPTIONAL = (
    *("title_en", "description", "tpn", "delivery", "provider", "province", "agency"),
    *("occupational_group", "source", "evidence"),
)
VALUES = st.builds(
    CourseValues,
    owner=TEXT,
    code=TEXT,
    version=TEXT,
    title_th=TEXT,
    outcomes=st.lists(TEXT, max_size=4).map(tuple),
    level_group=st.none() | st.sampled_from(LEVEL_GROUPS),
    sector=st.none() | st.sampled_from(SECTORS),
    in_force_from=DAY,
    in_force_until=DAY,
    **dict.fromkeys(("hours", "hours_theory", "hours_practice", "hours_field"), HOURS),
    **{name: st.none() | TEXT for name in OPTIONAL},
)


@given(VALUES)
def test_a_revision_is_read_back_as_it_was(values: CourseValues) -> None:
    assert of_content(values.key, content(values)) == values


def test_what_a_later_version_of_the_software_kept_is_left_out() -> None:
    assert of_content(("o", "c", "v"), {"title_th": "ก", "colour": "red"}).title_th == "ก"


@given(VALUES, VALUES, st.sets(st.sampled_from(EDITABLE)))
def test_an_edit_changes_only_what_it_speaks_of(before: CourseValues, told: CourseValues, only: set[str]) -> None:
    after = edited(before, told, only)
    assert after.key == before.key
    for name in set(EDITABLE) - {"hours"}:
        assert getattr(after, name) == getattr(told if name in only else before, name)
    if "hours" not in only:
        same = after.split_hours == before.split_hours
        assert after.hours == (before.hours if same else hours_in_all(*after.split_hours))
    assert edited(after, told, only) == after


@pytest.mark.parametrize(
    ("told", "meant"), [("basic", "formal"), ("nonformal", "non_formal"), ("x", "x"), (None, None)]
)
def test_older_words_for_the_sector_are_read(told: str | None, meant: str | None) -> None:
    assert sector(told) == meant


@given(st.sampled_from(SECTORS))
def test_every_spelling_of_a_sector_means_it(wanted: str) -> None:
    assert {sector(each) for each in sector_spellings(wanted)} == {wanted}


@example(["2."])
@example(["2. ก"])
@example(["ก 2. ข"])
@example(["1. ก 2. ข"])
@example(["- ก"])
@given(st.lists(st.text("1๑2.)(-•* กข", min_size=1, max_size=8).map(normalise).filter(bool), max_size=6))
def test_outcomes_are_written_so_that_they_are_read_as_they_were(outcomes: list[str]) -> None:
    assert course_cells.outcomes(lines_of(outcomes)) == tuple(outcomes)


def test_the_key_is_never_edited() -> None:
    assert set(KEY).isdisjoint(EDITABLE)

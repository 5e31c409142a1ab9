"""Nobody works out a small number of people from what is shown: tried with every small world, and at random."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from creditbank_plugin.rules.suppression import hidden, is_small, of_shown

PEOPLE = st.lists(st.integers(0, 30), min_size=1, max_size=13)
LEASTS = st.integers(3, 8)


def test_nobody_is_no_small_group() -> None:
    assert [number for number in range(8) if is_small(number, 5)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("people", "gone"),
    [
        ((9, 9, 9), set()),
        ((0, 9, 0), set()),
        ((9, 2, 9), {0, 1}),
        ((5, 4, 9), {0, 1}),
        ((5, 1, 9), {0, 1, 2}),
        ((0, 3, 20), {1, 2}),
        ((0, 1, 2), {0, 1, 2}),
        ((1, 1, 1, 1), {0, 1, 2, 3}),
        ((4, 4, 4, 30, 30), {0, 1, 2, 3}),
    ],
)
def test_small_parts_take_others_with_them(people: tuple[int, ...], gone: set[int]) -> None:
    assert hidden(people, 5) == gone


@pytest.mark.parametrize("size", [2, 3, 4])
def test_whoever_knows_the_rule_and_the_total_cannot_tell_a_small_number(size: int) -> None:
    """Of every world of up to four parts: what is shown fits another world, in which the small number is another."""
    least = 3
    worlds: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
    for people in product(range(8), repeat=size):
        if is_small(sum(people), least):
            continue  # then the total itself is hidden, and every part with it
        gone = hidden(people, least)
        shown = tuple(None if place in gone else number for place, number in enumerate(people))
        worlds[(shown, sum(people))].append(people)
    told = 0
    for found in worlds.values():
        for place in range(size):
            # A part of 8 or more is no world of this test: what could be one only there is left out.
            if any(is_small(people[place], least) for people in found) and sum(found[0]) <= 7:
                assert len({people[place] for people in found}) >= 2, found
                told += 1
    assert told >= 10


@given(PEOPLE, LEASTS)
def test_no_small_part_is_shown_and_none_is_left_alone(people: list[int], least: int) -> None:
    gone = hidden(people, least)
    assert {place for place, number in enumerate(people) if is_small(number, least)} <= gone
    assert all(people[place] for place in gone) or len(gone) == len(people), "a nought is shown, or nothing is"
    assert not (gone and is_small(sum(people), least)) or len(gone) == len(people)


@given(PEOPLE, LEASTS)
def test_what_is_left_of_the_total_is_no_small_group(people: list[int], least: int) -> None:
    """The subtraction everybody tries: the total less everything that is shown."""
    if is_small(sum(people), least):
        return
    gone = hidden(people, least)
    left = sum(people) - of_shown(None if place in gone else number for place, number in enumerate(people))
    assert left == 0 or left >= least
    assert not gone or len(gone) >= 2


@example([1, 1, 3, 3], 3)
@example([1, 3, 9, 9], 3)
@example([1, 1, 3, 4, 5], 3)
@given(PEOPLE, LEASTS)
def test_each_small_part_could_have_been_any_small_number(people: list[int], least: int) -> None:
    """Give it any, one to each other hidden part, and the rest to the first that was large: the same is shown."""
    gone = hidden(people, least)
    if not gone or len(gone) == len(people):
        return  # then nothing is shown but the total
    first = min(place for place in gone if people[place] >= least)
    for small in (place for place in gone if is_small(people[place], least)):
        for number in range(1, least):
            moved = [1 if place in gone else each for place, each in enumerate(people)]
            moved[small] = number
            moved[first] += sum(people) - sum(moved)
            assert moved[first] >= least
            assert hidden(moved, least) == gone


@given(st.lists(st.one_of(st.none(), st.integers(0, 99))))
def test_a_sum_of_what_is_shown_tells_nothing_of_what_is_not(numbers: list[int | None]) -> None:
    assert of_shown(numbers) == of_shown([number for number in numbers if number is not None])

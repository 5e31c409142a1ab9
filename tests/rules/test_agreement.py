"""Agreement between raters: every two ratings of a round counted, and how often a chair went another way."""

from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.rules.agreement import (
    ADVICE,
    ASPECTS,
    MARKS,
    Judged,
    advised,
    agreement,
    decisions,
    differing,
    is_against,
)

marks = st.sampled_from(MARKS)
ratings = st.builds(Judged, marks, marks, marks, st.none() | st.integers(1, 8), st.sampled_from(ADVICE))


def judged(design: str = "met", level: int | None = 2, advice: str = "approve") -> Judged:
    return Judged(design, "met", "met", level, advice)


def test_pairs_are_counted_with_their_number() -> None:
    found = agreement([[judged(), judged("partly", 3)], [judged(), judged(), judged(level=None)], [judged()]])
    assert (found["design"].rounds, found["design"].pairs, found["design"].agreeing) == (2, 4, 3)
    assert found["design"].percent == 75
    assert found["design"].is_small
    level = found["level"]
    assert (level.pairs, level.agreeing, level.near) == (4, 1, 2)


def test_nothing_is_said_of_nothing() -> None:
    found = agreement([[judged()]])
    assert all((each.pairs, each.percent) == (0, None) for each in found.values())


@given(st.lists(st.lists(ratings, max_size=4), max_size=6))
def test_counts_hold_together_and_do_not_depend_on_order(rounds: list[list[Judged]]) -> None:
    found = agreement(rounds)
    assert set(found) == {*ASPECTS, "level", "advice"}
    for each in found.values():
        assert 0 <= each.agreeing <= each.pairs
        assert each.near is None or each.agreeing <= each.near <= each.pairs
    assert agreement([round_[::-1] for round_ in rounds][::-1]) == found


def test_a_chair_is_against_only_what_most_advise() -> None:
    assert advised(["approve", "approve", "reject"]) == "approve"
    assert advised(["approve", "reject"]) is None
    assert advised([]) is None
    assert is_against("reject", ["approve", "approve"])
    assert not is_against("reject", ["approve", "reject"])
    counted = decisions(
        [
            ("approve", ["approve", "approve"]),
            ("reject", ["approve", "approve"]),
            ("approve", ["approve", "return"]),
            ("return", []),
        ]
    )
    assert (counted.decided, counted.followed, counted.against, counted.divided) == (3, 1, 1, 1)


def test_where_they_differ_is_named() -> None:
    assert differing([judged(), judged("partly", 3)]) == ("design", "level")
    assert differing([judged()]) == ()

"""What stands is a function of the set of facts: their order of arrival never matters."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.rules import fold, ledger, review
from tests.builders import ISSUER, moment


def fact(
    name: str, *, score: int | None = 80, time: int = 1, done: int = 1, minimum: int = 50, **more: object
) -> fold.Fact:
    """A completion told at hour ``time``, finished on day ``done``; passes from ``minimum`` on."""
    passed = score is None or score >= minimum
    values = {
        "inbox_id": name,
        "issuer": ISSUER,
        "school": "s",
        "sender": "s",
        "attempt": 1,
        "time": moment(1) + timedelta(hours=time),
        "digest": hashlib.sha256(f"{score}{done}{more}".encode()).digest(),
        "completed_at": moment(done),
        "exact": True,
        "score": None if score is None else Decimal(score),
        "grade": None,
        "passed": passed,
        "reason": "" if passed else "score_below",
        "scheme": "basic",
        "credits": 150 if passed else 0,
    }
    return fold.Fact(**{**values, **more})  # type: ignore[arg-type]


def revocation(attempt: int | None, day: int, organisation: str | None = None, issuer: str = ISSUER) -> fold.Revocation:
    """The issuer's word (or a client's of ``organisation``) that completions up to ``day`` are void."""
    return fold.Revocation(issuer, organisation, attempt, moment(day))


def tell(
    news: Sequence[fold.Fact | fold.Revocation], rule: str = "best"
) -> tuple[dict[str, int], fold.Standing, list[str]]:
    """Tell one piece of news after another, as settling does; return what is held, what stands, and the kinds moved."""
    facts: list[fold.Fact] = []
    revocations: list[fold.Revocation] = []
    amounts, scheme, kinds = dict(ledger.NOTHING), None, []
    came: dict[str, int] = {}
    standing = fold.stand([], [], rule)
    for each in news:
        (facts if isinstance(each, fold.Fact) else revocations).append(each)  # type: ignore[arg-type]
        after = fold.stand(facts, revocations, rule)
        for movement in fold.movements(amounts, scheme, standing, after, came):
            amounts, scheme = ledger.moved(amounts, movement), movement.scheme
            came = review.after(came, (movement.from_state, movement.to_state, movement.amount))
            assert sum(came.values()) == amounts["under_review"]
            kinds.append(movement.kind)
        standing = after
    return amounts, standing, kinds


def live(amounts: dict[str, int]) -> dict[str, int]:
    """What the learner holds; that something was given and taken back is history, which order may colour."""
    return {state: amounts[state] for state in ("available", "held", "redeemed", "under_review")}


def test_one_completion_is_one_deposit() -> None:
    amounts, standing, kinds = tell([fact("a")])
    assert (amounts["available"], kinds) == (150, ["deposit"])
    assert standing.fact is not None
    assert standing.fact.inbox_id == "a"


def test_the_same_result_again_moves_nothing() -> None:
    assert tell([fact("a"), fact("a2", time=1)])[0]["available"] == 150


def test_a_raised_result_is_applied_at_once() -> None:
    amounts, standing, kinds = tell([fact("a", score=60), fact("b", score=90, time=5)])
    assert (amounts["available"], kinds) == (150, ["deposit", "adjust"])
    assert standing.credits == 150


def test_a_lowered_result_goes_to_a_person_in_either_order() -> None:
    one, other = fact("a", score=90, time=1), fact("b", score=60, time=5)
    for order in permutations([one, other]):
        amounts, standing, _ = tell(order)
        assert live(amounts) == {"available": 0, "held": 0, "redeemed": 0, "under_review": 150}
        assert standing.under_review


def test_a_better_attempt_wins_and_a_worse_one_takes_nothing() -> None:
    first, worse, better = fact("a", score=70), fact("b", score=55, attempt=2), fact("c", score=95, attempt=3)
    for order in permutations([first, worse, better]):
        amounts, standing, _ = tell(order)
        assert amounts["available"] == 150
        assert standing.fact is better


def test_under_the_rule_latest_a_worse_later_attempt_goes_to_a_person() -> None:
    _, standing, _ = tell([fact("a", score=90), fact("b", score=60, attempt=2)], rule="latest")
    assert standing.under_review


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_revocation_voids_what_was_finished_before_it_and_nothing_later(order: tuple[int, ...]) -> None:
    news = [fact("a", done=1), revocation(None, 2), fact("b", done=3, time=72)]
    amounts, standing, _ = tell([news[place] for place in order])
    assert amounts["available"] == 150
    assert standing.fact is not None
    assert standing.fact.inbox_id == "b"
    assert standing.void == {"a"}


def test_a_revocation_of_one_attempt_leaves_the_others() -> None:
    amounts, standing, _ = tell([fact("a"), fact("b", score=99, attempt=2), revocation(2, 9)])
    assert amounts["available"] == 150
    assert standing.fact is not None
    assert standing.fact.inbox_id == "a"


def test_an_upper_bound_never_displaces_an_exact_report() -> None:
    exact, bound = fact("a", score=80), fact("b", score=None, time=9, done=2, exact=False)
    for order in permutations([exact, bound]):
        _, standing, _ = tell(order)
        assert standing.fact is exact
        assert not standing.under_review


def test_of_several_upper_bounds_the_earliest_counts() -> None:
    bounds = [
        fact(name, score=None, time=day, done=day, exact=False, digest=b"x") for name, day in (("a", 3), ("b", 2))
    ]
    for order in permutations(bounds):
        standing = tell(order)[1]
        assert standing.fact is not None
        assert standing.fact.inbox_id == "b"


def test_held_credit_is_never_taken_back_without_a_person() -> None:
    before, after = fold.stand([fact("a")], []), fold.stand([fact("a")], [revocation(None, 9)])
    moves = fold.movements({**ledger.NOTHING, "available": 50, "held": 100}, "basic", before, after)
    assert [(each.kind, each.from_state, each.to_state, each.amount) for each in moves] == [
        ("review", "available", "under_review", 50),
        ("review", "held", "under_review", 100),
    ]


def test_credit_of_another_scheme_replaces_the_whole() -> None:
    amounts, standing, _ = tell([fact("a", score=60), fact("b", score=90, attempt=2, scheme="vocational", credits=200)])
    assert amounts["available"] == 200
    assert standing.fact is not None
    assert standing.fact.scheme == "vocational"


def test_the_moment_of_a_revocation_is_included() -> None:
    assert tell([fact("a", done=2), revocation(None, 2)])[1].void == {"a"}
    assert tell([fact("a", done=3), revocation(None, 2)])[1].void == frozenset()


def test_a_revocation_is_of_its_issuer_and_its_organisation_only() -> None:
    ours = fact("a", school="s", sender="p")
    assert fold.stand([ours], [revocation(None, 9, "t")]).void == frozenset()
    assert fold.stand([ours], [revocation(None, 9, None, "https://other.example")]).void == frozenset()
    for organisation in (None, "s", "p"):
        assert fold.stand([ours], [revocation(None, 9, organisation)]).void == {"a"}


def test_another_schools_word_corrects_nothing() -> None:
    ours, theirs = fact("a", score=90, time=1), fact("b", score=60, time=5, school="t", credits=50)
    for rule in fold.ATTEMPT_RULES:
        for order in permutations([ours, theirs]):
            _, standing, _ = tell(order, rule)
            assert (standing.fact, standing.under_review) == (ours, False)


def test_fewer_credits_for_the_same_score_go_to_a_person() -> None:
    _, standing, _ = tell([fact("a", credits=150), fact("b", credits=100, time=5)])
    assert standing.under_review


def test_an_attempt_that_was_never_lowered_counts_before_one_that_was() -> None:
    lowered = [fact("a", score=99), fact("b", score=98, time=5)]
    steady = fact("c", score=70, attempt=2)
    _, standing, _ = tell([*lowered, steady])
    assert (standing.fact, standing.under_review) == (steady, False)


def test_what_comes_back_is_never_more_than_what_was_taken_or_what_stands() -> None:
    revoked = {**ledger.NOTHING, "revoked": 300}
    moves = fold.movements(revoked, "basic", fold.stand([], []), fold.stand([fact("a", credits=150)], []))
    assert [(each.kind, each.amount, each.to_state) for each in moves] == [("clear", 150, "available")]
    moves = fold.movements({**ledger.NOTHING, "revoked": 50}, "basic", fold.stand([], []), fold.stand([fact("a")], []))
    assert [(each.kind, each.amount) for each in moves] == [("clear", 50), ("adjust", 100)]


def test_a_smaller_credit_takes_no_more_than_is_available() -> None:
    before = fold.Standing(fact("a", credits=150), False, frozenset())
    after = fold.Standing(fact("b", credits=20), False, frozenset())
    moves = fold.movements({**ledger.NOTHING, "available": 30, "redeemed": 120}, "basic", before, after)
    assert [(each.kind, each.amount, each.from_state) for each in moves] == [("adjust", 30, "available")]


def test_the_same_result_at_another_exact_moment_is_no_repeat() -> None:
    standing = fold.stand([fact("a")], [])
    again, moved = fact("b", time=5), fact("b", time=5, done=2)
    assert fold.label(again, standing, fold.stand([fact("a"), again], [])) == "credited.already"
    assert fold.label(moved, standing, fold.stand([fact("a"), moved], [])) == "credited.superseded_attempt"


def questioned(held: int = 0, redeemed: int = 0) -> tuple[fold.Standing, fold.Standing, dict[str, int], dict[str, int]]:
    """A credit that was used in part, questioned: both standings, what the record then holds, and where that came from."""
    before, after = fold.stand([fact("a")], []), fold.stand([fact("a", questioned=True)], [])
    amounts = {**ledger.NOTHING, "available": 150 - held - redeemed, "held": held, "redeemed": redeemed}
    came: dict[str, int] = {}
    for movement in fold.movements(amounts, "basic", before, after, came):
        amounts = ledger.moved(amounts, movement)
        came = review.after(came, (movement.from_state, movement.to_state, movement.amount))
    return before, after, amounts, came


def test_a_question_takes_everything_and_its_answer_gives_it_back_where_it_was() -> None:
    before, after, amounts, came = questioned(held=40, redeemed=10)
    assert live(amounts) == {"available": 0, "held": 0, "redeemed": 0, "under_review": 150}
    for movement in fold.movements(amounts, "basic", after, before, came):
        amounts = ledger.moved(amounts, movement)
    assert live(amounts) == {"available": 100, "held": 40, "redeemed": 10, "under_review": 0}


def test_what_was_used_before_a_question_is_not_revoked_without_a_person() -> None:
    nothing = fold.stand([fact("a", questioned=True)], [revocation(None, 9)])
    for used, kind in ((0, "revoke"), (40, "review")):
        _, after, amounts, came = questioned(redeemed=used)
        assert [each.kind for each in fold.movements(amounts, "basic", after, nothing, came)] == [kind]


def test_of_as_many_credits_those_in_question_do_not_count() -> None:
    asked, steady = fact("a", score=99, questioned=True), fact("b", score=60, attempt=2)
    for order in permutations([asked, steady]):
        amounts, standing, _ = tell(order)
        assert (standing.fact, standing.under_review, amounts["available"]) == (steady, False, 150)
    less = fact("c", score=99, attempt=2, credits=100)
    for order in permutations([asked, less]):
        amounts, standing, _ = tell(order)
        assert (standing.fact, standing.under_review, amounts["under_review"]) == (asked, True, 150)


def test_more_of_what_is_in_question_is_in_question_too() -> None:
    more = fact("b", score=99, attempt=2, credits=200, questioned=True)
    amounts, _, _ = tell([fact("a", questioned=True), more])
    assert live(amounts) == {"available": 0, "held": 0, "redeemed": 0, "under_review": 200}


def test_another_scheme_leaves_nothing_of_the_first_in_question() -> None:
    other = fact("b", attempt=2, credits=200, scheme="vocational")
    amounts, _, _ = tell([fact("a", questioned=True), other])
    assert live(amounts) == {"available": 200, "held": 0, "redeemed": 0, "under_review": 0}


def test_what_was_set_aside_is_neither_given_again_nor_left_when_it_is_taken_back() -> None:
    aside = {**ledger.NOTHING, "duplicate": 150}
    before, better = fold.stand([fact("a")], []), fold.stand([fact("a"), fact("b", score=90, attempt=2)], [])
    assert sum(each.amount for each in fold.movements(aside, "basic", before, better)) == 0
    (taken,) = fold.movements(aside, "basic", before, fold.stand([fact("a")], [revocation(None, 9)]))
    assert (taken.kind, taken.from_state, taken.amount) == ("revoke", "duplicate", 150)


scores = st.one_of(st.none(), st.integers(0, 100))
completions = st.builds(
    lambda number, score, time, done, attempt, exact, questioned: fact(
        f"f{number}", score=score, time=time, done=done, attempt=attempt, exact=exact, questioned=questioned
    ),
    st.integers(0, 10**9),
    scores,
    st.integers(0, 6),
    st.integers(1, 6),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from([False, False, True]),
)
revocations = st.builds(
    revocation,
    st.one_of(st.none(), st.integers(1, 3)),
    st.integers(1, 6),
)
news = st.lists(
    st.one_of(completions, completions, revocations),
    min_size=1,
    max_size=7,
    unique_by=lambda each: each.inbox_id if isinstance(each, fold.Fact) else (each.attempt, each.revoked_at),
)


@given(news, st.randoms(use_true_random=False), st.sampled_from(["best", "latest"]))
def test_the_order_of_arrival_never_matters(told: list[fold.Fact | fold.Revocation], random: object, rule: str) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    (one, first, _), (other, second, _) = tell(told, rule), tell(shuffled, rule)
    assert live(one) == live(other)
    assert (first.fact, first.under_review, first.void) == (second.fact, second.under_review, second.void)


@given(news)
def test_amounts_never_fall_below_zero_and_stand_for_what_counts(told: list[fold.Fact | fold.Revocation]) -> None:
    amounts, standing, _ = tell(told)
    assert min(amounts.values()) >= 0
    assert sum(live(amounts).values()) == standing.credits


@given(news)
def test_a_replay_of_everything_changes_nothing(told: list[fold.Fact | fold.Revocation]) -> None:
    once = tell(told)
    again = tell([*told, *told])
    assert once[0] == again[0]
    assert once[2] == again[2]

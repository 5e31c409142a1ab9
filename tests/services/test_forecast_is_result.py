"""A forecast is what really happens: random worlds, an act, and the counts to the person."""

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import waits
from creditbank_plugin.services.comparing import comparisons, reviews
from creditbank_plugin.services.forecasting.forecast import forecast_order, impact_of_proposal, impact_of_withdrawal
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage.queries import reviews as rows
from creditbank_plugin.storage.session import writing
from tests.builders import House, beside
from tests.services.forecast_world import SCHOOLS, World, crowds, look, papers, plain, rests_on, result, rules, worlds


def try_worlds(house: House, holds: Callable[..., None], **told: st.SearchStrategy[Any]) -> None:
    """Hold what is asserted in random worlds of one house.

    More on SQLite, which is quick.  The rules are the same on PostgreSQL, and it is asked the same questions by the first
    few worlds already.
    """
    many = 20 if house.runtime.engine.dialect.name == "sqlite" else 6
    quietly = settings(max_examples=many, deadline=None, suppress_health_check=list(HealthCheck))
    quietly(given(**told)(holds))()


def test_approving_a_comparison(bare: House) -> None:
    def holds(told: dict[str, Any], act: dict[str, Any]) -> None:
        world = World(bare)
        world.begin(told)
        course = world.courses[act["course"]]
        before = look(world, [waits.comparison(course)], None)
        found = impact_of_proposal(bare.runtime, world.comparison(act))
        told_no: list[str] = []
        try:
            with beside():
                comparisons.enter_from_paper(bare.runtime, **world.rule(act))
        except Refused as refusal:
            told_no.append(refusal.code)
        if told_no:
            assert told_no == ["back_dated"], "over days on which the body's own have credited somebody"
            return
        settle(bare.runtime)
        assert plain(found) == plain(result(world, before, found.at))

    try_worlds(bare, holds, told=worlds, act=rules)


def test_signing_an_order(bare: House) -> None:
    def holds(told: dict[str, Any], act: dict[str, Any]) -> None:
        assume(act["body"] is not None or any(each < len(told["rules"]) for each in act["named"]))
        world = World(bare)
        world.begin(told)
        paper = world.paper(act)
        made = zip(world.comparisons, told["rules"], strict=True)
        courses = {
            world.courses[rule["course"]] for each, rule in made if act["body"] == rule["body"] or each in _named(paper)
        }
        before = look(world, [waits.adoption(SCHOOLS[act["bank"]])], sorted(courses))
        found = forecast_order(bare.runtime, world.adoptions(paper))
        world.order(paper)
        settle(bare.runtime)
        assert plain(found) == plain(result(world, before, found.at))

    try_worlds(bare, holds, told=worlds, act=papers)


NOTHING: dict[str, Any] = {"stories": [], "rules": [], "papers": [], "later": [], "used": []}
COMPLETION = {
    "kind": "completed",
    "school": 0,
    "course": 0,
    "grade": None,
    "hour": 3,
    "precision": "exact",
    "extra": False,
    "alias": False,
}
STANDING = {"body": 0, "first": 1, "last": None, "named": [0]}
ORDERED = [{**STANDING, "bank": 0}, {**STANDING, "bank": 1}]


def test_approving_what_several_attempts_wait_for(bare: House) -> None:
    def holds(crowd: list[dict[str, Any]], act: dict[str, Any]) -> None:
        world = World(bare)
        world.begin({**NOTHING, "stories": crowd, "papers": ORDERED})
        act = {**act, "body": 0}
        before = look(world, [waits.comparison(world.courses[act["course"]])], None)
        found = impact_of_proposal(bare.runtime, world.comparison(act))
        comparisons.enter_from_paper(bare.runtime, **world.rule(act))
        settle(bare.runtime)
        assert plain(found) == plain(result(world, before, found.at))

    try_worlds(bare, holds, crowd=crowds, act=rules)


def test_an_order_that_several_attempts_wait_for(bare: House) -> None:
    def holds(crowd: list[dict[str, Any]], act: dict[str, Any]) -> None:
        world = World(bare)
        both = [{**act, "body": 0, "course": course} for course in (0, 1)]
        world.begin({**NOTHING, "stories": crowd, "rules": both})
        before = look(world, [waits.adoption(SCHOOLS[0])], world.courses)
        paper = world.paper(ORDERED[0])
        found = forecast_order(bare.runtime, world.adoptions(paper))
        world.order(paper)
        settle(bare.runtime)
        assert plain(found) == plain(result(world, before, found.at))

    try_worlds(bare, holds, crowd=crowds, act=rules)


def test_what_failed_by_its_day_alone_corrects_a_pass(bare: House) -> None:
    """Told of the same attempt: the pass came first and was on a day of the rule, its correction is of a day before."""
    world = World(bare)
    one = {**COMPLETION, "who": 0, "score": 80, "attempt": 1}
    world.begin({**NOTHING, "stories": [{**one, "day": 6}, {**one, "day": 1, "score": 40}], "papers": ORDERED})
    act = {"course": 0, "body": 0, "credits": 50, "scheme": "basic", "conditions": {}, "first": 4, "last": None}
    before = look(world, [waits.comparison(world.courses[0])], None)
    found = impact_of_proposal(bare.runtime, world.comparison(act))
    comparisons.enter_from_paper(bare.runtime, **world.rule(act))
    settle(bare.runtime)
    assert found.under_review == 1
    assert plain(found) == plain(result(world, before, found.at))


#: Credited by a rule of the first days; a better attempt of a later day waits.
RULE = {"course": 0, "body": 0, "credits": 50, "scheme": "basic", "conditions": {}, "first": 1, "last": 2}
LATER = {**RULE, "credits": 100, "first": 4, "last": None}
PASSED_TWICE = [
    {**COMPLETION, "who": 0, "day": 1, "score": 65, "attempt": 1},
    {**COMPLETION, "who": 0, "day": 5, "score": 80, "attempt": 2},
]


def test_approving_for_who_has_the_course_already(bare: House) -> None:
    world = World(bare)
    world.begin({**NOTHING, "stories": PASSED_TWICE, "rules": [RULE], "papers": ORDERED})
    before = look(world, [waits.comparison(world.courses[0])], None)
    found = impact_of_proposal(bare.runtime, world.comparison(LATER))
    comparisons.enter_from_paper(bare.runtime, **world.rule(LATER))
    settle(bare.runtime)
    assert (found.completions, found.credits) == (1, {"basic": 50}), "raised from 0.50 to 1.00"
    assert plain(found) == plain(result(world, before, found.at))


def test_an_order_for_who_has_the_course_already(bare: House) -> None:
    world = World(bare)
    first, second = ({**STANDING, "bank": 0, "body": None, "named": [place]} for place in (0, 1))
    rules = [RULE, {**LATER, "body": 1}]
    world.begin({**NOTHING, "stories": PASSED_TWICE, "rules": rules, "papers": [first]})
    before = look(world, [waits.adoption(SCHOOLS[0])], world.courses)
    paper = world.paper(second)
    found = forecast_order(bare.runtime, world.adoptions(paper))
    world.order(paper)
    settle(bare.runtime)
    assert (found.completions, found.credits) == (1, {"basic": 50}), "raised from 0.50 to 1.00"
    assert plain(found) == plain(result(world, before, found.at))


class Nobody:
    """Somebody to whom a job says how far it is."""

    def at(self, done: int, total: int | None = None) -> None:
        assert total is None or done <= total


def test_putting_under_review_what_was_withdrawn(bare: House) -> None:
    def holds(told: dict[str, Any], place: int) -> None:
        assume(place < len(told["rules"]))
        world = World(bare)
        world.begin(told)
        withdrawn = world.comparisons[place]
        before, resting = look(world, [], None), rests_on(world, withdrawn)
        found = impact_of_withdrawal(bare.runtime, withdrawn)
        comparisons.end_comparison(bare.runtime, withdrawn, ended_from=date(2026, 6, 1))
        with writing(bare.runtime.engine) as connection:
            rows.question(connection, withdrawn, bare.runtime.clock())
        task = {"comparison_id": withdrawn, "reason": "ทดสอบ"}
        reviews.work(bare.runtime, task, Nobody())  # type: ignore[arg-type]
        really = result(world, before, found.at)
        assert (found.completions, found.learners) == (len(resting), len(set(resting.values())))
        assert (found.under_review, found.already_used) == (really.under_review, really.already_used)
        assert rests_on(world, withdrawn) == {}
        assert verify.verify(bare.runtime)["broken"] == []
        later = {**COMPLETION, "score": 90}
        world.tell([{**later, "who": number % 5, "day": 6 - number, "attempt": 1 + number % 2} for number in range(6)])
        settle(bare.runtime)
        assert rests_on(world, withdrawn) == {}, "what is told later goes under review as well"
        assert verify.verify(bare.runtime)["broken"] == []

    try_worlds(bare, holds, told=worlds, place=st.integers(0, 2))


def _named(rows: list[dict[str, Any]]) -> set[str]:
    return {row["comparison_id"] for row in rows if "comparison_id" in row}

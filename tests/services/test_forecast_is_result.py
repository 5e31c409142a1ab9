"""A forecast is what really happens: random worlds, an act, and the counts to the person."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from creditbank_plugin.rules import waits
from creditbank_plugin.services import authority
from creditbank_plugin.services.forecast import forecast_order, impact_of_proposal
from creditbank_plugin.services.settle import settle
from tests.builders import House
from tests.services.forecast_world import SCHOOLS, World, look, papers, plain, result, rules, worlds

QUIETLY = settings(
    phases=[Phase.reuse, Phase.generate],
    print_blob=True,
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@QUIETLY
@given(told=worlds, act=rules)
def test_approving_a_comparison(bare: House, told: dict[str, Any], act: dict[str, Any]) -> None:
    world = World(bare)
    world.begin(told)
    course = world.courses[act["course"]]
    before = look(world, [waits.comparison(course)], None)
    found = impact_of_proposal(bare.runtime, world.comparison(act))
    authority.approve_comparison(bare.runtime, **world.rule(act))
    settle(bare.runtime)
    assert plain(found) == plain(result(world, before, found.at))


@QUIETLY
@given(told=worlds, act=papers)
def test_signing_an_order(bare: House, told: dict[str, Any], act: dict[str, Any]) -> None:
    world = World(bare)
    world.begin(told)
    rows = world.paper(act)
    if not rows:
        return
    orders = world.adoptions(rows)
    known = [world.comparisons[each] for each in range(len(world.comparisons))]
    courses = [
        each
        for place, each in enumerate(world.courses)
        if any(
            world.courses[rule["course"]] == each and (act["body"] in (rule["body"],) or known[number] in _named(rows))
            for number, rule in enumerate(told["rules"])
            for _ in [place]
        )
    ]
    before = look(world, [waits.adoption(SCHOOLS[act["bank"]])], courses)
    found = forecast_order(bare.runtime, orders)
    world.order(rows)
    settle(bare.runtime)
    assert plain(found) == plain(result(world, before, found.at))


def _named(rows: list[dict[str, Any]]) -> set[str]:
    return {row["comparison_id"] for row in rows if "comparison_id" in row}

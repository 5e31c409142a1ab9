"""What an act would mean, counted to the person before it is done."""

import threading
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from creditbank_hooks import Course, CourseCompleted, EvidenceVerdict, Learner, Rule, hookimpl
from creditbank_plugin.formats import alike, json_text
from creditbank_plugin.rules.acts import Act
from creditbank_plugin.rules.authority import Adoption, Comparison
from creditbank_plugin.services import events
from creditbank_plugin.services.forecasting import foreseeing, verdicts
from creditbank_plugin.services.forecasting.forecast import forecast_order, impact_of_proposal
from creditbank_plugin.services.plugins import QUESTIONS
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries import credited
from creditbank_plugin.storage.session import reading
from tests.builders import (
    BANK,
    PROVINCE,
    House,
    add_course,
    adopt,
    compare,
    completed,
    item_ids,
    moment,
)


def proposed(course_id: str, **more: object) -> Comparison:
    values = {
        "id": new_id(),
        "course_id": course_id,
        "body": PROVINCE,
        "scheme": "basic",
        "credits": 150,
        "nqf_level": None,
        "nqf_level_basis": None,
        "conditions": {"min_score": 50},
        "outcomes": tuple(item_ids("ท 1.1")),
        "reference": "ประกาศ",
        "approved_at": moment(),
        "applies_from": date(2020, 1, 1),
    }
    return Comparison(**{**values, **more})  # type: ignore[arg-type]


def order(**more: object) -> Adoption:
    values = {
        "id": new_id(),
        "bank": BANK,
        "comparison_id": None,
        "body": None,
        "level_group": None,
        "order_number": "1/2569",
        "signatory": "ผู้อำนวยการ",
        "ordered_on": date(2026, 1, 1),
        "applies_from": date(2020, 1, 1),
    }
    return Adoption(**{**values, **more})  # type: ignore[arg-type]


def test_approving_under_a_standing_order_and_without_one(bare: House) -> None:
    course = add_course(bare)
    for number, score in enumerate((80, 60, 40, None)):
        bare.bank.hear(completed(number, score=Decimal(score) if score else None, event_id=f"e{number}"))
    bare.bank.hear(completed(0, attempt=2, event_id="again"))
    nothing = impact_of_proposal(bare.runtime, proposed(course))
    assert (nothing.learners, nothing.completions, nothing.credited, nothing.withheld) == (4, 5, 0, 0)
    assert nothing.reasons == {"not_adopted": 5}
    adopt(bare, None, body=PROVINCE)
    found = impact_of_proposal(bare.runtime, proposed(course))
    assert (found.learners, found.completions, found.credited, found.withheld) == (4, 5, 4, 1)
    assert (found.reasons, found.credits, found.credited_learners) == ({"score_below": 1}, {"basic": 450}, 3)


def test_an_order_is_forecast_for_its_own_courses(bare: House) -> None:
    course, other = add_course(bare), add_course(bare, "ท21102")
    comparison = compare(bare, course)
    for number in range(3):
        bare.bank.hear(completed(number, event_id=f"e{number}"))
        bare.bank.hear(completed(number, course=Course(code="ท21102"), event_id=f"o{number}"))
    for one in (order(comparison_id=comparison), order(body=PROVINCE)):
        found = forecast_order(bare.runtime, [one])
        assert (found.learners, found.completions, found.credited) == (3, 3, 3)
    compare(bare, other, conditions={"min_score": 90})
    found = forecast_order(bare.runtime, [order(body=PROVINCE)])
    assert (found.learners, found.completions, found.credited, found.withheld) == (3, 6, 3, 3)


def test_who_was_credited_on_which_days(house: House) -> None:
    for number, day in enumerate((1, 2, 3)):
        house.bank.hear(completed(number, completed_at=moment(day, 18), event_id=f"e{number}"))  # 01:00 the day after
    with reading(house.runtime.engine) as connection:
        (found,) = credited.by_comparison(connection, house.ids["course"], date(2026, 3, 3), date(2026, 3, 4))
        assert (found.comparison_id, found.learners, found.completions, found.last_day) == (
            house.ids["comparison"],
            2,
            2,
            date(2026, 3, 4),
        )
        (every,) = credited.by_comparison(connection, house.ids["course"], date(2020, 1, 1))
        assert every.completions == 3
        assert credited.by_comparison(connection, house.ids["course"], date(2026, 3, 5)) == []


def test_another_plugin_is_asked_about_each(bare: House) -> None:
    asked: list[str] = []
    hooks: set[str] = set()

    class Registry:
        @hookimpl
        def resolve_learner(self, learner: Learner) -> None:
            hooks.add("resolve_learner")

        @hookimpl
        def weigh_credit(self, completion: CourseCompleted, rule: Rule, credits: int) -> None:
            hooks.add("weigh_credit")

        @hookimpl
        def map_outcomes(self, completion: CourseCompleted, rule: Rule, outcomes: tuple[str, ...]) -> None:
            hooks.add("map_outcomes")

        @hookimpl
        def check_evidence(self, completion: CourseCompleted) -> EvidenceVerdict | None:
            asked.append(completion.learner.id)
            refused = completion.learner.id == "s-1"
            return EvidenceVerdict(
                accepted=not refused, rule="registry", source="registry", th="-", en="-", code="refused_by_policy"
            )

    course = add_course(bare)
    for number in range(3):
        bare.bank.hear(completed(number, event_id=f"e{number}"))
    adopt(bare, None, body=PROVINCE)
    bare.bank.register(Registry())
    found = impact_of_proposal(bare.runtime, proposed(course))
    assert (found.credited, found.withheld, found.reasons) == (2, 1, {"refused_by_policy": 1})
    assert sorted(asked) == ["s-0", "s-1", "s-2"]
    assert {*hooks, "check_evidence"} == set(QUESTIONS), "every question that settling asks"


def test_each_distinct_set_of_facts_is_judged_once(bare: House, monkeypatch: pytest.MonkeyPatch) -> None:
    course = add_course(bare)
    for number in range(40):
        when = moment(1 + number % 2, number % 10)
        bare.bank.hear(
            completed(number, score=Decimal(40 + 20 * (number % 3)), completed_at=when, event_id=f"e{number}")
        )
    adopt(bare, None, body=PROVINCE)
    judged: list[object] = []
    real = verdicts.judge

    def counted(*asked: Any) -> Any:
        judged.append(asked)
        return real(*asked)

    monkeypatch.setattr(verdicts, "judge", counted)
    found = impact_of_proposal(bare.runtime, proposed(course))
    assert (found.learners, found.credited, found.withheld) == (40, 26, 14)
    assert len(judged) == 3, "three results; the days fall under one comparison"


def test_what_a_rule_looks_at_is_all_but_what_is_left_out() -> None:
    assert {each.name for each in fields(CourseCompleted)} == {*alike.LOOKED_AT, *alike.LEFT_OUT}


def test_it_holds_nobody_up_and_sees_one_moment(bare: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs, more is told and settled and the very comparison approved: it counts what stood when it began."""
    course = add_course(bare)
    adopt(bare, None, body=PROVINCE)
    for number in range(3):
        bare.bank.hear(completed(number, event_id=f"e{number}"))
    real, done = foreseeing.forecast.of_course, []

    def meanwhile(*asked: Any) -> Any:
        if not done:
            done.append(True)
            worker = threading.Thread(target=act)
            worker.start()
            worker.join()
        return real(*asked)

    def act() -> None:
        bare.bank.hear(completed(7, event_id="e7"))
        compare(bare, course)
        settle(bare.runtime)

    monkeypatch.setattr(foreseeing.forecast, "of_course", meanwhile)
    found = impact_of_proposal(bare.runtime, proposed(course))
    assert (found.learners, found.completions, found.credited) == (3, 3, 3)
    assert events.counts(bare.runtime) == {"credited": 4}


def test_an_act_is_the_same_after_it_was_kept() -> None:
    one = Act(comparison=proposed("c", applies_until=date(2027, 1, 1)), ended={"old": date(2026, 1, 1)})
    two = Act(orders=[order(body=PROVINCE), order(comparison_id="x", applies_until=date(2027, 1, 1))])
    for act in (one, two, Act(withdrawn="x")):
        kept = json_text.loads(json_text.dumps(act.to_json()))
        assert Act.from_json(kept).to_json() == act.to_json()

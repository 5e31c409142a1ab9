"""What an act would mean, counted to the person before it is done."""

from datetime import date
from decimal import Decimal

from creditbank_hooks import Course
from creditbank_plugin.rules.authority import Adoption, Comparison
from creditbank_plugin.services.forecast import forecast_order, impact_of_proposal
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries import credited
from creditbank_plugin.storage.session import reading
from tests.builders import BANK, PROVINCE, House, add_course, adopt, compare, completed, item_ids, moment


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

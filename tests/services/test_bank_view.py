"""What a bank's page says: what is adopted and why, what is wanted, where orders disagree, what is over; and to whom."""

from datetime import date, timedelta
from typing import Any

import pytest

from creditbank_hooks import Course
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import organisations
from creditbank_plugin.services.adopting import bank_view
from creditbank_plugin.services.adopting.bank_view import View
from creditbank_plugin.services.comparing import comparisons
from tests.builders import (
    BANK,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    add_course,
    adopt,
    compare,
    completed,
    give_mandate,
    moment,
    revoke,
)

NEIGHBOUR = "P50"


def look(house: House, acting_for: str | None = SCHOOL, **more: Any) -> View:
    return bank_view.view(house.runtime, BANK, acting_for=acting_for, **more)


def finish(house: House, code: str, *learners: int, **more: Any) -> None:
    for each in learners:
        house.bank.hear(completed(each, course=Course(code=code), **more))


@pytest.fixture
def rich(house: House) -> House:
    """Beside the furnished course one of the neighbour, two wanted ones, and one that standing orders disagree about."""
    organisations.add_organisation(
        house.runtime, code=NEIGHBOUR, kind="province", name_th="ศูนย์จังหวัดเชียงใหม่", province="50"
    )
    courses = {code: add_course(house, code, level_group="lower_secondary") for code in ("ก1", "ก2", "ก3", "ก4")}
    house.ids |= {f"course {code}": each for code, each in courses.items()}
    near = {"body": PROVINCE, "level_group": "lower_secondary"}
    house.ids["wanted"] = compare(house, courses["ก1"], body=NEIGHBOUR)
    house.ids["near"] = compare(house, courses["ก2"], body="national")
    house.ids["standing"] = adopt(house, None, **near, order_number="2/2563")
    house.ids["doubtful here"] = compare(house, courses["ก3"], 100)
    house.ids["covered"] = compare(house, courses["ก4"], 100)
    finish(house, "ก1", 1, 2, 3)
    finish(house, "ก2", 1)
    finish(house, "ก4", 1, 2)
    finish(house, "ท21101", 1)
    return house


def test_what_is_adopted_says_why_since_when_and_what_rests_on_it(rich: House) -> None:
    seen = look(rich)
    assert (seen.bank.code, seen.may_order, seen.adopted_number) == (BANK, True, 3)
    assert seen.adopted is not None
    told = [(each.comparison.code, each.order.order_number, each.records) for each in seen.adopted.items]
    assert told == [("ก3", "2/2563", 0), ("ก4", "2/2563", 2), ("ท21101", "1/2563", 1)]
    first = seen.adopted.items[0]
    assert (first.order.body, first.order.level_group, first.comparison.reference) == (
        PROVINCE,
        "lower_secondary",
        "ประกาศทดสอบ 1/2563",
    )
    assert [(each.order.id, each.covered) for each in seen.standing] == [(rich.ids["standing"], 2)]


def test_what_is_not_adopted_comes_with_the_most_wanted_first(rich: House) -> None:
    seen = look(rich)
    assert seen.not_adopted is not None
    told = [(each.comparison.id, each.wanted, each.instead) for each in seen.not_adopted.items]
    assert told == [(rich.ids["wanted"], 3, None), (rich.ids["near"], 1, None)]
    adopt(rich, rich.ids["wanted"], order_number="3/2563")
    second = compare(rich, rich.ids["course ก1"], 200, body="national")
    seen = look(rich)
    assert seen.not_adopted is not None
    told = [(each.comparison.id, each.wanted, each.instead) for each in seen.not_adopted.items]
    assert [(one, number) for one, number, _ in told] == [(rich.ids["near"], 1), (second, 0)]
    assert told[1][2].id == rich.ids["wanted"], "another comparison of the course counts already"


def test_the_own_province_comes_before_others_that_are_wanted_as_much(house: House) -> None:
    organisations.add_organisation(house.runtime, code=NEIGHBOUR, kind="province", name_th="เชียงใหม่", province="50")
    far = compare(house, add_course(house, "ก1"), body=NEIGHBOUR)
    near = compare(house, add_course(house, "ก2"))
    seen = look(house)
    assert seen.not_adopted is not None
    assert [each.comparison.id for each in seen.not_adopted.items] == [near, far]


def test_where_standing_orders_disagree_the_page_says_who_waits_and_an_own_order_ends_it(rich: House) -> None:
    rival = compare(rich, rich.ids["course ก3"], 200, body=NEIGHBOUR)
    assert look(rich).disagreements == []
    second = adopt(rich, None, body=NEIGHBOUR, order_number="4/2563")
    finish(rich, "ก3", 1, 2)
    (found,) = look(rich).disagreements
    assert (found.course.code, found.own, found.waiting) == ("ก3", False, 2)
    adopted = look(rich).adopted
    assert adopted is not None
    assert [each.rank for each in adopted.items] == ["applies", "doubtful", "doubtful", "applies", "applies"]
    assert {(comparison.id, order.id) for comparison, order in found.pairs} == {
        (rich.ids["doubtful here"], rich.ids["standing"]),
        (rival, second),
    }
    assert [each.day for each in found.completions] == [date(2026, 3, 1)] * 2
    adopt(rich, rival, order_number="5/2563")
    seen = look(rich)
    assert seen.disagreements == []
    assert seen.adopted is not None
    of_course = [each for each in seen.adopted.items if each.comparison.code == "ก3"]
    assert {(each.order.order_number, each.records, each.rank) for each in of_course} == {
        ("2/2563", 0, "passed_over"),
        ("5/2563", 2, "applies"),
    }


def test_two_own_orders_that_disagree_are_solved_by_revoking_one(rich: House) -> None:
    rival = compare(rich, rich.ids["course"], 200, body=NEIGHBOUR)
    own = adopt(rich, rival, order_number="6/2563")
    (found,) = look(rich).disagreements
    assert (found.course.id, found.own, found.waiting, found.completions) == (rich.ids["course"], True, 0, [])
    revoke(rich, own, revoked_from=date(2020, 1, 1))
    assert look(rich).disagreements == []


def test_a_disagreement_of_the_past_is_told_while_somebody_waits_because_of_it(rich: House) -> None:
    today = rich.runtime.today()
    rival = compare(rich, rich.ids["course"], 200, body=NEIGHBOUR)
    adopt(rich, rival, order_number="6/2563", applies_until=today - timedelta(days=1))
    assert look(rich).disagreements == []
    finish(rich, "ท21101", 5, completed_at=moment(1))
    (found,) = look(rich).disagreements
    assert (found.own, found.waiting) == (True, 1)


def test_what_is_over_stays_in_sight(rich: House) -> None:
    today = rich.runtime.today()
    ended = adopt(rich, rich.ids["wanted"], order_number="7/2563", applies_until=today - timedelta(days=1))
    revoke(rich, rich.ids["adoption"])
    gone = adopt(rich, rich.ids["near"], order_number="8/2563")
    comparisons.end_comparison(rich.runtime, rich.ids["near"], ended_from=today)
    seen = look(rich)
    assert seen.over is not None
    assert [row.id for row in seen.over.items] == [gone, ended, rich.ids["adoption"]]
    assert seen.adopted_number == 2


def test_a_part_alone_is_paged(rich: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_view, "MANY", 2)
    first = look(rich, part="adopted")
    assert (first.not_adopted, first.over, first.disagreements) == (None, None, [])
    assert first.adopted is not None
    assert (len(first.adopted.items), first.adopted.next) == (2, 2)
    rest = look(rich, part="adopted", offset=2)
    assert rest.adopted is not None
    assert ([each.comparison.code for each in rest.adopted.items], rest.adopted.next) == (["ท21101"], None)


def test_numbers_are_for_who_may_order_and_the_page_for_nobody_else_but_those_above(rich: House) -> None:
    compare(rich, rich.ids["course ก3"], 200, body=NEIGHBOUR)
    adopt(rich, None, body=NEIGHBOUR, level_group="lower_secondary", order_number="4/2563")
    finish(rich, "ก3", 1)
    for who in (OTHER_SCHOOL, "nobody", ""):
        with pytest.raises(Refused) as told:
            look(rich, who)
        assert told.value.status == 403
    above = look(rich, PROVINCE)
    assert (above.may_order, above.holders) == (False, [])
    assert above.not_adopted is not None
    assert above.adopted is not None
    assert {each.wanted for each in above.not_adopted.items} == {None}
    assert {each.records for each in above.adopted.items} == {None}
    assert [(each.waiting, each.completions) for each in above.disagreements] == [(None, [])]
    give_mandate(rich)
    held = look(rich, PROVINCE)
    assert (held.may_order, held.holders) == (True, [PROVINCE])
    assert [each.waiting for each in held.disagreements] == [1]
    assert look(rich, None).may_order
    with pytest.raises(Refused) as told:
        bank_view.view(rich.runtime, "B-none", acting_for=None)
    assert told.value.status == 404

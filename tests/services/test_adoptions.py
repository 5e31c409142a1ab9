"""Orders of banks: one, several, a whole list, standing; repeated, by two at once; revoked; read."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from creditbank_hooks import Course
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.orders import Paper, Scope
from creditbank_plugin.services import events, organisations
from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.adopting import adoption_register, adoptions, mandates
from creditbank_plugin.services.adopting.adoptions import Entered
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.storage.session import writing
from creditbank_plugin.storage.tables import CourseVersion
from tests.builders import (
    BANK,
    OTHER_BANK,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    add_course,
    beside,
    compare,
    completed,
)

NEIGHBOUR = "P50"
NOWHERE = "01a1fc14-cb52-7c38-a4cb-b3c982779184"
DIRECTOR = Actor("user:director", "ผู้อำนวยการทดลอง", SCHOOL)
CENTRE = Actor("user:centre", "ศูนย์ทดลอง", PROVINCE)
PAPER = {
    "order_number": "12/2569",
    "signatory": "ผู้อำนวยการสถานศึกษา",
    "ordered_on": date(2026, 1, 3),
    "applies_from": date(2026, 1, 1),
}


def enter(house: House, by: Actor = DIRECTOR, bank: str | None = None, **more: Any) -> Entered:
    """Enter an order; ``more`` is of the scope or of the paper."""
    scope = {name: more.pop(name) for name in tuple(more) if name in Scope.__dataclass_fields__}
    return adoptions.enter(house.runtime, bank=bank, scope=Scope(**scope), paper=Paper(**{**PAPER, **more}), by=by)


def refusal(act: Callable[[], Any]) -> tuple[str, int, str]:
    with pytest.raises(Refused) as told:
        act()
    return told.value.code, told.value.status, told.value.field


@pytest.fixture
def lamphun(house: House) -> House:
    """A neighbouring province that has compared three courses of two groups; s-1 has finished all three and waits."""
    organisations.add_organisation(
        house.runtime, code=NEIGHBOUR, kind="province", name_th="ศูนย์จังหวัดเชียงใหม่", province="50"
    )
    for number, (level, occupation) in enumerate(
        [("lower_secondary", None), ("lower_secondary", "ท่องเที่ยว"), ("diploma", "ท่องเที่ยว")], start=1
    ):
        code = f"ล2000{number}"
        course = add_course(house, code, level_group=level)
        with writing(house.runtime.engine) as connection:
            grouped = update(CourseVersion).where(CourseVersion.id == course).values(occupational_group=occupation)
            connection.execute(grouped)
        house.ids[code] = compare(house, course, 100 * number, body=NEIGHBOUR, applies_from=date(2020, 1, number))
        house.bank.hear(completed(1, course=Course(code=code)))
    return house


def states(house: House) -> list[str]:
    """What became of the three completions, by course code."""
    found = events.page(house.runtime, search="ล2000").items
    return [f"{each.state}/{each.reason}" for each in sorted(found, key=lambda each: str(each.tiding["course"]))]


CREDITED, WAITING = "credited/credited", "waiting/not_adopted"


def test_one_and_several_comparisons_stand_under_one_order_and_credit_who_waited(lamphun: House) -> None:
    first, second, third = (lamphun.ids[f"ล2000{number}"] for number in (1, 2, 3))
    one = enter(lamphun, comparison_ids=(first,))
    assert (len(one.ids), one.new) == (1, 1)
    assert states(lamphun) == [CREDITED, WAITING, WAITING]
    several = enter(lamphun, comparison_ids=(third, first, third.upper()))
    assert (several.ids[1], len(several.ids), several.new) == (one.ids[0], 2, 1)
    assert states(lamphun) == [CREDITED, WAITING, CREDITED]
    rows = adoption_register.by_ids(lamphun.runtime, several.ids)
    assert {(row.order_number, row.signatory, row.entered_by) for row in rows} == {
        ("12/2569", "ผู้อำนวยการสถานศึกษา", "user:director")
    }
    assert second not in {row.comparison_id for row in rows}


@pytest.mark.parametrize(
    ("groups", "taken"),
    [
        ({}, (1, 2, 3)),
        ({"level_group": "lower_secondary"}, (1, 2)),
        ({"occupational_group": "ท่องเที่ยว"}, (2, 3)),
        ({"level_group": "lower_secondary", "occupational_group": "ท่องเที่ยว"}, (2,)),
    ],
)
@pytest.mark.parametrize("standing", [False, True])
def test_a_whole_list_and_a_standing_order_take_in_the_same_today(
    lamphun: House, groups: dict[str, str], taken: tuple[int, ...], standing: bool
) -> None:
    scope = Scope(body=NEIGHBOUR, standing=standing, **groups)
    shown = [row.id for row in adoptions.chosen(lamphun.runtime, scope)]
    assert shown == [lamphun.ids[f"ล2000{number}"] for number in taken]
    made = enter(lamphun, body=NEIGHBOUR, standing=standing, **groups)
    assert made.new == (1 if standing else len(taken))
    assert states(lamphun) == [CREDITED if number in taken else WAITING for number in (1, 2, 3)]


def test_what_is_compared_later_falls_under_the_standing_order_alone(lamphun: House) -> None:
    enter(lamphun, body=NEIGHBOUR, order_number="1/2569")
    later = add_course(lamphun, "ล20009")
    lamphun.bank.hear(completed(1, course=Course(code="ล20009")))
    compare(lamphun, later, body=NEIGHBOUR)
    assert states(lamphun)[-1] == WAITING
    code, status, field = refusal(lambda: enter(lamphun, body=NEIGHBOUR, order_number="1/2569"))
    assert (code, status, field) == ("order_number_used", 409, "order_number")
    assert enter(lamphun, body=NEIGHBOUR, level_group="diploma", order_number="1/2569").new == 0
    enter(lamphun, body=NEIGHBOUR, order_number="2/2569", standing=True)
    assert states(lamphun)[-1] == CREDITED


def test_a_list_names_only_what_is_in_force_today(lamphun: House) -> None:
    today = lamphun.runtime.today()
    comparisons.end_comparison(lamphun.runtime, lamphun.ids["ล20001"], ended_from=today)
    course = add_course(lamphun, "ล20008")
    compare(lamphun, course, body=NEIGHBOUR, applies_from=today + timedelta(days=1))
    compare(lamphun, course, body=NEIGHBOUR, applies_until=today - timedelta(days=1))
    last = compare(lamphun, course, body=NEIGHBOUR, applies_from=today, applies_until=today)
    shown = [row.id for row in adoptions.chosen(lamphun.runtime, Scope(body=NEIGHBOUR))]
    assert shown == [lamphun.ids["ล20002"], lamphun.ids["ล20003"], last]


@pytest.mark.parametrize("standing", [False, True])
def test_the_same_order_again_changes_nothing(lamphun: House, standing: bool) -> None:
    first = enter(lamphun, body=NEIGHBOUR, standing=standing)
    before = adoption_register.adoptions(lamphun.runtime)
    again = enter(
        lamphun, body=NEIGHBOUR, standing=standing, order_number=" ๑๒/๒๕๖๙ ", by=administrator("เดิม"), bank=BANK
    )
    assert (again.ids, again.new) == (first.ids, 0)
    assert adoption_register.adoptions(lamphun.runtime) == before


@pytest.mark.parametrize("other", [{"signatory": "รองผู้อำนวยการ"}, {"applies_until": date(2027, 1, 1)}])
def test_the_same_number_with_other_facts_is_refused(lamphun: House, other: dict[str, Any]) -> None:
    comparison = lamphun.ids["ล20001"]
    enter(lamphun, comparison_ids=(comparison,))
    before = adoption_register.adoptions(lamphun.runtime)
    both = (lamphun.ids["ล20002"], comparison)
    assert refusal(lambda: enter(lamphun, comparison_ids=both, **other))[:2] == ("order_differs", 409)
    assert adoption_register.adoptions(lamphun.runtime) == before


def test_two_who_enter_the_same_order_at_once_enter_it_once(lamphun: House) -> None:
    together = threading.Barrier(4)

    def one(_: int) -> Entered:
        together.wait()
        return enter(lamphun, body=NEIGHBOUR)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(one, range(4)))
    assert sorted(each.new for each in made) == [0, 0, 0, 3]
    assert len({each.ids for each in made}) == 1
    assert len(adoption_register.page(lamphun.runtime, body=NEIGHBOUR).items) == 3
    assert states(lamphun) == [CREDITED] * 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "comparison_ids"),
        ({"comparison_ids": (NOWHERE,), "body": PROVINCE}, "comparison_ids"),
        ({"comparison_ids": (NOWHERE,)}, "comparison_ids"),
        ({"comparison_ids": ("x",)}, "comparison_ids"),
        ({"comparison_ids": (NOWHERE,) * 5001}, "comparison_ids"),
        ({"comparison_ids": (NOWHERE,), "standing": True}, "body"),
        ({"comparison_ids": (NOWHERE,), "level_group": "diploma"}, "body"),
        ({"body": "nobody"}, "body"),
        ({"body": SCHOOL}, "body"),
        ({"body": PROVINCE, "order_number": " \u200b"}, "order_number"),
        ({"body": PROVINCE, "order_number": "1" * 201}, "order_number"),
        ({"body": PROVINCE, "signatory": ""}, "signatory"),
        ({"body": PROVINCE, "applies_until": date(2025, 12, 31)}, "applies_until"),
        ({"body": PROVINCE, "bank": "B-none"}, "bank"),
        ({"body": PROVINCE, "by": Actor("user:x", "", PROVINCE)}, "bank"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(house: House, wrong: dict[str, Any], field: str) -> None:
    assert refusal(lambda: enter(house, **wrong)) == ("invalid", 422, field)
    assert len(adoption_register.adoptions(house.runtime)) == 1


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (CENTRE, "no_mandate"),
        (Actor("user:other", "", OTHER_SCHOOL), "not_yours"),
        (Actor("user:none", "", "nobody"), "not_yours"),
        (Actor("user:empty", "", ""), "not_yours"),
    ],
)
def test_only_the_own_organisation_orders_for_a_bank(house: House, by: Actor, code: str) -> None:
    before = adoption_register.adoptions(house.runtime)
    scope = {"comparison_ids": (house.ids["comparison"],)}
    assert refusal(lambda: enter(house, by, BANK, **scope))[:2] == (code, 403)
    assert refusal(lambda: revoke(house, by=by))[:2] == (code, 403)
    assert refusal(lambda: enter(house, bank=OTHER_BANK, **scope))[:2] == ("not_yours", 403)
    assert adoption_register.adoptions(house.runtime) == before


def test_who_holds_a_mandate_orders_for_that_bank_while_it_lasts(house: House) -> None:
    scope = {"comparison_ids": (house.ids["comparison"],)}
    today = house.runtime.today()
    given = {"organisation": SCHOOL, "holder": PROVINCE, "reference": "หนังสือที่ 1/2569", "by": DIRECTOR}
    mandates.give(house.runtime, **given, since=today + timedelta(days=1))
    mandates.give(house.runtime, **given, since=today - timedelta(days=2), until=today - timedelta(days=1))
    assert refusal(lambda: enter(house, CENTRE, BANK, **scope))[0] == "no_mandate"
    mandate = mandates.give(house.runtime, **given, since=today, until=today)
    assert mandates.orders_for(house.runtime, PROVINCE) == {PROVINCE, SCHOOL}
    made = enter(house, CENTRE, BANK, **scope)
    assert refusal(lambda: enter(house, CENTRE, OTHER_BANK, **scope))[0] == "no_mandate"
    mandates.end(house.runtime, mandate, by=DIRECTOR)
    assert refusal(lambda: enter(house, CENTRE, BANK, order_number="13/2569", **scope))[0] == "no_mandate"
    assert adoption_register.get(house.runtime, made.ids[0]).revoked_from is None, "the order stands"


def revoke(house: House, adoption_id: str | None = None, by: Actor = DIRECTOR, **more: Any) -> None:
    told = {"revoked_from": date(2026, 3, 2), "order_number": "9/2569", "reason": "มีประกาศใหม่", **more}
    adoptions.revoke(house.runtime, adoption_id or house.ids["adoption"], by=by, **told)


def test_a_revoked_order_keeps_what_it_credited_and_credits_no_later_completion(house: House) -> None:
    house.bank.hear(completed(1))
    revoke(house)
    row = adoption_register.get(house.runtime, house.ids["adoption"])
    assert (row.revoked_from, row.revocation_order, row.revocation, row.revoked_by) == (
        date(2026, 3, 2),
        "9/2569",
        "มีประกาศใหม่",
        "user:director",
    )
    house.bank.hear(completed(2, completed_at=completed().completed_at + timedelta(days=1)))
    house.bank.hear(completed(3))
    found = {each.learner: (each.state, each.reason) for each in events.page(house.runtime).items}
    assert found == {
        "s-1": ("credited", "credited"),
        "s-2": ("waiting", "not_adopted"),
        "s-3": ("credited", "credited"),
    }


def test_a_revocation_is_said_once_and_not_otherwise(house: House) -> None:
    revoke(house)
    before = adoption_register.get(house.runtime, house.ids["adoption"])
    revoke(house, order_number=" ๙/๒๕๖๙")
    for other in ({"revoked_from": date(2026, 3, 3)}, {"order_number": "10/2569"}, {"reason": "อื่น"}):
        assert refusal(lambda other=other: revoke(house, **other))[:2] == ("already_revoked", 409)
    assert adoption_register.get(house.runtime, house.ids["adoption"]) == before
    for wrong, field in (({"order_number": " "}, "revocation_order"), ({"reason": ""}, "reason")):
        assert refusal(lambda wrong=wrong: revoke(house, **wrong)) == ("invalid", 422, field)
    for unknown in (NOWHERE, "nonsense"):
        assert refusal(lambda unknown=unknown: revoke(house, unknown))[:2] == ("not_found", 404)


def test_a_whole_order_is_revoked_at_once(lamphun: House) -> None:
    made = enter(lamphun, body=NEIGHBOUR).ids
    (other,) = enter(lamphun, body=NEIGHBOUR, standing=True, order_number="13/2569").ids
    revoke(lamphun, made[1], order_number="8/2569")
    revoke(lamphun, made[0], whole_order=True)
    rows = {row.id: row for row in adoption_register.by_ids(lamphun.runtime, [*made, other])}
    assert [rows[each].revocation_order for each in (*made, other)] == ["9/2569", "8/2569", "9/2569", None]
    revoke(lamphun, made[2], whole_order=True)
    assert adoption_register.by_ids(lamphun.runtime, [*made, other]) == list(rows.values())
    assert refusal(lambda: revoke(lamphun, made[1], whole_order=True))[:2] == ("already_revoked", 409)
    assert states(lamphun) == [CREDITED] * 3, "what was credited stays"


def test_two_who_revoke_otherwise_at_once_revoke_once(house: House) -> None:
    together = threading.Barrier(2)

    def one(number: int) -> bool:
        together.wait()
        try:
            revoke(house, order_number=f"{number}/2569")
        except Refused as told:
            return told.code != "already_revoked"
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, (1, 2))) == [False, True]


def test_revoking_one_of_two_that_disagree_lets_the_other_credit(house: House) -> None:
    course = house.ids["course"]
    with beside():
        other = compare(house, course, 100)
    second = enter(house, comparison_ids=(other,))
    house.bank.hear(completed(1))
    (waiting,) = events.page(house.runtime).items
    assert waiting.reason == "adoptions_disagree"
    revoke(house, second.ids[0], revoked_from=date(2026, 1, 1))
    assert events.page(house.runtime).items[0].state == "credited"


def test_the_register_is_read_by_bank_comparison_body_and_state(lamphun: House) -> None:
    today = lamphun.runtime.today()
    first, second, third = (lamphun.ids[f"ล2000{number}"] for number in (1, 2, 3))
    (standing,) = enter(lamphun, body=NEIGHBOUR, standing=True).ids
    (coming,) = enter(lamphun, comparison_ids=(first,), applies_from=today + timedelta(days=1)).ids
    past = {"applies_from": date(2024, 1, 1), "applies_until": today - timedelta(days=1)}
    (ended,) = enter(lamphun, comparison_ids=(second,), **past).ids
    (revoked,) = enter(lamphun, comparison_ids=(third,)).ids
    revoke(lamphun, revoked, revoked_from=today + timedelta(days=30))

    def ids(**wanted: Any) -> list[str]:
        return [row.id for row in adoption_register.page(lamphun.runtime, **wanted).items]

    furnished = lamphun.ids["adoption"]
    assert ids() == [revoked, ended, coming, standing, furnished]
    assert ids(body=NEIGHBOUR) == [revoked, ended, coming, standing]
    assert ids(comparison=second) == [ended]
    assert (ids(bank=OTHER_BANK), ids(bank=BANK)[0], ids(comparison="x"), ids(after="x")) == ([], revoked, [], [])
    found = {state: ids(state=state) for state in ("in_force", "coming", "ended", "revoked")}
    assert found == {
        "in_force": [standing, furnished],
        "coming": [coming],
        "ended": [ended],
        "revoked": [revoked],
    }
    page = adoption_register.page(lamphun.runtime, limit=2)
    assert ([row.id for row in page.items], page.next) == ([revoked, ended], ended)
    assert ids(after=ended, limit=2) == [coming, standing]
    assert adoption_register.page(lamphun.runtime, after=coming, limit=2).next is None

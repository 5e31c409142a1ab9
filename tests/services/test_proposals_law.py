"""Comparisons once they are law, and who sees what: withdrawn, taken back, entered from paper, listed."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.event import listen

from creditbank_hooks import Course
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import events
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.catalogue import framework_files
from creditbank_plugin.services.catalogue.framework_files import About
from creditbank_plugin.services.comparing import approvals, comparisons, proposal_views, proposals
from tests.builders import (
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    adopt,
    compare,
    completed,
    item_ids,
    moment,
)
from tests.committee import (
    ADMIN,
    CHAIR,
    ONE,
    TWO,
    WRITER,
    Committee,
    convene,
)
from tests.frameworks import item, package, raw, uuid
from tests.services.test_proposals import STRANGER, refused, state


def test_law_is_withdrawn_by_the_chair_with_a_reason(committee: Committee) -> None:
    runtime, made = committee.house.runtime, committee.approved()
    day = date(2026, 6, 1)
    for who, reason, code in (
        (WRITER, "x", "not_your_role"),
        (STRANGER, "x", "not_a_member"),
        (CHAIR, "", "reason_missing"),
    ):
        assert (
            refused(
                lambda who=who, reason=reason: approvals.withdraw(runtime, made, by=who, ended_from=day, reason=reason)
            ).code
            == code
        )
    approvals.withdraw(runtime, made, by=CHAIR, ended_from=day, reason="หลักสูตรเปลี่ยน")
    law = comparisons.comparisons(runtime, committee.course)[0]
    assert (law.ended_from, law.ended_as) == (day, "withdrawn")
    seen = proposal_views.get(runtime, made, by=None)
    assert (seen.row.state, seen.steps[-1].reason) == ("withdrawn", "หลักสูตรเปลี่ยน")
    assert (
        refused(lambda: approvals.withdraw(runtime, made, by=CHAIR, ended_from=day, reason="x")).code == "wrong_state"
    )


def test_a_draft_is_taken_back_by_its_author_and_was_never_law(committee: Committee) -> None:
    runtime, made = committee.house.runtime, committee.propose()
    proposals.take_back(runtime, made, by=WRITER, reason="เสนอผิดรายวิชา")
    assert state(committee, made) == "withdrawn"
    assert refused(lambda: proposal_views.get(runtime, made, by=None)).status == 404
    assert comparisons.comparisons(runtime, committee.course) == []


def test_what_was_entered_from_paper_has_its_proposal_and_ends_with_it(house: House) -> None:
    seen = proposal_views.get(house.runtime, house.ids["comparison"], by=None)
    assert (seen.row.state, seen.row.group_id, seen.terms.credits) == ("approved", None, 150)
    assert [each.action for each in seen.steps] == ["enter_paper"]
    stranger = Actor("user:x", "x", OTHER_SCHOOL)
    day = date(2026, 6, 1)
    wrong = refused(
        lambda: approvals.withdraw(house.runtime, house.ids["comparison"], by=stranger, ended_from=day, reason="x")
    )
    assert wrong.code == "not_yours"
    approvals.withdraw(house.runtime, house.ids["comparison"], by=ADMIN, ended_from=day, reason="ยกเลิกประกาศ")
    seen = proposal_views.get(house.runtime, house.ids["comparison"], by=None)
    assert (seen.row.state, seen.row.ended_from) == ("withdrawn", day)


def test_a_group_judges_what_it_was_appointed_for(house: House) -> None:
    committee = convene(house, level_group="diploma")
    assert refused(lambda: committee.draft()).field == "course"
    assert refused(lambda: committee.draft(course="01a1fc14-cb52-7c38-a4cb-b3c982779184")).field == "course"


def test_outcomes_must_exist_and_are_kept_in_order(committee: Committee) -> None:
    made_up = "01a1fc14-cb52-7c38-a4cb-b3c982779184"
    assert refused(lambda: committee.draft(outcomes=(made_up,))).field == "outcomes"
    ids = item_ids("ท 1.1", "ท 2.1")
    made = committee.draft(outcomes=tuple(reversed(ids)))
    seen = proposal_views.get(committee.house.runtime, made, by=WRITER)
    assert [row.code for row in seen.outcomes] == ["ท 1.1", "ท 2.1"]


def test_who_sees_what(committee: Committee) -> None:
    house, made = committee.house, committee.propose()
    outside = Actor("user:y", "y", OTHER_SCHOOL)
    for who in (None, outside):
        assert refused(lambda who=who: proposal_views.get(house.runtime, made, by=who)).status == 404
        assert made not in [row.id for row in proposal_views.page(house.runtime, by=who, limit=100).items]
    nowhere = Actor(ONE.id, "ไม่สังกัด", "")
    for who in (ADMIN, STRANGER, nowhere, Actor("client:c", "c", PROVINCE)):
        assert proposal_views.get(house.runtime, made, by=who).inside
        assert made in [row.id for row in proposal_views.page(house.runtime, by=who, limit=100).items]
    assert proposal_views.counts(house.runtime, by=None) == {"approved": 1}
    assert proposal_views.counts(house.runtime, by=ADMIN) == {"approved": 1, "proposed": 1}


def test_pages_go_on_where_they_ended(committee: Committee) -> None:
    runtime = committee.house.runtime
    made = [committee.draft() for _ in range(5)]
    first = proposal_views.page(runtime, by=WRITER, states=["draft"], limit=2)
    second = proposal_views.page(runtime, by=WRITER, states=["draft"], limit=3, after=first.next)
    assert [row.id for row in (*first.items, *second.items)] == made[::-1]
    assert second.next is None
    assert proposal_views.page(runtime, by=WRITER, course_id="nonsense").items == ()


def test_what_waits_for_whom(committee: Committee) -> None:
    runtime = committee.house.runtime
    draft, made = committee.draft(), committee.propose()

    def waits(who: Actor) -> list[tuple[str, str]]:
        return [(each.row.id, each.act) for each in proposal_views.waiting_for(runtime, who)]

    assert waits(WRITER) == [(draft, "propose")]
    assert waits(ONE) == waits(TWO) == [(made, "rate")]
    assert waits(STRANGER) == []
    committee.rate(made, ONE)
    assert waits(ONE) == []
    committee.rate(made, TWO)
    assert waits(CHAIR) == [(made, "approve")]
    approvals.send_back(runtime, made, by=CHAIR, reason="แก้")
    assert waits(WRITER) == [(draft, "propose"), (made, "edit")]


def test_what_is_entered_from_paper_is_not_dated_back_over_what_was_credited(house: House) -> None:
    runtime, course, old = house.runtime, house.ids["course"], house.ids["comparison"]
    for number, day in ((1, 3), (2, 9)):
        house.bank.hear(completed(number, completed_at=moment(day)))
    late = refused(lambda: compare(house, course, applies_from=date(2026, 3, 4)))
    assert (late.code, late.status, late.field) == ("back_dated", 409, "applies_from")
    assert "ผู้เรียน 1 คน 1 รายการ วันเรียนจบล่าสุด 9 มีนาคม 2569" in late.th
    assert "It may apply from 10 March 2026 on" in late.en
    assert [row.id for row in comparisons.comparisons(runtime, course)] == [old], "nothing half done"
    assert proposal_views.counts(runtime, by=None) == {"approved": 1}
    comparisons.end_comparison(runtime, old, ended_from=date(2026, 3, 10), by=ADMIN)
    assert refused(lambda: compare(house, course, applies_from=date(2026, 3, 4))).code == "back_dated"
    new = compare(house, course, applies_from=date(2026, 3, 10))
    assert {row.id for row in comparisons.comparisons(runtime, course)} == {old, new}


def test_another_body_enters_its_own_from_paper_for_the_same_days(house: House) -> None:
    house.bank.hear(completed(1))
    compare(house, house.ids["course"], body=SCHOOL)


def test_what_waits_is_found_by_as_many_queries_however_much_it_is(committee: Committee) -> None:
    house = committee.house
    asked: list[str] = []

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    def queries() -> tuple[int, int]:
        asked.clear()
        found = proposal_views.waiting_for(house.runtime, ONE)
        return len(asked), len(found)

    made = committee.propose()
    listen(house.runtime.engine, "before_cursor_execute", count)
    few, one = queries()
    for _ in range(6):
        committee.rate(committee.propose(), TWO)
    committee.rate(made, ONE)
    assert (one, queries()) == (1, (few, 6))


@pytest.mark.parametrize("how", ["on paper", "by its chair", "with its credit under review"])
def test_ending_one_of_two_that_disagree_lets_the_other_credit(
    committee: Committee, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("creditbank_plugin.services.jobs.begin_here", lambda *_: None)
    house, made = committee.house, committee.approved()
    other = compare(house, committee.course, 100, body=SCHOOL)
    for law in (made, other):
        adopt(house, law)
    house.bank.hear(completed(1, course=Course(code="ค21101")))
    assert events.page(house.runtime).items[0].reason == "adoptions_disagree"
    if how == "on paper":
        comparisons.end_comparison(house.runtime, other, ended_from=date(2026, 1, 1))
    else:
        credits = "review" if how == "with its credit under review" else "leave"
        told: dict[str, Any] = {"reason": "หลักสูตรเปลี่ยน", "credits": credits}
        approvals.withdraw(house.runtime, made, by=CHAIR, ended_from=date(2026, 1, 1), **told)
    event = events.page(house.runtime).items[0]
    assert (event.state, event.comparison_id) == ("credited", made if how == "on paper" else other)


def test_what_a_new_edition_no_longer_holds_is_proposed_and_signed_by_nobody(committee: Committee) -> None:
    runtime = committee.house.runtime

    def edition(*codes: str) -> None:
        told = raw(package(*(item(code) for code in codes)))
        framework_files.load(runtime, told, "f.json", About(), by=ADMIN)

    edition("A", "B")
    draft, made = (committee.draft(outcomes=(uuid("A"), uuid("B"))) for _ in range(2))
    committee.rated(made)
    edition("B")
    told: list[Refused] = [refused(lambda: proposals.propose(runtime, draft, by=WRITER))]
    told += [refused(lambda: committee.approve(made))]
    assert [(each.code, each.status, each.field) for each in told] == [("outcomes_retired", 422, "outcomes")] * 2
    assert "A" in told[0].en
    assert "A" in told[0].th
    standing = approvals.in_the_way(runtime, made)
    assert standing is not None
    assert standing.code == "outcomes_retired"
    assert state(committee, made) == "under_judgement"
    edition("A", "B")
    committee.approve(made)


def test_paper_is_refused_over_days_of_another_of_its_body_as_a_signature_is(house: House) -> None:
    course = house.ids["course"]
    late = refused(lambda: compare(house, course, applies_from=date(2027, 1, 1)))
    assert (late.code, late.status, late.field) == ("overlaps", 409, "applies_from")
    compare(house, course, applies_from=date(2019, 1, 1), applies_until=date(2019, 12, 31))
    comparisons.end_comparison(
        house.runtime, house.ids["comparison"], ended_from=date(2027, 1, 1), ended_as="superseded", by=ADMIN
    )
    compare(house, course, applies_from=date(2027, 1, 1))
    compare(house, course, body=SCHOOL)

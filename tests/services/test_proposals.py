"""The way of a comparison: from the draft to law and its end, each act with its step, each refusal with its code."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from creditbank_hooks import Course
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import signing, thai
from creditbank_plugin.services import events
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import approvals, comparisons, groups, proposal_views, proposals, ratings
from creditbank_plugin.services.comparing.approvals import Resolution
from creditbank_plugin.services.comparing.comparisons import end_comparison
from creditbank_plugin.services.comparing.proposal_acts import ChangedMeanwhile
from tests.builders import (
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    add_course,
    adopt,
    compare,
    completed,
    moment,
)
from tests.committee import (
    ADMIN,
    CHAIR,
    NEW_CODE,
    ONE,
    OTHER_CHAIR,
    TWO,
    WRITER,
    Committee,
    appoint,
    convene,
    let_days_pass,
)

STRANGER = Actor("user:stranger", "คนอื่น", PROVINCE)


def refused(act: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value


def steps(committee: Committee, proposal: str) -> list[tuple[str, str | None, str, str, str]]:
    seen = proposal_views.get(committee.house.runtime, proposal, by=ADMIN)
    return [(each.action, each.from_state, each.to_state, each.actor, each.role) for each in seen.steps]


def state(committee: Committee, proposal: str) -> str:
    return str(proposal_views.get(committee.house.runtime, proposal, by=ADMIN).row.state)


def test_a_draft_is_prefilled_from_its_course(house: House) -> None:
    course = add_course(house, NEW_CODE, level_group="lower_secondary")
    appoint(house)
    made = proposals.create(house.runtime, course_id=course, by=WRITER)
    seen = proposal_views.get(house.runtime, made, by=WRITER)
    assert (seen.row.state, seen.row.revision, seen.row.round, seen.row.body_code) == ("draft", 1, 1, PROVINCE)
    assert (seen.terms.scheme, seen.terms.credits, seen.terms.credits_rule) == ("basic", 150, "BE-H1")
    assert seen.is_author
    assert refused(lambda: proposals.propose(house.runtime, made, by=WRITER)).field == "applies_from"


def test_the_whole_way_credits_who_waited(committee: Committee) -> None:
    house = committee.house
    adopt(house, None, body=PROVINCE)
    house.bank.hear(completed(1, course=Course(code=NEW_CODE)))
    assert events.page(house.runtime, search=NEW_CODE).items[0].reason == "no_comparison"
    made = committee.rated()
    text = approvals.text_to_sign(house.runtime, made, by=CHAIR, reference="ประกาศ 9/2569")
    committee.approve(made, reference="ประกาศ 9/2569", text_digest=signing.digest(text))
    found = events.page(house.runtime, search=NEW_CODE).items[0]
    assert (found.state, found.comparison_id) == ("credited", made)
    seen = proposal_views.get(house.runtime, made, by=CHAIR)
    assert seen.row.state == "approved"
    signed = seen.steps[-1]
    assert (signed.action, signed.role, signed.actor, signed.name) == ("approve", "chair", CHAIR.id, CHAIR.name)
    assert signed.signed == text
    assert "อ้างอิงประกาศ: ประกาศ 9/2569" in text
    law = comparisons.comparisons(house.runtime, committee.course)[0]
    assert (law.id, law.reference, law.entered_by, law.credits) == (made, "ประกาศ 9/2569", CHAIR.id, 150)
    assert law.approved_at == signed.at
    assert law.applies_from == date(2020, 1, 1), "the days of completion are not the day of approval"
    assert steps(committee, made) == [
        ("create", None, "draft", WRITER.id, "secretary"),
        ("propose", "draft", "proposed", WRITER.id, "secretary"),
        ("judge", "proposed", "under_judgement", ONE.id, "rater"),
        ("rate", "under_judgement", "under_judgement", ONE.id, "rater"),
        ("rate", "under_judgement", "under_judgement", TWO.id, "rater"),
        ("approve", "under_judgement", "approved", CHAIR.id, "chair"),
    ]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda c, made: c.approve(made, WRITER), "own_proposal"),
        (lambda c, made: c.rate(made, WRITER), "own_proposal"),
        (lambda c, made: approvals.judge(c.house.runtime, made, by=WRITER), "own_proposal"),
        (lambda c, made: c.approve(made, STRANGER), "not_a_member"),
        (lambda c, made: c.approve(made, ADMIN), "not_a_member"),
        (lambda c, made: c.rate(made, STRANGER), "not_a_member"),
        (lambda c, made: c.approve(made, ONE), "not_your_role"),
        (lambda c, made: c.rate(made, CHAIR), "not_your_role"),
        (lambda c, made: c.approve(made), "ratings_missing"),
        (
            lambda c, made: proposals.edit(c.house.runtime, made, {"credits": 100}, by=WRITER, revision=None),
            "wrong_state",
        ),
        (lambda c, made: proposals.propose(c.house.runtime, made, by=WRITER), "wrong_state"),
        (lambda c, made: approvals.reject(c.house.runtime, made, by=CHAIR, reason=" "), "reason_missing"),
        (lambda c, made: approvals.send_back(c.house.runtime, made, by=CHAIR, reason=None), "reason_missing"),
        (lambda c, made: approvals.reject(c.house.runtime, made, by=ONE, reason="ไม่"), "not_your_role"),
        (lambda c, made: proposals.take_back(c.house.runtime, made, by=ONE), "not_your_role"),
        (lambda c, made: c.approve("01a1fc14-cb52-7c38-a4cb-b3c982779184"), "not_found"),
        (lambda c, made: c.approve("nonsense"), "not_found"),
        (lambda c, made: c.rate(made, ONE, design="splendid"), "invalid"),
        (lambda c, made: c.rate(made, ONE, level=9), "invalid"),
        (lambda c, made: c.rate(made, ONE, advice="maybe"), "invalid"),
        (lambda c, made: c.rate(made, ONE, advice="reject"), "invalid"),  # and does not say why
        (lambda c, made: c.rate(made, ONE, notes={"weather": "ดี"}), "invalid"),
        (lambda c, made: proposals.comment(c.house.runtime, made, "ดี", by=STRANGER), "comment_round_closed"),
    ],
)
def test_what_is_refused_leaves_everything_as_it_was(committee: Committee, act: Any, code: str) -> None:
    made = committee.propose()
    before = steps(committee, made)
    assert refused(lambda: act(committee, made)).code == code
    assert steps(committee, made) == before
    assert comparisons.comparisons(committee.house.runtime, committee.course) == []


def test_a_chair_who_wrote_or_edited_it_leaves_the_decision_to_another(committee: Committee) -> None:
    made = committee.draft()
    proposals.edit(committee.house.runtime, made, {"credits": 100}, by=CHAIR, revision=1)
    committee.rated(made)
    assert refused(lambda: committee.approve(made)).code == "own_proposal"
    assert (
        refused(lambda: approvals.reject(committee.house.runtime, made, by=CHAIR, reason="ไม่")).code == "own_proposal"
    )
    committee.approve(made, OTHER_CHAIR)
    assert state(committee, made) == "approved"


def test_whose_term_is_over_does_nothing_more(committee: Committee) -> None:
    made = committee.rated()
    runtime, today = committee.house.runtime, thai.bangkok_day(committee.house.runtime.clock())
    groups.add_member(
        runtime,
        committee.group,
        CHAIR.id,
        name="ประธาน",
        role="chair",
        since=date(2020, 1, 1),
        until=date(2021, 1, 1),
        by=ADMIN,
    )
    assert refused(lambda: committee.approve(made)).code == "term_over"
    groups.add_member(runtime, committee.group, CHAIR.id, name="ประธาน", role="chair", since=today, by=ADMIN)
    committee.approve(made)


def test_whose_term_is_over_reads_what_is_law_and_no_draft(committee: Committee) -> None:
    runtime, outside = committee.house.runtime, Actor("user:former", "กรรมการชุดก่อน", "")
    made, law = committee.draft(), committee.approved()
    for until, sees in ((None, True), (date(2021, 1, 1), False)):
        groups.add_member(
            runtime, committee.group, outside.id, name="ก", role="rater", since=date(2020, 1, 1), until=until, by=ADMIN
        )
        listed = {row.id for row in proposal_views.page(runtime, by=outside).items}
        assert (made in listed, law in listed) == (sees, True)
        assert (proposal_views.counts(runtime, by=outside).get("draft", 0) > 0) is sees
        assert proposal_views.get(runtime, law, by=outside).inside is sees
        assert len(ratings.figures(runtime, outside)) == 1 + sees
    assert refused(lambda: proposal_views.get(runtime, made, by=outside)).code == "not_found"


def test_a_dissolved_group_decides_nothing_and_its_chair_can_still_withdraw(committee: Committee) -> None:
    runtime = committee.house.runtime
    law, open_ = committee.approved(), committee.draft(course=add_course(committee.house, "ว21101"))
    groups.change_group(runtime, committee.group, by=ADMIN, dissolved_on=date(2026, 1, 1))
    assert refused(lambda: proposals.propose(runtime, open_, by=WRITER)).code == "group_dissolved"
    assert refused(lambda: committee.draft()).code == "group_dissolved"
    approvals.withdraw(runtime, law, by=CHAIR, ended_from=date(2026, 1, 1), reason="คณะทำงานสิ้นสุด")


def test_what_is_returned_is_edited_and_judged_in_a_new_round(committee: Committee) -> None:
    runtime = committee.house.runtime
    made = committee.propose()
    committee.rate(made, ONE, advice="return", notes={"general": "ชั่วโมงไม่ครบ"})
    approvals.send_back(runtime, made, by=CHAIR, reason="แก้ชั่วโมง")
    assert state(committee, made) == "returned"
    proposals.edit(runtime, made, {"hours": {"theory": 6000}}, by=WRITER, revision=None)
    committee.propose(made)
    seen = proposal_views.get(runtime, made, by=CHAIR)
    assert (seen.row.state, seen.row.round, seen.rated) == ("proposed", 2, 0)
    assert [each.round for each in seen.ratings] == [1], "what was said of the first round stands"
    assert refused(lambda: committee.approve(made)).code == "ratings_missing"
    committee.rate(made, ONE)
    committee.rate(made, TWO)
    committee.approve(made)


def test_a_rejected_proposal_stays_rejected(committee: Committee) -> None:
    made = committee.rated()
    approvals.reject(committee.house.runtime, made, by=CHAIR, reason="ไม่ตรงกับมาตรฐาน")
    assert state(committee, made) == "rejected"
    assert refused(lambda: committee.approve(made)).code == "wrong_state"
    assert refused(lambda: proposals.propose(committee.house.runtime, made, by=WRITER)).code == "wrong_state"
    assert steps(committee, made)[-1][0] == "reject"


def test_a_decision_against_most_of_the_raters_says_why(committee: Committee) -> None:
    made = committee.propose()
    for who in (ONE, TWO):
        committee.rate(made, who, advice="reject", notes={"quality": "ไม่มีระบบประกันคุณภาพ"})
    assert refused(lambda: committee.approve(made)).code == "reason_missing"
    committee.approve(made, reason="มีเอกสารเพิ่มเติมครบแล้ว")
    seen = proposal_views.get(committee.house.runtime, made, by=CHAIR)
    assert seen.steps[-1].reason == "มีเอกสารเพิ่มเติมครบแล้ว"


def test_the_later_of_two_who_edit_is_told_who_was_quicker(committee: Committee) -> None:
    runtime, made = committee.house.runtime, committee.draft()
    proposals.edit(runtime, made, {"credits": 100}, by=WRITER, revision=1)
    late = refused(lambda: proposals.edit(runtime, made, {"credits": 50}, by=ONE, revision=1))
    assert isinstance(late, ChangedMeanwhile)
    assert (late.code, late.status, late.revision, late.who) == ("changed_meanwhile", 409, 2, WRITER.name)
    assert WRITER.name in late.th
    assert WRITER.name not in str(late), "an exception's text may end in a log"
    seen = proposal_views.get(runtime, made, by=WRITER)
    assert seen.terms.credits == 100
    assert seen.steps[-1].details == {"before": {"credits": 150}}


def test_who_signs_a_text_that_is_no_longer_the_one_they_read_is_stopped(committee: Committee) -> None:
    made, runtime = committee.rated(), committee.house.runtime
    read = approvals.text_to_sign(runtime, made, by=CHAIR, reference="ประกาศ 8/2569")
    late = refused(lambda: committee.approve(made, text_digest=signing.digest(read)))
    assert (late.code, late.status) == ("text_changed", 409)
    stale = refused(lambda: committee.approve(made, revision=1))
    assert stale.code == "changed_meanwhile"


def test_nobody_judges_while_the_public_may_comment(house: House) -> None:
    committee = convene(house, comment_days=14)
    runtime, made = house.runtime, committee.propose()
    assert [row.id for row in proposals.open_to_the_public(runtime)] == [made]
    proposals.comment(runtime, made, " เห็นด้วย ควรเพิ่มชั่วโมงปฏิบัติ ", by=STRANGER)
    for act in (
        lambda: committee.rate(made, ONE),
        lambda: committee.approve(made),
        lambda: approvals.judge(runtime, made, by=CHAIR),
        lambda: approvals.send_back(runtime, made, by=CHAIR, reason="ก่อน"),
    ):
        assert refused(act).code == "comment_round_open"
    assert refused(lambda: proposals.comment(runtime, made, "", by=STRANGER)).field == "text"
    let_days_pass(house, 15)
    assert refused(lambda: proposals.comment(runtime, made, "สาย", by=STRANGER)).code == "comment_round_closed"
    assert proposals.open_to_the_public(runtime) == []
    approvals.judge(runtime, made, by=CHAIR)
    committee.rate(made, ONE)
    committee.rate(made, TWO)
    committee.approve(made)
    seen = proposal_views.get(runtime, made, by=None)
    assert [each.text for each in seen.comments] == ["เห็นด้วย ควรเพิ่มชั่วโมงปฏิบัติ"]


def test_nobody_fills_the_public_round(house: House) -> None:
    committee = convene(house, comment_days=14)
    runtime, made = house.runtime, committee.propose()
    for number in range(proposals.MOST_COMMENTS):
        for _ in range(2):
            proposals.comment(runtime, made, f"ความเห็น {number}", by=STRANGER)
    assert refused(lambda: proposals.comment(runtime, made, "อีก", by=STRANGER)).code == "too_many_comments"
    proposals.comment(runtime, made, "อีก", by=ONE)
    assert len(proposal_views.get(runtime, made, by=WRITER).comments) == proposals.MOST_COMMENTS + 1


def test_a_meeting_decides_with_quorum_resolution_and_minutes(house: House) -> None:
    committee = convene(house, procedure="meeting", quorum=3)
    runtime, made = house.runtime, committee.propose()
    today = thai.bangkok_day(runtime.clock())

    def meet(*present: Actor, **more: Any) -> str:
        return groups.hold_meeting(
            runtime,
            committee.group,
            **{
                "held_on": today,
                "present": [who.id for who in present],
                "minutes": "รายงานการประชุม 3/2569",
                "by": WRITER,
                **more,
            },
        )

    few, enough = meet(ONE, CHAIR, WRITER), meet(ONE, TWO, CHAIR)
    assert refused(lambda: meet(ONE, STRANGER)).field == "present"
    assert refused(lambda: meet(ONE, held_on=date(2099, 1, 1))).field == "held_on"
    assert refused(lambda: meet(ONE, minutes=" ")).field == "minutes"
    assert refused(lambda: meet(ONE, by=Actor("user:x", "x", OTHER_SCHOOL))).code == "not_yours"
    assert refused(lambda: committee.approve(made)).code == "no_quorum"
    assert refused(lambda: committee.approve(made, resolution=Resolution(few, "เห็นชอบ"))).code == "no_quorum"
    assert refused(lambda: committee.approve(made, resolution=Resolution(enough, " "))).code == "resolution_missing"
    assert refused(lambda: committee.approve(made, resolution=Resolution("nothing", "เห็นชอบ"))).field == "meeting"
    assert "approve" in proposal_views.get(runtime, made, by=CHAIR).may, "the page lets the chair lay out the papers"
    committee.approve(made, resolution=Resolution(enough, "เห็นชอบให้เทียบ"))
    signed = proposal_views.get(runtime, made, by=CHAIR).steps[-1]
    assert signed.details["resolution"] == "เห็นชอบให้เทียบ"
    assert signed.details["meeting"] == enough
    assert "มติที่ประชุม: เห็นชอบให้เทียบ" in signed.signed


def test_what_replaces_another_ends_it_from_its_own_first_day(committee: Committee) -> None:
    runtime, old = committee.house.runtime, committee.approved()
    made = committee.draft(applies_from=date(2026, 5, 1))
    assert proposal_views.get(runtime, made, by=WRITER).row.replaces == old, (
        "the one that stands is proposed to be replaced"
    )
    committee.rated(made)
    committee.approve(made)
    law = {row.id: row for row in comparisons.comparisons(runtime, committee.course)}
    assert (law[old].ended_from, law[old].ended_as) == (date(2026, 5, 1), "superseded")
    assert law[made].ended_from is None
    assert state(committee, old) == "superseded"
    last = proposal_views.get(runtime, old, by=None).steps[-1]
    assert (last.action, last.actor, last.details["replaced_by"]) == ("supersede", CHAIR.id, made)


def test_two_of_one_body_never_apply_to_one_day(committee: Committee) -> None:
    runtime, old = committee.house.runtime, committee.approved()
    made = committee.draft(applies_from=date(2026, 5, 1))
    proposals.edit(runtime, made, {}, by=WRITER, revision=None, replaces=None)
    committee.rated(made)
    assert refused(lambda: committee.approve(made)).code == "overlaps"
    assert state(committee, made) == "under_judgement"
    assert len(comparisons.comparisons(runtime, committee.course)) == 1
    end_comparison(runtime, old, ended_from=date(2026, 5, 1), by=ADMIN)
    committee.approve(made)


def test_nothing_is_dated_back_over_what_was_credited(committee: Committee) -> None:
    house, runtime = committee.house, committee.house.runtime
    adopt(house, None, body=PROVINCE)
    old = committee.approved()
    for number, day in ((1, 3), (2, 9)):
        house.bank.hear(completed(number, course=Course(code=NEW_CODE), completed_at=moment(day)))
    made = committee.rated(applies_from=date(2026, 3, 4))
    late = refused(lambda: committee.approve(made))
    assert (late.code, late.status, late.field) == ("back_dated", 409, "applies_from")
    assert "ผู้เรียน 1 คน 1 รายการ" in late.th
    assert "เริ่มใช้ได้ตั้งแต่ 10 มีนาคม 2569" in late.th
    assert (state(committee, made), state(committee, old)) == ("under_judgement", "approved")
    assert comparisons.comparisons(runtime, committee.course)[0].ended_from is None
    approvals.send_back(runtime, made, by=CHAIR, reason="เลื่อนวันเริ่มใช้")
    proposals.edit(runtime, made, {"applies_from": date(2026, 3, 10)}, by=WRITER, revision=None)
    committee.rated(made)
    committee.approve(made)
    assert state(committee, old) == "superseded"


def test_another_body_compares_the_same_course_for_itself(committee: Committee) -> None:
    other = compare(committee.house, committee.course, body=SCHOOL)
    made = committee.approved()
    assert (state(committee, made), state(committee, other)) == ("approved", "approved")


def test_only_a_comparison_of_the_same_course_and_body_is_replaced(committee: Committee) -> None:
    house, made = committee.house, committee.draft()
    for other in (house.ids["comparison"], compare(house, committee.course, body=SCHOOL), "nonsense"):
        wrong = refused(
            lambda other=other: proposals.edit(house.runtime, made, {}, by=WRITER, revision=None, replaces=other)
        )
        assert wrong.field == "replaces"

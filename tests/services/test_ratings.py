"""Raters judge for themselves: nobody reads another's rating before their own, and what is counted is decided."""

import pytest

from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import approvals, groups, proposal_views, ratings
from tests.builders import OTHER_SCHOOL, PROVINCE, House, add_course
from tests.committee import ADMIN, CHAIR, ONE, SINCE, TWO, WRITER, Committee, convene


@pytest.fixture
def committee(house: House) -> Committee:
    return convene(house)


def read_by(committee: Committee, proposal: str, who: Actor | None) -> list[str]:
    return [each.actor for each in proposal_views.get(committee.house.runtime, proposal, by=who).ratings]


def test_a_rating_is_hidden_from_who_is_still_to_rate(committee: Committee) -> None:
    colleague = Actor("user:colleague", "เจ้าหน้าที่จังหวัด", PROVINCE)
    made = committee.propose()
    committee.rate(made, ONE, design="partly")
    assert read_by(committee, made, TWO) == []
    assert read_by(committee, made, WRITER) == [], "an author waits for the decision"
    assert read_by(committee, made, colleague) == []
    assert read_by(committee, made, ONE) == [ONE.id]
    assert read_by(committee, made, CHAIR) == [ONE.id]
    assert proposal_views.get(committee.house.runtime, made, by=TWO).rated == 1
    assert all(
        "design" not in str(step.details) for step in proposal_views.get(committee.house.runtime, made, by=TWO).steps
    )
    committee.rate(made, TWO)
    assert read_by(committee, made, TWO) == [ONE.id, TWO.id]
    assert proposal_views.get(committee.house.runtime, made, by=CHAIR).differing == ("design",)
    assert read_by(committee, made, WRITER) == []
    committee.approve(made)
    assert read_by(committee, made, WRITER) == read_by(committee, made, colleague) == [ONE.id, TWO.id]
    assert read_by(committee, made, None) == []
    assert read_by(committee, made, Actor("user:z", "z", OTHER_SCHOOL)) == []


def test_a_chair_who_is_to_rate_as_well_sees_nothing_before(committee: Committee) -> None:
    both = Actor("user:both", "ทั้งสองหน้าที่", PROVINCE)
    for role, since in (("rater", SINCE), ("chair", SINCE.replace(day=2))):
        groups.add_member(
            committee.house.runtime, committee.group, both.id, name=both.name, role=role, since=since, by=ADMIN
        )
    made = committee.propose()
    committee.rate(made, ONE)
    assert read_by(committee, made, both) == []
    committee.rate(made, both)
    assert read_by(committee, made, both) == [ONE.id, both.id]


def test_figures_count_decided_rounds_and_are_the_committees(committee: Committee) -> None:
    house, runtime = committee.house, committee.house.runtime
    one = committee.propose()
    committee.rate(one, ONE, level=3)
    committee.rate(one, TWO, design="partly")
    assert ratings.figures(runtime, WRITER)[0].agreed["design"].pairs == 0, "what is open tells nobody anything"
    committee.approve(one)
    two = committee.propose(committee.draft(course=add_course(house, "ว21101")))
    for who in (ONE, TWO):
        committee.rate(two, who)
    approvals.reject(runtime, two, by=CHAIR, reason="เอกสารไม่ครบ")
    everything, group = ratings.figures(runtime, WRITER)
    assert (everything.group, group.group and group.group.id) == (None, committee.group)
    for found in (everything, group):
        assert (found.agreed["design"].pairs, found.agreed["design"].agreeing) == (2, 1)
        assert (found.agreed["level"].agreeing, found.agreed["level"].near) == (1, 2)
        assert (found.agreed["measurement"].percent, found.agreed["measurement"].is_small) == (100, True)
        assert (found.decisions.decided, found.decisions.followed, found.decisions.against) == (2, 1, 1)
    stranger = ratings.figures(runtime, Actor("user:z", "z", OTHER_SCHOOL))
    assert [each.agreed["design"].pairs for each in stranger] == [0]


def test_each_round_of_one_proposal_is_counted_with_its_own_ratings(committee: Committee) -> None:
    runtime, made = committee.house.runtime, committee.rated()
    approvals.send_back(runtime, made, by=CHAIR, reason="แก้")
    committee.propose(made)
    committee.rate(made, ONE)
    committee.rate(made, TWO, quality="not_met")
    committee.approve(made, reason="เพิ่มระบบแล้ว")
    found = ratings.figures(runtime, WRITER)[0]
    assert (found.agreed["quality"].rounds, found.agreed["quality"].agreeing) == (2, 1)
    assert (found.decisions.decided, found.decisions.against) == (2, 1)

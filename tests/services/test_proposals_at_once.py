"""Two people at one proposal in the same moment: one of them wins wholly, the other is told, nothing is half done."""

import threading
from collections.abc import Callable
from datetime import date

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.comparing import approvals, comparisons, proposal_views, proposals
from creditbank_plugin.storage.queries import proposals as rows
from creditbank_plugin.storage.session import reading
from tests.builders import House
from tests.committee import ADMIN, CHAIR, ONE, OTHER_CHAIR, TWO, WRITER, Committee, convene

TIMES = 4


@pytest.fixture
def committee(house: House) -> Committee:
    return convene(house, raters=2)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all of these at the same moment; return for each the code of its refusal, empty where it was done."""
    told = [""] * len(acts)
    start = threading.Barrier(len(acts))

    def do(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except Refused as refusal:
            told[place] = refusal.code
        except Exception as error:
            told[place] = repr(error)

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


def sound(committee: Committee, proposal: str) -> str:
    """Check that state, steps, revision and law tell one story; return the state."""
    runtime = committee.house.runtime
    seen = proposal_views.get(runtime, proposal, by=ADMIN)
    states = [step.to_state for step in seen.steps]
    assert [step.number for step in seen.steps] == list(range(1, len(states) + 1))
    assert [step.from_state for step in seen.steps[1:]] == states[:-1]
    assert seen.row.state == states[-1]
    law = [row.id for row in comparisons.comparisons(runtime, seen.row.course_id) if row.id == proposal]
    assert bool(law) == (states[-1] in ("approved", "superseded"))
    return str(seen.row.state)


def test_a_chair_approves_while_it_is_sent_back_and_edited(committee: Committee) -> None:
    runtime = committee.house.runtime

    def send_back_and_edit(made: str) -> None:
        approvals.send_back(runtime, made, by=OTHER_CHAIR, reason="แก้")
        proposals.edit(runtime, made, {"credits": 50}, by=WRITER, revision=None)

    for number in range(TIMES):
        day = date(2021 + number, 1, 1)
        made = committee.rated(committee.draft(applies_from=day))
        told = at_once(lambda made=made: committee.approve(made), lambda made=made: send_back_and_edit(made))
        assert sorted(told, key=bool)[0] == ""
        assert told.count("wrong_state") == 1, told
        state = sound(committee, made)
        seen = proposal_views.get(runtime, made, by=ADMIN)
        if state == "approved":
            law = next(row for row in comparisons.comparisons(runtime, committee.course) if row.id == made)
            assert law.credits == seen.terms.credits == 150, "what was signed is what stands"
        else:
            assert (state, seen.terms.credits) == ("returned", 50)


def test_a_chair_approves_while_the_last_rater_rates(committee: Committee) -> None:
    for number in range(TIMES):
        made = committee.propose(committee.draft(applies_from=date(2021 + number, 1, 1)))
        committee.rate(made, ONE)
        told = at_once(lambda made=made: committee.approve(made), lambda made=made: committee.rate(made, TWO))
        assert told[1] == "", told
        assert told[0] in ("", "ratings_missing")
        with reading(committee.house.runtime.engine) as connection:
            assert len(rows.ratings(connection, made)) == 2
        if told[0]:
            assert sound(committee, made) == "under_judgement"
            committee.approve(made)
        assert sound(committee, made) == "approved"


def test_two_chairs_sign_at_once_and_one_of_them_does(committee: Committee) -> None:
    for number in range(TIMES):
        made = committee.rated(committee.draft(applies_from=date(2021 + number, 1, 1)))
        told = at_once(
            lambda made=made: committee.approve(made), lambda made=made: committee.approve(made, OTHER_CHAIR)
        )
        assert sorted(told) == ["", "wrong_state"]
        assert sound(committee, made) == "approved"


def test_two_proposals_for_the_same_days_do_not_both_become_law(committee: Committee) -> None:
    one, two = committee.rated(), committee.rated()
    told = at_once(lambda: committee.approve(one), lambda: committee.approve(two, OTHER_CHAIR))
    assert sorted(told) == ["", "overlaps"]
    assert sorted([sound(committee, one), sound(committee, two)]) == ["approved", "under_judgement"]


def test_two_who_edit_what_they_both_read(committee: Committee) -> None:
    runtime, made = committee.house.runtime, committee.draft()
    told = at_once(
        lambda: proposals.edit(runtime, made, {"credits": 50}, by=WRITER, revision=1),
        lambda: proposals.edit(runtime, made, {"credits": 100}, by=ONE, revision=1),
    )
    assert sorted(told) == ["", "changed_meanwhile"]
    seen = proposal_views.get(runtime, made, by=WRITER)
    assert seen.row.revision == 2
    assert seen.terms.credits == (50 if told[0] == "" else 100)


def test_a_rater_sends_the_same_rating_twice_at_once(committee: Committee) -> None:
    made = committee.propose()
    told = at_once(lambda: committee.rate(made, ONE), lambda: committee.rate(made, ONE))
    assert sorted(told) == ["", "already_rated"]
    assert sound(committee, made) == "under_judgement"


def test_law_is_withdrawn_while_another_replaces_it(committee: Committee) -> None:
    runtime, old = committee.house.runtime, committee.approved()
    new = committee.rated(committee.draft(applies_from=date(2026, 5, 1)))
    told = at_once(
        lambda: committee.approve(new),
        lambda: approvals.withdraw(runtime, old, by=CHAIR, ended_from=date(2026, 4, 1), reason="ผิด"),
    )
    assert told in (["", "wrong_state"], ["replaced_ended", ""])
    assert sound(committee, new) == ("approved" if told[0] == "" else "under_judgement")

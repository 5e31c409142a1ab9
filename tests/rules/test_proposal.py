"""The way of a proposal: no order of acts leads to law without the procedure, and nobody judges their own."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.proposal import (
    ACTS,
    PROCEDURES,
    ROLES,
    STATE_WORDS,
    STATES,
    Member,
    Sitting,
    Standing,
    begins,
    comments_until,
    may,
    wrong_state,
)

DAY = date(2026, 6, 1)
PEOPLE = ("a", "b", "c", "d", "e")
MEMBERS = (
    Member("writer", "secretary", DAY - timedelta(30)),
    Member("one", "rater", DAY - timedelta(30)),
    Member("two", "rater", DAY - timedelta(30)),
    Member("chair", "chair", DAY - timedelta(30)),
    Member("former", "chair", DAY - timedelta(300), DAY - timedelta(1)),
    Member("later", "chair", DAY + timedelta(1)),
)


def standing(state: str = "under_judgement", **more: object) -> Standing:
    values: dict[str, object] = {
        "state": state,
        "authors": frozenset(["writer"]),
        "rated": frozenset(["one", "two"]),
        "procedure": "raters_and_chair",
        "raters": 2,
        "quorum": 3,
        "proposed_on": DAY - timedelta(7),
    }
    return Standing(**{**values, **more})  # type: ignore[arg-type]


def code(act: str, actor: str, at: Standing, members: tuple[Member, ...] = MEMBERS, **more: object) -> str:
    """The code of the refusal, empty where it is allowed."""
    try:
        may(act, at, actor, members, DAY, **more)  # type: ignore[arg-type]
    except Refused as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize(
    ("act", "actor", "at", "refusal"),
    [
        ("approve", "chair", standing(), ""),
        ("approve", "nobody", standing(), "not_a_member"),
        ("approve", "former", standing(), "term_over"),
        ("approve", "later", standing(), "term_over"),
        ("approve", "one", standing(rated=frozenset(["two"])), "not_your_role"),
        ("approve", "chair", standing(authors=frozenset(["chair"])), "own_proposal"),
        ("rate", "one", standing(authors=frozenset(["one"]), rated=frozenset()), "own_proposal"),
        ("return", "chair", standing(authors=frozenset(["chair"])), "own_proposal"),
        ("reject", "chair", standing(authors=frozenset(["chair"])), "own_proposal"),
        ("judge", "writer", standing("proposed"), "own_proposal"),
        ("approve", "chair", standing(rated=frozenset(["one"])), "ratings_missing"),
        ("approve", "chair", standing("draft"), "wrong_state"),
        ("approve", "chair", standing("approved"), "wrong_state"),
        ("approve", "chair", standing("proposed"), ""),
        ("approve", "chair", standing("proposed", comment_until=DAY), "comment_round_open"),
        ("rate", "one", standing("proposed", rated=frozenset(), comment_until=DAY), "comment_round_open"),
        ("judge", "chair", standing("proposed", comment_until=DAY), "comment_round_open"),
        ("judge", "chair", standing("proposed", comment_until=DAY - timedelta(1)), ""),
        ("rate", "one", standing(), "already_rated"),
        ("rate", "one", standing(rated=frozenset()), ""),
        ("rate", "chair", standing(rated=frozenset()), "not_your_role"),
        ("edit", "one", standing(), "wrong_state"),
        ("edit", "one", standing("draft"), ""),
        ("edit", "one", standing("returned"), ""),
        ("propose", "writer", standing("returned"), ""),
        ("take_back", "one", standing("draft"), "not_your_role"),
        ("take_back", "writer", standing("draft"), ""),
        ("take_back", "writer", standing("approved"), "wrong_state"),
        ("withdraw", "chair", standing("approved"), ""),
        ("withdraw", "chair", standing("draft"), "wrong_state"),
        ("withdraw", "writer", standing("approved"), "not_your_role"),
    ],
)
def test_who_may_do_what(act: str, actor: str, at: Standing, refusal: str) -> None:
    assert code(act, actor, at) == refusal


def test_a_rater_who_is_chair_as_well_does_not_decide_what_they_rated() -> None:
    members = (*MEMBERS, Member("one", "chair", DAY - timedelta(30)))
    assert code("approve", "one", standing(), members) == "own_rating"
    assert code("approve", "one", standing(rated=frozenset(["two", "x"])), members) == ""


def sitting(**more: object) -> Sitting:
    values: dict[str, object] = {
        "held_on": DAY - timedelta(1),
        "present": frozenset(["one", "two", "chair"]),
        "quorum": 3,
        "minutes": "รายงานการประชุม 1/2569",
        "resolution": "เห็นชอบ",
    }
    return Sitting(**{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "refusal"),
    [
        (sitting(), ""),
        (None, "no_quorum"),
        (sitting(present=frozenset(["one", "chair"])), "no_quorum"),
        (sitting(present=frozenset(["one", "chair", "writer"])), "no_quorum"),  # an author does not count
        (sitting(present=frozenset(["one", "chair", "stranger"])), "no_quorum"),
        (sitting(present=frozenset(["one", "chair", "later"])), "no_quorum"),
        (sitting(held_on=DAY - timedelta(8)), "no_quorum"),  # before it was proposed
        (sitting(held_on=DAY + timedelta(1)), "no_quorum"),
        (sitting(quorum=1, present=frozenset(["one"])), "no_quorum"),  # the group's own quorum stands
        (sitting(resolution=" "), "resolution_missing"),
        (sitting(minutes=""), "resolution_missing"),
    ],
)
def test_a_meeting_needs_its_quorum_a_resolution_and_minutes(held: Sitting | None, refusal: str) -> None:
    assert code("approve", "chair", standing(procedure="meeting", rated=frozenset()), sitting=held) == refusal


def test_a_meeting_in_the_public_round_resolves_nothing() -> None:
    at = standing(procedure="meeting", rated=frozenset(), comment_until=DAY - timedelta(1))
    assert code("approve", "chair", at, sitting=sitting(held_on=DAY - timedelta(1))) == "comment_round_open"


def test_every_act_starts_and_leads_somewhere_known() -> None:
    for act in ACTS.values():
        assert set(act.starts) <= set(STATES)
        assert act.leads in (None, *STATES)
        assert set(act.roles) <= set(ROLES)
    assert [name for name, act in ACTS.items() if act.leads == "approved"] == ["approve"]


@pytest.mark.parametrize("state", STATES)
def test_a_refusal_names_the_state_in_words(state: str) -> None:
    refusal = wrong_state(state)
    th, en = STATE_WORDS[state]
    assert (refusal.code, refusal.status) == ("wrong_state", 409)
    assert f"“{th}”" in refusal.th
    assert f"“{en}”" in refusal.en
    assert not any(name in refusal.th for name in STATES)
    assert "_" not in refusal.en


def test_no_comment_round_for_no_days() -> None:
    assert comments_until(DAY, 0) is None
    assert comments_until(DAY, 14) == date(2026, 6, 15)


@dataclass
class Story:
    """A proposal as the rules move it, and beside it a plain log to judge them by."""

    at: Standing
    day: date = DAY
    log: list[tuple[str, str, date, int]] = field(default_factory=list)
    round: int = 1

    def try_(self, act: str, actor: str, members: tuple[Member, ...], held: Sitting | None) -> None:
        try:
            may(act, self.at, actor, members, self.day, sitting=held)
        except Refused:
            return
        state = self.at.state
        for each in begins(act, state):
            self.log.append((each, actor, self.day, self.round))
            state = ACTS[each].leads or state
        self.at = replace(self.at, state=state)
        if act in ("edit", "propose"):
            self.at = replace(self.at, authors=self.at.authors | {actor})
        if act == "propose":
            again = any(each[0] == "propose" for each in self.log[:-1])
            self.round += again
            self.at = replace(self.at, rated=frozenset(), proposed_on=self.day, comment_until=None)
        if act == "rate":
            self.at = replace(self.at, rated=self.at.rated | {actor})


people = st.sampled_from(PEOPLE)
terms = st.builds(
    Member,
    people,
    st.sampled_from(ROLES),
    st.dates(DAY - timedelta(5), DAY + timedelta(5)),
    st.none() | st.dates(DAY, DAY + timedelta(20)),
)
sittings = st.none() | st.builds(
    Sitting,
    st.dates(DAY - timedelta(2), DAY + timedelta(15)),
    st.frozensets(people),
    st.integers(1, 3),
    st.sampled_from(["", "รายงาน"]),
    st.sampled_from(["", "เห็นชอบ"]),
)
acts = st.tuples(st.sampled_from([*ACTS, "approve", "rate", "propose"]), people, sittings, st.integers(0, 2))


@settings(max_examples=400, deadline=None)
@given(st.lists(terms, min_size=1, max_size=9), st.sampled_from(PROCEDURES), people, st.lists(acts, max_size=25))
def test_no_order_of_acts_leads_to_law_without_the_procedure(
    members: list[Member], procedure: str, author: str, told: list[tuple[str, str, Sitting | None, int]]
) -> None:
    story = Story(
        standing(
            "draft", authors=frozenset([author]), rated=frozenset(), procedure=procedure, quorum=2, proposed_on=None
        )
    )
    known = tuple(members)
    for act, actor, held, days in told:
        story.day += timedelta(days)
        story.try_(act, actor, known, held)
        if act == "approve" and story.log and story.log[-1][0] == "approve":
            last_sitting = held
    for place, (act, actor, day, round_) in enumerate(story.log):
        before = story.log[:place]
        authors = {author} | {each[1] for each in before if each[0] in ("edit", "propose")}
        assert any(each.actor == actor and each.on(day) and each.role in ACTS[act].roles for each in members)
        if act in ("judge", "rate", "approve", "return", "reject"):
            assert actor not in authors
        if act == "rate":
            assert (act, actor, round_) not in [(each[0], each[1], each[3]) for each in before]
        if act == "approve":
            raters = {each[1] for each in before if each[0] == "rate" and each[3] == round_}
            assert actor not in raters
            assert before[-1][0] in ("judge", "rate")
            assert any(each[0] == "propose" for each in before)
            if procedure == "raters_and_chair":
                assert len(raters) >= 2
            else:
                assert last_sitting is not None
                present = {one for one in last_sitting.present if one not in authors}
                assert (
                    len(
                        [
                            one
                            for one in present
                            if any(each.actor == one and each.on(last_sitting.held_on) for each in members)
                        ]
                    )
                    >= 2
                )
                assert last_sitting.minutes
                assert last_sitting.resolution
    assert [each[0] for each in story.log].count("approve") <= 1
    assert (story.at.state == "approved") <= any(each[0] == "approve" for each in story.log)

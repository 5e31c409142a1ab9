"""From a completion to a decision: every state and reason, on both databases."""

from datetime import date
from typing import Any

import pytest

from creditbank_hooks import Assurance, Course
from creditbank_plugin.services import accounts, events, organisations, tasks
from creditbank_plugin.services.catalogue import aliases
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.views import Credits, Event
from tests.builders import (
    BANK,
    CODE,
    ISSUER,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    add_course,
    adopt,
    beside,
    compare,
    completed,
    moment,
    revoked,
)


def tell(house: House, *tidings: Any) -> list[Event]:
    """Tell the bank, in order, and return what became of each."""
    for tiding in tidings:
        house.bank.hear(tiding)
    return [event_of(house, tiding.event_id) for tiding in tidings]


def event_of(house: House, message_id: str) -> Event:
    found = [each for each in events.page(house.runtime, limit=200).items if each.id == message_id]
    assert len(found) == 1, f"{len(found)} messages {message_id}"
    return found[0]


def credits_of(house: House, who: int = 1) -> Credits:
    (learner,) = accounts.find_learners(house.runtime, ISSUER, f"s-{who}")
    return accounts.credits(house.runtime, learner.id)


def sound(house: House) -> None:
    assert verify.verify(house.runtime)["broken"] == []


def test_a_completion_becomes_an_explained_credit(house: House) -> None:
    (event,) = tell(house, completed(event_id="e1"))
    assert (event.state, event.reason) == ("credited", "credited")
    (record,) = credits_of(house).items
    assert (record.credits, record.scheme, record.state, record.course_code) == (150, "basic", "available", CODE)
    assert (record.bank_code, record.school, record.event_id) == (BANK, SCHOOL, event.event_id)
    assert [each.code for each in record.outcomes] == ["ท 1.1", "ท 2.1"]
    assert all(each.title.th and each.source for each in record.outcomes)
    assert record.authority.order_number == "1/2563"
    assert record.authority.comparison_id == house.ids["comparison"]
    rules = [line["rule"] for line in record.explanation]
    assert rules == ["course", "comparison", "adoption", "min_score", "BE-H1", "credits"]
    assert record.explanation[4]["inputs"]["hours"] == "60"
    assert record.explanation[4]["result"] == record.explanation[5]["result"] == "1.50"
    assert all(line["th"] and line["en"] and line["source"] for line in record.explanation)
    assert record.completed_on == date(2026, 3, 1)
    sound(house)


def test_the_same_message_again_is_the_first_answer(house: House) -> None:
    tell(house, completed(event_id="e1"), completed(event_id="e1"))
    assert len(credits_of(house).items[0].movements) == 1


def test_the_same_fact_in_another_message_points_at_the_record(house: House) -> None:
    first, second = tell(house, completed(event_id="e1"), completed(event_id="e2"))
    assert second.reason == "credited.already"
    assert second.record_id == first.record_id is not None
    assert credits_of(house).balances[0].available == 150


def test_the_same_id_with_other_facts_is_a_conflict_and_the_first_stands(house: House) -> None:
    house.bank.hear(completed(event_id="e1"))
    house.bank.hear(completed(event_id="e1", score=99))
    house.bank.hear(completed(event_id="e1", score=99))
    found = [each for each in events.page(house.runtime).items if each.id == "e1"]
    assert sorted((each.state, each.reason) for each in found) == [
        ("conflict", "same_id_other_facts"),
        ("credited", "credited"),
    ]
    assert credits_of(house).items[0].score == 80


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"score": 49}, "score_below"),
        ({"grade": "0"}, "grade_below"),
        ({"grade": "มผ"}, "grade_below"),
        ({"completed_at": moment(1, year=2019)}, "outside_dates"),
    ],
)
def test_what_the_rule_refuses_is_withheld_with_its_reason(house: House, facts: dict[str, Any], reason: str) -> None:
    (event,) = tell(house, completed(event_id="e1", **facts))
    assert (event.state, event.reason, event.record_id) == ("withheld", reason, None)
    assert event.explanation[-1]["result"] == reason
    assert credits_of(house).balances == []


@pytest.mark.parametrize(
    ("conditions", "facts", "reason"),
    [
        ({"min_attendance": 80}, {"attendance": 79}, "attendance_below"),
        ({"min_attendance": 80}, {"attendance": 80}, "credited"),
        ({"min_attendance": 80}, {}, "credited"),
        ({"min_attendance": 80, "required": ["attendance"]}, {}, "evidence_missing"),
        ({"min_grade": "2"}, {"grade": "1.5"}, "grade_below"),
        ({"min_grade": "2"}, {"grade": "๒"}, "credited"),
        ({"required": ["grade"]}, {}, "evidence_missing"),
        ({}, {"grade": "ร"}, "evidence_missing"),
        ({"min_identity": "verified"}, {}, "assurance_below"),
        ({"min_identity": "login"}, {"assurance": Assurance(identity="proctored")}, "credited"),
        ({"min_assessment": "teacher"}, {"assurance": None}, "assurance_below"),
    ],
)
def test_conditions(bare: House, conditions: dict[str, Any], facts: dict[str, Any], reason: str) -> None:
    course = add_course(bare, "ค21101")
    adopt(bare, compare(bare, course, conditions=conditions))
    (event,) = tell(bare, completed(code="ค21101", event_id="e1", **facts))
    assert event.reason == reason


def test_a_missing_score_suffices_where_the_completion_does(house: House) -> None:
    (event,) = tell(house, completed(event_id="e1", score=None))
    assert event.reason == "credited"


def test_a_lowered_result_waits_for_a_person(house: House) -> None:
    _, second = tell(house, completed(event_id="e1"), completed(event_id="e2", score=60, time=moment(5)))
    (record,) = credits_of(house).items
    assert (record.state, record.amounts["under_review"]) == ("under_review", 150)
    assert second.explanation[-1]["rule"] == "lowered_result"
    assert [row.account_id for row in tasks.reviews(house.runtime)] == [record.account_id]
    sound(house)


def test_an_older_fact_is_kept_and_changes_nothing(house: House) -> None:
    tell(house, completed(event_id="e1", score=80, time=moment(5)))
    (event,) = tell(house, completed(event_id="e2", score=60, time=moment(4)))
    assert (event.state, event.reason) == ("credited", "credited.stale")
    assert (credits_of(house).items[0].score, credits_of(house).items[0].state) == (80, "available")


def test_a_second_attempt_adjusts_the_one_record(house: House) -> None:
    _, second = tell(house, completed(event_id="e1", score=60), completed(event_id="e2", score=95, attempt=2))
    assert second.reason == "credited.superseded_attempt"
    (record,) = credits_of(house).items
    assert (record.score, record.credits, [each.kind for each in record.movements]) == (95, 150, ["deposit", "adjust"])


def test_a_revocation_reverses_the_credit_and_explains_it(house: House) -> None:
    (event, revocation) = tell(house, completed(event_id="e1"), revoked(event_id="r1"))
    event = event_of(house, "e1")
    assert (event.state, event.reason) == ("withheld", "completion_revoked")
    assert (revocation.state, revocation.record_id) == ("applied", event.record_id)
    assert credits_of(house).items[0].state == "revoked"
    assert credits_of(house).balances[0].available == 0
    sound(house)


def test_a_revocation_that_came_first_voids_the_completion(house: House) -> None:
    _, event = tell(house, revoked(event_id="r1"), completed(event_id="e1"))
    assert (event.state, event.reason) == ("withheld", "completion_revoked")
    (record,) = credits_of(house).items
    assert (record.id, record.state, record.amounts["revoked"]) == (event.record_id, "revoked", 150)


def test_a_completion_after_the_revocation_counts_again(house: House) -> None:
    tell(house, completed(event_id="e1"), revoked(event_id="r1"))
    (event,) = tell(house, completed(event_id="e2", completed_at=moment(9), attempt=2))
    assert event.state == "credited"
    (record,) = credits_of(house).items
    assert (record.state, record.amounts["available"], record.amounts["revoked"]) == ("available", 150, 0)


class TestWhatWaitsSettlesByItself:
    """A waiting completion needs no second message."""

    def test_the_course(self, house: House) -> None:
        (event,) = tell(house, completed(code="ว21101", event_id="e1"))
        assert (event.state, event.reason) == ("waiting", "course_unknown")
        add_course(house, "ว21101")
        assert event_of(house, "e1").reason == "no_comparison"

    def test_the_alias(self, house: House) -> None:
        course = Course(code="https://moodle.example/course?id=5", iri="https://moodle.example/course?id=5")
        (event,) = tell(house, completed(event_id="e1", course=course))
        assert event.reason == "course_unknown"
        assert [row.completions for row in aliases.unknown_courses(house.runtime)] == [1, 1]
        assert aliases.alias(house.runtime, "https://moodle.example/course?id=5", CODE).messages == 1
        assert event_of(house, "e1").state == "credited"

    def test_the_comparison(self, house: House) -> None:
        course = add_course(house, "ว21101")
        (event,) = tell(house, completed(code="ว21101", event_id="e1"))
        assert event.reason == "no_comparison"
        made = compare(house, course)
        assert event_of(house, "e1").reason == "not_adopted"
        adopt(house, made)
        assert event_of(house, "e1").state == "credited"

    def test_a_comparison_approved_today_for_yesterday(self, house: House) -> None:
        tell(house, completed(event_id="e1", completed_at=moment(1, year=2019)))
        assert event_of(house, "e1").reason == "outside_dates"
        adopt(
            house,
            compare(house, house.ids["course"], applies_from=date(2019, 1, 1), applies_until=date(2019, 12, 31)),
            applies_from=date(2019, 1, 1),
        )
        assert event_of(house, "e1").state == "credited"

    def test_the_issuer(self, house: House) -> None:
        from tests.builders import learner

        stranger = learner(1, issuer="https://other.example")
        (event,) = tell(house, completed(stranger, event_id="e1"))
        assert (event.state, event.reason) == ("waiting", "issuer_untrusted")
        organisations.trust_issuer(house.runtime, "https://other.example")
        assert event_of(house, "e1").state == "credited"


def test_the_own_order_goes_before_a_standing_one(bare: House) -> None:
    course = add_course(bare)
    compare(bare, course, credits=100)
    with beside():
        own = compare(bare, course, credits=150)
    adopt(bare, None, body=PROVINCE, order_number="ยืน 1")
    tell(bare, completed(event_id="e1"))
    assert event_of(bare, "e1").reason == "adoptions_disagree"
    adopt(bare, own)
    assert event_of(bare, "e1").state == "credited"
    assert credits_of(bare).items[0].credits == 150


def test_a_standing_order_keeps_to_its_level_group(bare: House) -> None:
    course = add_course(bare, level_group="upper_secondary_vocational")
    compare(bare, course)
    adopt(bare, None, body=PROVINCE, level_group="lower_secondary")
    tell(bare, completed(event_id="e1"))
    assert event_of(bare, "e1").reason == "not_adopted"
    adopt(bare, None, body=PROVINCE, level_group="upper_secondary_vocational")
    assert event_of(bare, "e1").state == "credited"


def test_a_school_s_own_course_goes_before_the_national_one_and_two_versions_wait(house: House) -> None:
    add_course(house, owner=SCHOOL, version="2560")
    (event,) = tell(house, completed(event_id="e1"))
    assert event.reason == "no_comparison"
    add_course(house, owner=SCHOOL, version="2567")
    (event,) = tell(house, completed(2, event_id="e2"))
    assert event.reason == "course_ambiguous"
    (event,) = tell(house, completed(3, event_id="e3", course=Course(code=CODE, owner="national")))
    assert event.state == "credited"


def test_another_school_s_course_is_not_found_by_its_code(house: House) -> None:
    add_course(house, "จ20201", owner=OTHER_SCHOOL)
    (event,) = tell(house, completed(code="จ20201", event_id="e1"))
    assert event.reason == "course_unknown"


def test_every_unicode_form_of_a_code_is_one_course(house: House) -> None:
    add_course(house, "อำ21101")
    for number, form in enumerate(("อำ21101", "อํา21101", "อำ๒๑๑๐๑", " อำ21101 ")):
        (event,) = tell(house, completed(number, code=form, event_id=f"e{number}"))
        assert event.reason == "no_comparison", form


def test_withdrawing_a_comparison_leaves_old_credit_and_stops_new(house: House) -> None:
    tell(house, completed(1, event_id="e1"))
    comparisons.end_comparison(house.runtime, house.ids["comparison"], ended_from=date(2026, 3, 2))
    tell(house, completed(2, event_id="e2", completed_at=moment(5)), completed(3, event_id="e3"))
    assert [event_of(house, name).reason for name in ("e1", "e2", "e3")] == ["credited", "outside_dates", "credited"]

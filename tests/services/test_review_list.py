"""The list of what waits for a person: who sees what of it, and when it leaves."""

from datetime import date

import pytest

from creditbank_hooks import Course
from creditbank_plugin.errors import Refused
from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.comparing import comparisons, review_list, reviews
from creditbank_plugin.services.comparing.review_list import UnderReview
from tests.builders import (
    OTHER_SCHOOL,
    SCHOOL,
    House,
    Place,
    add_course,
    adopt,
    compare,
    completed,
    furnish,
    make_app,
    moment,
)
from tests.services.test_reviews import CHAIR, WHY, finished, record_of, tell, withdraw

NOBODY = Actor("user:n", "ไม่สังกัด", "")
HEAD, STRANGER = Actor("user:h", "ผู้อำนวยการ", SCHOOL), Actor("user:x", "อื่น", OTHER_SCHOOL)


@pytest.fixture
def bank(place: Place) -> House:
    return furnish(make_app(place.folder, place.url, CREDITBANK_SETTLE="worker"))


def listed(house: House, by: Actor = CHAIR, limit: int = 50) -> list[UnderReview]:
    found: list[UnderReview] = []
    after = None
    while True:
        page = review_list.page(house.runtime, by=by, after=after, limit=limit)
        found += page.items
        after = page.next
        if after is None:
            return found


def test_what_a_withdrawal_put_before_a_person_is_listed_until_they_decide(bank: House) -> None:
    tell(bank, *(completed(number, event_id=f"e{number}") for number in range(3)))
    tell(bank, completed(1, event_id="e1b", attempt=2, score=95, completed_at=moment(2)))
    assert listed(bank) == []
    withdraw(bank)
    found = listed(bank)
    assert {each.learner for each in found} == {"s-0", "s-1", "s-2"}
    assert [each.record_id for each in listed(bank, limit=1)] == [each.record_id for each in found]
    one = next(each for each in found if each.learner == "s-1")
    assert (one.amount, one.scheme, one.school, one.ended_from) == (150, "basic", SCHOOL, date(2026, 6, 1))
    assert [each["score"] for each in one.attempts] == ["80", "95"]
    assert "s-1" not in repr(one)
    assert review_list.get(bank.runtime, one.record_id, by=HEAD) == one
    reviews.decide(bank.runtime, one.record_id, uphold=True, by=HEAD, reason="ตรวจแล้ว")
    assert {each.learner for each in listed(bank)} == {"s-0", "s-2"}
    with pytest.raises(Refused, match="not_found"):
        review_list.get(bank.runtime, one.record_id, by=CHAIR)


def test_only_the_body_the_bank_and_those_above_see_it(bank: House) -> None:
    other = compare(bank, add_course(bank, "ท21102"), body=OTHER_SCHOOL)
    adopt(bank, other)
    tell(bank, completed(1, event_id="e1"), completed(2, event_id="e2", course=Course(code="ท21102")))
    withdraw(bank)
    comparisons.end_comparison(bank.runtime, other, ended_from=date(2026, 6, 1))
    reviews.put_under_review(bank.runtime, other, by=administrator("test"), reason=WHY)
    finished(bank)
    first, second = record_of(bank, 1).id, record_of(bank, 2).id
    seen = {by.id: {each.record_id for each in listed(bank, by)} for by in (CHAIR, HEAD, STRANGER, NOBODY)}
    assert seen == {CHAIR.id: {first, second}, HEAD.id: {first, second}, STRANGER.id: {second}, NOBODY.id: set()}
    assert {each.record_id for each in listed(bank, administrator("test"))} == {first, second}
    for by, record in ((STRANGER, first), (NOBODY, second)):
        with pytest.raises(Refused, match="not_found"):
            review_list.get(bank.runtime, record, by=by)
        with pytest.raises(Refused, match="not_yours"):
            reviews.decide(bank.runtime, record, uphold=True, by=by, reason=WHY)
    assert review_list.page(bank.runtime, by=CHAIR, after="nonsense").items == ()


def test_what_another_ground_carries_waits_for_nobody(bank: House) -> None:
    tell(bank, completed(1, event_id="e1"))
    withdraw(bank)
    adopt(bank, compare(bank, bank.ids["course"], applies_from=date(2026, 6, 1)))
    tell(bank, completed(1, attempt=2, completed_at=moment(5, month=6), event_id="e2"))
    assert listed(bank) == []


def test_outcomes_without_credit_are_listed_too(bank: House) -> None:
    course = add_course(bank, "ท21103")
    law = compare(bank, course, 0, scheme="none", credits_rule=None)
    adopt(bank, law)
    tell(bank, completed(3, event_id="e3", course=Course(code="ท21103")))
    withdraw(bank, law)
    (one,) = listed(bank)
    assert (one.scheme, one.amount) == ("none", 0)


def test_the_reason_of_the_withdrawal_is_told(bank: House) -> None:
    from creditbank_plugin.services.comparing import approvals

    tell(bank, completed(1, event_id="e1"))
    by = administrator("test")
    approvals.withdraw(
        bank.runtime, bank.ids["comparison"], by=by, ended_from=date(2026, 6, 1), reason=WHY, credits="review"
    )
    finished(bank)
    assert [each.reason for each in listed(bank)] == [WHY]

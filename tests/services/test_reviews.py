"""A withdrawn comparison's credit goes before a person: all of it, whenever it is told, and what they decide stays."""

import threading
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from creditbank_hooks import Course, LearnerMerged
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import fold
from creditbank_plugin.services import accounts, events, jobs
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import comparisons, reviews
from creditbank_plugin.services.forecasting.forecast import impact_of_withdrawal
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.settling.casebook import Casebook
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage.session import reading, writing
from creditbank_plugin.storage.tables import Entry, News, Record
from tests.builders import (
    ISSUER,
    OTHER_SCHOOL,
    PROVINCE,
    House,
    Place,
    add_course,
    adopt,
    compare,
    completed,
    furnish,
    learner,
    make_app,
    moment,
    revoked,
)

CHAIR = Actor("user:chair", "ประธาน ทดสอบ", PROVINCE)
WHY = "ประกาศเดิมอ้างผลลัพธ์ผิด"


@pytest.fixture
def bank(place: Place) -> House:
    """A furnished bank whose long work is left to workers, so that a test says when it is done."""
    return furnish(make_app(place.folder, place.url, CREDITBANK_SETTLE="worker"))


def tell(house: House, *told: Any) -> None:
    for each in told:
        house.bank.hear(each)
    settle(house.runtime)


def withdraw(house: House, comparison: str | None = None, *, finish: bool = True) -> str:
    comparison = comparison or house.ids["comparison"]
    comparisons.end_comparison(
        house.runtime, comparison, ended_from=date(2026, 6, 1), by=Actor("user:u-1", "", PROVINCE)
    )
    job = reviews.put_under_review(house.runtime, comparison, by=CHAIR, reason=WHY)
    if finish:
        finished(house)
    return job


def finished(house: House) -> None:
    while jobs.run_next(house.runtime):
        pass


def held(house: House, who: int | str) -> dict[str, int]:
    """What a learner's only record holds, states without anything left out."""
    (found,) = accounts.find_learners(house.runtime, ISSUER, f"s-{who}")
    (record,) = accounts.credits(house.runtime, found.id).items
    return {state: amount for state, amount in record.amounts.items() if amount}


def record_of(house: House, who: int | str) -> Any:
    (found,) = accounts.find_learners(house.runtime, ISSUER, f"s-{who}")
    (record,) = accounts.credits(house.runtime, found.id).items
    return record


def use(house: House, who: int | str, amounts: Mapping[str, int]) -> None:
    """Hold or redeem a part of a learner's only record, as a transfer will."""
    record = record_of(house, who)
    with writing(house.runtime.engine) as connection:
        book = Casebook(connection, house.runtime, house.runtime.clock())
        book.open([record.account_id])
        (holding,) = book.accounts[record.account_id].holdings.values()
        for state, amount in amounts.items():
            kind = {"held": "hold", "redeemed": "redeem"}[state]
            movement = fold.Movement(kind, "basic", amount, "available", state)
            book.post(record.account_id, holding, movement, None, "transfer", book.now)
        book.flush()


def whole(house: House) -> None:
    assert verify.verify(house.runtime)["broken"] == []


def test_everything_that_rests_on_it_goes_and_says_why(bank: House) -> None:
    other = compare(bank, add_course(bank, "ท21102"))
    adopt(bank, other)
    tell(bank, *(completed(number, event_id=f"e{number}") for number in range(3)))
    tell(bank, completed(5, score=30, event_id="e5"), completed(6, course=Course(code="ท21102"), event_id="e6"))
    use(bank, 1, {"held": 50, "redeemed": 30})
    found = impact_of_withdrawal(bank.runtime, bank.ids["comparison"])
    assert (found.learners, found.completions, found.under_review, found.already_used) == (3, 3, 3, 1)
    withdraw(bank)
    assert [held(bank, number) for number in range(3)] == [{"under_review": 150}] * 3
    assert held(bank, 6) == {"available": 150}
    record = record_of(bank, 1)
    assert record.state == "under_review"
    assert WHY in record.explanation[-1]["th"]
    with reading(bank.runtime.engine) as connection:
        entries = connection.execute(select(Entry).where(Entry.kind == "review")).all()
        news = connection.scalars(select(News.value).where(News.hook == "credit_reversed")).all()
    assert {each.cause for each in entries} == {f"withdrawal:{bank.ids['comparison']}"}
    assert len(news) == 3
    assert impact_of_withdrawal(bank.runtime, bank.ids["comparison"]).completions == 0
    whole(bank)


def test_it_is_done_once_also_when_begun_again(bank: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "AT_ONCE", 2)
    tell(bank, *(completed(number, event_id=f"e{number}") for number in range(7)))
    real, calls = reviews._put, []

    def dies(*asked: Any) -> int:
        calls.append(asked)
        if len(calls) == 3:
            raise RuntimeError
        return real(*asked)

    monkeypatch.setattr(reviews, "_put", dies)
    withdraw(bank)
    states = [held(bank, number) for number in range(7)]
    assert states.count({"under_review": 150}) == 4
    monkeypatch.setattr(reviews, "_put", real)
    for _ in range(2):
        reviews.put_under_review(bank.runtime, bank.ids["comparison"], by=CHAIR, reason=WHY)
        finished(bank)
        assert [held(bank, number) for number in range(7)] == [{"under_review": 150}] * 7
    with reading(bank.runtime.engine) as connection:
        assert len(connection.execute(select(Entry).where(Entry.kind == "review")).all()) == 7
    whole(bank)


def test_what_is_told_late_goes_under_review_as_it_arrives(bank: House) -> None:
    withdraw(bank)
    tell(bank, completed(1, event_id="late"))
    assert held(bank, 1) == {"under_review": 150}
    assert record_of(bank, 1).explanation[-1]["rule"] == "comparison_withdrawn"
    reviews.decide(bank.runtime, record_of(bank, 1).id, uphold=True, by=CHAIR, reason="ตรวจแล้ว")
    assert held(bank, 1) == {"available": 150}
    whole(bank)


def test_upheld_credit_returns_to_where_it_was(bank: House) -> None:
    tell(bank, completed(1, event_id="e1"))
    use(bank, 1, {"held": 50, "redeemed": 30})
    withdraw(bank)
    reviews.decide(bank.runtime, record_of(bank, 1).id, uphold=True, by=CHAIR, reason="ผลลัพธ์ถูกต้อง")
    assert held(bank, 1) == {"available": 70, "held": 50, "redeemed": 30}
    line = record_of(bank, 1).explanation[-1]
    assert (line["inputs"]["name"], line["result"]) == (CHAIR.name, "upheld")
    finished_again = reviews.put_under_review(bank.runtime, bank.ids["comparison"], by=CHAIR, reason=WHY)
    finished(bank)
    assert jobs.get(bank.runtime, finished_again, acting_for=None).result == {"accounts": 0, "records": 0}
    assert held(bank, 1) == {"available": 70, "held": 50, "redeemed": 30}, "a person has decided: that stays"
    whole(bank)


def test_revoked_credit_stays_revoked_whatever_is_told_again(bank: House) -> None:
    tell(bank, completed(1, event_id="e1"))
    use(bank, 1, {"redeemed": 30})
    withdraw(bank)
    record = record_of(bank, 1)
    reviews.decide(bank.runtime, record.id, uphold=False, by=CHAIR, reason="ผลลัพธ์ไม่ตรง")
    assert held(bank, 1) == {"revoked": 150}
    (event,) = events.page(bank.runtime).items
    assert (event.state, event.reason) == ("withheld", "person_decided")
    events.retry(bank.runtime, [event.event_id])
    settle(bank.runtime)
    assert held(bank, 1) == {"revoked": 150}
    assert events.page(bank.runtime).items[0].reason == "person_decided"
    again = compare(bank, bank.ids["course"], credits=100, applies_from=date(2026, 6, 1))
    adopt(bank, again)
    tell(bank, completed(1, attempt=2, completed_at=moment(5, month=6), event_id="e2"))
    assert held(bank, 1) == {"available": 100, "revoked": 50}
    whole(bank)


def test_another_ground_for_as_many_credits_needs_no_person(bank: House) -> None:
    tell(bank, completed(1, event_id="e1"), completed(2, event_id="f1"))
    withdraw(bank)
    for credits, month, last in ((150, 6, date(2026, 6, 30)), (100, 7, None)):
        law = compare(bank, bank.ids["course"], credits=credits, applies_from=date(2026, month, 1), applies_until=last)
        adopt(bank, law)
    tell(bank, completed(1, attempt=2, completed_at=moment(5, month=6), event_id="e2"))
    assert held(bank, 1) == {"available": 150}
    tell(bank, completed(2, attempt=2, completed_at=moment(5, month=7), event_id="f2"))
    assert held(bank, 2) == {"under_review": 150}, "less would be taken only by a person"
    reviews.decide(bank.runtime, record_of(bank, 2).id, uphold=False, by=CHAIR, reason="ผลลัพธ์ไม่ตรง")
    assert held(bank, 2) == {"available": 100}, "what was earned beside it stands"
    whole(bank)


def test_a_correction_or_a_revocation_meanwhile(bank: House) -> None:
    for number in (1, 2, 3):
        tell(bank, completed(number, event_id=f"e{number}", time=moment(1, 5)))
    use(bank, 3, {"held": 50})
    withdraw(bank)
    tell(bank, completed(1, score=60, event_id="low", time=moment(2, 5)))
    assert held(bank, 1) == {"under_review": 150}
    tell(bank, completed(1, score=90, event_id="up", time=moment(3, 5)))
    assert held(bank, 1) == {"under_review": 150}, "the sender cannot clear what a withdrawal has questioned"
    tell(bank, revoked(2, event_id="r2"))
    assert held(bank, 2) == {"revoked": 150}
    tell(bank, revoked(3, event_id="r3"))
    assert held(bank, 3) == {"under_review": 150}, "it was held: a person decides"
    reviews.decide(bank.runtime, record_of(bank, 1).id, uphold=True, by=CHAIR, reason="ตรวจแล้ว")
    assert held(bank, 1) == {"available": 150}
    whole(bank)


def test_merged_accounts(bank: House) -> None:
    tell(bank, completed(1, event_id="e1"), completed(2, event_id="e2"))
    tell(bank, LearnerMerged(event_id="m", source=ISSUER, learner=learner(1), merged=learner(2), merged_at=moment(3)))
    found = impact_of_withdrawal(bank.runtime, bank.ids["comparison"])
    assert (found.learners, found.completions, found.under_review) == (1, 2, 1)
    withdraw(bank)
    (person,) = accounts.find_learners(bank.runtime, ISSUER, "s-1")
    amounts = [each.amounts for each in accounts.credits(bank.runtime, person.id).items]
    assert sorted((each["under_review"], each["duplicate"]) for each in amounts) == [(0, 150), (150, 0)]
    first = next(each for each in accounts.credits(bank.runtime, person.id).items if each.amounts["under_review"])
    reviews.decide(bank.runtime, first.id, uphold=False, by=CHAIR, reason="ผลลัพธ์ไม่ตรง")
    whole(bank)


def test_refusals(bank: House) -> None:
    tell(bank, completed(1, event_id="e1"))
    comparison, record = bank.ids["comparison"], record_of(bank, 1).id
    stranger = Actor("user:x", "อื่น", OTHER_SCHOOL)

    def refused(code: str, act: Any, *asked: Any, **more: Any) -> None:
        with pytest.raises(Refused, match=code):
            act(bank.runtime, *asked, **more)

    refused("not_withdrawn", reviews.put_under_review, comparison, by=CHAIR, reason=WHY)
    refused("not_found", reviews.put_under_review, "nothing", by=CHAIR, reason=WHY)
    refused("not_found", impact_of_withdrawal, "00000000-0000-7000-8000-000000000000")
    refused("nothing_in_question", reviews.decide, record, uphold=True, by=CHAIR, reason=WHY)
    withdraw(bank)
    refused("not_yours", reviews.put_under_review, comparison, by=stranger, reason=WHY)
    refused("invalid", reviews.put_under_review, comparison, by=CHAIR, reason=" ")
    refused("not_yours", reviews.decide, record, uphold=True, by=stranger, reason=WHY)
    refused("invalid", reviews.decide, record, uphold=True, by=CHAIR, reason="")
    refused("not_found", reviews.decide, "00000000-0000-7000-8000-000000000000", uphold=True, by=CHAIR, reason=WHY)
    assert held(bank, 1) == {"under_review": 150}


def test_completions_settled_meanwhile_are_not_missed(bank: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "AT_ONCE", 3)
    tell(bank, *(completed(number, event_id=f"e{number}") for number in range(12)))
    for number in range(12, 40):
        bank.bank.hear(completed(number, event_id=f"e{number}"))
    withdraw(bank, finish=False)
    failures: list[BaseException] = []

    def at_once(act: Any) -> threading.Thread:
        def run() -> None:
            try:
                act(bank.runtime)
            except BaseException as failure:
                failures.append(failure)

        return threading.Thread(target=run)

    threads = [at_once(settle), at_once(jobs.run_next)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    settle(bank.runtime)
    assert [held(bank, number) for number in range(40)] == [{"under_review": 150}] * 40
    with reading(bank.runtime.engine) as connection:
        assert len(connection.execute(select(Record)).all()) == 40
    whole(bank)

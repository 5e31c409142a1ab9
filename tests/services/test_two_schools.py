"""Two schools share one issuer: neither touches, takes over or sees what the other's learners were given."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from creditbank_hooks import LearnerErased, LearnerMerged
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import accounts, events
from creditbank_plugin.services.organisations import trust_issuer
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.settling.keep import Sender
from creditbank_plugin.services.settling.receive import letter, receive
from creditbank_plugin.services.sight import EVERYBODY, of_organisations
from creditbank_plugin.services.views import Event
from tests.builders import (
    BANK,
    ISSUER,
    OTHER_BANK,
    OTHER_SCHOOL,
    SCHOOL,
    House,
    adopt,
    beside,
    compare,
    completed,
    learner,
    moment,
    revoked,
)


def client(organisation: str) -> Sender:
    return Sender(door="events", organisation=organisation, issuer=ISSUER, client_id=organisation, may_open=True)


def tell(house: House, organisation: str, *tidings: Any) -> list[Event]:
    """Let the client of a school tell; the events as they are in the end."""
    told = receive(house.runtime, [letter(each) for each in tidings], client(organisation))
    ids = [each.event_id for each in told if isinstance(each, Event)]
    return [events.get(house.runtime, each) for each in ids]


def credits(house: House, organisation: str | None = None) -> accounts.Credits:
    (found,) = accounts.find_learners(house.runtime, ISSUER, "s-1")
    seen = EVERYBODY if organisation is None else of_organisations([organisation])
    return accounts.credits(house.runtime, found.id, sight=seen)


def test_another_school_revokes_nothing_of_ours(house: House) -> None:
    tell(house, SCHOOL, completed(event_id="e1"))
    (event,) = tell(house, OTHER_SCHOOL, revoked(event_id="r1"))
    assert (event.state, event.record_id) == ("applied", None)
    assert [each.state for each in credits(house).items] == ["available"]
    tell(house, SCHOOL, revoked(event_id="r2"))
    assert [each.state for each in credits(house).items] == ["revoked"]


def test_another_school_revokes_nothing_of_ours_in_the_other_order_either(house: House) -> None:
    tell(house, OTHER_SCHOOL, completed(event_id="e0", course=completed().course, score=Decimal(60)))
    tell(house, OTHER_SCHOOL, revoked(event_id="r1"))
    (event,) = tell(house, SCHOOL, completed(event_id="e1"))
    assert event.state == "credited"


def test_the_host_takes_back_what_any_school_of_its_issuer_told(house: House) -> None:
    tell(house, SCHOOL, completed(event_id="e1"))
    house.bank.hear(revoked(event_id="r1"))
    assert [each.state for each in credits(house).items] == ["revoked"]


def test_a_lower_result_from_another_school_is_no_correction_of_ours(house: House) -> None:
    with beside():
        adopt(house, compare(house, house.ids["course"], 100), OTHER_BANK)
    tell(house, SCHOOL, completed(event_id="e1"))
    tell(house, OTHER_SCHOOL, completed(event_id="e2", score=Decimal(55), time=moment(9)))
    (record,) = credits(house).items
    assert (record.state, record.score, record.bank_code) == ("available", Decimal(80), BANK)


@pytest.mark.parametrize("first", [SCHOOL, OTHER_SCHOOL])
def test_the_better_result_stands_and_both_banks_go_on_seeing_the_record(house: House, first: str) -> None:
    adopt(house, house.ids["comparison"], OTHER_BANK)
    told = {SCHOOL: completed(event_id="e1"), OTHER_SCHOOL: completed(event_id="e2", score=Decimal(99))}
    for organisation in sorted(told, key=lambda each: each != first):
        tell(house, organisation, told[organisation])
    (record,) = credits(house).items
    assert (record.state, record.score, record.bank_code) == ("available", Decimal(99), OTHER_BANK)
    assert [each.id for each in credits(house, OTHER_SCHOOL).items] == [record.id]
    if first == SCHOOL:
        assert accounts.record(house.runtime, record.id, sight=of_organisations([SCHOOL])).id == record.id
    assert verify.verify(house.runtime)["broken"] == []


def test_a_school_sees_nothing_that_was_never_deposited_through_its_bank(house: House) -> None:
    tell(house, SCHOOL, completed(event_id="e1"))
    tell(house, OTHER_SCHOOL, completed(code="ง29999", event_id="e2"))  # enrolled there, and nothing more
    (record,) = credits(house).items
    assert list(credits(house, OTHER_SCHOOL).items) == []
    assert list(credits(house, OTHER_SCHOOL).balances) == []
    with pytest.raises(Refused) as refusal:
        accounts.record(house.runtime, record.id, sight=of_organisations([OTHER_SCHOOL]))
    assert refusal.value.status == 404


def test_a_school_sees_nobody_whom_it_only_tried_to_revoke(house: House) -> None:
    tell(house, SCHOOL, completed(event_id="e1"))
    tell(house, OTHER_SCHOOL, revoked(event_id="r1"))
    assert accounts.find_learners(house.runtime, ISSUER, "s-1", sight=of_organisations([OTHER_SCHOOL])) == []


def test_message_ids_of_two_schools_never_meet(house: House) -> None:
    (first,) = tell(house, OTHER_SCHOOL, completed(event_id="same", score=Decimal(51)))
    (second,) = tell(house, SCHOOL, completed(event_id="same"))
    assert first.event_id != second.event_id
    assert second.state == "credited"
    (again,) = tell(house, OTHER_SCHOOL, completed(event_id="same", score=Decimal(51)))
    assert again.event_id == first.event_id


def test_a_revocation_opens_no_account_and_still_voids_what_comes_later(house: House) -> None:
    (event,) = tell(house, SCHOOL, revoked(event_id="r1"))
    assert (event.state, event.reason) == ("waiting", "learner_unknown")
    assert accounts.find_learners(house.runtime, ISSUER, "s-1") == []
    (event,) = tell(house, SCHOOL, completed(event_id="e1"))
    assert (event.state, event.reason) == ("withheld", "completion_revoked")


def test_what_happened_before_an_erasure_opens_no_second_account(house: House) -> None:
    house.bank.hear(completed(event_id="e1"))
    house.bank.hear(LearnerErased(learner=learner(1), erased_at=moment(20)))
    (event,) = tell(house, SCHOOL, completed(event_id="e2"))
    assert (event.state, event.reason) == ("waiting", "learner_unknown")
    assert accounts.find_learners(house.runtime, ISSUER, "s-1") == []


def test_whoever_has_the_id_after_an_erasure_is_somebody_else(house: House) -> None:
    house.bank.hear(completed(event_id="e1"))
    (before,) = accounts.find_learners(house.runtime, ISSUER, "s-1")
    house.bank.hear(LearnerErased(learner=learner(1), erased_at=moment(20)))
    now = house.runtime.clock
    house.runtime.clock = lambda: now() + timedelta(days=2)
    later = house.runtime.clock()
    (event,) = tell(house, SCHOOL, completed(event_id="e2", completed_at=later))
    assert event.state == "credited"
    (after,) = accounts.find_learners(house.runtime, ISSUER, "s-1")
    assert after.id != before.id


@pytest.mark.parametrize(
    "tiding",
    [
        LearnerErased(learner=learner(1, "https://other.example"), erased_at=moment(20), event_id="t1"),
        LearnerMerged(
            learner=learner(1, "https://other.example"),
            merged=learner(2, "https://other.example"),
            merged_at=moment(20),
            event_id="t1",
        ),
    ],
)
def test_an_untrusted_issuer_says_nothing_of_who_is_who(house: House, tiding: Any) -> None:
    foreign = "https://other.example"
    trust_issuer(house.runtime, foreign)
    for number in (1, 2):
        house.bank.hear(completed(learner(number, foreign), event_id=f"e{number}"))
    trust_issuer(house.runtime, foreign, trusted=False)
    house.bank.hear(tiding)
    event = next(each for each in events.page(house.runtime).items if each.id == "t1")
    assert (event.state, event.reason) == ("waiting", "issuer_untrusted")
    trust_issuer(house.runtime, foreign)
    assert events.get(house.runtime, event.event_id).state == "applied"

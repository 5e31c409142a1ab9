"""Who is who: opening accounts, identities, merges and erasures."""

from typing import Any

from creditbank_hooks import LearnerErased, LearnerMerged
from creditbank_plugin.services import accounts, events, tasks
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.settling import keep
from creditbank_plugin.services.settling.receive import letter, receive
from creditbank_plugin.services.views import Event, LearnerFound
from tests.builders import ISSUER, SCHOOL, House, completed, learner, moment

CITIZEN, OTHER_CITIZEN = "1101700230708", "1101700207030"


def find(house: House, who: int | str) -> LearnerFound | None:
    return next(iter(accounts.find_learners(house.runtime, ISSUER, f"s-{who}")), None)


def last(house: House) -> Event:
    return events.page(house.runtime, limit=1).items[0]


def merge(house: House, one: int, other: int, **more: Any) -> None:
    house.bank.hear(LearnerMerged(learner=learner(one), merged=learner(other), merged_at=moment(20), **more))


def test_an_account_opens_provisional_and_is_accepted_once(house: House) -> None:
    house.bank.hear(completed())
    found = find(house, 1)
    assert found is not None
    assert found.state == "provisional"
    assert accounts.accept(house.runtime, found.id) == 1
    assert accounts.accept(house.runtime, found.id) == 0
    again = find(house, 1)
    assert again is not None
    assert again.state == "active"


def test_a_sender_that_may_not_open_accounts_makes_the_completion_wait(house: House) -> None:
    sender = keep.Sender(door="events", organisation=SCHOOL, issuer=ISSUER, client_id="c", may_open=False)
    (event,) = receive(house.runtime, [letter(completed(event_id="e1"))], sender)
    assert isinstance(event, Event)
    assert (event.state, event.reason) == ("waiting", "learner_unknown")
    house.bank.hear(completed(event_id="e2"))
    assert events.get(house.runtime, event.event_id).state == "credited"


def test_another_national_id_for_the_same_learner_is_a_conflict(house: House) -> None:
    house.bank.hear(completed(learner(1, national_id=CITIZEN), event_id="e1"))
    house.bank.hear(completed(learner(1, national_id="๑-๑๐๑๗-๐๐๒๓๐-๗๐-๘"), event_id="e2"))
    assert last(house).reason == "credited.already"
    house.bank.hear(completed(learner(1, national_id=OTHER_CITIZEN), event_id="e3"))
    assert (last(house).state, last(house).reason) == ("conflict", "identity_mismatch")


def test_the_same_national_id_on_two_learners_is_a_task_not_a_merge(house: House) -> None:
    house.bank.hear(completed(learner(1, national_id=CITIZEN)))
    house.bank.hear(completed(learner(2, national_id=CITIZEN)))
    assert [row.kind for row in tasks.tasks(house.runtime)] == ["same_national_id"]
    one, two = find(house, 1), find(house, 2)
    assert one is not None
    assert two is not None
    assert one.id != two.id


def test_an_erasure_unlinks_the_identifier_and_keeps_the_record(house: House) -> None:
    house.bank.hear(completed())
    found = find(house, 1)
    assert found is not None
    house.bank.hear(LearnerErased(learner=learner(1), erased_at=moment(20)))
    assert find(house, 1) is None
    assert len(accounts.credits(house.runtime, found.id).items) == 1
    assert [row.kind for row in tasks.tasks(house.runtime)] == ["learner_erased"]
    assert last(house).state == "applied"


def test_a_merge_joins_two_accounts_and_a_course_counts_once(house: House) -> None:
    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    one, two = find(house, 1), find(house, 2)
    assert one is not None
    assert two is not None
    merge(house, 1, 2)
    merged = find(house, 2)
    assert merged is not None
    assert merged.id == one.id
    assert len(merged.account_ids) == 2
    for person in (one.id, two.id):  # an old id answers with the present one
        credits = accounts.credits(house.runtime, person)
        assert credits.learner_id == one.id
        assert [(each.scheme, each.available) for each in credits.balances] == [("basic", 150)]
        assert sorted(each.state for each in credits.items) == ["available", "duplicate"]
    assert verify.verify(house.runtime)["broken"] == []


def test_a_completion_after_a_merge_goes_to_the_account_its_evidence_named(house: House) -> None:
    house.bank.hear(completed(1))
    from tests.builders import add_course, adopt, compare

    adopt(house, compare(house, add_course(house, "ว21101")))
    house.bank.hear(completed(2, "ว21101"))
    two = find(house, 2)
    merge(house, 1, 2)
    house.bank.hear(completed(2))  # already credited in the other account
    one = find(house, 1)
    assert one is not None
    assert two is not None
    credits = accounts.credits(house.runtime, one.id)
    assert credits.balances[0].available == 300
    late = next(each for each in credits.items if each.state == "duplicate")
    assert late.account_id == two.account_ids[0]


def test_a_merge_of_an_unknown_learner_waits_for_them(house: House) -> None:
    house.bank.hear(completed(1))
    merge(house, 1, 2, event_id="m1")
    assert last(house).reason == "learner_unknown"
    house.bank.hear(completed(2))
    one, two = find(house, 1), find(house, 2)
    assert one is not None
    assert two is not None
    assert one.id == two.id
    assert accounts.credits(house.runtime, one.id).balances[0].available == 150

"""The whole way, not only the fold: sequences of messages in any order, repeated, end in the same state."""

import itertools
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creditbank_hooks import Tiding
from creditbank_plugin.services import accounts, events
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.settling.keep import Sender
from creditbank_plugin.services.settling.receive import letter, receive
from tests.builders import CODE, ISSUER, House, completed, moment, revoked

#: Every example speaks of a learner of its own, so that one database serves them all.
numbers = itertools.count(1)

completion = st.fixed_dictionaries(
    {
        "kind": st.just("completed"),
        "score": st.one_of(st.none(), st.sampled_from([40, 50, 80, 95])),
        "attempt": st.integers(1, 2),
        "done": st.integers(1, 5),
        "time": st.integers(6, 10),
        "precision": st.sampled_from(["exact", "exact", "upper_bound"]),
    }
)
revocation = st.fixed_dictionaries(
    {"kind": st.just("revoked"), "attempt": st.one_of(st.none(), st.integers(1, 2)), "done": st.integers(1, 5)}
)
stories = st.lists(st.one_of(completion, completion, revocation), min_size=1, max_size=6)


def tidings(story: Sequence[dict[str, Any]], who: str) -> list[Tiding]:
    """Write a story as messages about one learner."""
    told: list[Tiding] = []
    for place, each in enumerate(story):
        name = f"{who}-{place}"
        if each["kind"] == "revoked":
            told.append(revoked(who, event_id=name, revoked_at=moment(each["done"], 4), attempt=each["attempt"]))
        else:
            told.append(
                completed(
                    who,
                    event_id=name,
                    score=each["score"],
                    attempt=each["attempt"],
                    completed_at=moment(each["done"]),
                    # no ties: a tie is broken by the digest, in which the learner stands, and these are two learners
                    time=moment(each["time"]) + timedelta(minutes=place),
                    completed_at_precision=each["precision"],
                )
            )
    return told


def state(house: House, who: str) -> Any:
    """What a learner has in the end: live amounts, what counts, and the state of every message."""
    found = next(iter(accounts.find_learners(house.runtime, ISSUER, f"s-{who}")), None)
    if found is None:  # nothing but revocations: nobody has an account
        return None
    credits = accounts.credits(house.runtime, found.id)
    assert len(credits.items) <= 1, "one record for each account and course version"
    for record in credits.items:
        assert min(record.amounts.values()) >= 0
        moved = {"available": 0, "under_review": 0, "revoked": 0}
        for entry in record.movements:
            if entry.from_state is not None:
                moved[entry.from_state] -= entry.amount
            if entry.to_state is not None:
                moved[entry.to_state] += entry.amount
        assert moved == {name: record.amounts[name] for name in moved}, "a balance is the sum of its entries"
    return (
        [
            (each.state, each.credits, each.amounts["available"], each.amounts["under_review"], each.course_code)
            for each in credits.items
        ],
        [(each.score, each.completed_on) for each in credits.items if each.state != "revoked"],
        sorted((each.id or "")[-1] + each.state for each in events.page(house.runtime, person_id=found.id).items),
    )


def send(house: House, told: Sequence[Tiding]) -> None:
    sender = Sender(door="events", organisation="9951000001", issuer=ISSUER, client_id="c", may_open=True)
    for each in told:
        receive(house.runtime, [letter(each)], sender)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories, seed=st.integers(0, 2**16))
def test_order_and_repetition_never_matter(house: House, story: list[dict[str, Any]], seed: int) -> None:
    one, other = f"a{next(numbers)}", f"b{next(numbers)}"
    send(house, tidings(story, one))
    shuffled = tidings(story, other)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - a shuffle that hypothesis can repeat
    send(house, [*shuffled, *shuffled[:2]])
    assert state(house, one) == state(house, other)
    before = state(house, one)
    send(house, tidings(story, one))
    assert state(house, one) == before


def test_a_batch_is_settled_as_its_messages_one_by_one(house: House) -> None:
    story = [
        {"kind": "completed", "score": 60, "attempt": 1, "done": 1, "time": 6, "precision": "exact"},
        {"kind": "revoked", "attempt": None, "done": 2},
        {"kind": "completed", "score": 95, "attempt": 2, "done": 3, "time": 8, "precision": "exact"},
        {"kind": "completed", "score": 70, "attempt": 2, "done": 3, "time": 9, "precision": "exact"},
    ]
    send(house, tidings(story, "one"))
    sender = Sender(door="events", organisation="9951000001", issuer=ISSUER, client_id="c", may_open=True)
    receive(house.runtime, [letter(each) for each in tidings(story, "two")], sender)
    assert state(house, "one") == state(house, "two")
    assert state(house, "two")[0][0][0] == "under_review"
    assert verify.verify(house.runtime)["broken"] == []
    assert CODE

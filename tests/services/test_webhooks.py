"""Webhooks: each piece of news once to whom it concerns, signed, in order, tried again, parked, sent again."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from standardwebhooks.webhooks import Webhook

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.access import clients
from creditbank_plugin.services.runtime import utc_now
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.services.telling import changes, outgoing, post, postman, subscriptions
from creditbank_plugin.services.telling.outgoing import Answer
from creditbank_plugin.services.telling.spread import spread
from creditbank_plugin.services.telling.subscriptions import Subscribed
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.session import reading, writing
from creditbank_plugin.storage.tables import Delivery, Subscription
from tests.builders import (
    OTHER_BANK,
    OTHER_SCHOOL,
    SCHOOL,
    House,
    Place,
    adopt,
    completed,
    furnish,
    make_app,
    moment,
    revoked,
)
from tests.services.receiver import Receiver, receiving

POSTED, REVERSED, WITHHELD = "credit.posted", "credit.reversed", "credit.withheld"
ALL = (POSTED, REVERSED, WITHHELD)


@pytest.fixture
def house(place: Place) -> House:
    """A house whose completions wait for `go`, so that a test says when something is sent."""
    config = {"CREDITBANK_WEBHOOK_PRIVATE": True, "CREDITBANK_SETTLE": "worker", "CREDITBANK_WEBHOOK_ATTEMPTS": 3}
    return furnish(make_app(place.folder, place.url, doors=False, **config))


def client(house: House, *schools: str, organisation: str = SCHOOL) -> str:
    wish = clients.Wish(name="ระบบทดลอง", organisation=organisation, scopes=["webhooks:manage"], schools=schools)
    return clients.create(house.runtime, wish).client_id


def subscribe(house: House, receiver: Receiver, *types: str, client_id: str | None = None, **more: Any) -> Subscribed:
    values: dict[str, Any] = {
        "client_id": client_id or client(house),
        "organisation": SCHOOL,
        "organisations": {SCHOOL, OTHER_SCHOOL},
        "url": receiver.url,
        "types": types or ALL,
    }
    return subscriptions.subscribe(house.runtime, **{**values, **more})


def go(house: House, *tidings: Any) -> None:
    """Let the bank hear these, and send what is due."""
    for each in tidings:
        house.bank.hear(each)
    settle(house.runtime)
    post.deliver(house.runtime)


def let_pass(house: House, **time: int) -> None:
    ahead, clock = timedelta(**time), house.runtime.clock
    house.runtime.clock = lambda: clock() + ahead
    house.runtime.postman = postman.Postman()


def sent(house: House) -> list[Stored]:
    with reading(house.runtime.engine) as connection:
        return list(connection.execute(select(Delivery.__table__).order_by(Delivery.commit_order, Delivery.number)))


def test_a_message_holds_ids_and_is_signed(house: House) -> None:
    with receiving() as receiver:
        made = subscribe(house, receiver)
        go(house, completed(1))
    ((headers, body, _, _),) = receiver.heard
    told = Webhook(made.secret).verify(body, {name.lower(): value for name, value in headers.items()})
    (change,) = changes.page(house.runtime).items
    assert told["type"] == POSTED
    assert set(told) == {"type", "timestamp", "data"}
    assert told["data"] == {
        "id": change.id,
        "learner_id": change.person_id,
        "account_id": change.account_id,
        "record_id": change.record_id,
        "event_id": change.event_id,
        "statement_id": None,
    }
    assert headers["webhook-id"] == change.id
    (row,) = sent(house)
    assert (row.state, row.attempts, row.last_status, row.last_error) == ("told", 1, 204, None)


def test_each_is_told_what_it_asked_for_of_its_own_learners(house: House) -> None:
    adopt(house, house.ids["comparison"], OTHER_BANK)
    with receiving() as ours, receiving() as withheld, receiving() as theirs:
        subscribe(house, ours)
        subscribe(house, withheld, WITHHELD)
        both = client(house, OTHER_SCHOOL)
        subscribe(house, theirs, client_id=both, organisation=OTHER_SCHOOL)
        go(
            house,
            completed(1),
            completed(2, score=10),
            completed(3, school=OTHER_SCHOOL),
            revoked(1, revoked_at=moment(9)),
        )
    assert [each["type"] for each in withheld.messages] == [WITHHELD]
    assert len(theirs.messages) == 1
    assert sorted(each["type"] for each in ours.messages) == sorted(ALL)


def test_each_piece_becomes_one_delivery_however_many_spread_it(house: House) -> None:
    with receiving() as receiver:
        subscribe(house, receiver)
        for number in range(12):
            house.bank.hear(completed(number))
        settle(house.runtime)
        threads = [threading.Thread(target=post.deliver, args=(house.runtime,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        post.deliver(house.runtime)
    assert len(sent(house)) == 12
    assert sorted(receiver.ids) == sorted(each.id for each in changes.page(house.runtime).items)


def test_what_was_before_the_first_subscription_is_not_told(house: House) -> None:
    go(house, completed(1))
    with receiving() as receiver:
        made = subscribe(house, receiver)
        go(house, completed(2))
        subscriptions.end(house.runtime, made.id)
        go(house, completed(3))
        subscribe(house, receiver)
        go(house, completed(4))
    assert len(receiver.heard) == 2


def test_what_is_not_taken_is_tried_again_later_and_then_parked(house: House) -> None:
    with receiving(answer=lambda _: 500) as receiver:
        made = subscribe(house, receiver)
        go(house, completed(1))
        (row,) = sent(house)
        assert (row.state, row.attempts, row.last_status, row.last_error) == ("due", 1, 500, "status")
        assert timedelta(seconds=10) < row.next_at - house.runtime.clock() < timedelta(seconds=46)
        post.deliver(house.runtime)
        assert len(receiver.heard) == 1
        for _ in range(4):
            let_pass(house, hours=20)
            post.deliver(house.runtime)
        (row,) = sent(house)
        assert (row.state, row.attempts, len(receiver.heard)) == ("parked", 3, 3)
        assert subscriptions.numbers(house.runtime) == {"due": 0, "parked": 1, "oldest_due_seconds": None}
        receiver.answer = lambda _: 200
        assert subscriptions.resend(house.runtime, made.id, row.id).state == "due"
        post.deliver(house.runtime)
    (row,) = sent(house)
    assert (row.state, len(set(receiver.ids)), len(receiver.ids)) == ("told", 1, 4)


def test_the_other_side_may_ask_for_more_time(house: House) -> None:
    with receiving(answer=lambda _: 429, headers={"Retry-After": "3600"}) as receiver:
        subscribe(house, receiver)
        go(house, completed(1))
    (row,) = sent(house)
    assert row.next_at - house.runtime.clock() > timedelta(minutes=59)


def test_a_later_message_of_a_learner_waits_and_one_of_another_does_not(house: House) -> None:
    with receiving() as receiver:
        subscribe(house, receiver)
        receiver.answer = lambda told: 500 if told["type"] == POSTED and len(receiver.heard) == 0 else 200
        go(house, completed(1), revoked(1, revoked_at=moment(9)))
        go(house, completed(2))
        assert [each["type"] for each in receiver.messages] == [POSTED, POSTED]
        let_pass(house, minutes=5)
        post.deliver(house.runtime)
    mine = [each["type"] for each in receiver.messages if each["data"]["account_id"] == sent(house)[0].account_id]
    assert mine == [POSTED, POSTED, REVERSED]


def test_a_parked_message_holds_up_nobody(house: House) -> None:
    with receiving(answer=lambda told: 500 if told["type"] == POSTED else 200) as receiver:
        subscribe(house, receiver)
        go(house, completed(1), revoked(1, revoked_at=moment(9)))
        for _ in range(3):
            let_pass(house, hours=20)
            post.deliver(house.runtime)
    assert [each.state for each in sent(house)] == ["parked", "told"]


def test_many_senders_keep_the_order_of_each_learner_and_never_send_two_of_one_at_once(house: House) -> None:
    def slow(_: Any) -> int:
        time.sleep(0.02)
        return 200

    with receiving(answer=slow) as receiver:
        subscribe(house, receiver)
        for number in range(6):
            house.bank.hear(completed(number))
            house.bank.hear(revoked(number, revoked_at=moment(9)))
            house.bank.hear(completed(number, completed_at=moment(11), event_id=f"again-{number}"))
        settle(house.runtime)

        def send() -> None:
            runtime = type(house.runtime)(**{**house.runtime.__dict__, "postman": postman.Postman()})
            until = time.monotonic() + 60
            while any(each.state == "due" for each in sent(house)) and time.monotonic() < until:
                post.deliver(runtime)
                time.sleep(0.01)

        spread(house.runtime)
        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    by_account: dict[str, list[tuple[float, float, str]]] = {}
    for told, (_, _, began, ended) in zip(receiver.messages, receiver.heard, strict=True):
        by_account.setdefault(told["data"]["account_id"], []).append((began, ended, told["type"]))
    assert len(by_account) == 6
    for heard in by_account.values():
        assert [kind for _, _, kind in sorted(heard)] == [POSTED, REVERSED, POSTED]
        assert all(first[1] <= second[0] for first, second in zip(sorted(heard), sorted(heard)[1:], strict=False))


def test_who_dies_in_the_middle_leaves_it_to_the_next(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any, **__: Any) -> Answer:
        raise KeyboardInterrupt

    with receiving() as receiver:
        subscribe(house, receiver)
        house.bank.hear(completed(1))
        settle(house.runtime)
        with monkeypatch.context() as dying:
            dying.setattr(outgoing, "post", die)
            with pytest.raises(KeyboardInterrupt):
                post.deliver(house.runtime)
        post.deliver(house.runtime)
        assert receiver.heard == []
        let_pass(house, seconds=int(post.lease(house.runtime).total_seconds()) + 1)
        post.deliver(house.runtime)
    assert len(receiver.heard) == 1
    assert [(each.state, each.attempts) for each in sent(house)] == [("told", 2)]


def test_a_silent_address_is_asked_once_and_then_left_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def silent(url: str, *_: Any, **__: Any) -> Answer:
        asked.append(url)
        return Answer(None, "timeout")

    with receiving() as receiver:
        subscribe(house, receiver)
        monkeypatch.setattr(outgoing, "post", silent)
        go(house, completed(1), completed(2), completed(3))
        assert len(asked) == 1
        assert sorted(each.attempts for each in sent(house)) == [0, 0, 1]
        post.deliver(house.runtime)
        assert len(asked) == 1


def test_while_a_secret_is_followed_by_another_both_sign(house: House) -> None:
    with receiving() as receiver:
        made = subscribe(house, receiver)
        again = subscriptions.rotate(house.runtime, made.id)
        now = utc_now()
        house.runtime.clock = lambda: now
        go(house, completed(1))
        let_pass(house, seconds=house.runtime.settings.secret_overlap_seconds + 1)
        go(house, completed(2))
    (both, first, _, _), (one, _, _, _) = receiver.heard
    assert (len(both["webhook-signature"].split()), len(one["webhook-signature"].split())) == (2, 1)
    for secret in (made.secret, again.secret):
        Webhook(secret).verify(first, {name.lower(): value for name, value in both.items()})
    assert made.secret != again.secret


def test_a_secret_is_kept_sealed(house: House) -> None:
    with receiving() as receiver:
        made = subscribe(house, receiver)
    with reading(house.runtime.engine) as connection:
        (row,) = connection.execute(select(Subscription.__table__)).all()
    assert made.secret.encode() not in bytes(row.sealed_secret)
    assert made.secret not in repr(made)


def test_nothing_is_sent_to_who_was_shut_out_or_has_ended(house: House) -> None:
    with receiving() as receiver:
        owner = client(house)
        subscribe(house, receiver, client_id=owner)
        subscribe(house, receiver, client_id=client(house, organisation=OTHER_SCHOOL))  # may see this school no longer
        go(house, completed(1))
        assert len(receiver.heard) == 1
        clients.revoke(house.runtime, owner)
        go(house, completed(2))
    assert len(receiver.heard) == 1


def test_what_is_due_to_one_that_ends_is_parked(house: House) -> None:
    with receiving(answer=lambda _: 500) as receiver:
        made = subscribe(house, receiver)
        go(house, completed(1))
        subscriptions.end(house.runtime, made.id)
        subscriptions.end(house.runtime, made.id)
    (row,) = sent(house)
    assert (row.state, row.last_error) == ("parked", "ended")
    with pytest.raises(Refused) as refusal:
        subscriptions.resend(house.runtime, made.id, row.id)
    assert (refusal.value.code, refusal.value.status) == ("ended", 409)
    with pytest.raises(Refused):
        subscriptions.rotate(house.runtime, made.id)


def test_what_was_told_long_ago_is_forgotten(house: House) -> None:
    with receiving() as receiver:
        subscribe(house, receiver)
        go(house, completed(1))
        with writing(house.runtime.engine) as connection:
            connection.execute(update(Delivery).values(id="01000000-0000-7000-8000-000000000001"))
        go(house, completed(2))
    assert len(sent(house)) == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"organisation": "P51"}, "organisation_unknown"),
        ({"types": ["credit.posted", "x"]}, "type_unknown"),
        ({"types": []}, "type_unknown"),
        ({"url": "https://169.254.169.254/"}, "url_refused"),
        ({"url": "http://hooks.example/"}, "url_refused"),
        ({"url": "https://no-such-host.invalid/"}, "url_refused"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused(house: House, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        subscribe(house, Receiver(base="http://127.0.0.1:1"), **wrong)
    assert (refusal.value.code, refusal.value.status) == (code, 422)


def test_a_client_names_a_limited_number_of_addresses(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST", 1)
    owner = client(house)
    subscribe(house, Receiver(base="http://127.0.0.1:1"), client_id=owner)
    with pytest.raises(Refused) as refusal:
        subscribe(house, Receiver(base="http://127.0.0.1:1"), client_id=owner)
    assert (refusal.value.code, refusal.value.status) == ("too_many", 409)


def test_where_settling_is_inline_a_thread_sends_after_the_answer(place: Place) -> None:
    house = furnish(make_app(place.folder, place.url, doors=False, CREDITBANK_WEBHOOK_PRIVATE=True))
    with receiving() as receiver:
        subscribe(house, receiver)
        house.bank.hear(completed(1))
        until = time.monotonic() + 20
        while not receiver.heard and time.monotonic() < until:
            time.sleep(0.02)
    assert len(receiver.heard) == 1

"""Workers in this process: shares, lanes, waking, what a dead one leaves behind, a bell that nobody hears."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import waits
from creditbank_plugin.services import events
from creditbank_plugin.services.catalogue import aliases
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.runtime import utc_now
from creditbank_plugin.services.settling import leases, settle, worker
from creditbank_plugin.services.settling.keep import PARTITIONS, Sender, keep, letter
from creditbank_plugin.services.settling.receive import receive
from creditbank_plugin.services.settling.worker import Worker, seat
from creditbank_plugin.storage import bell as bells
from creditbank_plugin.storage.bell import Bell
from creditbank_plugin.storage.queries import queue, waking
from creditbank_plugin.storage.session import reading, writing
from tests.builders import CODE, ISSUER, SCHOOL, House, adopt, completed, furnish, make_app
from tests.conftest import close

SENDER = Sender(door="events", organisation=SCHOOL, issuer=ISSUER, client_id="c", may_open=True)


@pytest.fixture
def house(tmp_path: Path, url: str) -> Iterator[House]:
    """A house whose completions are settled by workers only, ten at a time."""
    made = furnish(make_app(tmp_path, url, CREDITBANK_SETTLE="worker", CREDITBANK_BATCH=10))
    yield made
    close(made)


def tell(house: House, numbers: range, learners: int = 1_000_000) -> None:
    told = [letter(completed(n % learners, event_id=f"e{n}", score=50 + n % 50)) for n in numbers]
    receive(house.runtime, told, SENDER)


def counts(house: House) -> dict[str, int]:
    return events.counts(house.runtime)


def on_postgresql(house: House) -> None:
    if house.runtime.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has room for one worker")


def until(true: Callable[[], bool]) -> None:
    ticks = threading.Event()
    while not true():
        ticks.wait(0.02)


def test_nothing_settles_before_a_worker_comes(house: House) -> None:
    house.bank.hear(completed(1))
    tell(house, range(2, 5))
    assert counts(house) == {"received": 4}
    made = Worker(house.runtime)
    made.run(once=True)
    assert (counts(house), dict(made.settled)) == ({"credited": 4}, {"credited": 4})


def test_an_approval_only_queues_where_workers_settle(house: House) -> None:
    house.bank.hear(completed(1, "X-1"))
    Worker(house.runtime).run(once=True)
    woken = aliases.alias(house.runtime, "X-1", CODE)
    assert (woken.messages, woken.left, counts(house)) == (1, 1, {"waiting": 1})
    Worker(house.runtime).run(once=True)
    assert counts(house) == {"credited": 1}


def test_an_approval_settles_a_few_batches_inline_and_leaves_the_rest(tmp_path: Path, url: str) -> None:
    house = furnish(make_app(tmp_path, url, CREDITBANK_BATCH=5), course=True)
    told = [letter(completed(n, "X-1", event_id=f"e{n}")) for n in range(24)]
    receive(house.runtime, told, SENDER)
    assert counts(house) == {"waiting": 24}
    woken = aliases.alias(house.runtime, "X-1", CODE)
    at_once = 5 * settle.INLINE_BATCHES
    assert (woken.messages, woken.left) == (24, 24 - at_once)
    assert counts(house) == {"credited": at_once, "waiting": 24 - at_once}
    settle.settle(house.runtime)
    assert counts(house) == {"credited": 24}
    close(house)


def test_what_was_woken_is_queued_piece_by_piece_and_each_key_gets_its_turn(house: House) -> None:
    runtime = house.runtime
    tell_unknown = [letter(completed(n, f"X-{n % 2}", event_id=f"e{n}")) for n in range(10)]
    receive(runtime, tell_unknown, SENDER)
    Worker(runtime).run(once=True)
    with writing(runtime.engine) as connection:
        assert waking.wake(connection, [waits.course(f"X-{n}") for n in range(3)]) == 10
        assert queue.due(connection, utc_now(), 100, lane=queue.BACKLOG) == [], (
            "the approval writes no row for each message"
        )
    looked, codes = [], []
    for _ in range(8):
        with writing(runtime.engine) as connection:
            looked.append(waking.queue_woken(connection, 3))
            codes.append(len(queue.due(connection, utc_now(), 100, lane=queue.BACKLOG)))
    assert looked == [3, 3, 2, 2, 0, 0, 0, 0]
    assert codes[:4] == [3, 6, 8, 10]
    with reading(runtime.engine) as connection:
        assert not waking.is_something_woken(connection)


def test_fresh_messages_come_before_the_backlog_which_fills_little_of_their_batch(house: House) -> None:
    runtime = house.runtime
    tell(house, range(30))
    with writing(runtime.engine) as connection:
        connection.execute(text("update creditbank_queue set lane = 1"))
    tell(house, range(30, 35))
    first = settle.next_batch(runtime, range(PARTITIONS))
    fresh = [each for each in events.by_ids(runtime, first).values() if int((each.id or "")[1:]) >= 30]
    assert (len(first), len(fresh)) == (5 + 10 // settle.BACKLOG_SHARE, 5)
    assert {each.event_id for each in fresh} == set(first[:5])
    settle.settle_batch(runtime, first)
    assert len(settle.next_batch(runtime, range(PARTITIONS))) == 10, "nothing is fresh: the backlog has the batch"


def test_only_the_own_partitions_are_due_and_one_learners_messages_keep_their_order(house: House) -> None:
    tell(house, range(60), learners=3)
    runtime = house.runtime
    with reading(runtime.engine) as connection:
        rows = connection.execute(text("select inbox_id, partition from creditbank_queue order by inbox_id")).all()
        one = rows[0].partition
        found = queue.due(connection, utc_now(), 100, partitions=[one], lane=queue.FRESH)
        assert [each.replace("-", "") for each in found] == [
            str(row.inbox_id).replace("-", "") for row in rows if row.partition == one
        ]
        assert queue.due(connection, utc_now(), 7, partitions=[one], lane=queue.FRESH) == found[:7]
        assert queue.due(connection, utc_now(), 100, partitions=[one], lane=queue.BACKLOG) == []
        assert queue.due(connection, utc_now(), 100, partitions=[], lane=queue.FRESH) == []
        others = sorted({row.partition for row in rows} - {one})
        assert len(queue.due(connection, utc_now(), 100, partitions=others, lane=queue.FRESH)) == 60 - len(found)


def test_workers_share_the_partitions_and_take_over_what_a_dead_one_had(house: House) -> None:
    runtime, everything = house.runtime, set(range(PARTITIONS))
    alone = leases.share_out(runtime, 1, "a", {1})
    assert (set(alone.trusted), alone.suspect) == (everything, ())
    assert leases.share_out(runtime, 2, "b", {1, 2}).trusted == (), "nothing is taken from one who lives"
    first = leases.share_out(runtime, 1, "a", {1, 2})
    second = leases.share_out(runtime, 2, "b", {1, 2})
    assert set(first.trusted) | set(second.trusted) == everything
    assert len(first.trusted) == len(second.trusted) == PARTITIONS // 2
    died = leases.share_out(runtime, 2, "b", {2})
    assert (died.trusted, died.suspect) == (second.trusted, first.trusted)
    leases.give_back(runtime, 2)
    third = leases.share_out(runtime, 3, "c", {3})
    assert third.suspect == first.trusted, "one who ends in order has not tried them yet"
    leases.clear(runtime, 3, third.suspect)
    assert leases.share_out(runtime, 3, "c", {3}).suspect == ()


def test_what_a_dead_worker_had_is_tried_one_by_one_each_attempt_counted_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = house.runtime
    tell(house, range(12))
    leases.share_out(runtime, 1, "died", {1})
    real, seen = settle._settle, []

    def watched(given: object, ids: list[str]) -> object:
        with reading(runtime.engine) as connection:
            tried = connection.scalar(text("select max(attempts) from creditbank_queue where parked_at is null"))
        seen.append((len(ids), tried))
        return real(runtime, ids)

    monkeypatch.setattr(settle, "_settle", watched)
    Worker(runtime).run(once=True)
    assert seen[:10] == [(1, 1)] * 10, "the first batch of what it had, one by one"
    assert seen[10:] == [(2, 0)]
    assert counts(house) == {"credited": 12}


def test_many_attempts_without_a_word_park_a_message(house: House) -> None:
    runtime = house.runtime
    tell(house, range(3))
    with writing(runtime.engine) as connection:
        ids = queue.due(connection, utc_now(), 10, lane=queue.FRESH)
        for _ in range(runtime.settings.attempts_before_parking):
            assert queue.begin_attempt(connection, ids[1], runtime.settings.attempts_before_parking, utc_now())
    leases.share_out(runtime, 1, "died", {1})
    Worker(runtime).run(once=True)
    (parked,) = events.page(runtime, state="parked").items
    assert (parked.event_id, parked.error, counts(house)) == (ids[1], "ProcessDied", {"credited": 2, "parked": 1})
    events.retry(runtime, [parked.event_id])
    Worker(runtime).run(once=True)
    assert counts(house) == {"credited": 3}


def test_two_workers_settle_2000_messages_once_each_and_in_order(house: House) -> None:
    on_postgresql(house)
    object.__setattr__(house.runtime.settings, "batch", 100)
    tell(house, range(2000), learners=200)
    workers = [Worker(house.runtime, f"w{n}") for n in range(2)]
    threads = [threading.Thread(target=each.run) for each in workers]
    for thread in threads:
        thread.start()
    until(lambda: sum(sum(each.settled.values()) for each in workers) >= 2000)
    for each in workers:
        each.stop = True
    for thread in threads:
        thread.join()
    with reading(house.runtime.engine) as connection:
        query = """
            select i.learner, i.id, d.commit_order, d.id as decision from creditbank_inbox i
            join creditbank_decision d on d.inbox_id = i.id and d.version = 1 order by i.learner, d.commit_order, d.id
        """
        rows = connection.execute(text(query)).all()
    assert len(rows) == len({row.id for row in rows}) == 2000
    told: dict[str, list[str]] = {}
    for row in rows:
        told.setdefault(row.learner, []).append(str(row.id))
    assert [ids for ids in told.values() if ids != sorted(ids)] == []
    assert verify.verify(house.runtime)["broken"] == []


def test_a_claim_takes_whole_partitions_and_leaves_those_of_another(house: House) -> None:
    on_postgresql(house)
    tell(house, range(20), learners=4)
    with writing(house.runtime.engine) as connection, writing(house.runtime.engine) as other:
        rows = connection.execute(text("select inbox_id, partition from creditbank_queue")).all()
        ids, one = [str(row.inbox_id) for row in rows], rows[0].partition
        theirs = {str(row.inbox_id) for row in rows if row.partition == one}
        assert set(queue.claim(other, sorted(theirs)[:1])) == {min(theirs)}
        assert set(queue.claim(connection, ids)) == set(ids) - theirs


def test_a_message_judged_while_its_approval_is_entered_is_not_forgotten(house: House) -> None:
    """Who enters an approval waits for the batches at work: what they leave waiting is woken."""
    on_postgresql(house)
    runtime, done = house.runtime, threading.Event()
    told = letter(completed(1, event_id="e1", school="9951000002"))
    with writing(runtime.engine) as connection:
        keep(connection, runtime, [told], Sender(**{**vars(SENDER), "organisation": "P51"}))
    with writing(runtime.engine) as connection:
        assert len(queue.claim(connection, queue.due(connection, utc_now(), 10, lane=queue.FRESH))) == 1
        approval = threading.Thread(
            target=lambda: (adopt(house, house.ids["comparison"], "B-9951000002"), done.set()), daemon=True
        )
        approval.start()
        assert not done.wait(0.3), "the batch is still at work"
    approval.join()
    assert done.is_set()


def test_a_bell_that_nobody_hears_costs_no_more_than_the_poll(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(Bell, "wait", lambda self, seconds: threading.Event().wait(min(seconds, 0.05)))
    made = Worker(house.runtime)
    thread = threading.Thread(target=made.run)
    thread.start()
    tell(house, range(3))
    until(lambda: made.settled["credited"] == 3)
    made.stop = True
    thread.join()


def test_the_bell_is_heard(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "QUIET_SECONDS", 0.0)
    with Bell(house.runtime.engine) as bell:
        assert not bell.wait(0.01)
        tell(house, range(1))
        assert any(bell.wait(1) for _ in range(20))
        assert bell.living() == {bell.number}
        if house.runtime.engine.dialect.name == "postgresql":
            with Bell(house.runtime.engine) as other:
                assert bell.living() == {bell.number, other.number}
            until(lambda: bell.living() == {bell.number})


def test_sqlite_has_room_for_one(house: House) -> None:
    if house.runtime.engine.dialect.name != "sqlite":
        with seat(house.runtime), seat(house.runtime):
            return
    with seat(house.runtime), pytest.raises(Refused, match="worker_at_work"), seat(house.runtime):
        pass
    with seat(house.runtime):
        pass


def test_a_worker_drains_the_spool(house: House) -> None:
    house.bank._spool(completed(1), None)
    made = Worker(house.runtime)
    made.run(once=True)
    assert (made.spooled, counts(house)) == (1, {"credited": 1})

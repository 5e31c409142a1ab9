"""The feed of changes: everything once and in order, whoever writes meanwhile; nobody's but the reader's own."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text

from creditbank_hooks import LearnerMerged
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import accounts
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.sight import EVERYBODY, Sight, of_organisations, of_person
from creditbank_plugin.services.telling import changes
from creditbank_plugin.services.telling.changes import Change
from creditbank_plugin.storage.queries import outbox as rows
from creditbank_plugin.storage.queries.outbox import Place
from creditbank_plugin.storage.session import open_engine, reading
from creditbank_plugin.storage.tables import Entry, News
from tests.builders import (
    ISSUER,
    OTHER_BANK,
    OTHER_SCHOOL,
    SCHOOL,
    House,
    adopt,
    completed,
    furnish,
    learner,
    make_app,
    moment,
    revoked,
)


def walk(runtime: Runtime, sight: Sight = EVERYBODY, *, limit: int = 50, after: str | None = None) -> list[Change]:
    """Read page after page until there is no more now."""
    found: list[Change] = []
    while True:
        page = changes.page(runtime, sight=sight, after=after, limit=limit)
        found += page.items
        if not page.more:
            return found
        assert page.next != after
        after = page.next


def written(house: House) -> list[str]:
    with reading(house.runtime.engine) as connection:
        return [row.id for row in rows.after(connection, Place(0, 0), 10_000)]


def person(house: House, who: int | str) -> str:
    (found,) = accounts.find_learners(house.runtime, ISSUER, f"s-{who}")
    return found.id


def test_each_change_names_what_may_be_read_next(house: House) -> None:
    house.bank.hear(completed(1))
    house.bank.hear(completed(2, score=10))
    house.bank.hear(revoked(1, revoked_at=moment(20)))
    posted, withheld, reversed_ = walk(house.runtime)
    assert [each.type for each in (posted, withheld, reversed_)] == [
        "credit.posted",
        "credit.withheld",
        "credit.reversed",
    ]
    record = accounts.record(house.runtime, posted.record_id or "")
    assert (record.account_id, record.event_id, posted.person_id) == (
        posted.account_id,
        posted.event_id,
        person(house, 1),
    )
    assert withheld.record_id is None
    assert reversed_.record_id == posted.record_id


def test_pages_hold_everything_once_whatever_their_size(house: House) -> None:
    for number in range(7):
        house.bank.hear(completed(number))
    for limit in (1, 2, 3, 7, 8):
        assert [each.id for each in walk(house.runtime, limit=limit)] == written(house)


def test_a_page_says_where_to_go_on_also_where_nothing_is_new(house: House) -> None:
    empty = changes.page(house.runtime)
    assert (list(empty.items), empty.more) == ([], False)
    house.bank.hear(completed(1))
    first = changes.page(house.runtime, after=empty.next)
    assert (len(first.items), first.more) == (1, False)
    assert changes.now(house.runtime) == first.next
    again = changes.page(house.runtime, after=first.next)
    assert (list(again.items), again.next, again.more) == ([], first.next, False)


def test_a_call_ends_in_time_and_says_that_there_is_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "AT_ONCE", 2)
    monkeypatch.setattr(changes, "LOOKED_AT", 4)
    for number in range(5):
        house.bank.hear(completed(number))
    strangers = of_organisations([OTHER_SCHOOL])
    page = changes.page(house.runtime, sight=strangers)
    assert (list(page.items), page.more) == ([], True)
    rest = changes.page(house.runtime, sight=strangers, after=page.next)
    assert (list(rest.items), rest.more) == ([], False)
    assert [each.id for each in walk(house.runtime, limit=3)] == written(house)


def test_what_is_no_place_is_refused(house: House) -> None:
    for place in ("", "x", "1", "1.", ".1", "-1.0", "1.2.3", "99999999999999999999.1", "๑.๑", "1.9999999999"):
        with pytest.raises(Refused) as refusal:
            changes.page(house.runtime, after=place)
        assert (refusal.value.code, refusal.value.status) == ("bad_cursor", 400)


def test_an_organisation_sees_its_own_learners_and_what_its_bank_deposited(house: House) -> None:
    adopt(house, house.ids["comparison"], OTHER_BANK)
    house.bank.hear(completed(1))
    house.bank.hear(completed(2, school=OTHER_SCHOOL))
    house.bank.hear(completed(3, school=OTHER_SCHOOL, score=10))
    own, other = of_organisations([SCHOOL]), of_organisations([OTHER_SCHOOL])
    assert [each.person_id for each in walk(house.runtime, own)] == [person(house, 1)]
    assert [each.type for each in walk(house.runtime, other)] == ["credit.posted", "credit.withheld"]
    assert len(walk(house.runtime, of_organisations([SCHOOL, OTHER_SCHOOL]))) == 3
    assert walk(house.runtime, of_organisations([])) == []


def test_what_comes_through_another_bank_is_seen_by_it_from_then_on(house: House) -> None:
    """A place that a reader has passed never gains a change: sight hangs on what stood when the change was made."""
    adopt(house, house.ids["comparison"], OTHER_BANK)
    house.bank.hear(completed(1, score=60))
    other = of_organisations([OTHER_SCHOOL])
    assert walk(house.runtime, other) == []
    house.bank.hear(completed(1, score=60, school=OTHER_SCHOOL, course=completed().course, completed_at=moment(2)))
    house.bank.hear(completed(1, score=90, school=OTHER_SCHOOL, event_id="better", completed_at=moment(3)))
    everything = walk(house.runtime)
    theirs = walk(house.runtime, other)
    assert everything[0].id not in {each.id for each in theirs}
    assert [each.id for each in theirs] == [each.id for each in everything if each in theirs]
    assert len(walk(house.runtime, of_organisations([SCHOOL]))) == len(everything)


def test_a_learner_sees_their_own_and_after_a_merge_those_of_both_accounts(house: House) -> None:
    for number in (1, 2, 3):
        house.bank.hear(completed(number))
    first = person(house, 1)
    assert [each.person_id for each in walk(house.runtime, of_person(first))] == [first]
    house.bank.hear(LearnerMerged(merged=learner(2), learner=learner(1), merged_at=moment(5), source=ISSUER))
    seen = walk(house.runtime, of_person(first))
    assert {each.person_id for each in seen} == {first}
    assert [each.type for each in seen] == ["credit.posted", "credit.posted", "credit.reversed"]
    assert (seen[2].account_id, seen[2].record_id) == (seen[1].account_id, seen[1].record_id)


@pytest.mark.parametrize("seed", range(2))
def test_no_entry_is_without_its_change(house: House, seed: int) -> None:
    """The feed is complete against the ledger: whatever moves a record's credit is told by the same transaction."""
    chance = random.Random(seed)  # noqa: S311
    for round_ in range(40):
        who, day = chance.randint(1, 4), chance.randint(1, 9)
        if chance.random() < 0.3:
            house.bank.hear(revoked(who, revoked_at=moment(day, 4), event_id=f"r{round_}"))
        elif chance.random() < 0.1:
            told = {"merged": learner(who), "learner": learner(who % 4 + 1), "merged_at": moment(day)}
            house.bank.hear(LearnerMerged(**told, event_id=f"m{round_}", source=ISSUER))
        else:
            more: dict[str, Any] = {"score": chance.choice([40, 60, 80]), "attempt": chance.randint(1, 2)}
            more["time"] = moment(day, 8) + timedelta(minutes=round_)
            house.bank.hear(completed(who, completed_at=moment(day), event_id=f"c{round_}", **more))
    with reading(house.runtime.engine) as connection:
        moved = set(connection.execute(select(Entry.commit_order, Entry.record_id).where(Entry.record_id.is_not(None))))
        kinds = set(connection.scalars(select(Entry.kind)))
        told = {(row.commit_order, row.value.get("record_id")) for row in connection.execute(select(News.__table__))}
    assert {"deposit", "revoke", "review"} <= kinds
    assert {tuple(each) for each in moved} <= told


@contextmanager
def held_open(house: House) -> Iterator[None]:
    """Let every transaction wait before it commits, some longer than those after them."""
    chance = random.Random(1)  # noqa: S311

    def wait(connection: Any) -> None:
        time.sleep(chance.choice([0, 0.001, 0.02, 0.05]))

    event.listen(house.runtime.engine, "commit", wait)
    yield
    event.remove(house.runtime.engine, "commit", wait)


def test_a_reader_among_many_writers_gets_everything_once_and_in_order(house: House) -> None:
    """Eight write at once, their transactions committing in another order than they were numbered; two read meanwhile."""

    def write(first: int) -> None:
        for number in range(first, first + 6):
            house.bank.hear(completed(number))
            house.bank.hear(revoked(number, revoked_at=moment(20)))

    done = threading.Event()
    read: dict[int, list[str]] = {1: [], 7: []}

    def follow(limit: int) -> None:
        after: str | None = None
        while True:
            last = done.is_set()
            page = changes.page(house.runtime, after=after, limit=limit)
            read[limit] += [each.id for each in page.items]
            after = page.next
            if last and not page.more:
                return

    with held_open(house):
        writers = [threading.Thread(target=write, args=(100 * place,)) for place in range(8)]
        readers = [threading.Thread(target=follow, args=(limit,)) for limit in read]
        for thread in (*writers, *readers):
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        for thread in readers:
            thread.join()
    everything = written(house)
    assert len(everything) == 8 * 6 * 2
    for found in read.values():
        assert found == everything


def test_a_number_that_commits_late_holds_the_later_ones_back(make_url: Any, tmp_path: Any) -> None:
    house = furnish(make_app(tmp_path, make_url("postgresql"), doors=False))
    other = open_engine(house.runtime.engine.url)
    with other.connect() as open_still:
        open_still.execute(text("select txid_current()"))
        house.bank.hear(completed(1))
        page = changes.page(house.runtime)
        assert list(page.items) == []
        open_still.rollback()
    assert len(changes.page(house.runtime, after=page.next).items) == 1
    other.dispose()

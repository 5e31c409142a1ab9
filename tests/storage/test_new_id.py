"""Public ids rise in the order in which they are made, whatever the clock does."""

import threading
import time
from uuid import UUID

import pytest

from creditbank_plugin.storage import base
from creditbank_plugin.storage.base import is_uuid, new_id

AT = 2_000_000_000_123_456_789


def test_ten_thousand_ids_sort_in_the_order_made() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert all(is_uuid(each) for each in ids)
    assert {(UUID(each).version, UUID(each).variant) for each in ids} == {(7, "specified in RFC 4122")}


@pytest.mark.parametrize("step", [0, -1_000_000_000, 1, 244, 1_000_000])
def test_a_clock_that_stands_still_steps_back_or_crawls(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(base, "_last_tick", 0)
    told = iter(range(20_000))
    monkeypatch.setattr(time, "time_ns", lambda: AT + next(told) * step)
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert UUID(ids[0]).int >> 80 == AT // 1_000_000, "the first 48 bits are milliseconds"
    assert (UUID(ids[0]).int >> 64) & 0xFFF == AT % 1_000_000 * 4096 // 1_000_000, "then the fraction"


def test_threads_never_share_an_id_and_each_sees_its_own_rise() -> None:
    made: list[list[str]] = [[] for _ in range(8)]
    threads = [threading.Thread(target=lambda mine=mine: mine.extend(new_id() for _ in range(2_000))) for mine in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine == sorted(mine) for mine in made)
    assert len({each for mine in made for each in mine}) == 16_000

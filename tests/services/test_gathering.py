"""Callers who come at once are served together, and nobody is told, or kept waiting by, what is wrong with another."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from creditbank_plugin.services.gathering import Gathering


class Work:
    """Answers numbers with their doubles; holds its first round until ``go``; refuses ``13``, and ends at ``0``."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.began, self.go = Event(), Event()

    def __call__(self, asked: Sequence[int]) -> list[int]:
        self.rounds.append(list(asked))
        if len(self.rounds) == 1:
            self.began.set()
            assert self.go.wait(10)
        if 13 in asked:
            raise ValueError("thirteen")
        if 0 in asked:
            raise SystemExit
        return [2 * each for each in asked]


def arrived(row: Gathering[int, int], number: int) -> None:
    """Wait until ``number`` callers stand in the row."""
    pause = Event()
    while len(row._row) < number:
        pause.wait(0.001)


def together(numbers: Sequence[int], most: int = 100) -> tuple[Work, list[Future[int]]]:
    """Let the first be at work alone when the others come, in order; return when all are served."""
    row: Gathering[int, int] = Gathering()
    work = Work()
    ask: Callable[[int], int] = lambda number: row.join(number, work, size=max(1, number), most=most)  # noqa: E731
    with ThreadPoolExecutor(len(numbers)) as pool:
        asked = [pool.submit(ask, numbers[0])]
        assert work.began.wait(10)
        for place, number in enumerate(numbers[1:], start=1):
            asked.append(pool.submit(ask, number))
            arrived(row, place)
        work.go.set()
    assert not row._serving
    return work, asked


def test_those_who_come_while_one_works_are_served_together() -> None:
    work, asked = together([1, 2, 3, 4])
    assert [each.result() for each in asked] == [2, 4, 6, 8]
    assert work.rounds == [[1], [2, 3, 4]]


def test_one_alone_is_served_at_once() -> None:
    row: Gathering[int, int] = Gathering()
    assert row.join(5, lambda asked: [2 * each for each in asked]) == 10
    assert not row._serving


def test_no_round_is_larger_than_the_most_but_one_call_always_goes() -> None:
    work, asked = together([1, 30, 40, 200, 5, 6], most=70)
    assert [each.result() for each in asked] == [2, 60, 80, 400, 10, 12]
    assert work.rounds == [[1], [30, 40], [200], [5, 6]]


def test_what_is_wrong_with_one_call_is_told_to_nobody_else() -> None:
    work, asked = together([1, 2, 13, 4])
    assert [each.result() for each in (asked[0], asked[1], asked[3])] == [2, 4, 8]
    with pytest.raises(ValueError, match="thirteen"):
        asked[2].result()
    assert work.rounds[:2] == [[1], [2, 13, 4]]
    assert sorted(work.rounds[2:]) == [[2], [4], [13]]


def test_a_worker_that_is_ended_leaves_the_others_to_themselves() -> None:
    _, asked = together([1, 0, 3])
    with pytest.raises(SystemExit):
        asked[1].result()
    assert [asked[0].result(), asked[2].result()] == [2, 6]


def test_nobody_waits_for_ever_for_one_that_hangs() -> None:
    row: Gathering[int, int] = Gathering(patience=0.05)
    work = Work()
    with ThreadPoolExecutor(4) as pool:
        hangs = pool.submit(row.join, 1, work)
        assert work.began.wait(10)
        others = [pool.submit(row.join, number, work) for number in (2, 3)]
        assert [each.result(10) for each in others] == [4, 6]
        assert not hangs.done()
        work.go.set()
        assert hangs.result(10) == 2
    assert work.rounds[0] == [1]
    assert sorted(work.rounds[1:]) == [[2], [3]]
    assert row.join(4, work) == 8
    assert (row._row, row._serving) == ([], False)


def test_those_in_the_hands_of_one_that_hangs_do_their_work_alone() -> None:
    row: Gathering[int, int] = Gathering(patience=0.3)
    first, second = Work(), Work()
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(row.join, 1, first)]
        assert first.began.wait(10)
        asked += [pool.submit(row.join, number, second) for number in (2, 3)]
        arrived(row, 2)
        first.go.set()
        assert second.began.wait(10)  # 2 works for 3 as well, and hangs
        assert [asked[0].result(10), asked[2].result(10)] == [2, 6]
        second.go.set()
        assert asked[1].result(10) == 4
    assert second.rounds == [[2, 3], [3]]


def test_who_is_at_work_may_ask_again_within() -> None:
    row: Gathering[int, int] = Gathering()

    def asks_again(asked: Sequence[int]) -> list[int]:
        return [each + row.join(10, lambda inner: [2 * number for number in inner]) for each in asked]

    assert row.join(1, asks_again) == 21


def test_once_one_was_late_nobody_waits_until_it_is_done() -> None:
    row: Gathering[int, int] = Gathering(patience=0.05)
    work = Work()
    with ThreadPoolExecutor(2) as pool:
        hangs = pool.submit(row.join, 1, work)
        assert work.began.wait(10)
        assert row.join(2, work) == 4
        row._patience = 100.0
        assert row.join(3, work) == 6, "it would wait for minutes"
        work.go.set()
        assert hangs.result(10) == 2
    assert not row._late


def test_a_caller_who_is_taken_away_while_it_waits_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    row: Gathering[int, int] = Gathering()
    work, real = Work(), Event.wait

    def taken_away(self: Event, timeout: float | None = None) -> bool:
        if timeout == row._patience:
            arrived(row, 1)
            raise SystemExit
        return real(self, timeout)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(row.join, 1, work)
        assert work.began.wait(10)
        with monkeypatch.context() as patched:
            patched.setattr(Event, "wait", taken_away)
            with pytest.raises(SystemExit):
                row.join(2, work)
        work.go.set()
        assert first.result(10) == 2
    assert (row._row, row._serving) == ([], False)
    assert row.join(3, work) == 6


def test_a_forked_process_begins_anew() -> None:
    row: Gathering[int, int] = Gathering()
    row._serving, row._process = True, -1
    assert row.join(1, lambda asked: [2 * each for each in asked]) == 2

"""Look at everything that an act would wake, and count what would become of it.

Most completions stand alone: nothing else is known of their learner and course, so that what becomes of one is the verdict
on its facts, and each distinct set of facts is judged once (`verdicts`).  Some wait beside others of the same learner and
course: their verdicts are folded (`counting`).  The rest (of learners who have the course already, who were merged or
erased, or whose host took something back) are rehearsed, and so is everything where another plugin is asked, for it may
look at whatever it likes.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from sqlalchemy import Connection

from creditbank_plugin.rules.supposed import Supposed
from creditbank_plugin.services.forecasting.counting import Counting
from creditbank_plugin.services.forecasting.rehearsal import rehearse
from creditbank_plugin.services.forecasting.tally import Tally
from creditbank_plugin.services.forecasting.verdicts import Row, Verdicts
from creditbank_plugin.services.plugins import asks_others
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import with_hyphens, without_hyphens
from creditbank_plugin.storage.queries import forecast

#: How many messages are looked at between two words on how far we are, and how many are rehearsed together.
AT_ONCE, TOGETHER = 10_000, 400


@dataclass
class _Apart:
    """Which messages do not stand alone, by whose they are: to be rehearsed, or folded with others of an account."""

    rehearsed: set[str] = field(default_factory=set)
    folded: dict[str, str] = field(default_factory=dict)


@dataclass
class Foreseeing:
    """One forecast while it is made; ``said`` is told now and then how many messages have been looked at.

    ``course_id`` is the course whose comparison is supposed; None for orders, which adopt comparisons of ``courses``.
    """

    connection: Connection
    runtime: Runtime
    supposed: Supposed
    course_id: str | None
    courses: Collection[str] | None
    tally: Tally
    said: Callable[[int], None]
    _done: int = 0

    def look(self, keys: Sequence[str]) -> None:
        """Count everything that ``keys`` would wake."""
        every = asks_others(self.runtime.plugins)
        apart = _Apart() if every else self._apart(keys)
        counting = Counting(
            self.runtime, Verdicts(self.connection, self.runtime, self.supposed, self.courses), self.tally
        )
        rehearsed: list[str] = []
        folded: dict[str, list[tuple[str, str]]] = {}
        whose = 0 if self.course_id is not None else 6  # of a row: the message, or its account
        for rows in self._stream(keys):
            if every:
                rehearsed += [row[0] for row in rows]
                continue
            alone: list[Row] = []
            for row in rows:
                if row[whose] in apart.folded:
                    folded.setdefault(apart.folded[row[whose]], []).append((row[0], self._course_of(row)))
                elif row[whose] in apart.rehearsed:
                    rehearsed.append(row[0])
                else:
                    alone.append(row)
            rehearsed += self._count(counting, alone)
            self._tell(len(alone))
        del apart
        accounts = iter(folded.values())
        while some := list(islice(accounts, TOGETHER)):
            rehearsed += counting.together(self.connection, some)
            self._tell(sum(map(len, some)))
        del folded
        for ids in self._by_person(rehearsed, booked=every):
            rehearse(self.connection, self.runtime, self.supposed, ids, self.tally, self.courses)
            self._tell(len(ids))

    def _course_of(self, row: Row) -> str:
        return without_hyphens(self.course_id) if self.course_id is not None else row[5] or ""

    def _count(self, counting: Counting, alone: Sequence[Row]) -> list[str]:
        if self.course_id is not None:
            return counting.each_of_its_own(alone, without_hyphens(self.course_id))
        return counting.by_account(alone, [self._course_of(row) for row in alone], [row[6] for row in alone])

    def _tell(self, number: int) -> None:
        self._done += number
        self.said(self._done)

    def _apart(self, keys: Sequence[str]) -> _Apart:
        by = 0 if self.course_id is not None else 1  # the message, or its account
        apart = _Apart({row[by] for row in forecast.marked(self.connection, self.course_id, AT_ONCE)})
        judged: set[str] = set()
        for row in forecast.beside(self.connection, keys, AT_ONCE):
            apart.folded[row[by]] = row.account_id
            if row.folded:
                judged.add(row.account_id)
        for whose, account in list(apart.folded.items()):
            if account in judged or whose in apart.rehearsed:
                apart.rehearsed.add(whose)
                del apart.folded[whose]
        return apart

    def _stream(self, keys: Sequence[str]) -> Iterator[Sequence[Row]]:
        """Yield messages many at a time; for orders, all of an account together."""
        if self.course_id is not None:
            yield from forecast.of_course(self.connection, keys[0], AT_ONCE)
            return
        kept: list[Row] = []
        for rows in forecast.of_schools(self.connection, keys, AT_ONCE):
            chunk = [*kept, *rows]
            number = next((place for place in range(len(chunk), 0, -1) if chunk[place - 1][6] != chunk[-1][6]), 0)
            yield chunk[:number]
            kept = chunk[number:]
        yield kept

    def _by_person(self, ids: Sequence[str], *, booked: bool) -> Iterator[list[str]]:
        """Yield messages some hundred at a time, all of a person together.

        Where another plugin says who a learner is (``booked``), whose they are is what it said when they were decided.
        """
        owners: list[tuple[str, str]] = []
        for start in range(0, len(ids), AT_ONCE):
            some = [str(with_hyphens(without_hyphens(each))) for each in ids[start : start + AT_ONCE]]
            known = forecast.persons(self.connection, some, booked=booked)
            owners += [(known.get(each, each), each) for each in some]
        owners.sort()
        chunk: list[str] = []
        for _, mine in groupby(owners, key=lambda each: each[0]):
            chunk += [inbox_id for _, inbox_id in mine]
            if len(chunk) >= TOGETHER:
                yield sorted(chunk)
                chunk = []
        if chunk:
            yield sorted(chunk)

"""Look at everything that an act would wake, and count what would become of it.

Most completions stand alone: nothing else is known of their learner and course, so that what becomes of one is the verdict
on its facts, and each distinct set of facts is judged once (`verdicts`).  Some wait beside others of the same learner: they
are counted together, and what is of one course is folded (`counting`).  The rest (of learners who have the course already,
who were merged or erased, or whose host took something back) are rehearsed, and so is everything where another plugin is
asked, for it may look at whatever it likes.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from sqlalchemy import Connection

from creditbank_plugin.rules.supposed import Supposed
from creditbank_plugin.services.forecasting.counting import Counting, Held, held_of
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
    """Which messages do not stand alone, by whose they are: to be rehearsed, or held back with all of their account."""

    rehearsed: set[str] = field(default_factory=set)
    held: dict[str, str] = field(default_factory=dict)


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
        verdicts = Verdicts(self.connection, self.runtime, self.supposed, self.courses)
        counting = Counting(self.connection, self.runtime, verdicts, self.tally)
        rehearsed: list[str] = []
        held: dict[str, list[Held]] = {}
        whose = 0 if self.course_id is not None else 6  # of a row: the message, or its account
        for rows in self._stream(keys):
            if every:
                rehearsed += [row[0] for row in rows]
                continue
            alone: list[Row] = []
            for row in rows:
                if row[whose] in apart.rehearsed:
                    rehearsed.append(row[0])
                elif row[whose] in apart.held:
                    held.setdefault(apart.held[row[whose]], []).append(held_of(row, self._course_of(row)))
                else:
                    alone.append(row)
            rehearsed += counting.alone(alone, map(self._course_of, alone))
            self._tell(len(alone))
        del apart
        accounts = iter(held.values())
        while some := list(islice(accounts, AT_ONCE)):
            rehearsed += counting.together(some)
            self._tell(sum(map(len, some)))
        del held
        for ids in self._by_person(rehearsed, booked=every):
            rehearse(self.connection, self.runtime, self.supposed, ids, self.tally, self.courses)
            self._tell(len(ids))

    def _course_of(self, row: Row) -> str:
        return without_hyphens(self.course_id) if self.course_id is not None else row[5] or ""

    def _tell(self, number: int) -> None:
        self._done += number
        self.said(self._done)

    def _apart(self, keys: Sequence[str]) -> _Apart:
        by = 0 if self.course_id is not None else 1  # the message, or its account
        apart = _Apart({row[by] for row in forecast.marked(self.connection, self.course_id, AT_ONCE)})
        if self.course_id is None:
            apart.held = {each: each for each in forecast.with_several(self.connection, keys, AT_ONCE)}
        judged: set[str] = set()
        for row in forecast.beside(self.connection, keys, AT_ONCE):
            apart.held[row[by]] = row.account_id
            if row.judged:
                judged.add(row.account_id)
        apart.rehearsed |= {whose for whose, account in apart.held.items() if account in judged}
        return apart

    def _stream(self, keys: Sequence[str]) -> Iterator[Sequence[Row]]:
        if self.course_id is not None:
            return forecast.of_course(self.connection, keys[0], AT_ONCE)
        return forecast.of_schools(self.connection, keys, AT_ONCE)

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

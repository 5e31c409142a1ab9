"""The verdicts on many completions, each distinct set of facts judged once.

What a completion falls under depends on its school, its course as told and its day; whether it meets the conditions, on its
result.  One message stands for all that are alike in it; it is judged by `judge`, as settling judges every message.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from creditbank_plugin.formats import alike
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.fold import Fact
from creditbank_plugin.rules.supposed import Supposed
from creditbank_plugin.services.casebook import judged_fact
from creditbank_plugin.services.context import Context, Told, open_letters
from creditbank_plugin.services.judge import Judgement, judge, place
from creditbank_plugin.services.questions import ask
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import with_hyphens
from creditbank_plugin.storage.queries import catalogue, queue

#: How many distinct sets of facts are remembered; above that they are judged anew, so that memory stays bounded.
REMEMBERED = 100_000
#: How many messages are opened at a time to be judged.
_OPENED = 1000


class Seen(NamedTuple):
    """A message as far as it is read: ``course_id`` is the course version that it waits for; ids without hyphens."""

    inbox_id: str
    school: str | None
    issuer: str
    sealed_fields: str | None
    facts: str
    course_id: str


@dataclass(frozen=True, eq=False)
class Verdict:
    """What becomes of a completion: ``reason`` is a code of `rules.reasons`, ``made`` the judgement where there is one.

    ``concerned``: it is one that the forecast counts.  ``fact`` is what the fold works on, of the message that was judged.
    """

    reason: str
    made: Judgement | None
    concerned: bool
    fact: Fact | None = None


#: School, issuer, course as told, day, course waited for.
_Spot = tuple[str | None, str, bytes, date, str]
#: Score, grade, attendance, assurance; and the message itself where more than that can matter.
_Result = tuple[str | None, str | None, str | None, bytes | None, str | None]


@dataclass(frozen=True)
class _Placed:
    """What the completions of one spot fall under; None as ``verdict`` where the result decides."""

    verdict: Verdict | None
    comparison_id: str
    stands_for_all: bool
    aliases: frozenset[str]


@dataclass
class Verdicts:
    """Verdicts under supposed rules; ``courses`` are those that are counted, None for all."""

    connection: Connection
    runtime: Runtime
    supposed: Supposed
    courses: Collection[str] | None
    _days: dict[str, date] = field(default_factory=dict)
    _spots: dict[_Spot, _Placed] = field(default_factory=dict)
    _results: dict[tuple[str, _Result], Verdict] = field(default_factory=dict)

    def of(self, rows: Sequence[Seen]) -> list[Verdict | None]:
        """Return the verdict on each message, None for one that must be looked at by itself."""
        if len(self._spots) + len(self._results) > REMEMBERED:
            self._spots.clear()
            self._results.clear()
        read = [self._read(row) for row in rows]
        spots = {told[0]: row.inbox_id for row, told in zip(rows, read, strict=True) if told is not None}
        self._place({spot: inbox_id for spot, inbox_id in spots.items() if spot not in self._spots})
        open_: dict[tuple[str, _Result], str] = {}
        for row, told in zip(rows, read, strict=True):
            if told is not None and (placed := self._spots[told[0]]).verdict is None:
                open_[placed.comparison_id, told[1]] = row.inbox_id
        self._judge({key: inbox_id for key, inbox_id in open_.items() if key not in self._results})
        apart = self._credited_by_another_name(rows, read)
        return [None if told is None or place in apart else self._verdict(*told) for place, told in enumerate(read)]

    def _verdict(self, spot: _Spot, result: _Result) -> Verdict | None:
        placed = self._spots[spot]
        if not placed.stands_for_all:
            return None
        return placed.verdict or self._results[placed.comparison_id, result]

    def _read(self, row: Seen) -> tuple[_Spot, _Result] | None:
        told = alike.read(row.facts)
        if told is None:
            return None
        hour = told.completed_at[:13]
        day = self._days.get(hour)
        if day is None:
            day = self._days[hour] = thai.bangkok_day(datetime.fromisoformat(told.completed_at))
        spot = (row.school, row.issuer, bytes(told.course), day, row.course_id)
        # Of what is sealed beside personal data only a score that nobody can place matters, and only without a score.
        own = row.inbox_id if told.score is None and row.sealed_fields and "extra" in row.sealed_fields else None
        assurance = bytes(told.assurance) if told.assurance is not None else None
        return spot, (told.score, told.grade, told.attendance, assurance, own)

    def _opened(self, inbox_ids: Iterable[str]) -> Iterable[tuple[Context, list[Told]]]:
        ids = sorted({str(with_hyphens(each)) for each in inbox_ids})
        for start in range(0, len(ids), _OPENED):
            rows = queue.messages(self.connection, ids[start : start + _OPENED])
            letters = open_letters(self.runtime, rows)
            yield Context(self.connection, self.runtime, letters, self.supposed), letters

    def _place(self, new: dict[_Spot, str]) -> None:
        spots: dict[str, list[_Spot]] = {}
        for spot, inbox_id in new.items():
            spots.setdefault(inbox_id, []).append(spot)
        for context, letters in self._opened(spots):
            for told in letters:
                for spot in spots[told.row.id.replace("-", "")]:
                    self._spots[spot] = self._placed(context, told, spot[-1])

    def _placed(self, context: Context, told: Told, waited_for: str) -> _Placed:
        made = place(context, told)
        concerned = self.courses is None or (made.course is not None and made.course.id in self.courses)
        # What is known of a learner's other messages about the course is known for the one that was waited for.
        same = made.course is None or made.course.id.replace("-", "") == waited_for
        alias = context.alias_of(told)
        aliases = frozenset(name for name in told.names if name in context.aliases)
        verdict = None
        if told.row.issuer not in context.trusted:
            verdict = Verdict("issuer_untrusted", None, concerned)
        elif made.reason or not concerned:
            verdict = Verdict(made.reason, made, concerned)
        comparison_id = made.comparison.id if made.comparison is not None else ""
        return _Placed(verdict, comparison_id, same or not concerned, aliases if alias is not None else frozenset())

    def _judge(self, new: dict[tuple[str, _Result], str]) -> None:
        keys: dict[str, list[tuple[str, _Result]]] = {}
        for key, inbox_id in new.items():
            keys.setdefault(inbox_id, []).append(key)
        for context, letters in self._opened(keys):
            answers = ask(self.runtime, context, letters)
            for told in letters:
                made = judge(context, told, answers[told.row.id])
                for key in keys[told.row.id.replace("-", "")]:
                    self._results[key] = Verdict(made.reason or "credited", made, True, judged_fact(told.row, made))

    def _credited_by_another_name(self, rows: Sequence[Seen], read: Sequence[tuple[_Spot, _Result] | None]) -> set[int]:
        """Return the places of those whose learner has credit by a name that an alias maps: which may have meant another.

        See `Context.find_course`.
        """
        named: dict[int, frozenset[str]] = {}
        for row_number, told in enumerate(read):
            if told is not None and (aliases := self._spots[told[0]].aliases):
                named[row_number] = aliases
        if not named:
            return set()
        learners = {row_number: self._learner(rows[row_number]) for row_number in named}
        names = {name for each in named.values() for name in each}
        given: set[tuple[Any, Any]] = set()
        for start in range(0, len(rows), _OPENED):
            some = {learners[row_number] for row_number in range(start, start + _OPENED) if row_number in learners}
            if some:
                issuers, ids = {each[0] for each in some}, {each[1] for each in some}
                found = catalogue.given_through(self.connection, issuers, ids, names)
                given |= {(row.issuer, row.learner) for row in found}
        return {row_number for row_number, learner in learners.items() if learner in given}

    def _learner(self, row: Seen) -> tuple[str, str]:
        told = alike.read(row.facts)
        return (row.issuer, told.learner.id if told is not None else "")

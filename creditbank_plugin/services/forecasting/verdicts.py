"""The verdicts on many completions, each distinct set of facts judged once.

What a completion falls under depends on its school, its course as told and its day; whether it meets the conditions, on its
result.  One message stands for all that are alike in it; it is judged by `judge`, as settling judges every message.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.formats import alike
from creditbank_plugin.rules.fold import Fact
from creditbank_plugin.rules.supposed import Supposed
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.asking import ask
from creditbank_plugin.services.settling.cases import judged_fact
from creditbank_plugin.services.settling.context import Context, Told, open_letters
from creditbank_plugin.services.settling.judge import Judgement, judge, place
from creditbank_plugin.storage.base import with_hyphens, without_hyphens
from creditbank_plugin.storage.queries import catalogue, queue

#: How many distinct sets of facts are remembered; above that they are judged anew, so that memory stays bounded.
REMEMBERED = 200_000
#: How many messages are opened at a time to be judged.
_OPENED = 1000

#: A message as `queries.forecast` has it: ``inbox_id, school_code, issuer, sealed_fields, facts``.
Row = Sequence[Any]
#: School, issuer, course as told, day, the course version it waits for (without hyphens).
Spot = tuple[str | None, str, bytes, date, str]
#: Score, grade, attendance, assurance; and the message itself where more than that can matter.
Result = tuple[str | None, str | None, str | None, bytes, str | None]
Kind = tuple[Spot, Result]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What becomes of a completion: ``reason`` is a code of `rules.reasons`, ``made`` the judgement where there is one.

    ``concerned``: it is one that the forecast counts.  ``fact`` is what the fold works on, of the message that was judged.
    """

    reason: str
    made: Judgement | None
    concerned: bool
    fact: Fact | None = None


@dataclass(frozen=True)
class _Placed:
    """What the completions of one spot fall under.

    ``verdict`` is None where the result decides.  ``names`` are those of an alias by which the course was found.
    """

    verdict: Verdict | None
    comparison_id: str
    stands_for_all: bool
    names: frozenset[str]


def kind_of(row: Row, course_id: str) -> Kind | None:
    """Return in what a message is like others; None where its facts cannot be read here."""
    told = alike.read(row[4])
    if told is None:
        return None
    # Of what is sealed beside personal data only a score that nobody can place matters, and only without a score.
    own = row[0] if told.score is None and row[3] is not None and "extra" in row[3] else None
    return (
        (row[1], row[2], bytes(told.course), alike.day_of(told.completed_at[:13]), course_id),
        (told.score, told.grade, told.attendance, bytes(told.assurance), own),
    )


@dataclass
class Verdicts:
    """Verdicts under supposed rules; ``courses`` are those that are counted, None for all."""

    connection: Connection
    runtime: Runtime
    supposed: Supposed
    courses: Collection[str] | None
    _spots: dict[Spot, _Placed] = field(default_factory=dict)
    _results: dict[tuple[str, Result], Verdict] = field(default_factory=dict)

    def knows(self, kind: Kind) -> bool:
        """Tell whether a kind was learned."""
        placed = self._spots.get(kind[0])
        return placed is not None and (placed.verdict is not None or (placed.comparison_id, kind[1]) in self._results)

    def learn(self, kinds: Mapping[Kind, str]) -> None:
        """Judge kinds that are not known yet; of each a message is given that stands for it."""
        self._place({spot: example for (spot, _), example in kinds.items() if spot not in self._spots})
        keys = (((self._spots[spot].comparison_id, result), spot, kinds[spot, result]) for spot, result in kinds)
        open_ = {key: example for key, spot, example in keys if self._spots[spot].verdict is None}
        self._judge({key: example for key, example in open_.items() if key not in self._results})

    def of(self, kind: Kind) -> Verdict | None:
        """Return the verdict on a kind that was learned; None where each message must be looked at by itself."""
        placed = self._spots[kind[0]]
        if not placed.stands_for_all:
            return None
        return placed.verdict or self._results[placed.comparison_id, kind[1]]

    def forget(self) -> None:
        """Forget everything, where that is much."""
        if len(self._spots) + len(self._results) > REMEMBERED:
            self._spots.clear()
            self._results.clear()

    def found_by_another_name(self, kinds: Iterable[Kind]) -> bool:
        """Tell whether an alias says which course some of these mean."""
        return any(self._spots[spot].names for spot, _ in kinds)

    def of_each(self, rows: Sequence[Row], kinds: Sequence[Kind | None]) -> list[Verdict | None]:
        """Return the verdict on each message, where an alias found courses: it may have meant another one before.

        None for whom has credit by the alias's name, see `Context.find_course`.
        """
        names = {name for kind in kinds if kind is not None for name in self._spots[kind[0]].names}
        given: set[tuple[str, str]] = set()
        for start in range(0, len(rows), _OPENED):
            some = [row for row, kind in zip(rows, kinds, strict=True) if kind is not None][start : start + _OPENED]
            issuers, learners = {row[2] for row in some}, {alike.learner_of(row[4]) for row in some}
            found = catalogue.given_through(self.connection, issuers, learners, names) if some else ()
            given |= {(each.issuer, each.learner) for each in found}
        return [
            None if kind is None or (row[2], alike.learner_of(row[4])) in given else self.of(kind)
            for row, kind in zip(rows, kinds, strict=True)
        ]

    def _opened(self, inbox_ids: Iterable[str]) -> Iterator[tuple[Context, list[Told]]]:
        ids = sorted(str(with_hyphens(each)) for each in inbox_ids)
        for start in range(0, len(ids), _OPENED):
            letters = open_letters(self.runtime, queue.messages(self.connection, ids[start : start + _OPENED]))
            yield Context(self.connection, self.runtime, letters, self.supposed), letters

    def _place(self, new: Mapping[Spot, str]) -> None:
        spots: dict[str, list[Spot]] = {}
        for spot, example in new.items():
            spots.setdefault(example, []).append(spot)
        for context, letters in self._opened(spots):
            for told in letters:
                for spot in spots[without_hyphens(told.row.id)]:
                    self._spots[spot] = self._placed(context, told, spot[-1])

    def _placed(self, context: Context, told: Told, waited_for: str) -> _Placed:
        made = place(context, told)
        concerned = self.courses is None or (made.course is not None and made.course.id in self.courses)
        # What is known of the learner's other messages about a course is known of the one that was waited for.
        same = made.course is None or without_hyphens(made.course.id) == waited_for
        names = frozenset(told.names) if context.alias_of(told) is not None else frozenset()
        verdict = None
        if told.row.issuer not in context.trusted:
            verdict = Verdict("issuer_untrusted", None, concerned)
        elif made.reason or not concerned:
            verdict = Verdict(made.reason, made, concerned)
        comparison_id = made.comparison.id if made.comparison is not None else ""
        return _Placed(verdict, comparison_id, same or not concerned, names)

    def _judge(self, new: Mapping[tuple[str, Result], str]) -> None:
        keys: dict[str, list[tuple[str, Result]]] = {}
        for key, example in new.items():
            keys.setdefault(example, []).append(key)
        for context, letters in self._opened(keys):
            answers = ask(self.runtime, context, letters)
            for told in letters:
                made = judge(context, told, answers[told.row.id])
                verdict = Verdict(made.reason or "credited", made, True, judged_fact(told.row, made))
                self._results.update(dict.fromkeys(keys[without_hyphens(told.row.id)], verdict))

"""Count what would become of completions by their verdicts alone, where nothing else is known of learner and course."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import Connection

from creditbank_plugin.formats import alike
from creditbank_plugin.rules import fold, ledger
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.services.forecasting.tally import LIVE, Tally
from creditbank_plugin.services.forecasting.verdicts import REMEMBERED, Kind, Row, Verdict, Verdicts, kind_of
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.cases import judged_fact
from creditbank_plugin.storage.base import with_hyphens, without_hyphens
from creditbank_plugin.storage.queries import queue


class Held(NamedTuple):
    """A message that is held back until all that waits of its account is known; ids sort in the order of arrival."""

    inbox_id: str
    attempt: int
    kind: Kind | None


def held_of(row: Row, course_id: str) -> Held:
    """Return what has to be kept of a message that waits for a course version."""
    kind = kind_of(row, course_id)
    return Held(row[0], alike.attempt_of(row[4]) if kind is not None else 1, kind)


#: Messages of an account that was told of one course, in the order of arrival, each with the verdict on it.
_Group = list[tuple[Held, Verdict]]


@dataclass
class Counting:
    """Counts messages into ``tally``; the ids of those that verdicts cannot tell are handed back."""

    connection: Connection
    runtime: Runtime
    verdicts: Verdicts
    tally: Tally
    _folded: dict[tuple[tuple[int, Verdict], ...], list[fold.Movement]] = field(default_factory=dict)

    def alone(self, rows: Sequence[Row], course_ids: Iterable[str]) -> list[str]:
        """Count messages of learners of whom nothing else waits; each with the course version that it waits for."""
        kinds = [kind_of(row, course_id) for row, course_id in zip(rows, course_ids, strict=True)]
        found = self._each([row[0] for row in rows], kinds, lambda: rows)
        for (school, verdict), number in Counter(zip((row[1] for row in rows), found, strict=True)).items():
            if verdict is not None and verdict.concerned:
                self._completions(school, verdict, number)
                self._learners([verdict], number)
                self._moved(_movements([verdict.fact] if verdict.fact is not None else [], self.runtime), number)
        return [row[0] for row, verdict in zip(rows, found, strict=True) if verdict is None]

    def together(self, accounts: Iterable[Sequence[Held]]) -> list[str]:
        """Count all that waits of some accounts, what is of one course folded."""
        accounts = [sorted(mine, key=lambda each: each.inbox_id) for mine in accounts]
        every = [each for mine in accounts for each in mine]
        ids = [each.inbox_id for each in every]
        found = dict(zip(ids, self._each(ids, [each.kind for each in every], lambda: self._rows(ids)), strict=True))
        apart: list[str] = []
        unlike: list[_Group] = []
        for mine in accounts:
            known = [(each, verdict) for each in mine if (verdict := found[each.inbox_id]) is not None]
            if len(known) < len(mine):
                apart += [each.inbox_id for each in mine]
                continue
            concerned = [(each, verdict) for each, verdict in known if verdict.concerned]
            for each, verdict in concerned:
                self._completions(_school(each), verdict, 1)
            self._learners([verdict for _, verdict in concerned])
            for group in _by_course(concerned):
                if _is_plain(group):
                    self._moved(self._as_others(group))
                else:
                    unlike.append(group)
        self._one_by_one(unlike)
        return apart

    def _as_others(self, group: _Group) -> list[fold.Movement]:
        """Fold the attempts at a course; whoever had the same verdicts on the same attempts comes to the same."""
        signature = tuple((each.attempt, verdict) for each, verdict in group)
        if signature not in self._folded:
            if len(self._folded) > REMEMBERED:
                self._folded.clear()
            # One that failed before its result was looked at has no fact here; beside another attempt it changes nothing.
            facts = [
                replace(verdict.fact, inbox_id=each.inbox_id, attempt=each.attempt)
                for each, verdict in group
                if verdict.fact is not None
            ]
            self._folded[signature] = list(_movements(facts, self.runtime))
        return self._folded[signature]

    def _one_by_one(self, groups: Sequence[_Group]) -> None:
        """Fold messages of which each may differ in time or text from others with its verdict."""
        ids = sorted(str(with_hyphens(each.inbox_id)) for group in groups for each, _ in group)
        messages = {without_hyphens(row.id): row for row in queue.messages(self.connection, ids)}
        for group in groups:
            told = ((messages[each.inbox_id], verdict.made) for each, verdict in group)
            facts = [judged_fact(row, made) for row, made in told if made is not None]
            self._moved(_movements([fact for fact in facts if fact is not None], self.runtime))

    def _rows(self, ids: Sequence[str]) -> list[Row]:
        found = queue.messages(self.connection, sorted(str(with_hyphens(each)) for each in ids))
        rows = {without_hyphens(row.id): row for row in found}
        told = ((each, rows[each]) for each in ids)
        return [(each, row.school_code, row.issuer, row.sealed_fields, row.facts_text) for each, row in told]

    def _each(
        self, ids: Sequence[str], kinds: Sequence[Kind | None], rows: Callable[[], Sequence[Row]]
    ) -> list[Verdict | None]:
        """Return the verdict on each message; ``rows`` gives them whole where their kinds are not enough."""
        self.verdicts.forget()
        distinct = {kind for kind in kinds if kind is not None}
        new = {kind for kind in distinct if not self.verdicts.knows(kind)}
        if new:
            self.verdicts.learn({kind: id_ for id_, kind in zip(ids, kinds, strict=True) if kind in new})
        if self.verdicts.found_by_another_name(distinct):
            return self.verdicts.of_each(rows(), kinds)
        known = {kind: self.verdicts.of(kind) for kind in distinct}
        return [known[kind] if kind is not None else None for kind in kinds]

    def _completions(self, school: str | None, verdict: Verdict, number: int) -> None:
        self.tally.completion(school, REASONS[verdict.reason].state, verdict.reason, number)

    def _learners(self, concerned: Sequence[Verdict], number: int = 1) -> None:
        """Count so many learners, each with these verdicts."""
        self.tally.learners += number if concerned else 0
        self.tally.credited_learners += number if any(_credited(verdict) for verdict in concerned) else 0

    def _moved(self, moves: Iterable[fold.Movement], number: int = 1) -> None:
        held = 0
        for each in moves:
            gained = (each.to_state in LIVE) - (each.from_state in LIVE)
            self.tally.credits[each.scheme] += gained * each.amount * number
            held += each.amount * ((each.to_state == "under_review") - (each.from_state == "under_review"))
        self.tally.under_review += number if held else 0


def _school(each: Held) -> str | None:
    return each.kind[0][0] if each.kind is not None else None


def _credited(verdict: Verdict) -> bool:
    return REASONS[verdict.reason].state == "credited"


def _by_course(concerned: _Group) -> Iterable[_Group]:
    courses: dict[str, _Group] = {}
    for each, verdict in concerned:
        made = verdict.made
        if made is not None and made.course is not None and made.passed is not None:
            courses.setdefault(made.course.id, []).append((each, verdict))
    return courses.values()


def _is_plain(group: _Group) -> bool:
    """Tell whether they are several attempts at one school, each told once: no rule of the fold then looks at more than
    the number of the attempt and the verdict on it.
    """
    return len({_school(each) for each, _ in group}) == 1 and len({each.attempt for each, _ in group}) == len(group)


def _movements(facts: Sequence[fold.Fact], runtime: Runtime) -> Iterator[fold.Movement]:
    """Yield the entries that settling these facts one after the other makes, where there was nothing before."""
    amounts, scheme = ledger.NOTHING, None
    before = fold.stand([], [])
    for number, fact in enumerate(facts, start=1):
        after = fold.stand(facts[:number], [], runtime.settings.attempt_rule_of(fact.scheme))
        for each in fold.movements(amounts, scheme, before, after):
            amounts, scheme = ledger.moved(amounts, each), each.scheme
            yield each
        before = after

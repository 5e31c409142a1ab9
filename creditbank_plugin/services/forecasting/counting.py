"""Count what would become of completions by their verdicts alone, where nothing else is known of learner and course."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from sqlalchemy import Connection

from creditbank_plugin.rules import fold, ledger
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.services.forecasting.tally import LIVE, Tally
from creditbank_plugin.services.forecasting.verdicts import Kind, Row, Verdict, Verdicts, kind_of
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.cases import judged_fact
from creditbank_plugin.storage.base import Stored, with_hyphens, without_hyphens
from creditbank_plugin.storage.queries import queue


@dataclass
class Counting:
    """Counts messages into ``tally``; the ids of those that verdicts cannot tell are handed back."""

    runtime: Runtime
    verdicts: Verdicts
    tally: Tally

    def each_of_its_own(self, rows: Sequence[Row], course_id: str) -> list[str]:
        """Count messages about one course, no two of an account."""
        kinds = [kind_of(row, course_id) for row in rows]
        numbers = Counter(kinds)
        self._learn(rows, kinds, numbers)
        unread = numbers.pop(None, 0)
        known = {kind: self.verdicts.of(kind) for kind in numbers if kind is not None}
        plain = not unread and all(known.values()) and not self.verdicts.found_by_another_name(known)
        if not plain:
            return self.by_account(rows, [course_id] * len(rows), [row[0] for row in rows])
        for kind, verdict in known.items():
            if verdict is not None and verdict.concerned:
                self._completions(kind[0][0], verdict, numbers[kind])
                self._learners([verdict], numbers[kind])
        return []

    def by_account(self, rows: Sequence[Row], course_ids: Sequence[str], accounts: Sequence[str]) -> list[str]:
        """Count messages that stand alone with their course, an account's together."""
        kinds = [kind_of(row, course_id) for row, course_id in zip(rows, course_ids, strict=True)]
        found = self._each(rows, kinds)
        several = {account for account, following in pairwise(accounts) if account == following}
        told = zip(accounts, rows, found, strict=True)
        alone = Counter((row[1], verdict) for account, row, verdict in told if account not in several)
        apart: list[str] = []
        for (school, verdict), number in alone.items():
            if verdict is not None and verdict.concerned:
                self._completions(school, verdict, number)
                self._learners([verdict], number)
        if any(verdict is None for _, verdict in alone):
            told = zip(accounts, rows, found, strict=True)
            apart += [row[0] for account, row, verdict in told if verdict is None and account not in several]
        return apart + (self._beside_one_another(accounts, rows, found, several) if several else [])

    def _beside_one_another(
        self, accounts: Sequence[str], rows: Sequence[Row], found: Sequence[Verdict | None], several: Collection[str]
    ) -> list[str]:
        """Count the messages of accounts that have several, of different courses."""
        apart: list[str] = []
        told = (each for each in zip(accounts, rows, found, strict=True) if each[0] in several)
        for _, group in groupby(told, key=lambda each: each[0]):
            mine = [(row, verdict) for _, row, verdict in group]
            known = [(row[1], verdict) for row, verdict in mine if verdict is not None]
            if len(known) < len(mine):
                apart += [row[0] for row, _ in mine]
                continue
            concerned = [each for each in known if each[1].concerned]
            for school, verdict in concerned:
                self._completions(school, verdict, 1)
            self._learners([verdict for _, verdict in concerned])
        return apart

    def together(self, connection: Connection, accounts: Sequence[Sequence[tuple[str, str]]]) -> list[str]:
        """Count what waits with others of its account about the same course, folded; each message with its course."""
        courses = {str(with_hyphens(inbox_id)): course_id for mine in accounts for inbox_id, course_id in mine}
        messages = {row.id: row for row in queue.messages(connection, sorted(courses))}
        rows = [
            (without_hyphens(id_), row.school_code, row.issuer, row.sealed_fields, row.facts_text)
            for id_, row in messages.items()
        ]
        kinds = [kind_of(row, courses[id_]) for id_, row in zip(messages, rows, strict=True)]
        found = dict(zip(messages, self._each(rows, kinds), strict=True))
        apart: list[str] = []
        for mine in accounts:
            ids = sorted(str(with_hyphens(inbox_id)) for inbox_id, _ in mine)
            known = [(messages[id_], verdict) for id_ in ids if (verdict := found[id_]) is not None]
            if len(known) < len(ids):
                apart += ids
                continue
            concerned = [each for each in known if each[1].concerned]
            for row, verdict in concerned:
                self.tally.completion(row.school_code, REASONS[verdict.reason].state, verdict.reason)
            self._learners([verdict for _, verdict in concerned])
            for facts in _by_course(concerned):
                self._moved(_movements(facts, self.runtime))
        return apart

    def _learn(self, rows: Sequence[Row], kinds: Sequence[Kind | None], distinct: Iterable[Kind | None]) -> None:
        self.verdicts.forget()
        new = {kind for kind in distinct if kind is not None and not self.verdicts.knows(kind)}
        if new:
            self.verdicts.learn({kind: row[0] for row, kind in zip(rows, kinds, strict=True) if kind in new})

    def _each(self, rows: Sequence[Row], kinds: Sequence[Kind | None]) -> list[Verdict | None]:
        distinct = set(kinds)
        self._learn(rows, kinds, distinct)
        if self.verdicts.found_by_another_name(kind for kind in distinct if kind is not None):
            return self.verdicts.of_each(rows, kinds)
        return [self.verdicts.of(kind) if kind is not None else None for kind in kinds]

    def _completions(self, school: str | None, verdict: Verdict, number: int) -> None:
        self.tally.completion(school, REASONS[verdict.reason].state, verdict.reason, number)
        self._moved(_movements([verdict.fact] if verdict.fact is not None else [], self.runtime), number)

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


def _credited(verdict: Verdict) -> bool:
    return REASONS[verdict.reason].state == "credited"


def _by_course(concerned: Sequence[tuple[Stored, Verdict]]) -> Iterable[list[fold.Fact]]:
    courses: dict[str, list[fold.Fact]] = {}
    for row, verdict in concerned:
        made = verdict.made
        if made is not None and made.course is not None and (fact := judged_fact(row, made)) is not None:
            courses.setdefault(made.course.id, []).append(fact)
    return courses.values()


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

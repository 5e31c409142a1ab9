"""Count what would become of completions by their verdicts alone, where nothing else is known of learner and course."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection

from creditbank_plugin.rules import fold, ledger
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.services.casebook import judged_fact
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.tally import LIVE, Tally
from creditbank_plugin.services.verdicts import Seen, Verdict, Verdicts
from creditbank_plugin.storage.base import Stored, with_hyphens
from creditbank_plugin.storage.queries import queue

#: A message with whose it is: its account, or the message itself where all is about one course.
Whose = tuple[str, Seen]


@dataclass
class Counting:
    """Counts messages of accounts into ``tally``; those that its verdicts cannot tell are handed back."""

    runtime: Runtime
    verdicts: Verdicts
    tally: Tally

    def alone(self, rows: Sequence[Whose]) -> list[str]:
        """Count messages that stand alone with their course, an account's together; return what does not after all."""
        apart: list[str] = []
        counted: Counter[tuple[str | None, Verdict]] = Counter()
        found = self.verdicts.of([seen for _, seen in rows])
        for _, group in groupby(zip(rows, found, strict=True), key=lambda each: each[0][0]):
            mine = [(seen, verdict) for (_, seen), verdict in group]
            known = [(seen.school, verdict) for seen, verdict in mine if verdict is not None]
            if len(known) < len(mine):
                apart += [seen.inbox_id for seen, _ in mine]
                continue
            concerned = [each for each in known if each[1].concerned]
            counted.update(concerned)
            self._learner([verdict for _, verdict in concerned])
        for (school, verdict), number in counted.items():
            self.tally.completion(school, REASONS[verdict.reason].state, verdict.reason, number)
            self._moved(_movements([verdict.fact] if verdict.fact is not None else [], self.runtime), number)
        return apart

    def together(self, connection: Connection, accounts: Sequence[Sequence[Seen]]) -> list[str]:
        """Count messages of accounts (``facts`` are read here) that wait with others about the same course, folded.

        Return what must be looked at by itself after all.
        """
        courses = {str(with_hyphens(seen.inbox_id)): seen.course_id for mine in accounts for seen in mine}
        messages = {row.id: row for row in queue.messages(connection, sorted(courses))}
        told = [
            Seen(id_.replace("-", ""), row.school_code, row.issuer, row.sealed_fields, row.facts_text, courses[id_])
            for id_, row in messages.items()
        ]
        found = dict(zip(messages, self.verdicts.of(told), strict=True))
        apart: list[str] = []
        for mine in accounts:
            ids = sorted(str(with_hyphens(seen.inbox_id)) for seen in mine)
            known = [(messages[id_], verdict) for id_ in ids if (verdict := found[id_]) is not None]
            if len(known) < len(ids):
                apart += ids
                continue
            concerned = [each for each in known if each[1].concerned]
            for row, verdict in concerned:
                self.tally.completion(row.school_code, REASONS[verdict.reason].state, verdict.reason)
            self._learner([verdict for _, verdict in concerned])
            for facts in _by_course(concerned):
                self._moved(_movements(facts, self.runtime))
        return apart

    def _learner(self, concerned: Sequence[Verdict]) -> None:
        self.tally.learners += bool(concerned)
        self.tally.credited_learners += any(REASONS[verdict.reason].state == "credited" for verdict in concerned)

    def _moved(self, moves: Iterable[fold.Movement], number: int = 1) -> None:
        held = 0
        for each in moves:
            gained = (each.to_state in LIVE) - (each.from_state in LIVE)
            self.tally.credits[each.scheme] += gained * each.amount * number
            held += each.amount * ((each.to_state == "under_review") - (each.from_state == "under_review"))
        self.tally.under_review += number if held else 0


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

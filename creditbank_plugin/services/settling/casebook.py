"""The open pages of a batch: what each account holds, what is being written, all in one transaction.

`completions` folds a judged completion (or a revocation) into what stands here, and hands over the decisions, records and
entries that follow; nothing reaches the database before `flush`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.formats import json_text
from creditbank_plugin.rules import fold, ledger, review
from creditbank_plugin.rules.explain import line
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.services.outbox import written
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.cases import Case, case_of
from creditbank_plugin.storage.base import Stored, new_id
from creditbank_plugin.storage.queries import ledger as rows
from creditbank_plugin.storage.queries import queue
from creditbank_plugin.storage.queries.bulk import insert_many
from creditbank_plugin.storage.queries.order import commit_order
from creditbank_plugin.storage.tables import Decision, Entry, News, Record

#: When a plugin that did not answer is asked again.
ASK_AGAIN_AFTER = timedelta(seconds=60)


@dataclass
class Holding:
    """A record with what it holds now, and of which states what is under review came."""

    id: str
    scheme: str | None
    amounts: Mapping[str, int]
    came: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Account:
    """An account's open page; ``head`` is the last entry written, ``posted`` counts those that stand after it."""

    cases: dict[str, Case] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    head: rows.Head = field(default_factory=lambda: rows.Head(0, ledger.GENESIS))
    posted: int = 0


class Casebook:
    """Reads the pages of accounts, decides on them, and writes everything at the end."""

    def __init__(self, connection: Connection, runtime: Runtime, now: datetime) -> None:
        self.connection, self.runtime, self.now = connection, runtime, now
        self.accounts: dict[str, Account] = {}
        self.versions: dict[str, int] = {}
        self.decisions: list[dict[str, Any]] = []
        self.records: list[dict[str, Any]] = []
        self.posted: list[ledger.Line] = []
        self.waiting: list[tuple[str, str]] = []
        self.again: list[str] = []
        self.news: list[dict[str, Any]] = []
        self._facts: dict[str, str] = {}
        self._stored: dict[str, Stored] = {}

    def open(self, account_ids: Iterable[str], *, new: bool = False, courses: Collection[str] | None = None) -> None:
        """Read the pages of accounts that are not open yet; only what concerns ``courses`` where they are given.

        A learner's bank grows for years: a batch reads what it can touch and no more.
        """
        missing = [account for account in set(account_ids) if account not in self.accounts]
        for account in missing:
            self.accounts[account] = Account()
        if new or not missing:
            return
        for account, head in rows.heads(self.connection, missing).items():
            self.accounts[account].head = head
        held = rows.records_of(self.connection, missing, courses)
        last = rows.last_entries(self.connection, [record.id for record in held])
        reviewed = [record_id for record_id, entry in last.items() if entry.amounts.get("under_review")]
        steps = rows.steps_of(self.connection, reviewed) if reviewed else {}
        for record in held:
            entry = last.get(record.id)
            self.accounts[record.account_id].holdings[record.course_id] = Holding(
                record.id,
                entry.scheme if entry else None,
                entry.amounts if entry else dict(ledger.NOTHING),
                review.came_from(steps.get(record.id, ())),
            )
        for row in rows.current_decisions(self.connection, missing, courses):
            self.accounts[row.account_id].cases[row.inbox_id] = case_of(row)
            self.versions[row.inbox_id] = row.version
            self._stored[row.id] = row
            self._facts[row.inbox_id] = row.facts_text

    def learn(self, messages: Sequence[Stored]) -> None:
        """Take in the messages to be decided: their facts, and how often they were decided before."""
        self._facts.update((row.id, row.facts_text) for row in messages)
        self.versions.update(rows.versions(self.connection, [row.id for row in messages]))

    def decide(self, inbox_id: str, reason: str, **values: Any) -> dict[str, Any]:
        """Add a decision as the current one of a message; ``values`` are columns of the table."""
        version = self.versions.get(inbox_id, 0) + 1
        self.versions[inbox_id] = version
        decision: dict[str, Any] = {
            "id": new_id(),
            "inbox_id": inbox_id,
            "version": version,
            "state": REASONS[reason].state,
            "reason": reason,
            "account_id": None,
            "course_id": None,
            "applies_to": None,
            "record_id": None,
            "comparison_id": None,
            "adoption_id": None,
            "passed": None,
            "verdict": None,
            "credits": None,
            "outcomes": None,
            "explanation": [],
            "decided_at": self.now,
            **values,
        }
        self.decisions.append(decision)
        return decision

    def facts(self, account_id: str, course_id: str) -> list[Case]:
        """Return the judged completions of one course of an account."""
        cases = self.accounts[account_id].cases.values()
        return [case for case in cases if case.fact is not None and case.decision["course_id"] == course_id]

    def revocations(self, account_id: str, course: tuple[str, str, str]) -> list[fold.Revocation]:
        """Return the revocations that speak of a course version (owner, code, version)."""
        owner, code, version = course
        return [
            case.revocation
            for case in self.accounts[account_id].cases.values()
            if case.revocation is not None
            and case.applies_to is not None
            and (case.applies_to["owner"], case.applies_to["code"]) == (owner, code)
            and case.applies_to.get("version") in (None, version)
        ]

    def stand(self, account_id: str, course_id: str, course: tuple[str, str, str]) -> fold.Standing:
        """Return what stands of a course now."""
        facts = [case.fact for case in self.facts(account_id, course_id) if case.fact is not None]
        scheme = facts[0].scheme if facts else ""
        return fold.stand(facts, self.revocations(account_id, course), self.runtime.settings.attempt_rule_of(scheme))

    def moves(
        self, account_id: str, course_id: str, before: fold.Standing, after: fold.Standing
    ) -> list[fold.Movement]:
        """Return the entries that lead from one standing to the next, without posting them."""
        holding = self.accounts[account_id].holdings.get(course_id)
        if holding is None:
            return fold.movements(ledger.NOTHING, None, before, after)
        return fold.movements(holding.amounts, holding.scheme, before, after, holding.came)

    def move(
        self,
        account_id: str,
        course_id: str,
        before: fold.Standing,
        after: fold.Standing,
        cause: str,
        happened_at: datetime,
    ) -> str | None:
        """Post the entries that lead from one standing to the next; return the record, if there is one."""
        holdings = self.accounts[account_id].holdings
        holding = holdings.get(course_id)
        moves = self.moves(account_id, course_id, before, after)
        basis = after.fact or before.fact
        decision = self.accounts[account_id].cases[basis.inbox_id].decision if basis else None
        if moves and holding is None:
            holding = holdings[course_id] = Holding(new_id(), None, dict(ledger.NOTHING))
            opened = {"id": holding.id, "account_id": account_id, "course_id": course_id, "opened_at": self.now}
            self.records.append({**opened, "adoption_id": decision["adoption_id"] if decision else None})
        if holding is None:
            return None
        for movement in moves:
            self.post(account_id, holding, movement, decision["id"] if decision else None, cause, happened_at)
        return holding.id

    def post(
        self,
        account_id: str,
        holding: Holding | None,
        movement: fold.Movement,
        decision_id: str | None,
        cause: str,
        happened_at: datetime,
    ) -> int:
        """Append one entry to an account's chain; return its ``seq``.  `flush` seals it, when its decision is complete."""
        account = self.accounts[account_id]
        amounts = ledger.moved(holding.amounts, movement) if holding else dict(ledger.NOTHING)
        account.posted += 1
        made = ledger.Line(
            account_id,
            account.head.seq + account.posted,
            movement.kind,
            holding.id if holding else None,
            movement.scheme or None,
            movement.amount,
            movement.from_state,
            movement.to_state,
            amounts,
            decision_id,
            cause,
            happened_at,
            self.now,
            None,
        )
        self.posted.append(made)
        if holding:
            holding.amounts, holding.scheme = amounts, movement.scheme
            holding.came = review.after(holding.came, (movement.from_state, movement.to_state, movement.amount))
        return made.seq

    def _seal(self) -> list[dict[str, Any]]:
        """Give the posted entries their evidence and hashes, in order; return them as rows."""
        known = {decision["id"]: decision for decision in self.decisions}
        evidence: dict[str, bytes] = {}
        sealed: list[dict[str, Any]] = []
        for posted in self.posted:
            account, decision_id = self.accounts[posted.account_id], posted.decision_id
            if decision_id is not None and decision_id not in evidence:
                decision = known.get(decision_id) or _with_texts(self._stored[decision_id])
                basis = ledger.basis_text(decision, self._facts[decision["inbox_id"]])
                evidence[decision_id] = ledger.evidence(basis)
            entry = replace(posted, evidence=evidence[decision_id] if decision_id is not None else None)
            own_hash = ledger.chain_hash(account.head.hash, entry)
            amounts = ledger.amounts_text(entry.amounts)
            sealed.append({**vars(entry), "amounts": amounts, "prev_hash": account.head.hash, "hash": own_hash})
            account.head, account.posted = rows.Head(entry.seq, own_hash), 0
        self.posted = []
        return sealed

    def relabel(self, account_id: str, course_id: str, after: fold.Standing, record_id: str | None) -> None:
        """Give every other completion of the course the state that the new standing means for it."""
        for case in self.facts(account_id, course_id):
            fact, current = case.fact, case.decision
            if fact is None:
                continue
            if fact.inbox_id in after.void:
                reason = "completion_revoked"
            elif not fact.passed:
                reason = fact.reason
            elif current["state"] == "credited":
                continue
            else:
                counts = after.fact is not None and after.fact.inbox_id == fact.inbox_id
                reason = "credited" if counts else "credited.stale"
            if current["reason"] != reason:
                words = REASONS[reason]
                kept = {name: current[name] for name in CARRIED}
                kept["record_id"] = record_id or kept["record_id"]
                explained = [*current["explanation"], line("later_news", "fold", {}, reason, words.th, words.en)]
                case.decision = self.decide(case.inbox_id, reason, **kept, explanation=explained)

    def tell(self, hook: str, value: Any) -> None:
        """Add a piece of news about an account, to be announced after the commit."""
        row = {"id": new_id(), "hook": hook, "account_id": value.account_id, "value": json_text.dumps(written(value))}
        self.news.append({**row, "number": len(self.news)})

    def flush(self) -> None:
        """Write everything; the unique (account, seq) refuses it all if another writer was quicker."""
        for decision in self.decisions:
            told = {name: decision[name] for name in rows.JSON_COLUMNS}
            decision.update((name, None if value is None else json_text.dumps(value)) for name, value in told.items())
        entries = self._seal()
        order = commit_order(self.connection) if self.decisions or entries else 0
        for row in (*self.decisions, *entries, *self.news):
            row["commit_order"] = order
        insert_many(self.connection, Record, self.records)
        insert_many(self.connection, Decision, self.decisions)
        insert_many(self.connection, Entry, entries)
        insert_many(self.connection, News, self.news)
        decided = {decision["inbox_id"] for decision in self.decisions}
        queue.waits_no_more(self.connection, [each["inbox_id"] for each in self.decisions if each["version"] > 1])
        queue.waits(self.connection, self.waiting)
        queue.done(self.connection, decided)
        queue.later(self.connection, self.again, self.now + ASK_AGAIN_AFTER)


def _with_texts(row: Stored) -> dict[str, Any]:
    """Return a stored decision with its JSON columns as the text that stands there."""
    told = row._mapping
    return {name: told[f"{name}_text" if name in rows.JSON_COLUMNS else name] for name in ledger.EVIDENCE}


CARRIED = (
    "account_id",
    "course_id",
    "applies_to",
    "record_id",
    "comparison_id",
    "adoption_id",
    "passed",
    "verdict",
    "credits",
    "outcomes",
)

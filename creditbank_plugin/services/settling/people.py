"""The register of people in a batch: who is meant, opening accounts, identities, enrolment, merges and erasures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from creditbank_hooks import Learner, LearnerIdentity, LearnerMerged
from creditbank_hooks.news import CreditPosted, CreditReversed
from creditbank_plugin.rules import fold, thai, waits
from creditbank_plugin.rules.explain import line
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.services.access import consents
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.asking import Answers
from creditbank_plugin.services.settling.casebook import Casebook
from creditbank_plugin.services.settling.cases import Case
from creditbank_plugin.services.settling.context import Context, Told
from creditbank_plugin.storage.base import Base, is_uuid, new_id
from creditbank_plugin.storage.queries import people as rows
from creditbank_plugin.storage.queries.bulk import insert_many, insert_many_new
from creditbank_plugin.storage.queries.writes import insert_all, upsert
from creditbank_plugin.storage.tables import Account, AccountLink, Enrolment, Identifier, Identity, Person, Task


@dataclass
class _Known:
    """What is known of an account's holder: the digest of their national ID, and the rest sealed or opened."""

    digest: bytes | None = None
    sealed: bytes | None = None
    opened: dict[str, Any] | None = field(default=None, repr=False)
    changed: bool = False


class Register:
    """Finds and opens the accounts of a batch's learners, in the batch's own transaction."""

    def __init__(
        self,
        connection: Connection,
        runtime: Runtime,
        letters: Sequence[Told],
        answers: Mapping[str, Answers],
        *,
        only_looks: bool = False,
    ) -> None:
        self.connection, self.runtime, self.now = connection, runtime, runtime.clock()
        self._acted_on: frozenset[str] = frozenset()
        keys = {key for told in letters if (key := _key(answers[told.row.id].identity)) is not None}
        keys |= {(told.learner.issuer, told.learner.id) for told in letters}
        for told in letters:
            if isinstance(told.tiding, LearnerMerged):
                keys.add((told.tiding.merged.issuer, told.tiding.merged.id))
        self.accounts = rows.accounts_of(connection, keys)
        self.erased = rows.erased(connection, keys)
        self.siblings = rows.siblings(connection, self.accounts.values())
        if not only_looks:
            rows.lock_accounts(connection, (each for group in self.siblings.values() for each in group))
        self.identities: dict[str, _Known] = {
            account: _Known(row.national_id_digest, sealed=bytes(row.sealed))
            for account, row in rows.identities(connection, self.accounts.values()).items()
        }
        self.opened: set[str] = set()
        self.woken: list[str] = []
        self._new: dict[type[Base], list[dict[str, Any]]] = {Person: [], Account: [], Identifier: []}
        self._enrolled: set[tuple[str, str]] = set()
        self.tasks: list[dict[str, Any]] = []

    @classmethod
    def of(
        cls, connection: Connection, runtime: Runtime, account_ids: Iterable[str], *, only_looks: bool = False
    ) -> "Register":
        """Return the register of accounts that somebody acts on without a message; all of each person's are locked."""
        made = cls(connection, runtime, [], {}, only_looks=only_looks)
        made._acted_on = frozenset(account_ids)
        made.siblings = rows.siblings(connection, made._acted_on)
        if not only_looks:
            rows.lock_accounts(connection, made.known_accounts())
        return made

    def known_accounts(self) -> list[str]:
        """Return every account the batch may touch, with those merged with them."""
        return sorted(
            {*self.accounts.values(), *self._acted_on, *(each for group in self.siblings.values() for each in group)}
        )

    def account(self, told: Told, identity: LearnerIdentity, *, may_open: bool) -> str | None:
        """Return the learner's account, opened (provisional) where ``may_open``; None when unknown.

        What happened before the host erased this identifier belongs to whoever had it then: that waits for a person,
        and never opens a second account.
        """
        key = (identity.issuer, identity.id)
        if key not in self.accounts:
            erased_at = self.erased.get(key)
            happened = getattr(told.tiding, "completed_at", told.row.time)
            if not may_open or (erased_at is not None and happened <= erased_at):
                return None
            self.accounts[key] = self._open(key)
        return self.accounts[key]

    def _open(self, key: tuple[str, str]) -> str:
        person, account = new_id(), new_id()
        self._new[Person].append({"id": person, "opened_at": self.now})
        self._new[Account].append({"id": account, "person_id": person, "opened_at": self.now})
        self._new[Identifier].append(
            {"id": new_id(), "account_id": account, "issuer": key[0], "value": key[1], "since": self.now}
        )
        self.opened.add(account)
        self.woken.append(waits.learner(*key))
        return account

    def identify(self, told: Told, account_id: str) -> bool:
        """Keep what the message says of the person; False when its national ID contradicts the one known."""
        personal = _personal(told.learner)
        if not personal:
            return True
        keyring = self.runtime.keyring
        known = self.identities.setdefault(account_id, _Known())
        comparable = _comparable(personal.get("national_id"))
        digest = keyring.digest(comparable) if comparable else None
        if digest and known.digest not in (None, digest):
            return False
        if known.opened is None:
            known.opened = keyring.unseal(known.sealed, account_id) if known.sealed else {}
        if {**known.opened, **personal} == known.opened:
            return True
        if digest and known.digest is None:
            self._same_person(told, account_id, digest)
        known.opened, known.changed = {**known.opened, **personal}, True
        known.digest = digest or known.digest
        return True

    def _same_person(self, told: Told, account_id: str, digest: bytes) -> None:
        """Open a task when the same national ID stands on another account: a person decides whether to merge."""
        others = set(rows.accounts_with_national_id(self.connection, digest))
        others |= {account for account, known in self.identities.items() if known.digest == digest}
        if others - {account_id}:
            self.task("same_national_id", account_id, told.row.id, {"other_accounts": sorted(others - {account_id})})

    def enrol(self, account_id: str, school: str | None, known: Mapping[str, Any]) -> None:
        """Count the learner among the learners of the school that sent the completion."""
        if school is not None and school in known:
            self._enrolled.add((account_id, school))

    def write_people(self) -> None:
        """Write the people and accounts opened so far, for what must find them in the database."""
        for model, new in self._new.items():
            insert_many(self.connection, model, new)
            new.clear()

    def flush(self) -> None:
        """Write what is new: people, accounts, identifiers, identities, enrolments, tasks."""
        self.write_people()
        keyring = self.runtime.keyring
        identities = [
            {
                "account_id": account,
                "sealed": keyring.seal(known.opened or {}, account),
                "national_id_digest": known.digest,
                "updated_at": self.now,
            }
            for account, known in self.identities.items()
            if known.changed
        ]
        if identities:
            statement = upsert(self.connection, Identity)
            changes = {name: statement.excluded[name] for name in ("sealed", "national_id_digest", "updated_at")}
            self.connection.execute(
                statement.on_conflict_do_update(index_elements=["account_id"], set_=changes), identities
            )
        enrolled = [
            {"account_id": account, "organisation_code": school, "since": self.now}
            for account, school in sorted(self._enrolled)
        ]
        insert_many_new(self.connection, Enrolment, enrolled, ("account_id", "organisation_code"))
        insert_all(self.connection, Task, self.tasks)

    def task(self, kind: str, account_id: str | None, inbox_id: str | None, detail: dict[str, Any]) -> None:
        """Open a task for a person."""
        row = {
            "id": new_id(),
            "kind": kind,
            "account_id": account_id,
            "inbox_id": inbox_id,
            "detail": detail,
            "opened_at": self.now,
        }
        self.tasks.append(row)


def _key(identity: LearnerIdentity | None) -> tuple[str, str] | None:
    return (identity.issuer, identity.id) if identity is not None else None


def _personal(learner: Learner) -> dict[str, Any]:
    told = learner.personal
    values = {
        "name": told.name,
        "national_id": told.national_id,
        "birth_date": told.birth_date.isoformat() if told.birth_date else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _comparable(national_id: str | None) -> str | None:
    """Return an ID that may be compared: one whose check digit is right, or a G-code; a misspelt one proves nothing."""
    if national_id is None:
        return None
    return thai.national_id(national_id) if thai.kind_of_national_id(national_id) != "other" else None


def erase(book: Casebook, context: Context, register: Register, told: Told) -> None:
    """Unlink the host's identifier and open a task: a host's clean-up deletes no public record."""
    if not _trusted(book, context, told):
        return
    register.write_people()
    key = (told.learner.issuer, told.learner.id)
    account_id = rows.unlink(register.connection, key, register.now)
    register.accounts.pop(key, None)
    register.erased[key] = register.now
    if account_id is not None:
        register.task("learner_erased", account_id, told.row.id, {"issuer": told.row.issuer})
        _end_consents(register, account_id)
    book.decide(told.row.id, "applied", account_id=account_id, explanation=[_applied("erasure")])


def _end_consents(register: Register, account_id: str) -> None:
    """End what a learner let others see once no host knows them: nobody could log in any more and take it back."""
    connection = register.connection
    person = rows.persons_of(connection, [account_id])[account_id]
    if not rows.is_identified(connection, person):
        consents.end_all(connection, person, register.now, "system:erasure")


def merge(book: Casebook, context: Context, register: Register, told: Told, tiding: LearnerMerged) -> None:
    """Link the second learner's accounts to the first's person; no ledger row moves, both chains stand."""
    if not _trusted(book, context, told):
        return
    keys = [(who.issuer, who.id) for who in (tiding.learner, tiding.merged)]
    accounts = [register.accounts.get(key) for key in keys]
    first, second = accounts
    if first is None or second is None:
        missing = next(key for key, account in zip(keys, accounts, strict=True) if account is None)
        words = REASONS["learner_unknown"]
        said = line("learner_unknown", "inbox", {"issuer": missing[0]}, "learner_unknown", words.th, words.en)
        book.decide(told.row.id, "learner_unknown", explanation=[said])
        book.waiting.append((told.row.id, waits.learner(*missing)))
        return
    register.write_people()
    connection = register.connection
    persons = rows.persons_of(connection, [first, second])
    person, other = persons[first], persons[second]
    if person != other:
        moved = [row.id for row in rows.accounts_of_person(connection, other)]
        standing = [row.id for row in rows.accounts_of_person(connection, person)]
        rows.lock_accounts(connection, [*moved, *standing])
        book.open([*moved, *standing])
        for account in moved:
            rows.end_link(connection, account, register.now)
            link = {"id": new_id(), "account_id": account, "person_id": person, "since": register.now}
            insert_all(connection, AccountLink, [link])
        group = sorted([*moved, *standing])
        for account in group:
            register.siblings[account] = group
            book.post(account, None, fold.Movement("link", "", 0, None, None), None, told.row.id, tiding.merged_at)
        for course_id in sorted({course for account in group for course in book.accounts[account].holdings}):
            settle_duplicates(book, register, first, course_id, told.row.id, tiding.merged_at)
    book.decide(told.row.id, "applied", account_id=first, explanation=[_applied("merge")])


def _trusted(book: Casebook, context: Context, told: Told) -> bool:
    """Tell whether the issuer may say who is who; what an untrusted one says waits until it is trusted."""
    issuer = told.row.issuer
    if issuer in context.trusted:
        return True
    words = REASONS["issuer_untrusted"]
    said = line("issuer_untrusted", "inbox", {"issuer": issuer}, "issuer_untrusted", words.th, words.en)
    book.decide(told.row.id, "issuer_untrusted", explanation=[said])
    book.waiting.append((told.row.id, waits.issuer(issuer)))
    return False


def _applied(rule: str) -> dict[str, Any]:
    words = REASONS["applied"]
    return line(rule, "inbox", {}, "applied", words.th, words.en)


def settle_duplicates(
    book: Casebook, register: Register, account_id: str, course_id: str, cause: str, happened_at: datetime
) -> None:
    """Let a course credited in several accounts of one person count once: the oldest account's, reversibly.

    Where the one that would be set aside is held or redeemed, a person decides.  What is set aside, or counts again, is
    news.
    """
    group = register.siblings.get(account_id, [])
    holders = [each for each in group if course_id in book.accounts[each].holdings]
    if len(holders) < 2:
        return
    live = [each for each in holders if _live(book.accounts[each].holdings[course_id].amounts)]
    keeper = min(live, default=None)
    for each in holders:
        holding = book.accounts[each].holdings[course_id]
        amounts, scheme = holding.amounts, holding.scheme or ""
        if each == keeper:
            if amounts["duplicate"]:
                movement = fold.Movement("duplicate", scheme, amounts["duplicate"], "duplicate", "available")
                _set_aside(book, each, course_id, movement, cause, happened_at)
        elif amounts["held"] or amounts["redeemed"]:
            told = cause if is_uuid(cause) else None  # a message, where it is not something that a person did
            register.task("duplicate_in_use", each, told, {"record_id": holding.id})
        elif amounts["available"]:
            movement = fold.Movement("duplicate", scheme, amounts["available"], "available", "duplicate")
            _set_aside(book, each, course_id, movement, cause, happened_at)


def _set_aside(
    book: Casebook, account_id: str, course_id: str, movement: fold.Movement, cause: str, happened_at: datetime
) -> None:
    """Post what sets a record aside, or takes it back, and note the news of it."""
    holding, basis = book.accounts[account_id].holdings[course_id], _basis(book, account_id, course_id)
    book.post(account_id, holding, movement, basis.decision["id"] if basis else None, cause, happened_at)
    told: dict[str, Any] = {
        "event_id": basis.inbox_id if basis else cause,
        "account_id": account_id,
        "record_id": holding.id,
        "scheme": movement.scheme,
        "credits": movement.amount,
        "at": book.now,
    }
    if movement.to_state == "duplicate":
        book.tell("credit_reversed", CreditReversed(**told, state="duplicate"))
    else:
        book.tell("credit_posted", CreditPosted(**told))


def _live(amounts: Mapping[str, int]) -> bool:
    return any(amounts[state] for state in ("available", "held", "redeemed", "under_review", "duplicate"))


def _basis(book: Casebook, account_id: str, course_id: str) -> Case | None:
    """Return the case of the decision a record rests on, so that it can still be explained."""
    facts = [case for case in book.facts(account_id, course_id) if case.fact is not None and case.fact.passed]
    return facts[-1] if facts else None

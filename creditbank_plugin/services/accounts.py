"""Read what learners hold: balances and records, each with its explanation and authority."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from creditbank_hooks import LearnerIdentity
from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.rules import ledger as chain
from creditbank_plugin.rules import thai
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import (
    Authority,
    Balance,
    Credits,
    LearnerFound,
    Movement,
    Name,
    Outcome,
    Record,
)
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import authority, catalogue, ledger, people
from creditbank_plugin.storage.session import reading, writing


def find_learners(
    runtime: Runtime, issuer: str, learner_id: str, *, organisation: str | None = None
) -> list[LearnerFound]:
    """Return the learner an issuer knows by ``learner_id``: none, or one; only the organisation's own, where given."""
    with reading(runtime.engine) as connection:
        account = people.accounts_of(connection, [(issuer, learner_id)]).get((issuer, learner_id))
        if account is None:
            return []
        return _found(connection, people.persons_of(connection, [account])[account], organisation)


def person_of(runtime: Runtime, identity: LearnerIdentity) -> LearnerFound | None:
    """Return the learner behind a logged-in user, if we know them."""
    return next(iter(find_learners(runtime, identity.issuer, identity.id)), None)


def _found(connection: Connection, person_id: str, organisation: str | None) -> list[LearnerFound]:
    accounts = people.accounts_of_person(connection, person_id)
    ids = [row.id for row in accounts]
    if not ids or (organisation is not None and not people.enrolled(connection, ids, organisation)):
        return []
    return [LearnerFound(person_id, ids, people.state_of(accounts))]


def accept(runtime: Runtime, person_id: str) -> int:
    """Make a learner's provisional accounts active, as they have looked and accepted; return how many were."""
    with writing(runtime.engine) as connection:
        accounts = people.accounts_of_person(connection, people.present_person(connection, person_id))
        return people.accept(connection, [row.id for row in accounts], runtime.clock())


def credits(
    runtime: Runtime,
    person_id: str,
    *,
    organisation: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Credits:
    """Return a learner's balances and a page of records, newest first.

    With ``organisation``: only of its own learners, and only what was deposited through its bank.
    """
    if after is not None and not is_uuid(after):
        raise Refused("bad_cursor", "ตัวชี้หน้าไม่ถูกต้อง", "The cursor is not one of ours.", field="cursor", status=400)
    if not is_uuid(person_id):
        raise not_found()
    with reading(runtime.engine) as connection:
        present = people.present_person(connection, person_id)
        found = _found(connection, present, organisation)
        if not found:
            raise not_found()
        shown = _records(connection, found[0].account_ids, organisation)
    shown.sort(key=lambda each: each.id, reverse=True)
    page = [each for each in shown if after is None or each.id < after]
    following = page[limit - 1].id if len(page) > limit else None
    return Credits(present, _balances(shown), page[:limit], following)


def record(
    runtime: Runtime, record_id: str, *, organisation: str | None = None, person_id: str | None = None
) -> Record:
    """Return one record; ``Refused("not_found")`` unless it is the organisation's, or the person's, where given."""
    if not is_uuid(record_id):
        raise not_found()
    with reading(runtime.engine) as connection:
        row = ledger.record(connection, record_id)
        if row is None:
            raise not_found()
        owner = people.persons_of(connection, [row.account_id])[row.account_id]
        if person_id is not None and owner != people.present_person(connection, person_id):
            raise not_found()
        if not _found(connection, owner, organisation):
            raise not_found()
        shown = [each for each in _records(connection, [row.account_id], organisation) if each.id == record_id]
    if not shown:
        raise not_found()
    return shown[0]


def _balances(records: Sequence[Record]) -> list[Balance]:
    sums: dict[str, dict[str, int]] = {}
    for each in records:
        held = sums.setdefault(each.scheme, dict(chain.NOTHING))
        for state, amount in each.amounts.items():
            held[state] += amount
    return [
        Balance(scheme, held["available"], held["held"], held["redeemed"], held["under_review"])
        for scheme, held in sorted(sums.items())
    ]


def _records(connection: Connection, account_ids: Sequence[str], organisation: str | None) -> list[Record]:
    history: dict[str, list[Stored]] = {}
    for entry in ledger.entries_of(connection, account_ids):
        if entry.record_id is not None:
            history.setdefault(entry.record_id, []).append(entry)
    rests_on = {
        record_id: [entry.decision_id for entry in entries if entry.decision_id is not None]
        for record_id, entries in history.items()
    }
    decisions = ledger.decisions(connection, {each for ids in rests_on.values() for each in ids})
    pairs = [(decision.comparison_id, decision.adoption_id) for decision in decisions.values()]
    comparisons = authority.comparison_rows(connection, {pair[0] for pair in pairs if pair[0]})
    adoptions = authority.adoption_rows(connection, {pair[1] for pair in pairs if pair[1]})
    rows = [row for row in ledger.records_of(connection, account_ids) if row.id in history]
    courses = catalogue.by_ids(connection, {row.course_id for row in rows})
    wanted = {item for decision in decisions.values() for item in decision.outcomes or []}
    items = {row.id: row for row in catalogue.items(connection, ids=wanted, limit=max(1, len(wanted)))}
    own_bank = None
    if organisation is not None:
        bank = authority.banks(connection, [organisation]).get(organisation)
        own_bank = bank.code if bank is not None else ""
    made = []
    for row in rows:
        # A bank goes on seeing what was ever deposited through it, also when a better result came from elsewhere.
        through = {adoptions[decisions[each].adoption_id].bank_code for each in rests_on[row.id]}
        if own_bank is not None and own_bank not in through:
            continue
        decision = decisions[rests_on[row.id][-1]]
        adoption = adoptions[decision.adoption_id]
        comparison = comparisons[decision.comparison_id]
        made.append(_record(row, history[row.id], decision, courses[row.course_id], comparison, adoption, items))
    return made


def _record(
    row: Stored,
    entries: Sequence[Stored],
    decision: Stored,
    course: Stored,
    comparison: Stored,
    adoption: Stored,
    items: Mapping[str, Stored],
) -> Record:
    last, facts = entries[-1], decision.facts
    amounts = {state: last.amounts.get(state, 0) for state in chain.NOTHING}
    state = chain.dominant(amounts) if any(amounts.values()) else (last.to_state or "available")
    assurance = facts.get("assurance") or {}
    return Record(
        id=row.id,
        account_id=row.account_id,
        bank_code=adoption.bank_code,
        bank_name=Name(adoption.bank_name_th, adoption.bank_name_en),
        course_owner=course.owner_code,
        course_code=course.code,
        course_version=course.version,
        course_title=Name(course.title_th, course.title_en),
        scheme=last.scheme,
        credits=decision.credits or 0,
        amounts=amounts,
        state=state,
        outcomes=[_outcome(items[each]) for each in decision.outcomes or [] if each in items],
        nqf_level=comparison.nqf_level,
        nqf_level_basis=comparison.nqf_level_basis if comparison.nqf_level is not None else None,
        grade=facts.get("grade"),
        score=Decimal(facts["score"]) if facts.get("score") is not None else None,
        assurance_identity=assurance.get("identity", "unknown"),
        assurance_assessment=assurance.get("assessment", "self"),
        completed_on=thai.bangkok_day(datetime.fromisoformat(facts["completed_at"])),
        completed_at_precision=facts.get("completed_at_precision", "exact"),
        credited_at=entries[0].known_at,
        school=decision.school_code,
        authority=Authority(
            comparison.id,
            Name(comparison.name_th, comparison.name_en),
            comparison.reference,
            comparison.approved_at,
            adoption.id,
            adoption.order_number,
            adoption.signatory,
            adoption.ordered_on,
        ),
        explanation=decision.explanation,
        event_id=decision.inbox_id,
        movements=[
            Movement(entry.seq, entry.kind, entry.amount, entry.from_state, entry.to_state, entry.known_at)
            for entry in entries
        ],
    )


def _outcome(item: Stored) -> Outcome:
    return Outcome(item.id, item.framework_code, item.code, Name(item.text_th or item.code, item.text_en), item.source)

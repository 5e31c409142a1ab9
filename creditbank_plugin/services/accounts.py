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
from creditbank_plugin.services.sight import EVERYBODY, Sight
from creditbank_plugin.services.views import (
    Authority,
    Balance,
    Credits,
    LearnerFound,
    Name,
    Record,
    outcome_of,
)
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import catalogue, ledger, people
from creditbank_plugin.storage.session import reading, writing


def find_learners(runtime: Runtime, issuer: str, learner_id: str, *, sight: Sight = EVERYBODY) -> list[LearnerFound]:
    """Return the learner an issuer knows by ``learner_id``: none, or one, if in ``sight``."""
    with reading(runtime.engine) as connection:
        account = people.accounts_of(connection, [(issuer, learner_id)]).get((issuer, learner_id))
        if account is None:
            return []
        return _found(connection, people.persons_of(connection, [account])[account], sight)


def person_of(runtime: Runtime, identity: LearnerIdentity) -> LearnerFound | None:
    """Return the learner behind a logged-in user, if we know them."""
    return next(iter(find_learners(runtime, identity.issuer, identity.id)), None)


def learner(runtime: Runtime, person_id: str) -> LearnerFound:
    """Return the learner that ``person_id`` is now, after merges too; ``Refused("not_found")`` for nobody's."""
    with reading(runtime.engine) as connection:
        found = _found(connection, people.present_person(connection, person_id), EVERYBODY)
    if not found:
        raise not_found()
    return found[0]


def _found(connection: Connection, person_id: str, sight: Sight) -> list[LearnerFound]:
    accounts = people.accounts_of_person(connection, person_id)
    ids = [row.id for row in accounts]
    if not ids or not _is_seen(connection, person_id, ids, sight):
        return []
    return [LearnerFound(person_id, ids, people.state_of(accounts))]


def _is_seen(connection: Connection, person_id: str, account_ids: Sequence[str], sight: Sight) -> bool:
    if sight.person_id is not None and people.present_person(connection, sight.person_id) != person_id:
        return False
    return sight.organisations is None or bool(people.enrolled(connection, account_ids, sight.organisations))


def accept(runtime: Runtime, person_id: str) -> int:
    """Make a learner's provisional accounts active, as they have looked and accepted; return how many were."""
    with writing(runtime.engine) as connection:
        accounts = people.accounts_of_person(connection, people.present_person(connection, person_id))
        return people.accept(connection, [row.id for row in accounts], runtime.clock())


def credits(
    runtime: Runtime,
    person_id: str,
    *,
    sight: Sight = EVERYBODY,
    after: str | None = None,
    limit: int = 50,
) -> Credits:
    """Return a learner's balances and a page of records, newest first.

    Organisations see their own learners only, and of them only what was deposited through their banks.
    """
    if after is not None and not is_uuid(after):
        raise Refused("bad_cursor", "ตัวชี้หน้าไม่ถูกต้อง", "The cursor is not one of ours.", field="cursor", status=400)
    if not is_uuid(person_id):
        raise not_found()
    with reading(runtime.engine) as connection:
        present = people.present_person(connection, person_id)
        found = _found(connection, present, sight)
        if not found:
            raise not_found()
        shown = _histories(connection, found[0].account_ids, sight)
        shown.sort(key=lambda entries: str(entries[0].record_id), reverse=True)
        page = [entries for entries in shown if after is None or entries[0].record_id < after]
        following = page[limit - 1][0].record_id if len(page) > limit else None
        return Credits(present, _balances(shown), _told(connection, page[:limit]), following)


def record(runtime: Runtime, record_id: str, *, sight: Sight = EVERYBODY) -> Record:
    """Return one record; ``Refused("not_found")`` unless it is in ``sight``."""
    if not is_uuid(record_id):
        raise not_found()
    with reading(runtime.engine) as connection:
        row = ledger.record(connection, record_id)
        if row is None:
            raise not_found()
        owner = people.persons_of(connection, [row.account_id])[row.account_id]
        if not _found(connection, owner, sight):
            raise not_found()
        histories = _histories(connection, [row.account_id], sight)
        shown = _told(connection, [entries for entries in histories if entries[0].record_id == record_id])
    if not shown:
        raise not_found()
    return shown[0]


def _balances(histories: Sequence[Sequence[Stored]]) -> list[Balance]:
    """Sum what the last entry of each record says that it holds."""
    sums: dict[str, dict[str, int]] = {}
    for entries in histories:
        held = sums.setdefault(entries[-1].scheme, dict(chain.NOTHING))
        for state, amount in entries[-1].amounts.items():
            held[state] += amount
    return [
        Balance(scheme, held["available"], held["held"], held["redeemed"], held["under_review"])
        for scheme, held in sorted(sums.items())
    ]


def _histories(connection: Connection, account_ids: Sequence[str], sight: Sight) -> list[list[Stored]]:
    """Return the entries of each record that is in ``sight``, in order."""
    history: dict[str, list[Stored]] = {}
    for entry in ledger.statement(connection, account_ids):
        history.setdefault(entry.record_id, []).append(entry)
    own = sight.organisations
    # A bank goes on seeing what was ever deposited through it, also when a better result came from elsewhere.
    return [
        entries
        for entries in history.values()
        if own is None or any(entry.bank_organisation in own for entry in entries)
    ]


def _told(connection: Connection, shown: Sequence[Sequence[Stored]]) -> list[Record]:
    """Return the records of these histories, as they are told to readers."""
    bases = [next(entry for entry in reversed(entries) if entry.inbox_id is not None) for entries in shown]
    items = catalogue.items_by_id(connection, {item for basis in bases for item in basis.outcomes or []})
    return [_record(entries, basis, items) for entries, basis in zip(shown, bases, strict=True)]


def _record(entries: Sequence[Stored], basis: Stored, items: Mapping[str, Stored]) -> Record:
    """Make a record of its entries; ``basis`` is the last that rests on a decision."""
    last, facts = entries[-1], basis.facts
    amounts = {**chain.NOTHING, **last.amounts}
    state = chain.dominant(amounts) if any(amounts.values()) else (last.to_state or "available")
    assurance = facts.get("assurance") or {}
    return Record(
        id=last.record_id,
        account_id=last.account_id,
        bank_code=basis.bank_code,
        bank_name=Name(basis.bank_name_th, basis.bank_name_en),
        course_owner=last.owner_code,
        course_code=last.code,
        course_version=last.version,
        course_title=Name(last.title_th, last.title_en),
        scheme=last.scheme,
        credits=basis.credits or 0,
        amounts=amounts,
        state=state,
        outcomes=[outcome_of(items[each]) for each in basis.outcomes or [] if each in items],
        nqf_level=basis.nqf_level,
        nqf_level_basis=basis.nqf_level_basis if basis.nqf_level is not None else None,
        grade=facts.get("grade"),
        score=Decimal(facts["score"]) if facts.get("score") is not None else None,
        assurance_identity=assurance.get("identity", "unknown"),
        assurance_assessment=assurance.get("assessment", "self"),
        completed_on=thai.bangkok_day(datetime.fromisoformat(facts["completed_at"])),
        completed_at_precision=facts.get("completed_at_precision", "exact"),
        credited_at=entries[0].known_at,
        school=basis.school_code,
        authority=Authority(
            basis.comparison_id,
            Name(basis.body_name_th, basis.body_name_en),
            basis.reference,
            basis.approved_at,
            basis.adoption_id,
            basis.order_number,
            basis.signatory,
            basis.ordered_on,
        ),
        explanation_text=basis.explanation_text,
        event_id=basis.inbox_id,
        entries=entries,
    )

"""Figures of the progress report that have people behind them: waiting completions, and credits that banks have given.

What is returned here are the true numbers; none of it leaves `services.reports` before small ones are hidden.  A learner
is a person: one with two accounts that are linked counts once.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, case, distinct, func, join, or_, select
from sqlalchemy.orm import aliased

from creditbank_plugin.rules import waits
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.queries.report_places import Scope, month, placed
from creditbank_plugin.storage.tables import (
    Account,
    AccountLink,
    Adoption,
    Bank,
    CourseVersion,
    Decision,
    Entry,
    Waiting,
)

COMPARISON, ORDER = "comparison", "order"
#: What a waiting completion needs, by the reason of its decision.
NEEDS = {"no_comparison": COMPARISON, "not_adopted": ORDER, "adoptions_disagree": ORDER}
_SCHOOL = waits.adoption("")
GONE = ("revoked", "expired", "duplicate")


def _person() -> Any:
    return func.coalesce(AccountLink.person_id, Account.person_id)


def _linked() -> Any:
    return and_(AccountLink.account_id == Account.id, AccountLink.until.is_(None))


def _waiting(scope: Scope | None, *columns: Any) -> Any:
    """Return completions that wait now for a comparison or an order, by the school whose bank is to give the credit.

    What waits for either waits also under its school's key, so that the small table of waits leads to it.
    """
    found = placed(Waiting, func.substr(Waiting.wait_key, len(_SCHOOL) + 1), scope)
    schools = Waiting.wait_key.startswith(_SCHOOL)
    if scope is not None:
        schools = Waiting.wait_key.in_([waits.adoption(code) for code in scope.codes])
    need = case(NEEDS, value=Decision.reason)
    return (
        select(
            *(found.province, need.label("need"), *columns),
            func.count().label("completions"),
            func.count(distinct(_person())).label("learners"),
        )
        .select_from(found.source)
        .join(Decision, Decision.inbox_id == Waiting.inbox_id)
        .join(Account, Account.id == Decision.account_id)
        .outerjoin(AccountLink, _linked())
        .where(Decision.state == "waiting", Decision.reason.in_(NEEDS), ~newer(), schools)
        .group_by(*found.groups, need, *columns)
    )


def waiting(connection: Connection, scope: Scope | None) -> Sequence[Stored]:
    """Return ``province, need, completions, learners``."""
    return connection.execute(_waiting(scope)).all()


def wanted(connection: Connection, scope: Scope) -> Sequence[Stored]:
    """Return ``need, course_id, completions, learners`` of every course that somebody of the province waits for."""
    return connection.execute(_waiting(scope, Decision.course_id)).all()


def titles(connection: Connection, course_ids: Sequence[str]) -> dict[str, Stored]:
    """Return the owner, code, version and titles of courses by id."""
    course = CourseVersion
    columns = (course.id, course.owner_code, course.code, course.version, course.title_th, course.title_en)
    return {row.id: row for row in connection.execute(select(*columns).where(course.id.in_(course_ids)))}


def _given(scope: Scope | None) -> Any:
    """Return the records that banks have opened: of each the bank's province, by the order its first entry rests on."""
    found = placed(join(Adoption, Bank, Bank.code == Adoption.bank_code), Bank.organisation_code, scope)
    first, same = aliased(Entry), aliased(Entry)
    start = select(func.min(same.seq)).where(same.record_id == first.record_id).correlate(first).scalar_subquery()
    return (
        select(first.record_id.label("record_id"), found.province)
        .select_from(found.source)
        .join(Decision, and_(Decision.adoption_id == Adoption.id, Decision.record_id.is_not(None)))
        .join(first, and_(first.record_id == Decision.record_id, first.decision_id == Decision.id, first.seq == start))
        .where(*found.meant)
        .subquery("given")
    )


def _into(entry: Any) -> tuple[Any, Any]:
    """Return by how much an entry changes what was deposited, and what of it has been taken back; hundredths."""
    deposited = case((entry.from_state.is_(None), entry.amount), (entry.to_state.is_(None), -entry.amount), else_=0)
    to_gone, from_gone = entry.to_state.in_(GONE), entry.from_state.in_(GONE)
    gone = case(
        (and_(to_gone, func.coalesce(from_gone, False)), 0),
        (to_gone, entry.amount),
        (from_gone, -entry.amount),
        else_=0,
    )
    return deposited, gone


def credits(connection: Connection, scope: Scope | None) -> Sequence[Stored]:
    """Return ``province, scheme, stands, records, learners, amount``: records that stand (1) and that were taken back (0).

    ``amount`` is what stands of the ones, and what was taken back of the others, in hundredths of the scheme's credit.  A
    record without any amount (outcomes without credit) stands unless its last word was to take it back.
    """
    given = _given(scope)
    deposited, gone = _into(Entry)
    marks = case((Entry.to_state.in_(GONE), 1), (Entry.from_state.in_(GONE), -1), else_=0)
    record = (
        select(
            *(given.c.province, Entry.record_id, Entry.account_id, Entry.scheme),
            func.sum(deposited).label("deposited"),
            func.sum(gone).label("gone"),
            func.sum(marks).label("marks"),
        )
        .join(Entry, Entry.record_id == given.c.record_id)
        .group_by(given.c.province, Entry.record_id, Entry.account_id, Entry.scheme)
        .subquery("record")
    )
    left = record.c.deposited - record.c.gone
    empty = and_(record.c.deposited == 0, record.c.gone == 0)
    stands = case((or_(left > 0, and_(empty, record.c.marks <= 0)), 1), else_=0)
    query = (
        select(
            *(record.c.province, record.c.scheme, stands.label("stands")),
            func.count().label("records"),
            func.count(distinct(_person())).label("learners"),
            func.sum(case((stands == 1, left), else_=record.c.gone)).label("amount"),
        )
        .join(Account, Account.id == record.c.account_id)
        .outerjoin(AccountLink, _linked())
        .group_by(record.c.province, record.c.scheme, stands)
    )
    return connection.execute(query).all()


def credits_by_month(connection: Connection, scope: Scope) -> Sequence[Stored]:
    """Return ``scheme, month, amount, learners``: what each month added to the credits that stand, less what it took."""
    given, when = _given(scope), month(connection, Entry.known_at)
    deposited, gone = _into(Entry)
    query = (
        select(
            *(Entry.scheme, when.label("month")),
            func.sum(deposited - gone).label("amount"),
            func.count(distinct(_person())).label("learners"),
        )
        .select_from(given)
        .join(Entry, Entry.record_id == given.c.record_id)
        .join(Account, Account.id == Entry.account_id)
        .outerjoin(AccountLink, _linked())
        .group_by(Entry.scheme, when)
    )
    return connection.execute(query).all()

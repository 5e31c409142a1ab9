"""Figures of the progress report that have people behind them: waiting completions, and credits that banks have given.

What is returned here are the true numbers; none of it leaves `services.reports` before small ones are hidden.  A learner
is a person: one with two accounts that are linked counts once.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    and_,
    case,
    distinct,
    func,
    join,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from creditbank_plugin.rules import waits
from creditbank_plugin.storage.base import Id, Stored
from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.queries.report_places import Scope, month, month_start, placed
from creditbank_plugin.storage.tables import (
    Account,
    AccountLink,
    Adoption,
    Bank,
    CourseVersion,
    Decision,
    Entry,
    Record,
    Waiting,
)
from creditbank_plugin.storage.tables.ledger import CHANGES

COMPARISON, ORDER = "comparison", "order"
#: What a waiting completion needs, by the reason of its decision.
NEEDS = {"no_comparison": COMPARISON, "not_adopted": ORDER, "adoptions_disagree": ORDER}
#: What a row of `credits` is about.
STANDING, TAKEN_BACK, MONTH = "standing", "taken_back", "month"
GONE = ("revoked", "expired", "duplicate")
_SCHOOL = waits.adoption("")


def _person() -> Any:
    return func.coalesce(AccountLink.person_id, Account.person_id)


def _linked() -> Any:
    return and_(AccountLink.account_id == Account.id, AccountLink.until.is_(None))


def waiting(connection: Connection, scope: Scope | None) -> Sequence[Stored]:
    """Return ``province, need, course_id, completions, learners`` of what waits now for a comparison or an order.

    By the school whose bank is to give the credit.  ``course_id`` None: of all courses; of one province each course has a
    row of its own as well.
    """
    # What waits for either waits also under its school's key, so that the small table of waits leads to it.
    found = placed(Waiting, func.substr(Waiting.wait_key, len(_SCHOOL) + 1), scope)
    schools: Any = Waiting.wait_key.startswith(_SCHOOL)
    state: Any = Decision.state
    if scope is not None:
        schools = Waiting.wait_key.in_([waits.adoption(code) for code in scope.codes])
        if connection.dialect.name == "sqlite":
            # From those keys on: it would look up hundreds of them for every waiting decision of the nation.
            state = func.coalesce(Decision.state, "")
    need = case(NEEDS, value=Decision.reason).label("need")
    each = (
        select(found.province, need, Decision.course_id, _person().label("person"))
        .select_from(found.source)
        .join(Decision, Decision.inbox_id == Waiting.inbox_id)
        .join(Account, Account.id == Decision.account_id)
        .outerjoin(AccountLink, _linked())
        .where(state == "waiting", Decision.reason.in_(NEEDS), ~newer(), schools)
        .cte("each")
    )
    numbers = (func.count().label("completions"), func.count(distinct(each.c.person)).label("learners"))
    every = (each.c.province, each.c.need)
    query: Any = select(*every, type_coerce(null(), Id).label("course_id"), *numbers).group_by(*every)
    if scope is not None:
        course = each.c.course_id
        query = union_all(query, select(*every, course.label("course_id"), *numbers).group_by(*every, course))
    return connection.execute(query).all()


def titles(connection: Connection, course_ids: Sequence[str]) -> dict[str, Stored]:
    """Return the owner, code, version and titles of courses by id."""
    course = CourseVersion
    columns = (course.id, course.owner_code, course.code, course.version, course.title_th, course.title_en)
    return {row.id: row for row in connection.execute(select(*columns).where(course.id.in_(course_ids)))}


def _given(scope: Scope | None) -> Any:
    """Return the orders under which banks have opened records, each with its bank's province."""
    found = placed(join(Adoption, Bank, Bank.code == Adoption.bank_code), Bank.organisation_code, scope)
    return select(Adoption.id, found.province).select_from(found.source).where(*found.meant).subquery("given")


def _flows() -> tuple[Any, Any, Any]:
    """Return by how much an entry changes what was deposited and what of it is gone (hundredths), and a mark of going."""
    deposited = case((Entry.from_state.is_(None), Entry.amount), (Entry.to_state.is_(None), -Entry.amount), else_=0)
    to_gone, from_gone = Entry.to_state.in_(GONE), func.coalesce(Entry.from_state, "").in_(GONE)
    mark = case((and_(to_gone, from_gone), 0), (to_gone, 1), (from_gone, -1), else_=0)
    return deposited, mark * Entry.amount, mark


def _added(connection: Connection, scope: Scope | None) -> CTE:
    """Return what entries added to each account: records opened, and credits less what is gone; of one province by month."""
    given = _given(scope)
    deposited, gone, _ = _flows()
    when = month_start(connection, Entry.known_at) if scope is not None else null()
    keys = (given.c.province, Entry.scheme, Entry.account_id, *([when] if scope is not None else []))
    return (
        select(
            *(given.c.province, Entry.scheme, Entry.account_id, when.label("month")),
            func.sum(case((Entry.kind == "deposit", 1), else_=0)).label("records"),
            func.sum(deposited - gone).label("amount"),
        )
        .select_from(given)
        .join(Record, Record.adoption_id == given.c.id)
        .join(Entry, Entry.record_id == Record.id)
        .group_by(*keys)
        .cte("added")
    )


def _changed(scope: Scope | None) -> CTE:
    """Return the few records that more than one deposit speaks of: whether each stands (1), is gone (0) or is neither.

    ``surplus`` is how many of its deposits open no record that stands.
    """
    given = _given(scope)
    deposited, gone, mark = _flows()
    some = select(Entry.record_id).where(CHANGES).distinct().subquery("some")
    each = (
        select(
            *(given.c.province, Entry.scheme, Entry.account_id, Entry.record_id),
            func.sum(case((Entry.kind == "deposit", 1), else_=0)).label("deposits"),
            func.sum(Entry.amount).label("moved"),
            func.sum(deposited - gone).label("left"),
            func.sum(gone).label("gone"),
            func.sum(mark).label("marks"),
        )
        .select_from(some)
        .join(Record, Record.id == some.c.record_id)
        .join(given, given.c.id == Record.adoption_id)
        .join(Entry, Entry.record_id == Record.id)
        .group_by(given.c.province, Entry.scheme, Entry.account_id, Entry.record_id)
        .subquery("each")
    )
    # A record without any amount (outcomes without credit) stands unless its last word was to take it back.
    stands = or_(each.c.left > 0, and_(each.c.moved == 0, each.c.marks <= 0))
    state = case((stands, 1), (or_(each.c.gone > 0, each.c.marks > 0), 0))
    surplus = each.c.deposits - case((stands, 1), else_=0)
    columns = (each.c.province, each.c.scheme, each.c.account_id, each.c.gone)
    return select(*columns, state.label("stands"), surplus.label("surplus")).cte("changed")


def credits(connection: Connection, scope: Scope | None) -> Sequence[Stored]:
    """Return ``about, province, scheme, month, records, learners, amount`` of credits, hundredths of the scheme's credit.

    ``about`` is `STANDING` (what stands), `TAKEN_BACK` (records of which nothing stands) or, of one province, `MONTH`: what
    each month added to the credits that stand, less what it took, and how many learners that concerns.
    """
    added, changed = _added(connection, scope), _changed(scope)
    both = union_all(
        select(added.c.province, added.c.scheme, added.c.account_id, added.c.records, added.c.amount),
        select(changed.c.province, changed.c.scheme, changed.c.account_id, -changed.c.surplus, literal(0)),
    ).subquery("both")
    left = func.sum(both.c.records)
    keys = (both.c.province, both.c.scheme, both.c.account_id)
    accounts = (
        select(*keys, left.label("records"), func.sum(both.c.amount).label("amount")).group_by(*keys).having(left > 0)
    )
    gone = select(*(changed.c[name] for name in ("province", "scheme", "account_id")), literal(1).label("records"))
    gone = gone.add_columns(changed.c.gone.label("amount")).where(changed.c.stands == 0)
    parts = [_counted(STANDING, accounts.subquery("accounts")), _counted(TAKEN_BACK, gone.subquery("taken"))]
    if scope is not None:
        parts.append(_counted(MONTH, added, month(connection, added.c.month).label("month")))
    return connection.execute(union_all(*parts)).all()


def _counted(about: str, of: Any, *by: Any) -> Any:
    return (
        select(
            *(literal(about).label("about"), of.c.province, of.c.scheme, *(by or [null().label("month")])),
            func.sum(of.c.records).label("records"),
            func.count(distinct(_person())).label("learners"),
            func.sum(of.c.amount).label("amount"),
        )
        .select_from(of)
        .join(Account, Account.id == of.c.account_id)
        .outerjoin(AccountLink, _linked())
        .group_by(of.c.province, of.c.scheme, *by)
    )

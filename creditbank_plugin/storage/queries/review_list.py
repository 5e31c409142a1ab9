"""What withdrawals have put before a person: records with credit under review, and under which comparison."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.orm import aliased

from creditbank_plugin.rules.review import QUESTIONED
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.tables import (
    Adoption,
    Bank,
    Comparison,
    CourseVersion,
    Decision,
    Entry,
    Inbox,
    Organisation,
    ProposalStep,
    Record,
)

_LATER = aliased(Entry)
_LAST = and_(
    Entry.record_id == Record.id,
    Entry.seq == select(func.max(_LATER.seq)).where(_LATER.record_id == Record.id).correlate(Record).scalar_subquery(),
)
#: What another ground carries meanwhile needs nobody's decision.  Where outcomes carry no credit, the state alone says it.
_IS_HELD_BACK = or_(Entry.amounts["under_review"].as_integer() > 0, Entry.to_state == "under_review")


def _questioned(*columns: Any) -> Any:
    """Return a SELECT over records under review, each as often as completions of it are in question."""
    return (
        select(*columns)
        .select_from(Comparison)
        .join(Record, Record.course_id == Comparison.course_id)
        .join(Decision, and_(Decision.account_id == Record.account_id, Decision.course_id == Record.course_id))
        .join(Entry, _LAST)
        .outerjoin(Adoption, Adoption.id == Decision.adoption_id)
        .outerjoin(Bank, Bank.code == Adoption.bank_code)
        .where(
            Comparison.questioned_at.is_not(None),
            Decision.comparison_id == Comparison.id,
            Decision.verdict == QUESTIONED,
            ~newer(),
            _IS_HELD_BACK,
        )
    )


def page(connection: Connection, codes: Collection[str] | None, after: str | None, limit: int) -> Sequence[str]:
    """Return the ids of records above ``after``, in their order.

    ``codes``: only those of which one of these organisations is the comparing body or has the depositing bank.
    """
    query = _questioned(Record.id).group_by(Record.id).order_by(Record.id).limit(limit)
    if codes is not None:
        query = query.where(or_(Comparison.body_code.in_(list(codes)), Bank.organisation_code.in_(list(codes))))
    if after is not None:
        query = query.where(Record.id > after)
    return connection.scalars(query).all()


_STEP = table_of(ProposalStep)
_WITHDRAWN = and_(_STEP.c.proposal_id == Comparison.id, _STEP.c.action == "withdraw")
_DETAILS = (
    _questioned(
        Record.id,
        *(CourseVersion.owner_code, CourseVersion.code, CourseVersion.version),
        *(CourseVersion.title_th, CourseVersion.title_en),
        *(Entry.scheme, Entry.amounts, Decision.decided_at),
        *(Comparison.id.label("comparison_id"), Comparison.reference, Comparison.ended_from, Comparison.body_code),
        *(Organisation.name_th.label("body_name_th"), Organisation.name_en.label("body_name_en")),
        *(Bank.code.label("bank_code"), Bank.organisation_code),
        *(Bank.name_th.label("bank_name_th"), Bank.name_en.label("bank_name_en"), Adoption.order_number),
        *(Inbox.id.label("event_id"), Inbox.school_code, Inbox.issuer, Inbox.learner, Inbox.facts),
        _STEP.c.reason,
    )
    .join(CourseVersion, CourseVersion.id == Comparison.course_id)
    .join(Organisation, Organisation.code == Comparison.body_code)
    .join(Inbox, Inbox.id == Decision.inbox_id)
    .outerjoin(_STEP, _WITHDRAWN)
    .where(among(Record.id))
    .order_by(Record.id, Decision.inbox_id)
)


def details(connection: Connection, record_ids: Iterable[str]) -> Sequence[Stored]:
    """Return what somebody has to know of records under review, a row for each completion that is in question."""
    return connection.execute(_DETAILS, {"ids": these(record_ids)}).all()

"""Whom comparisons have credited: what stands in the way of one that is dated back, and what rests on one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, and_, func, select

from creditbank_plugin.rules.thai import BANGKOK, bangkok_day
from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.queries.people import owner_of
from creditbank_plugin.storage.tables import Account, Comparison, Decision, Inbox, Record


@dataclass(frozen=True)
class CreditedUnder:
    """What one comparison has credited: different people, completions, and the last Bangkok day of completion."""

    comparison_id: str
    reference: str
    learners: int
    completions: int
    last_day: date


def by_comparison(connection: Connection, course_id: str, first: date, last: date | None = None) -> list[CreditedUnder]:
    """Return which comparisons of a course version credit completions of these Bangkok days now, the oldest first.

    Both days are included; without ``last`` all from ``first`` on.  A completion counts for the comparison that its
    present decision rests on, also where another attempt of the learner counts instead.
    """
    completed = Inbox.facts["completed_at"].as_string()  # ISO 8601 in UTC, so that its order is that of time
    if connection.dialect.name == "postgresql":
        completed = completed.collate("C")
    query = (
        select(
            Decision.comparison_id,
            Comparison.reference,
            Comparison.approved_at,
            func.count(owner_of().distinct()).label("learners"),
            func.count().label("completions"),
            func.max(completed).label("latest"),
        )
        .select_from(Record)
        .join(Decision, and_(Decision.account_id == Record.account_id, Decision.course_id == Record.course_id))
        .join(Inbox, Inbox.id == Decision.inbox_id)
        .join(Account, Account.id == Record.account_id)
        .join(Comparison, Comparison.id == Decision.comparison_id)
        .where(Record.course_id == course_id, Decision.state == "credited", ~newer(), completed >= _utc(first))
        .group_by(Decision.comparison_id, Comparison.reference, Comparison.approved_at)
        .order_by(Comparison.approved_at, Decision.comparison_id)
    )
    if last is not None:
        query = query.where(completed < _utc(last + timedelta(days=1)))
    return [
        CreditedUnder(
            row.comparison_id,
            row.reference,
            row.learners,
            row.completions,
            bangkok_day(datetime.fromisoformat(row.latest)),
        )
        for row in connection.execute(query)
    ]


def _utc(day: date) -> str:
    """Return the moment a Bangkok day begins as facts spell it, without its zone: a beginning of any later text."""
    return datetime.combine(day, time(), BANGKOK).astimezone(UTC).replace(tzinfo=None).isoformat()

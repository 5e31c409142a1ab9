"""What waits for a person since its comparison was withdrawn, for those who may decide about it (`reviews.decide`).

The comparing body, the organisation whose bank deposited it, and those above them.  A list of a task: it names the learner
by the number that their school's system gave.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import not_found
from creditbank_plugin.rules import thai
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Name, Page
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import authority
from creditbank_plugin.storage.queries import review_list as rows
from creditbank_plugin.storage.session import reading


@dataclass(frozen=True)
class UnderReview:
    """A record of which something is under review, in hundredths of ``scheme``, and why; ``since`` it is in question.

    ``reason`` is that of the withdrawal, None where none was given; ``attempts`` are the completions that are in question,
    each with ``completed_on``, ``score`` and ``grade``.
    """

    record_id: str
    course: tuple[str, str, str]
    title: Name
    scheme: str
    amount: int
    since: datetime
    comparison_id: str
    reference: str
    body: Name
    ended_from: date
    reason: str | None
    bank: Name
    order_number: str | None
    school: str | None
    issuer: str
    learner: str = field(repr=False)
    attempts: Sequence[Mapping[str, Any]]


def page(runtime: Runtime, *, by: Actor, after: str | None = None, limit: int = 50) -> Page[UnderReview]:
    """Return what somebody may decide about, the oldest record first; nothing for who acts for no organisation."""
    if after is not None and not is_uuid(after):
        return Page((), None)
    with reading(runtime.engine) as connection:
        ids = rows.page(connection, _codes(connection, by), after, limit + 1)
        found = _described(connection, ids[:limit])
    return Page([found[each] for each in ids[:limit]], ids[limit - 1] if len(ids) > limit else None)


def get(runtime: Runtime, record_id: str, *, by: Actor) -> UnderReview:
    """Return one; ``Refused`` (404) for a record that is not under review, or not for somebody to decide about."""
    if not is_uuid(record_id):
        raise not_found()
    with reading(runtime.engine) as connection:
        codes, told = _codes(connection, by), rows.details(connection, [record_id])
    if not any(codes is None or not codes.isdisjoint((row.body_code, row.organisation_code)) for row in told):
        raise not_found()
    return _one(told)


def _codes(connection: Connection, by: Actor) -> set[str] | None:
    return authority.below(connection, by.acting_for) if by.acting_for is not None else None


def _described(connection: Connection, ids: Sequence[str]) -> dict[str, UnderReview]:
    by_record: dict[str, list[Stored]] = {}
    for row in rows.details(connection, ids) if ids else ():
        by_record.setdefault(row.id, []).append(row)
    return {each: _one(told) for each, told in by_record.items()}


def _one(told: Sequence[Stored]) -> UnderReview:
    row = told[-1]
    return UnderReview(
        record_id=row.id,
        course=(row.owner_code, row.code, row.version),
        title=Name(row.title_th, row.title_en),
        scheme=row.scheme,
        amount=row.amounts.get("under_review", 0),
        since=min(each.decided_at for each in told),
        comparison_id=row.comparison_id,
        reference=row.reference,
        body=Name(row.body_name_th, row.body_name_en),
        ended_from=row.ended_from,
        reason=row.reason,
        bank=Name(row.bank_name_th or "", row.bank_name_en),
        order_number=row.order_number,
        school=row.school_code,
        issuer=row.issuer,
        learner=row.learner,
        attempts=[_attempt(each.facts) for each in told],
    )


def _attempt(facts: Mapping[str, Any]) -> dict[str, Any]:
    day = thai.bangkok_day(datetime.fromisoformat(facts["completed_at"]))
    return {"completed_on": day, "score": facts.get("score"), "grade": facts.get("grade")}

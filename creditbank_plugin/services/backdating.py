"""Two comparisons of one body for one course never apply to the same day, least of all to days already credited."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.terms import Terms
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import proposals


@dataclass(frozen=True)
class Credited:
    """Whom other comparisons have credited on days that a new one would cover: learners, records, the last such day."""

    learners: int
    records: int
    last_day: date


def credited_on_its_days(connection: Connection, proposal: Stored, terms: Terms) -> Credited | None:
    """Return whom other comparisons of the body have credited on the days of ``terms``; None where there is nobody."""
    accounts, records, days = set(), set(), []
    for other in proposals.beside(connection, proposal.course_id, proposal.body_code, proposal.id):
        if not _overlap(other, terms, whole=True):
            continue
        for each in proposals.credited(connection, other.id):
            day = thai.bangkok_day(datetime.fromisoformat(each.completed_at))
            if _covers(terms, day):
                accounts.add(each.account_id)
                records.add(each.record_id)
                days.append(day)
    return Credited(len(accounts), len(records), max(days)) if days else None


def require_free_days(connection: Connection, proposal: Stored, terms: Terms) -> None:
    """Raise `Refused` (409) where the days are not free for a new comparison.

    ``back_dated`` with numbers where others were credited on them, also by the comparison that would be replaced;
    ``overlaps`` where another one, that is not replaced, applies to them.
    """
    found = credited_on_its_days(connection, proposal, terms)
    if found is not None:
        free = found.last_day + timedelta(days=1)
        raise Refused(
            "back_dated",
            f"วันที่ขอใช้ทับกับวันที่มีผู้ได้หน่วยกิตไปแล้วจากการเทียบเดิม ผู้เรียน {found.learners} คน {found.records} รายการ"
            f" วันเรียนจบล่าสุด {thai.date_th(found.last_day)} จึงเริ่มใช้ได้ตั้งแต่ {thai.date_th(free)}",
            f"It would lie over days on which another comparison has credited people: {found.learners} learners,"
            f" {found.records} records, the last completion on {thai.date_en(found.last_day)}."
            f" It may apply from {thai.date_en(free)} on.",
            field="applies_from",
            status=409,
        )
    for other in proposals.beside(connection, proposal.course_id, proposal.body_code, proposal.id):
        if other.id != proposal.replaces and _overlap(other, terms):
            raise Refused(
                "overlaps",
                f"มีการเทียบอื่นของหน่วยงานนี้ใช้กับวันเดียวกันอยู่แล้ว ({other.reference}) ให้เลือกแทนการเทียบนั้น หรือเปลี่ยนวัน",
                f"Another comparison of this body applies to these days ({other.reference}): replace it or change the days.",
                field="applies_from",
                status=409,
            )


def _overlap(other: Stored, terms: Terms, *, whole: bool = False) -> bool:
    """Tell whether both apply to some day; ``whole`` looks at the days of ``other`` before its end too."""
    first, last = terms.applies_from, terms.applies_until
    if first is None:
        return False
    ended = None if whole or other.ended_from is None else other.ended_from - timedelta(days=1)
    until = min((each for each in (other.applies_until, ended) if each is not None), default=None)
    return (until is None or first <= until) and (last is None or other.applies_from <= last)


def _covers(terms: Terms, day: date) -> bool:
    first, last = terms.applies_from, terms.applies_until
    return first is not None and first <= day and (last is None or day <= last)

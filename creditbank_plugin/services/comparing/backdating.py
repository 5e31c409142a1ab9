"""No comparison is dated back over days on which others of its body have credited people, or to which another applies.

So it is for what a working group decides and for what is entered from paper.  Where an installation holds two of one body
that overlap, from before this was refused, settling waits where they disagree (`rules.authority`).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.terms import Terms
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import credited, proposals
from creditbank_plugin.storage.queries.credited import CreditedUnder


def credited_on_its_days(connection: Connection, proposal: Mapping[str, Any], terms: Terms) -> list[CreditedUnder]:
    """Return what other comparisons of the same body have credited on the days of ``terms``."""
    if terms.applies_from is None:
        return []
    own = {row.id for row in _beside(connection, proposal)}
    if not own:  # as for most: then nobody need look through the credits
        return []
    found = credited.by_comparison(connection, proposal["course_id"], terms.applies_from, terms.applies_until)
    return [each for each in found if each.comparison_id in own]


def require_nobody_credited(connection: Connection, proposal: Mapping[str, Any], terms: Terms) -> None:
    """Raise `Refused` (409, ``back_dated``), with numbers, where others of the same body have credited people on the days.

    So have those that have ended, and the one that would be replaced.
    """
    found = credited_on_its_days(connection, proposal, terms)
    if found:
        learners, records = sum(each.learners for each in found), sum(each.completions for each in found)
        last = max(each.last_day for each in found)
        named, free = ", ".join(each.reference for each in found), last + timedelta(days=1)
        raise Refused(
            "back_dated",
            f"วันที่ขอใช้ทับกับวันที่มีผู้ได้หน่วยกิตไปแล้วตาม {named}: ผู้เรียน {learners} คน {records} รายการ"
            f" วันเรียนจบล่าสุด {thai.date_th(last)} จึงเริ่มใช้ได้ตั้งแต่ {thai.date_th(free)}",
            f"It would lie over days on which others were credited under {named}: {learners} learners,"
            f" {records} completions, the last on {thai.date_en(last)}. It may apply from {thai.date_en(free)} on.",
            field="applies_from",
            status=409,
        )


def require_free_days(connection: Connection, proposal: Mapping[str, Any], terms: Terms) -> None:
    """Raise `Refused` (409) where the days are not free for a new comparison, signed here or on paper.

    ``back_dated`` as `require_nobody_credited` has it; ``overlaps`` where another one, that is not replaced, applies to
    them.
    """
    require_nobody_credited(connection, proposal, terms)
    for other in _beside(connection, proposal):
        if other.id != proposal.get("replaces") and _overlap(other, terms):
            raise Refused(
                "overlaps",
                f"มีการเทียบอื่นของหน่วยงานนี้ใช้กับวันเดียวกันอยู่แล้ว ({other.reference}) ให้แทนหรือยุติการเทียบนั้นก่อน หรือเปลี่ยนวัน",
                f"Another comparison of this body applies to these days ({other.reference}): replace it, end it first, or"
                " change the days.",
                field="applies_from",
                status=409,
            )


def _beside(connection: Connection, proposal: Mapping[str, Any]) -> Sequence[Stored]:
    """Return the other comparisons of the proposal's course by its body."""
    return proposals.beside(connection, proposal["course_id"], proposal["body_code"], proposal["id"])


def _overlap(other: Stored, terms: Terms) -> bool:
    """Tell whether both apply to some day."""
    first, last = terms.applies_from, terms.applies_until
    if first is None:
        return False
    ended = other.ended_from - timedelta(days=1) if other.ended_from is not None else None
    until = min((each for each in (other.applies_until, ended) if each is not None), default=None)
    return (until is None or (first <= until and other.applies_from <= until)) and (
        last is None or other.applies_from <= last
    )

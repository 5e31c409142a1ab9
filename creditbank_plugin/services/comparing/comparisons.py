"""Comparisons as law: written in one place, entered from paper, ended from a day on.

How one comes to be is the business of `approvals`; what was decided on paper is entered here as it stands.  Each
comparison has the proposal of the same id, which tells its way.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, update

from creditbank_plugin.errors import Refused, invalid, need, not_found
from creditbank_plugin.rules import terms as rules
from creditbank_plugin.rules import waits
from creditbank_plugin.rules.catalogue import reading_order
from creditbank_plugin.rules.terms import Terms
from creditbank_plugin.services.actor import SYSTEM, Actor
from creditbank_plugin.services.comparing.backdating import require_free_days
from creditbank_plugin.services.reach import require
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import authority, catalogue, proposals, waking
from creditbank_plugin.storage.queries.writes import insert_all, table_of
from creditbank_plugin.storage.session import reading, writing

ENDINGS = ("withdrawn", "superseded")
ENTERED = "enter_paper"


def enter_from_paper(
    runtime: Runtime,
    *,
    course_id: str,
    body: str,
    scheme: str,
    credits: int,
    outcomes: Sequence[str],
    reference: str,
    applies_from: date,
    applies_until: date | None = None,
    nqf_level: int | None = None,
    nqf_level_basis: str | None = None,
    conditions: Mapping[str, Any] | None = None,
    credits_rule: str | None = None,
    approved_at: datetime | None = None,
    by: Actor | None = None,
) -> str:
    """Enter a comparison that was approved on paper (``credits`` in hundredths, ``outcomes`` item ids); return its id.

    What waited for it is settled.  ``Refused`` names the field: scheme, credits, level, dates, outcomes or conditions that
    cannot be; ``not_yours`` (403) for a body that ``by`` may not act for; ``back_dated`` and ``overlaps`` (409)
    as `services.comparing.backdating` has them: what it replaces is ended first.  Outcomes are kept in the order of their
    codes.
    """
    wanted = Terms(
        scheme=scheme,
        credits=credits,
        credits_rule=credits_rule,
        nqf_level=nqf_level,
        nqf_level_basis=nqf_level_basis,
        outcomes=tuple(dict.fromkeys(outcomes)),
        conditions=rules.conditions(conditions or {}),
        applies_from=applies_from,
        applies_until=applies_until,
    )
    rules.check_draft(wanted)
    need(bool(reference.strip()), "reference", "ต้องอ้างประกาศที่ใช้เป็นฐาน", "Name the announcement it rests on.")
    made, now, who = new_id(), runtime.clock(), by or SYSTEM
    with writing(runtime.engine) as connection:
        course = catalogue.by_ids(connection, [course_id]).get(course_id) if is_uuid(course_id) else None
        if course is None:
            raise invalid("course_id", "ไม่พบรายวิชานี้", "This course was not found.")
        need(bool(authority.organisations(connection, [body])), "body", "ไม่รู้จักหน่วยงานนี้", "The body is unknown.")
        require(connection, body, who.acting_for)
        proposals.lock_course(connection, course_id)
        wanted = wanted.with_({"outcomes": tuple(known_outcomes(connection, wanted.outcomes))})
        proposal = _approved(made, course, body, wanted, now, who)
        insert_all(connection, tables.Proposal, [proposal])
        write_step(connection, made, ENTERED, None, "approved", who, "paper", now, details={"reference": reference})
        row = {
            "approved_at": approved_at or now,
            "reference": reference.strip(),
            "entered_by": by.id if by is not None else None,
        }
        write_law(connection, proposal, wanted, row)
        waking.wake(connection, [waits.comparison(course_id)])
        require_free_days(connection, proposal, wanted)  # from here on nobody is being credited
    settle_at_once(runtime)
    return made


def _approved(made: str, course: Stored, body: str, terms: Terms, now: datetime, who: Actor) -> dict[str, Any]:
    """Return the row of the proposal that stands for what was decided on paper."""
    return {
        "id": made,
        "course_id": course.id,
        "course_revision": course.revision,
        "body_code": body,
        "group_id": None,
        "state": "approved",
        "revision": 1,
        "round": 1,
        "terms": terms.to_json(),
        "made_at": now,
        "made_by": who.id,
        "changed_at": now,
        "decided_at": now,
    }


def write_law(connection: Connection, proposal: Mapping[str, Any], terms: Terms, signed: Mapping[str, Any]) -> None:
    """Write the comparison that a proposal has become; ``signed`` holds ``approved_at``, ``reference``, ``entered_by``."""
    row = {
        "id": proposal["id"],
        "course_id": proposal["course_id"],
        "course_revision": proposal["course_revision"],
        "body_code": proposal["body_code"],
        "group_id": proposal["group_id"],
        "scheme": terms.scheme,
        "credits": terms.credits,
        "credits_rule": terms.credits_rule,
        "nqf_level": terms.nqf_level,
        "nqf_level_basis": terms.nqf_level_basis,
        "conditions": dict(terms.conditions),
        "hours": dict(terms.hours) or None,
        "evidence": [dict(each) for each in terms.evidence] or None,
        "applies_from": terms.applies_from,
        "applies_until": terms.applies_until,
        **signed,
    }
    insert_all(connection, tables.Comparison, [row])
    links = [
        {"comparison_id": row["id"], "item_id": each, "position": place}
        for place, each in enumerate(terms.outcomes, start=1)
    ]
    insert_all(connection, tables.ComparisonItem, links)


def known_outcomes(connection: Connection, wanted: Sequence[str]) -> list[str]:
    """Return the ids of outcomes that all exist, in the order of their codes within their framework."""
    ids = [each for each in wanted if is_uuid(each)]
    rows = catalogue.items_by_id(connection, ids) if ids else {}
    need(set(rows) == set(wanted), "outcomes", "มีผลลัพธ์ที่ไม่รู้จัก", "An outcome is unknown.")
    return sorted(rows, key=lambda each: (rows[each].framework_code, reading_order(rows[each].code)))


def none_retired(connection: Connection, outcomes: Sequence[str]) -> None:
    """Raise `Refused` (422, ``outcomes_retired``) where a new edition of its framework no longer holds an outcome."""
    rows = catalogue.items_by_id(connection, outcomes)
    gone = [rows[each].code for each in outcomes if each in rows and rows[each].retired_at is not None]
    if gone:
        raise Refused(
            "outcomes_retired",
            f"กรอบมาตรฐานฉบับใหม่ไม่มีผลลัพธ์นี้แล้ว: {', '.join(gone)} ให้เลือกผลลัพธ์อื่นแทน",
            f"The present edition of the framework no longer holds: {', '.join(gone)}. Choose others in their place.",
            field="outcomes",
        )


def write_step(
    connection: Connection,
    proposal_id: str,
    action: str,
    from_state: str | None,
    to_state: str,
    by: Actor,
    role: str,
    at: datetime,
    **more: Any,
) -> None:
    """Write the next step of a proposal that is held; ``more``: ``reason``, ``signed``, ``details``."""
    number = proposals.last_step(connection, proposal_id) + 1
    row = {
        "proposal_id": proposal_id,
        "number": number,
        "action": action,
        "from_state": from_state,
        "to_state": to_state,
        "actor": by.id,
        "name": by.name,
        "role": role,
        "at": at,
        "reason": None,
        "signed": None,
        "details": None,
    }
    insert_all(connection, tables.ProposalStep, [{**row, **more}])


def end_comparison(
    runtime: Runtime,
    comparison_id: str,
    *,
    ended_from: date,
    ended_as: str = "withdrawn",
    by: Actor | None = None,
) -> None:
    """End a comparison for completions from ``ended_from`` on; credit that rests on it stays.

    What waits for a comparison of its course is settled again: where two disagreed, the one that is left may apply.
    ``Refused`` with 404 when it is unknown, 403 (``not_yours``) when its body is not for ``by``, and
    (``not_your_role``) for what a working group approved, unless an administrator acts; 422 when it has ended already.
    """
    need(ended_as in ENDINGS, "ended_as", "ไม่รู้จักเหตุนี้", "This way to end is unknown.")
    who = by or SYSTEM
    with writing(runtime.engine) as connection:
        row = _comparison(connection, comparison_id, who.acting_for)
        if row.group_id is not None and who.acting_for is not None:
            th, en = "การเทียบของคณะทำงานให้ประธานเป็นผู้เพิกถอน", "What a working group approved is withdrawn by its chair."
            raise Refused("not_your_role", th, en, status=403)
        end_law(connection, comparison_id, ended_from, ended_as, who, "paper", runtime.clock())
        waking.wake(connection, [waits.comparison(row.course_id)])
    settle_at_once(runtime)


def end_law(
    connection: Connection,
    comparison_id: str,
    ended_from: date,
    ended_as: str,
    by: Actor,
    role: str,
    now: datetime,
    **more: Any,
) -> None:
    """End a comparison and its proposal together; ``more`` stands in the step: ``reason``, ``details``.

    ``Refused`` (422) for one that has ended already.
    """
    held = proposals.lock(connection, comparison_id)
    comparison = table_of(tables.Comparison)
    changed = connection.execute(
        update(comparison)
        .where(comparison.c.id == comparison_id, comparison.c.ended_at.is_(None))
        .values(ended_from=ended_from, ended_as=ended_as, ended_at=now)
    )
    need(changed.rowcount == 1, "comparison_id", "ผลการเทียบนี้สิ้นสุดไปแล้ว", "This comparison has ended already.")
    if held is not None:
        proposals.change(connection, held.id, state=ended_as, revision=held.revision + 1, changed_at=now)
        action = "supersede" if ended_as == "superseded" else "withdraw"
        details = {"ended_from": ended_from.isoformat(), **(more.pop("details", None) or {})}
        write_step(connection, held.id, action, held.state, ended_as, by, role, now, details=details, **more)


def may_end(runtime: Runtime, comparison_id: str, *, acting_for: str | None) -> None:
    """Raise what ``end_comparison`` would for a comparison that is unknown (404) or not ``acting_for``'s (403)."""
    with reading(runtime.engine) as connection:
        _comparison(connection, comparison_id, acting_for)


def comparisons(runtime: Runtime, course_id: str | None = None, limit: int = 200) -> Sequence[Stored]:
    """Return comparisons, newest first, with their course and body."""
    with reading(runtime.engine) as connection:
        return authority.list_comparisons(connection, course_id, limit)


def _comparison(connection: Connection, comparison_id: str, acting_for: str | None) -> Stored:
    row = authority.comparison_rows(connection, [comparison_id]).get(comparison_id) if is_uuid(comparison_id) else None
    if row is None:
        raise not_found()
    require(connection, row.body_code, acting_for)
    return row

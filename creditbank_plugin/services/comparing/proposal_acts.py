"""One act on a proposal: held in a transaction, looked at by the rules, written with the step that tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, invalid, not_found
from creditbank_plugin.rules import proposal as rules
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.proposal import ACTS, Member, Sitting, Standing
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing.comparisons import write_step
from creditbank_plugin.services.comparing.groups import member, members_of
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import groups, proposals

#: The steps that make somebody an author of the proposal.
AUTHORS = ("create", "edit", "propose")


class ChangedMeanwhile(Refused):
    """Somebody was quicker (409): ``who``, and when; ``revision`` is the present one.

    The sentences name the colleague, so they are no part of the exception's own text.
    """

    def __init__(self, revision: int, who: str, at: datetime) -> None:
        super().__init__(
            "changed_meanwhile",
            f"{who} แก้ไขข้อเสนอนี้ไปก่อนแล้ว เมื่อ {thai.datetime_th(at)} โปรดดูฉบับล่าสุด (ครั้งที่ {revision}) แล้วทำใหม่",
            f"{who} changed this proposal on {thai.datetime_en(at)}. Look at revision {revision} and try again.",
            field="revision",
            status=409,
        )
        self.args = (self.code,)
        self.revision, self.who, self.at = revision, who, at


@dataclass
class Held:
    """A proposal that nobody else changes until the transaction ends, and what the rules look at."""

    row: Stored
    group: Stored | None
    members: Sequence[Member]
    steps: Sequence[Stored]
    standing: Standing
    today: date
    now: datetime


def existing(connection: Connection, proposal_id: str) -> Stored:
    """Return a proposal with its course, body, group and law; ``Refused`` 404 where there is none."""
    return _found(proposals.proposal(connection, proposal_id) if is_uuid(proposal_id) else None)


def locked(connection: Connection, proposal_id: str) -> Stored:
    """Return a proposal that nobody else changes until the transaction ends; ``Refused`` 404 where there is none."""
    return _found(proposals.lock(connection, proposal_id) if is_uuid(proposal_id) else None)


def _found(row: Stored | None) -> Stored:
    if row is None:
        raise not_found()
    return row


def hold(
    connection: Connection, runtime: Runtime, proposal_id: str, by: Actor, revision: int | None, *, ended: bool = False
) -> Held:
    """Hold a proposal for an act of a member of its group; ``revision`` is the one they saw, None for whichever it is.

    ``Refused``: 404; ``not_a_member``, ``term_over`` (403); ``group_dissolved`` (409) unless ``ended``;
    `ChangedMeanwhile`.
    """
    row = locked(connection, proposal_id)
    now = runtime.clock()
    held = look(connection, row, now)
    if held.group is None:
        raise Refused(
            "no_group", "รายการนี้บันทึกจากเอกสาร ไม่มีคณะทำงาน", "This was entered from paper; it has no group.", status=409
        )
    rules.roles_of(by.id, held.members, held.today)
    over = held.group.dissolved_on is not None and held.group.dissolved_on <= held.today
    if over and not ended:
        raise Refused("group_dissolved", "คณะทำงานนี้สิ้นสุดแล้ว", "This working group was dissolved.", status=409)
    if revision is not None and revision != row.revision:
        last = held.steps[-1]
        raise ChangedMeanwhile(row.revision, last.name, last.at)
    return held


def look(connection: Connection, row: Stored, now: datetime) -> Held:
    """Return a proposal with what the rules look at; ``row`` has at least the columns of its own table."""
    group = groups.group(connection, row.group_id) if row.group_id is not None else None
    members = members_of(connection, row.group_id) if row.group_id is not None else []
    steps, ratings = proposals.steps(connection, row.id), proposals.ratings(connection, row.id, row.round)
    return _held(row, group, members, steps, ratings, now)


def look_at_all(connection: Connection, rows: Sequence[Stored], now: datetime) -> list[Held]:
    """Return many proposals of groups as `look` does one, by as many queries as for one; ``steps`` are those of authors."""
    ids, group_ids = [row.id for row in rows], {row.group_id for row in rows}
    known = groups.groups_by_id(connection, group_ids)
    members: dict[str, list[Member]] = {}
    for each in groups.members_of_all(connection, group_ids):
        members.setdefault(each.group_id, []).append(member(each))
    steps, ratings = proposals.steps_of(connection, ids, AUTHORS), proposals.ratings_of(connection, ids)
    return [
        _held(
            row,
            known.get(row.group_id),
            members.get(row.group_id, []),
            steps.get(row.id, []),
            [each for each in ratings.get(row.id, []) if each.round == row.round],
            now,
        )
        for row in rows
    ]


def _held(
    row: Stored,
    group: Stored | None,
    members: Sequence[Member],
    steps: Sequence[Stored],
    ratings: Sequence[Stored],
    now: datetime,
) -> Held:
    standing = Standing(
        state=row.state,
        authors=frozenset(step.actor for step in steps if step.action in AUTHORS),
        rated=frozenset(each.actor for each in ratings),
        procedure=group.procedure if group is not None else "raters_and_chair",
        raters=group.raters if group is not None else 0,
        quorum=group.quorum if group is not None else 0,
        proposed_on=thai.bangkok_day(row.proposed_at) if row.proposed_at is not None else None,
        comment_until=row.comment_until,
    )
    return Held(row, group, members, steps, standing, thai.bangkok_day(now), now)


def carry_out(
    connection: Connection,
    held: Held,
    act: str,
    by: Actor,
    *,
    sitting: Sitting | None = None,
    changes: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """Do what the rules allow: move the state, raise the revision, write the step; return the new state.

    ``changes`` are further columns of the proposal; ``more`` stands in the step: ``reason``, ``signed``, ``details``.
    What was only proposed comes under judgement first, with a step of its own.
    """
    role = rules.may(act, held.standing, by.id, held.members, held.today, sitting=sitting)
    state: str = held.row.state
    for each in rules.begins(act, state):
        leads = ACTS[each].leads or state
        told = more if each == act else {}
        write_step(connection, held.row.id, each, state, leads, by, role, held.now, **told)
        state = leads
    values = {"state": state, "revision": held.row.revision + 1, "changed_at": held.now, **(changes or {})}
    proposals.change(connection, held.row.id, **values)
    return state


def why(reason: str | None, *, required: bool) -> str | None:
    """Return a reason in one spelling; ``Refused`` ``reason_missing`` (422) where it is required, or too long."""
    text = (reason or "").strip()
    if required and not text:
        raise Refused("reason_missing", "ต้องระบุเหตุผล", "Say why.", field="reason")
    if len(text) > 4000:
        raise invalid("reason", "ยาวเกิน 4,000 ตัวอักษร", "At most 4,000 signs.")
    return text or None

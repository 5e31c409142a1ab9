"""Deciding on proposals: judgement begins, and ends as law, returned or rejected; what is law is withdrawn.

An approval writes the comparison, ends the one it replaces from its own first day on, keeps the very text that was signed,
and wakes what waits, all in one transaction.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, invalid, need
from creditbank_plugin.rules import proposal as rules
from creditbank_plugin.rules import signing, thai, waits
from creditbank_plugin.rules import terms as terms_rules
from creditbank_plugin.rules.agreement import is_against
from creditbank_plugin.rules.proposal import Sitting
from creditbank_plugin.rules.terms import Terms
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import reviews
from creditbank_plugin.services.comparing.backdating import require_free_days
from creditbank_plugin.services.comparing.comparisons import end_law, none_retired, write_law
from creditbank_plugin.services.comparing.proposal_acts import (
    ChangedMeanwhile,
    Held,
    carry_out,
    existing,
    hold,
    locked,
    look,
    why,
)
from creditbank_plugin.services.reach import require
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import authority, catalogue, groups, proposals, waking
from creditbank_plugin.storage.queries.reviews import question
from creditbank_plugin.storage.session import reading, writing

#: What becomes of credit that rests on a withdrawn comparison: it stays, or a person looks at each.
CREDITS = ("leave", "review")


def judge(runtime: Runtime, proposal_id: str, *, by: Actor, revision: int | None = None) -> None:
    """Begin the judgement of what was proposed; ``comment_round_open`` (409) while the public may still comment."""
    with writing(runtime.engine) as connection:
        held = hold(connection, runtime, proposal_id, by, revision)
        carry_out(connection, held, "judge", by)


@dataclass(frozen=True)
class Resolution:
    """What a meeting of the group resolved."""

    meeting_id: str
    text: str


def approve(
    runtime: Runtime,
    proposal_id: str,
    *,
    by: Actor,
    reference: str,
    reason: str | None = None,
    revision: int | None = None,
    text_digest: str | None = None,
    resolution: Resolution | None = None,
) -> None:
    """Sign: the proposal becomes the comparison of its id, and what waited for it is settled.

    ``reference`` is the announcement (ประกาศ) it rests on; ``text_digest`` (`rules.signing.digest`) holds the signer to the
    text they have read.  ``Refused``, besides those of the procedure: ``text_changed``, ``back_dated``, ``overlaps``,
    ``replaced_ended`` (409), ``outcomes_retired`` (422), ``reason_missing`` (422) for a decision against most of the raters.
    """
    reference = thai.normalise(reference)
    need(0 < len(reference) <= 500, "reference", "ต้องอ้างประกาศที่ใช้เป็นฐาน", "Name the announcement it rests on.")
    with writing(runtime.engine) as connection:
        held = hold(connection, runtime, proposal_id, by, revision)
        sitting = _sitting(connection, held, resolution)
        rules.may("approve", held.standing, by.id, held.members, held.today, sitting=sitting)
        said = _why(connection, held, "approve", reason)
        wanted = Terms.from_json(held.row.terms)
        terms_rules.check(wanted)
        none_retired(connection, wanted.outcomes)
        signed = _text(connection, held, by, reference, resolution)
        if text_digest is not None and text_digest != signing.digest(signed):
            raise Refused(
                "text_changed",
                "ข้อความที่จะลงนามเปลี่ยนไปจากที่อ่าน โปรดอ่านใหม่ก่อนลงนาม",
                "The text is not the one that was read: read it again before you sign.",
                status=409,
            )
        proposals.lock_course(connection, held.row.course_id)
        details: dict[str, Any] = {"reference": reference, "applies_from": held.row.terms["applies_from"]}
        if resolution is not None:
            details |= {"meeting": resolution.meeting_id, "resolution": resolution.text.strip()}
        more = {"reason": said, "signed": signed, "details": details}
        carry_out(connection, held, "approve", by, sitting=sitting, changes={"decided_at": held.now}, **more)
        law = {"approved_at": held.now, "reference": reference, "entered_by": by.id}
        write_law(connection, held.row._asdict(), wanted, law)
        _end_replaced(connection, held, by, wanted)
        waking.wake(connection, [waits.comparison(held.row.course_id)])
        # From here on nobody is being credited: what has been, under the comparison before, can be counted.
        require_free_days(connection, held.row._asdict(), wanted)
    settle_at_once(runtime)


def send_back(
    runtime: Runtime, proposal_id: str, *, by: Actor, reason: str | None, revision: int | None = None
) -> None:
    """Return a proposal to its authors with the reason: they edit it and propose it again."""
    _decide(runtime, proposal_id, "return", by, reason, revision)


def reject(runtime: Runtime, proposal_id: str, *, by: Actor, reason: str | None, revision: int | None = None) -> None:
    """Refuse a proposal for good, with the reason."""
    _decide(runtime, proposal_id, "reject", by, reason, revision)


def _decide(runtime: Runtime, proposal_id: str, act: str, by: Actor, reason: str | None, revision: int | None) -> None:
    with writing(runtime.engine) as connection:
        held = hold(connection, runtime, proposal_id, by, revision)
        rules.may(act, held.standing, by.id, held.members, held.today)
        said = why(reason, required=True)
        carry_out(connection, held, act, by, changes={"decided_at": held.now}, reason=said)


def withdraw(
    runtime: Runtime,
    proposal_id: str,
    *,
    by: Actor,
    ended_from: date,
    reason: str | None,
    credits: str = "leave",
    revision: int | None = None,
) -> None:
    """Withdraw what is law for completions from ``ended_from`` on; ``credits`` says what becomes of credit given.

    The chair of its group does; for what was entered from paper, an administrator or the committee of its body.  What
    waits for a comparison of its course is settled again: where two disagreed, the one that is left may apply.
    """
    need(credits in CREDITS, "credits", "ต้องเป็น leave หรือ review", "It must be leave or review.")
    with writing(runtime.engine) as connection:
        row = locked(connection, proposal_id)
        role = "paper"
        if row.group_id is None:
            require(connection, row.body_code, by.acting_for)
            if row.state != "approved":
                raise rules.wrong_state(row.state)
            if revision is not None and revision != row.revision:
                last = proposals.steps(connection, row.id)[-1]
                raise ChangedMeanwhile(row.revision, last.name, last.at)
        else:
            held = hold(connection, runtime, proposal_id, by, revision, ended=True)
            role = rules.may("withdraw", held.standing, by.id, held.members, held.today)
        said = why(reason, required=True)
        told = {"reason": said, "details": {"credits": credits}}
        end_law(connection, proposal_id, ended_from, "withdrawn", by, role, runtime.clock(), **told)
        if credits == "review":
            question(connection, proposal_id, runtime.clock())
        waking.wake(connection, [waits.comparison(row.course_id)])
    if credits == "review":
        reviews.begin(runtime, proposal_id, row.body_code, by=by, reason=str(said))
    settle_at_once(runtime)


def may_approve(runtime: Runtime, proposal_id: str, *, by: Actor) -> None:
    """Raise what `approve` would for who may not sign now; that a meeting is still to be named is no hindrance."""
    with reading(runtime.engine) as connection:
        row = existing(connection, proposal_id)
        held = look(connection, row, runtime.clock())
        try:
            rules.may("approve", held.standing, by.id, held.members, held.today)
        except Refused as refusal:
            if refusal.code != "no_quorum":
                raise


def in_the_way(runtime: Runtime, proposal_id: str) -> Refused | None:
    """Return the refusal that signing a proposal would meet: an outcome was retired, or its days are not free."""
    with reading(runtime.engine) as connection:
        row = existing(connection, proposal_id)
        try:
            none_retired(connection, row.terms["outcomes"])
            require_free_days(connection, row._asdict(), Terms.from_json(row.terms))
        except Refused as refusal:
            return refusal
    return None


def text_to_sign(
    runtime: Runtime, proposal_id: str, *, by: Actor, reference: str, resolution: Resolution | None = None
) -> str:
    """Return the very text that `approve` would keep; ``Refused`` 404."""
    with reading(runtime.engine) as connection:
        row = existing(connection, proposal_id)
        return _text(connection, look(connection, row, runtime.clock()), by, reference, resolution)


def _text(connection: Connection, held: Held, by: Actor, reference: str, resolution: Resolution | None) -> str:
    row, terms = held.row, Terms.from_json(held.row.terms)
    course = catalogue.by_ids(connection, [row.course_id])[row.course_id]
    items = catalogue.items_by_id(connection, terms.outcomes)
    known = authority.organisations(connection, [row.body_code, course.owner_code])
    old = authority.comparison_rows(connection, [row.replaces]).get(row.replaces) if row.replaces else None
    group = held.group
    names = signing.Names(
        course=f"{course.code} {course.title_th}",
        owner=known[course.owner_code].name_th,
        version=course.version,
        course_revision=row.course_revision,
        body=known[row.body_code].name_th,
        group=group.name_th if group is not None else "",
        order=f"คำสั่ง {group.order_number} ลงวันที่ {thai.date_th(group.ordered_on)}" if group is not None else "",
        outcomes=[_outcome(items[each]) for each in terms.outcomes if each in items],
        replaces=f"{old.reference} (ใช้ตั้งแต่ {thai.date_th(old.applies_from)})" if old is not None else None,
        signer=by.name,
    )
    return signing.text(terms, names, reference=reference, resolution=resolution.text if resolution else None)


def _outcome(item: Stored) -> str:
    return f"{item.code} {item.text_th or item.text_en or '(ยังไม่มีข้อความที่มีแหล่งอ้างอิง)'} [{item.framework_title_th}]"


def _sitting(connection: Connection, held: Held, resolution: Resolution | None) -> Sitting | None:
    if resolution is None:
        return None
    found = groups.meeting(connection, resolution.meeting_id) if is_uuid(resolution.meeting_id) else None
    if found is None or found.group_id != held.row.group_id:
        raise invalid("meeting", "ไม่พบการประชุมของคณะทำงานนี้", "This is no meeting of the group.")
    return Sitting(found.held_on, frozenset(found.present), found.quorum, found.minutes, resolution.text)


def _why(connection: Connection, held: Held, decision: str, reason: str | None) -> str | None:
    """Return the reason, which a decision against most of the raters must have."""
    advice = [each.advice for each in proposals.ratings(connection, held.row.id, held.row.round)]
    return why(reason, required=is_against(decision, advice))


def _end_replaced(connection: Connection, held: Held, by: Actor, terms: Terms) -> None:
    old = held.row.replaces
    if old is None or terms.applies_from is None:
        return
    row = authority.comparison_rows(connection, [old])[old]
    if row.ended_at is not None:
        raise Refused(
            "replaced_ended", "การเทียบที่จะแทนสิ้นสุดไปก่อนแล้ว", "What it would replace has ended already.", status=409
        )
    told = {"details": {"replaced_by": held.row.id}}
    end_law(connection, old, terms.applies_from, "superseded", by, "chair", held.now, **told)

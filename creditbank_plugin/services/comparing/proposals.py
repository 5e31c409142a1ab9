"""Proposals until they are judged: drafted from the course, edited, proposed, taken back, commented on by the public.

Each act is one transaction with a step that tells of it.  Who may do what stands in `rules.proposal`; refusals are those of
`proposal_acts.hold` and `rules.proposal.may`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, invalid, need
from creditbank_plugin.rules import proposal as rules
from creditbank_plugin.rules import terms as terms_rules
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.prefill import from_course
from creditbank_plugin.rules.terms import Terms
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing.comparisons import known_outcomes, none_retired, write_step
from creditbank_plugin.services.comparing.groups import members_of
from creditbank_plugin.services.comparing.proposal_acts import carry_out, existing, hold, locked, look, why
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Page
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import catalogue, groups, proposals
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import reading, writing

#: How long a comment may be, and how many somebody may give in one round.
LONGEST_COMMENT, MOST_COMMENTS = 2000, 10
#: In `edit`: leave alone which comparison would be replaced.
_SAME: Any = object()


def create(
    runtime: Runtime,
    *,
    course_id: str,
    by: Actor,
    group_id: str | None = None,
    terms: Mapping[str, Any] | None = None,
    replaces: str | None = _SAME,
) -> str:
    """Begin a draft on a course and return its id; ``terms`` (fields of `Terms`) stand over what the course itself says.

    ``group_id`` may be left out by somebody who sits in exactly one group.  Unless ``replaces`` says otherwise, the draft
    replaces the comparison of the same body that applies to the course at present, where there is one.
    """
    now, today, made = runtime.clock(), thai.bangkok_day(runtime.clock()), new_id()
    with writing(runtime.engine) as connection:
        group = _group(connection, group_id, by, today)
        role = sorted(rules.roles_of(by.id, members_of(connection, group.id), today))[0]
        course = catalogue.by_ids(connection, [course_id]).get(course_id) if is_uuid(course_id) else None
        if course is None:
            raise invalid("course", "ไม่พบรายวิชานี้", "This course was not found.")
        _in_scope(group, course)
        wanted = _sound(connection, from_course(course).with_(terms or {}))
        if replaces is _SAME:
            replaces = _present(connection, course_id, group.body_code)
        else:
            _may_replace(connection, replaces, course_id, group.body_code)
        row = {
            "id": made,
            "course_id": course_id,
            "course_revision": course.revision,
            "body_code": group.body_code,
            "group_id": group.id,
            "state": "draft",
            "revision": 1,
            "round": 1,
            "terms": wanted.to_json(),
            "replaces": replaces,
            "made_at": now,
            "made_by": by.id,
            "changed_at": now,
        }
        insert_all(connection, tables.Proposal, [row])
        write_step(connection, made, "create", None, "draft", by, role, now)
    return made


def edit(
    runtime: Runtime,
    proposal_id: str,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    revision: int | None,
    replaces: str | None = _SAME,
) -> None:
    """Change terms of a draft, or of what was returned; ``revision`` is the one that was read (`ChangedMeanwhile` 409).

    The step keeps what stood there before.
    """
    with writing(runtime.engine) as connection:
        held = hold(connection, runtime, proposal_id, by, revision)
        before = Terms.from_json(held.row.terms)
        wanted = _sound(connection, before.with_(changes)).to_json()
        former = {name: value for name, value in before.to_json().items() if wanted[name] != value}
        values: dict[str, Any] = {"terms": wanted}
        if replaces is not _SAME and replaces != held.row.replaces:
            _may_replace(connection, replaces, held.row.course_id, held.row.body_code)
            former["replaces"], values["replaces"] = held.row.replaces, replaces
        carry_out(connection, held, "edit", by, changes=values, details={"before": former})


def may_edit(runtime: Runtime, proposal_id: str, *, by: Actor) -> None:
    """Raise what `edit` would for somebody who may not edit, or for a state in which nobody may."""
    with reading(runtime.engine) as connection:
        row = existing(connection, proposal_id)
        held = look(connection, row, runtime.clock())
        rules.may("edit", held.standing, by.id, held.members, held.today)


def propose(runtime: Runtime, proposal_id: str, *, by: Actor, revision: int | None = None) -> None:
    """Put a draft before the group; what was returned begins a new round.

    ``Refused`` (422) names the first of the terms that is missing, or outcomes that were retired.  The course is judged as
    it stands now.
    """
    with writing(runtime.engine) as connection:
        held = hold(connection, runtime, proposal_id, by, revision)
        rules.may("propose", held.standing, by.id, held.members, held.today)
        wanted = Terms.from_json(held.row.terms)
        terms_rules.check(wanted)
        _sound(connection, wanted)
        none_retired(connection, wanted.outcomes)
        course = catalogue.by_ids(connection, [held.row.course_id])[held.row.course_id]
        days = held.group.comment_days if held.group is not None else 0
        values = {
            "round": held.row.round + (1 if held.row.state == "returned" else 0),
            "course_revision": course.revision,
            "comment_until": rules.comments_until(held.today, days),
            "proposed_at": held.now,
            "proposed_by": by.id,
        }
        details = {"round": values["round"], "course_revision": course.revision}
        carry_out(connection, held, "propose", by, changes=values, details=details)


def take_back(
    runtime: Runtime, proposal_id: str, *, by: Actor, reason: str | None = None, revision: int | None = None
) -> None:
    """Withdraw what was not decided yet; only an author or the secretary may."""
    with writing(runtime.engine) as connection:
        held = hold(connection, runtime, proposal_id, by, revision)
        carry_out(connection, held, "take_back", by, reason=why(reason, required=False))


def comment(runtime: Runtime, proposal_id: str, text: str, *, by: Actor) -> None:
    """Say something in the public round; the same again by the same person stands once.

    ``Refused``: 404, ``comment_round_closed`` (409) outside of it, ``too_many_comments`` (422) after `MOST_COMMENTS`.
    """
    said = text.strip()
    need(0 < len(said) <= LONGEST_COMMENT, "text", "เขียนความเห็น 1 ถึง 2,000 ตัวอักษร", "A comment has 1 to 2,000 signs.")
    with writing(runtime.engine) as connection:
        row = locked(connection, proposal_id)
        today = thai.bangkok_day(runtime.clock())
        if row.state != "proposed" or row.comment_until is None or today > row.comment_until:
            raise Refused(
                "comment_round_closed",
                "ไม่ได้อยู่ในช่วงรับฟังความเห็นสาธารณะ",
                "The public round is not open.",
                status=409,
            )
        theirs = [each for each in proposals.comments(connection, row.id) if each.actor == by.id]
        mine = [each.text for each in theirs if each.said_at >= row.proposed_at]
        if said in mine:
            return
        if len(mine) >= MOST_COMMENTS:
            th = f"แสดงความเห็นได้ไม่เกิน {MOST_COMMENTS} ครั้งต่อรอบ"
            raise Refused("too_many_comments", th, f"At most {MOST_COMMENTS} comments in a round.", field="text")
        more = {"id": new_id(), "proposal_id": row.id, "text": said, "said_at": runtime.clock()}
        insert_all(connection, tables.ProposalComment, [{**more, "actor": by.id, "name": by.name}])


def course_named(runtime: Runtime, owner: str, code: str, version: str) -> str | None:
    """Return the id of a course version by its key, None where there is none."""
    wanted = thai.course_code(code)
    with reading(runtime.engine) as connection:
        known = catalogue.keys_by_code(connection, [wanted]).get(wanted, [])
    edition = thai.digits(version).strip()
    return next((each.id for each in known if (each.owner, each.version) == (owner, edition)), None)


def open_to_the_public(runtime: Runtime) -> list[Stored]:
    """Return the proposals on which the public may comment today."""
    with reading(runtime.engine) as connection:
        return list(proposals.commentable(connection, thai.bangkok_day(runtime.clock())))


@dataclass(frozen=True)
class Published:
    """What the public sees of a proposal in its round: what is proposed, by whom, and what was said; no more."""

    row: Stored
    terms: Terms
    outcomes: list[Stored]
    course: Stored
    comments: Sequence[Stored]


def put_to_the_public(runtime: Runtime, proposal_id: str) -> Published | None:
    """Return a proposal whose public round is open today, None for every other."""
    today = thai.bangkok_day(runtime.clock())
    with reading(runtime.engine) as connection:
        row = proposals.proposal(connection, proposal_id) if is_uuid(proposal_id) else None
        if row is None or row.state != "proposed" or row.comment_until is None or today > row.comment_until:
            return None
        return _published(connection, [row])[0]


def page_of_the_public(runtime: Runtime, *, after: str | None = None, limit: int = 50) -> Page[Published]:
    """Return what is put to the public today, the round that ends first first, by as many queries as for one."""
    until, _, last = (after or "").partition("/")
    try:
        place = (date.fromisoformat(until), last) if after is not None else None
    except ValueError:
        return Page((), None)
    if place is not None and not is_uuid(last):
        return Page((), None)
    with reading(runtime.engine) as connection:
        found = proposals.commentable(connection, thai.bangkok_day(runtime.clock()), limit + 1, place)
        shown = _published(connection, found[:limit])
    further = shown[-1].row if len(found) > limit else None
    return Page(shown, f"{further.comment_until.isoformat()}/{further.id}" if further is not None else None)


def _published(connection: Connection, rows: Sequence[Stored]) -> list[Published]:
    terms = {row.id: Terms.from_json(row.terms) for row in rows}
    items = catalogue.items_by_id(connection, [each for told in terms.values() for each in told.outcomes])
    courses = catalogue.by_ids(connection, [row.course_id for row in rows])
    said = proposals.comments_of(connection, terms)
    found = []
    for row in rows:
        outcomes = [items[each] for each in terms[row.id].outcomes if each in items]
        found.append(Published(row, terms[row.id], outcomes, courses[row.course_id], said.get(row.id, [])))
    return found


def _group(connection: Connection, group_id: str | None, by: Actor, today: Any) -> Stored:
    """Return the group that is to judge: the one named, or the only one of somebody."""
    if group_id is None:
        mine = groups.groups_by_id(connection, groups.groups_of(connection, by.id, today))
        at_work = [row for row in mine.values() if row.dissolved_on is None or row.dissolved_on > today]
        if not at_work:
            raise Refused("not_a_member", "ท่านไม่ได้อยู่ในคณะทำงานใด", "You are not a member of any group.", status=403)
        need(len(at_work) == 1, "group", "ต้องเลือกคณะทำงาน", "Choose the working group.")
        return at_work[0]
    found = groups.group(connection, group_id) if is_uuid(group_id) else None
    if found is None:
        raise invalid("group", "ไม่พบคณะทำงานนี้", "This working group was not found.")
    if found.dissolved_on is not None and found.dissolved_on <= today:
        raise Refused("group_dissolved", "คณะทำงานนี้สิ้นสุดแล้ว", "This working group was dissolved.", status=409)
    return found


def _in_scope(group: Stored, course: Stored) -> None:
    """Refuse a course of another level or occupational group than the one the order appointed the group for."""
    for name in ("level_group", "occupational_group"):
        scope, own = getattr(group, name), getattr(course, name)
        fits = scope is None or own is None or scope == own
        need(
            fits,
            "course",
            "รายวิชานี้อยู่นอกขอบเขตของคณะทำงาน",
            "The course is outside of what the group was appointed for.",
        )


def _sound(connection: Connection, wanted: Terms) -> Terms:
    """Return terms that could be law as far as they go, with outcomes that exist, in the order of their codes."""
    told = wanted.with_({"conditions": terms_rules.conditions(wanted.conditions)})
    terms_rules.check_draft(told)
    return told.with_({"outcomes": tuple(known_outcomes(connection, told.outcomes))})


def _present(connection: Connection, course_id: str, body: str) -> str | None:
    """Return the one comparison of a body that applies to a course without an end, None where there is none or more."""
    standing = [row for row in proposals.beside(connection, course_id, body) if row.ended_at is None]
    return standing[0].id if len(standing) == 1 else None


def _may_replace(connection: Connection, replaces: str | None, course_id: str, body: str) -> None:
    if replaces is None:
        return
    known = {row.id for row in proposals.beside(connection, course_id, body) if row.ended_at is None}
    need(
        replaces in known,
        "replaces",
        "แทนได้เฉพาะการเทียบของรายวิชาและหน่วยงานเดียวกันที่ยังใช้อยู่",
        "It is no comparison of this course and body that stands.",
    )

"""Working groups: appointed by an order, with members for terms, a procedure, and meetings with minutes.

An administrator, or the committee of the body's organisation or of one above it, sets them up.  Whatever a member does
afterwards rests on the membership alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, update

from creditbank_plugin.errors import Refused, need, not_found
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.proposal import PROCEDURES, ROLES, Member, roles_of
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.reach import require
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Page
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import authority
from creditbank_plugin.storage.queries import groups as rows
from creditbank_plugin.storage.queries.writes import insert_all, table_of
from creditbank_plugin.storage.session import reading, writing

MOST_RATERS, MOST_COMMENT_DAYS, LONGEST = 20, 365, 500
#: The two parts of a list of groups, as its places name them.
_STATES = _AT_WORK, _DISSOLVED = ("at_work", "dissolved")


def add_group(
    runtime: Runtime,
    *,
    body: str,
    name_th: str,
    order_number: str,
    order_signatory: str,
    ordered_on: date,
    by: Actor,
    name_en: str | None = None,
    procedure: str = "raters_and_chair",
    raters: int = 2,
    quorum: int = 3,
    comment_days: int = 0,
    level_group: str | None = None,
    occupational_group: str | None = None,
) -> str:
    """Enter a working group that an order has appointed to compare for ``body``; return its id.

    ``raters`` is how many ratings a decision needs where ``procedure`` is ``raters_and_chair``, ``quorum`` how many members
    where it is ``meeting``; ``comment_days`` 0 means no public round.  ``Refused``: what cannot be, by its field;
    ``not_yours`` (403).
    """
    for field, value in (("name_th", name_th), ("order_number", order_number), ("order_signatory", order_signatory)):
        need(0 < len(value.strip()) <= LONGEST, field, "ต้องกรอกช่องนี้", "This must be filled in.")
    row = {"procedure": procedure, "raters": raters, "quorum": quorum, "comment_days": comment_days}
    _check_procedure(row)
    made = new_id()
    with writing(runtime.engine) as connection:
        need(bool(authority.organisations(connection, [body])), "body", "ไม่รู้จักหน่วยงานนี้", "The body is unknown.")
        require(connection, body, by.acting_for)
        more = {
            "id": made,
            "body_code": body,
            "name_th": thai.normalise(name_th),
            "name_en": name_en,
            "level_group": level_group,
            "occupational_group": occupational_group,
            "order_number": order_number.strip(),
            "order_signatory": order_signatory.strip(),
            "ordered_on": ordered_on,
            "made_at": runtime.clock(),
            "made_by": by.id,
        }
        insert_all(connection, tables.WorkingGroup, [{**row, **more}])
    return made


def change_group(runtime: Runtime, group_id: str, *, by: Actor, revision: int | None = None, **changes: Any) -> None:
    """Change how a group works: ``procedure``, ``raters``, ``quorum``, ``comment_days``, ``dissolved_on``.

    What is under judgement already goes on by the new procedure.  From ``dissolved_on`` on nobody acts in it any more, but
    to withdraw what it has approved; None lets it work on.  ``Refused``: 404, ``not_yours``, ``changed_meanwhile``
    (409) where ``revision`` is not the present one.
    """
    known = {"procedure", "raters", "quorum", "comment_days", "dissolved_on"}
    need(set(changes) <= known, "group", "ไม่รู้จักข้อมูลนี้", "This cannot be changed.")
    with writing(runtime.engine) as connection:
        group = _held(connection, group_id, by)
        if revision is not None and revision != group.revision:
            raise Refused(
                "changed_meanwhile",
                f"มีผู้แก้ไขคณะทำงานนี้ไปก่อนแล้ว โปรดดูฉบับล่าสุด (ครั้งที่ {group.revision}) แล้วทำใหม่",
                f"The group was changed meanwhile. Look at revision {group.revision} and try again.",
                field="revision",
                status=409,
            )
        _check_procedure({**group._mapping, **changes})
        ends = changes.get("dissolved_on")
        early_th, early_en = "วันสิ้นสุดมาก่อนวันที่แต่งตั้ง", "It would end before the group was appointed."
        need(ends is None or ends >= group.ordered_on, "dissolved_on", early_th, early_en)
        table = table_of(tables.WorkingGroup)
        values = {**changes, "revision": group.revision + 1}
        connection.execute(update(table).where(table.c.id == group_id).values(**values))
        _note(connection, runtime, group_id, by, "changed", before=group._asdict(), after=changes)


def add_member(
    runtime: Runtime,
    group_id: str,
    actor: str,
    *,
    name: str,
    role: str,
    since: date,
    until: date | None = None,
    by: Actor,
) -> None:
    """Appoint somebody for a term, both days included; the same ``actor`` and ``since`` again changes that term.

    ``actor`` is ``user:<id at the host>`` or ``client:<client id>[/<person>]``.  ``Refused``: 404, ``not_yours`` (403),
    what cannot be by its field; so is a name that stands under another actor for a day of this term: one human would sit
    there twice.
    """
    named = actor.startswith(("user:", "client:")) and len(actor.partition(":")[2]) > 0 and len(actor) <= 255
    need(named, "actor", "ต้องขึ้นต้นด้วย user: หรือ client:", "It must begin with user: or client:.")
    need(role in ROLES, "role", "ไม่รู้จักหน้าที่นี้", "This role is unknown.")
    need(0 < len(name.strip()) <= LONGEST, "name", "ต้องระบุชื่อตามคำสั่งแต่งตั้ง", "Give the name as in the order.")
    need(until is None or since <= until, "until", "วันสิ้นสุดมาก่อนวันเริ่ม", "It would end before it begins.")
    values = {"name": thai.normalise(name), "role": role, "until": until}
    with writing(runtime.engine) as connection:
        _held(connection, group_id, by)
        terms = rows.members(connection, group_id)
        need(
            not any(
                each.actor != actor and each.name == values["name"] and _meet(each, since, until) for each in terms
            ),
            "name",
            "มีชื่อนี้เป็นกรรมการในช่วงนี้แล้วในนามผู้ใช้หรือระบบอื่น หากเป็นคนละคนให้เพิ่มตำแหน่งต่อท้ายชื่อ",
            "This name is a member at that time as another user or client. If it is somebody else, add their position.",
        )
        old = next((each for each in terms if (each.actor, each.since) == (actor, since)), None)
        if old is None:
            row = {"id": new_id(), "group_id": group_id, "actor": actor, "since": since, **values}
            insert_all(connection, tables.GroupMember, [row])
        else:
            table = table_of(tables.GroupMember)
            connection.execute(update(table).where(table.c.id == old.id).values(**values))
        before = old._asdict() if old is not None else None
        after = {"name": values["name"], "role": role, "since": since, "until": until}
        _note(connection, runtime, group_id, by, "appointed", before=before, after=after, member=actor)


def _meet(term: Stored, since: date, until: date | None) -> bool:
    """Tell whether a term has a day in common with the one from ``since`` to ``until``."""
    return (term.until is None or since <= term.until) and (until is None or term.since <= until)


def _note(
    connection: Connection,
    runtime: Runtime,
    group_id: str,
    by: Actor,
    act: str,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    member: str | None = None,
) -> None:
    """Keep who changed what, where anything differs; ``before`` may say more than is looked at."""
    names = [name for name, value in after.items() if before is None or before[name] != value]
    if not names:
        return
    row = {
        "id": new_id(),
        "group_id": group_id,
        "changed_at": runtime.clock(),
        "actor": by.id,
        "name": by.name,
        "act": act,
        "member": member,
        "before": {name: _plain(before[name]) for name in names} if before is not None else None,
        "after": {name: _plain(after[name]) for name in names},
    }
    insert_all(connection, tables.GroupChange, [row])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def hold_meeting(
    runtime: Runtime, group_id: str, *, held_on: date, present: Sequence[str], minutes: str, by: Actor
) -> str:
    """Enter a meeting with its minutes (their number or address) and who was there (actors); return its id.

    The chair or the secretary enters it, or who may set the group up.  ``Refused``: 404, 403, a day to come, somebody who
    was no member on that day.
    """
    need(0 < len(minutes.strip()) <= 1000, "minutes", "ต้องอ้างรายงานการประชุม", "Name the minutes.")
    today = runtime.today()
    need(held_on <= today, "held_on", "วันประชุมยังมาไม่ถึง", "This day is still to come.")
    made = new_id()
    with writing(runtime.engine) as connection:
        group = _known(connection, group_id)
        terms = members_of(connection, group_id)
        if not _keeps_papers(by, terms, today):
            require(connection, group.body_code, by.acting_for)
        there = sorted(set(present))
        in_term = {each.actor for each in terms if each.on(held_on)}
        need(set(there) <= in_term, "present", "มีผู้ที่ไม่ได้เป็นกรรมการในวันนั้น", "Somebody was no member on that day.")
        row = {
            "id": made,
            "group_id": group_id,
            "held_on": held_on,
            "present": there,
            "quorum": group.quorum,
            "minutes": minutes.strip(),
            "entered_at": runtime.clock(),
            "entered_by": by.id,
        }
        insert_all(connection, tables.Meeting, [row])
    return made


def _keeps_papers(by: Actor, terms: Sequence[Member], day: date) -> bool:
    try:
        return not roles_of(by.id, terms, day).isdisjoint(("chair", "secretary"))
    except Refused:
        return False


def groups(runtime: Runtime, bodies: Sequence[str] | None = None) -> Sequence[Stored]:
    """Return groups with the name of their body, those at work first."""
    with reading(runtime.engine) as connection:
        return rows.groups(connection, bodies)


@dataclass(frozen=True)
class Listed:
    """A group with the terms of its members."""

    group: Stored
    members: Sequence[Stored]


def page(runtime: Runtime, *, after: str | None = None, limit: int = 50) -> Page[Listed]:
    """Return groups with their members, those at work first, by as many queries as for one."""
    state, _, last = (after or "").partition("/")
    if after is not None and (state not in _STATES or not is_uuid(last)):
        return Page((), None)
    with reading(runtime.engine) as connection:
        place = (state == _DISSOLVED, last) if after is not None else None
        found = rows.groups_after(connection, place, limit + 1)
        shown = found[:limit]
        members: dict[str, list[Stored]] = {row.id: [] for row in shown}
        for each in rows.members_of_all(connection, members):
            members[each.group_id].append(each)
    further = f"{_state(shown[-1])}/{shown[-1].id}" if len(found) > limit else None
    return Page([Listed(row, members[row.id]) for row in shown], further)


def _state(group: Stored) -> str:
    return _DISSOLVED if group.dissolved_on is not None else _AT_WORK


def group(runtime: Runtime, group_id: str) -> tuple[Stored, Sequence[Stored], Sequence[Stored]]:
    """Return a group, the terms of its members and its latest 100 meetings; ``Refused`` 404."""
    with reading(runtime.engine) as connection:
        return _known(connection, group_id), rows.members(connection, group_id), rows.meetings(connection, group_id)


def meetings(runtime: Runtime, group_id: str, *, after: str | None = None, limit: int = 50) -> Page[Stored]:
    """Return meetings of a group that is there, newest first; nothing for an ``after`` that is no place among them."""
    day, _, last = (after or "").partition("/")
    try:
        place = (date.fromisoformat(day), last) if after is not None else None
    except ValueError:
        return Page((), None)
    with reading(runtime.engine) as connection:
        found = rows.meetings(connection, group_id, after=place, limit=limit + 1)
    further = f"{found[limit - 1].held_on}/{found[limit - 1].id}" if len(found) > limit else None
    return Page(found[:limit], further)


def changes(runtime: Runtime, group_id: str) -> Sequence[Stored]:
    """Return the latest 100 changes of a group, newest first: who changed how it decides or whose term, and how."""
    with reading(runtime.engine) as connection:
        return rows.changes(connection, group_id) if is_uuid(group_id) else ()


def meeting(runtime: Runtime, meeting_id: str) -> Stored:
    """Return a meeting; ``Refused`` 404."""
    with reading(runtime.engine) as connection:
        found = rows.meeting(connection, meeting_id) if is_uuid(meeting_id) else None
    if found is None:
        raise not_found()
    return found


def groups_of(runtime: Runtime, by: Actor) -> list[Stored]:
    """Return the groups at work in which somebody has a term today."""
    today = runtime.today()
    with reading(runtime.engine) as connection:
        found = rows.groups_by_id(connection, rows.groups_of(connection, by.id, today))
    return [row for row in found.values() if row.dissolved_on is None or row.dissolved_on > today]


def is_member(runtime: Runtime, actor: str) -> bool:
    """Tell whether somebody is or was a member of any group."""
    with reading(runtime.engine) as connection:
        return bool(rows.groups_of(connection, actor))


def may_keep(runtime: Runtime, body: str, by: Actor) -> bool:
    """Tell whether somebody may set up groups that act for ``body``."""
    with reading(runtime.engine) as connection:
        return by.acting_for is None or authority.is_within(connection, body, by.acting_for)


def members_of(connection: Connection, group_id: str) -> list[Member]:
    """Return the terms of a group as the rules look at them."""
    return [member(row) for row in rows.members(connection, group_id)]


def member(row: Stored) -> Member:
    """Return a stored term as the rules look at it."""
    return Member(row.actor, row.role, row.since, row.until)


def _known(connection: Connection, group_id: str) -> Stored:
    found = rows.group(connection, group_id) if is_uuid(group_id) else None
    if found is None:
        raise not_found()
    return found


def _held(connection: Connection, group_id: str, by: Actor) -> Stored:
    found = rows.group(connection, group_id, lock=True) if is_uuid(group_id) else None
    if found is None:
        raise not_found()
    require(connection, found.body_code, by.acting_for)
    return found


def _check_procedure(row: Any) -> None:
    need(row["procedure"] in PROCEDURES, "procedure", "ไม่รู้จักวิธีพิจารณานี้", "This procedure is unknown.")
    by_raters = row["procedure"] == "raters_and_chair"
    few_th, few_en = f"ต้องมีผู้ประเมิน 2 ถึง {MOST_RATERS} คน", f"There must be 2 to {MOST_RATERS} raters."
    need(not by_raters or 2 <= row["raters"] <= MOST_RATERS, "raters", few_th, few_en)
    need(0 <= row["raters"] <= MOST_RATERS, "raters", few_th, few_en)
    quorum_fits = 1 <= row["quorum"] <= 100 and (by_raters or row["quorum"] >= 2)
    need(quorum_fits, "quorum", "องค์ประชุมต้องอยู่ระหว่าง 2 ถึง 100 คน", "The quorum must be 2 to 100.")
    days_fit = 0 <= row["comment_days"] <= MOST_COMMENT_DAYS
    need(days_fit, "comment_days", f"ต้องเป็น 0 ถึง {MOST_COMMENT_DAYS} วัน", f"It must be 0 to {MOST_COMMENT_DAYS} days.")

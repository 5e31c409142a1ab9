"""Working groups, their members and their meetings."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Connection, and_, or_, select

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.tables import GroupChange, GroupMember, Meeting, Organisation, WorkingGroup

_GROUPS = select(
    *WorkingGroup.__table__.c,
    Organisation.name_th.label("body_name_th"),
    Organisation.name_en.label("body_name_en"),
).join(Organisation, Organisation.code == WorkingGroup.body_code)


def groups(connection: Connection, bodies: Iterable[str] | None = None) -> Sequence[Stored]:
    """Return groups with the name of the body they act for, those at work first, the newest first."""
    query = _GROUPS
    if bodies is not None:
        query = query.where(WorkingGroup.body_code.in_(list(bodies)))
    return connection.execute(query.order_by(WorkingGroup.dissolved_on.is_not(None), WorkingGroup.id.desc())).all()


def groups_after(connection: Connection, after: tuple[bool, str] | None, limit: int) -> Sequence[Stored]:
    """Return up to ``limit`` groups in the order of `groups`; ``after`` tells of the last: whether dissolved, and its id."""
    query = _GROUPS
    if after is not None:
        was_dissolved, last = after
        dissolved = WorkingGroup.dissolved_on.is_not(None)
        older = WorkingGroup.id < last
        query = query.where(and_(dissolved, older) if was_dissolved else or_(dissolved, older))
    query = query.order_by(WorkingGroup.dissolved_on.is_not(None), WorkingGroup.id.desc())
    return connection.execute(query.limit(limit)).all()


def group(connection: Connection, group_id: str, *, lock: bool = False) -> Stored | None:
    """Return one group; ``lock`` holds it against changes until the transaction ends."""
    query = _GROUPS.where(WorkingGroup.id == group_id)
    if lock:
        query = query.with_for_update(of=WorkingGroup)
    return connection.execute(query).first()


def groups_by_id(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return groups by id."""
    wanted = list(set(ids))
    return {row.id: row for row in connection.execute(_GROUPS.where(WorkingGroup.id.in_(wanted)))} if wanted else {}


def members(connection: Connection, group_id: str) -> Sequence[Stored]:
    """Return every term of every member of a group, in the order of appointment."""
    query = select(GroupMember.__table__).where(GroupMember.group_id == group_id)
    return connection.execute(query.order_by(GroupMember.since, GroupMember.id)).all()


def members_of_all(connection: Connection, group_ids: Iterable[str]) -> Sequence[Stored]:
    """Return every term of every member of these groups, in the order of appointment."""
    query = select(GroupMember.__table__).where(GroupMember.group_id.in_(list(group_ids)))
    return connection.execute(query.order_by(GroupMember.since, GroupMember.id)).all()


def changes(connection: Connection, group_id: str, limit: int = 100) -> Sequence[Stored]:
    """Return the latest changes of a group, newest first."""
    query = select(GroupChange.__table__).where(GroupChange.group_id == group_id)
    return connection.execute(query.order_by(GroupChange.changed_at.desc(), GroupChange.id.desc()).limit(limit)).all()


def groups_of(connection: Connection, actor: str, day: date | None = None) -> set[str]:
    """Return the ids of the groups of somebody: ever, or on ``day``."""
    query = select(GroupMember.group_id).where(GroupMember.actor == actor)
    if day is not None:
        query = query.where(GroupMember.since <= day, or_(GroupMember.until.is_(None), GroupMember.until >= day))
    return set(connection.scalars(query))


def meetings(
    connection: Connection, group_id: str, *, after: tuple[date, str] | None = None, limit: int = 100
) -> Sequence[Stored]:
    """Return meetings of a group, newest first; ``after`` are the day and the id of the last one that is known."""
    query = select(Meeting.__table__).where(Meeting.group_id == group_id)
    if after is not None:
        day, last = after
        query = query.where(or_(Meeting.held_on < day, and_(Meeting.held_on == day, Meeting.id < last)))
    return connection.execute(query.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(limit)).all()


def meeting(connection: Connection, meeting_id: str) -> Stored | None:
    """Return one meeting."""
    return connection.execute(select(Meeting.__table__).where(Meeting.id == meeting_id)).first()

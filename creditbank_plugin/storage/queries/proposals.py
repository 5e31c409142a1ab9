"""Proposals of comparisons with their steps, ratings and comments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from creditbank_plugin.rules.proposal import LAW, OPEN
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.tables import (
    Comparison,
    CourseVersion,
    Organisation,
    Proposal,
    ProposalComment,
    ProposalStep,
    Rating,
    WorkingGroup,
)

_PROPOSALS = (
    select(
        *Proposal.__table__.c,
        CourseVersion.owner_code,
        CourseVersion.code,
        CourseVersion.version,
        CourseVersion.title_th,
        CourseVersion.title_en,
        CourseVersion.level_group,
        CourseVersion.revision.label("course_revision_now"),
        Organisation.name_th.label("body_name_th"),
        Organisation.name_en.label("body_name_en"),
        WorkingGroup.name_th.label("group_name_th"),
        WorkingGroup.name_en.label("group_name_en"),
        Comparison.reference,
        Comparison.approved_at,
        Comparison.ended_from,
        Comparison.ended_as,
    )
    .join(CourseVersion, CourseVersion.id == Proposal.course_id)
    .join(Organisation, Organisation.code == Proposal.body_code)
    .outerjoin(WorkingGroup, WorkingGroup.id == Proposal.group_id)
    .outerjoin(Comparison, Comparison.id == Proposal.id)
)


@dataclass(frozen=True)
class Seen:
    """What somebody may see of proposals that are not law: those of these bodies and of these groups; None is all."""

    bodies: frozenset[str] | None = frozenset()
    groups: frozenset[str] = frozenset()

    def condition(self) -> ColumnElement[bool] | None:
        """Return the condition on rows, None for no condition."""
        if self.bodies is None:
            return None
        return or_(_IS_LAW, Proposal.body_code.in_(self.bodies), Proposal.group_id.in_(self.groups))


#: Law is what has a comparison: a proposal that was taken back ends as ``withdrawn`` too, and was never law.
_IS_LAW = and_(Proposal.state.in_(LAW), Comparison.id.is_not(None))


def proposal(connection: Connection, proposal_id: str) -> Stored | None:
    """Return one proposal with its course, body, group and, where it is law, its comparison."""
    return connection.execute(_PROPOSALS.where(Proposal.id == proposal_id)).first()


def page(
    connection: Connection,
    seen: Seen,
    *,
    states: Sequence[str] = (),
    course_id: str | None = None,
    group_id: str | None = None,
    body: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Sequence[Stored]:
    """Return proposals, newest first, that ``seen`` lets through; ``before`` is the id to go on after."""
    query = _PROPOSALS
    condition = seen.condition()
    if condition is not None:
        query = query.where(condition)
    if states:
        query = query.where(Proposal.state.in_(list(states)))
    for column, value in ((Proposal.course_id, course_id), (Proposal.group_id, group_id), (Proposal.body_code, body)):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(Proposal.id < before)
    return connection.execute(query.order_by(Proposal.id.desc()).limit(limit)).all()


def open_in(connection: Connection, group_ids: Iterable[str], limit: int) -> Sequence[Stored]:
    """Return what somebody still works on in these groups, the oldest first."""
    query = _PROPOSALS.where(Proposal.state.in_(OPEN), Proposal.group_id.in_(list(group_ids)))
    return connection.execute(query.order_by(Proposal.id).limit(limit)).all()


def counts(connection: Connection, seen: Seen) -> dict[str, int]:
    """Count by state the proposals that ``seen`` lets through."""
    query = select(Proposal.state, func.count()).outerjoin(Comparison, Comparison.id == Proposal.id)
    condition = seen.condition()
    if condition is not None:
        query = query.where(condition)
    return {row[0]: row[1] for row in connection.execute(query.group_by(Proposal.state))}


def lock(connection: Connection, proposal_id: str) -> Stored | None:
    """Return a proposal's own row and hold it: whoever else wants to change it waits until the transaction ends."""
    query = select(Proposal.__table__).where(Proposal.id == proposal_id).with_for_update()
    return connection.execute(query).first()


def lock_course(connection: Connection, course_id: str) -> None:
    """Let nobody else approve a comparison of the same course meanwhile; crediting under it goes on."""
    query = select(CourseVersion.id).where(CourseVersion.id == course_id).with_for_update(key_share=True)
    connection.execute(query)


def change(connection: Connection, proposal_id: str, **values: object) -> None:
    """Write new values into a proposal that is held."""
    proposal_table = table_of(Proposal)
    connection.execute(update(proposal_table).where(proposal_table.c.id == proposal_id).values(**values))


def steps(connection: Connection, proposal_id: str) -> Sequence[Stored]:
    """Return the steps of a proposal in their order."""
    query = select(ProposalStep.__table__).where(ProposalStep.proposal_id == proposal_id)
    return connection.execute(query.order_by(ProposalStep.number)).all()


def last_step(connection: Connection, proposal_id: str) -> int:
    """Return the number of a proposal's last step, 0 while it has none."""
    number = select(func.max(ProposalStep.number)).where(ProposalStep.proposal_id == proposal_id)
    return connection.scalar(number) or 0


def ratings(connection: Connection, proposal_id: str, round_: int | None = None) -> Sequence[Stored]:
    """Return the ratings of a proposal, of one round or of all, in the order in which they were given."""
    query = select(Rating.__table__).where(Rating.proposal_id == proposal_id)
    if round_ is not None:
        query = query.where(Rating.round == round_)
    return connection.execute(query.order_by(Rating.round, Rating.rated_at, Rating.id)).all()


def ratings_of(connection: Connection, ids: Iterable[str]) -> dict[str, list[Stored]]:
    """Return the ratings of many proposals, by proposal."""
    wanted, found = list(ids), dict[str, list[Stored]]()
    if wanted:
        query = select(Rating.__table__).where(among(Rating.proposal_id)).order_by(Rating.rated_at, Rating.id)
        for row in connection.execute(query, {"ids": these(wanted)}):
            found.setdefault(row.proposal_id, []).append(row)
    return found


def steps_of(connection: Connection, ids: Iterable[str], actions: Sequence[str]) -> dict[str, list[Stored]]:
    """Return the steps of many proposals that are one of ``actions``, by proposal."""
    wanted, found = list(ids), dict[str, list[Stored]]()
    if wanted:
        query = select(ProposalStep.__table__).where(among(ProposalStep.proposal_id))
        query = query.where(ProposalStep.action.in_(list(actions))).order_by(ProposalStep.number)
        for row in connection.execute(query, {"ids": these(wanted)}):
            found.setdefault(row.proposal_id, []).append(row)
    return found


def decided(connection: Connection, group_ids: Iterable[str]) -> dict[str, str]:
    """Return the group of each proposal of these groups of which at least one round was decided."""
    wanted = list(group_ids)
    if not wanted:
        return {}
    query = select(Proposal.id, Proposal.group_id).where(among(Proposal.group_id), Proposal.decided_at.is_not(None))
    return {row.id: row.group_id for row in connection.execute(query.order_by(Proposal.id), {"ids": these(wanted)})}


def comments(connection: Connection, proposal_id: str) -> Sequence[Stored]:
    """Return what the public said, oldest first."""
    query = select(ProposalComment.__table__).where(ProposalComment.proposal_id == proposal_id)
    return connection.execute(query.order_by(ProposalComment.said_at, ProposalComment.id)).all()


def comments_of(connection: Connection, ids: Iterable[str]) -> dict[str, list[Stored]]:
    """Return what the public said of many proposals, oldest first, by proposal."""
    wanted, found = list(ids), dict[str, list[Stored]]()
    if wanted:
        query = select(ProposalComment.__table__).where(among(ProposalComment.proposal_id))
        query = query.order_by(ProposalComment.said_at, ProposalComment.id)
        for row in connection.execute(query, {"ids": these(wanted)}):
            found.setdefault(row.proposal_id, []).append(row)
    return found


def commentable(
    connection: Connection, day: date, limit: int = 200, after: tuple[date, str] | None = None
) -> Sequence[Stored]:
    """Return the proposals on which the public may comment on ``day``, the round that ends first first.

    ``after`` is the last day and the id of the one to go on after.
    """
    query = _PROPOSALS.where(Proposal.state == "proposed", Proposal.comment_until >= day)
    if after is not None:
        until, last = after
        later = (Proposal.comment_until == until) & (Proposal.id > last)
        query = query.where(or_(Proposal.comment_until > until, later))
    return connection.execute(query.order_by(Proposal.comment_until, Proposal.id).limit(limit)).all()


def beside(connection: Connection, course_id: str, body: str, but: str | None = None) -> Sequence[Stored]:
    """Return the comparisons of a course by one body, oldest first, except ``but``."""
    comparison = table_of(Comparison)
    query = select(comparison).where(comparison.c.course_id == course_id, comparison.c.body_code == body)
    if but is not None:
        query = query.where(comparison.c.id != but)
    return connection.execute(query.order_by(comparison.c.approved_at, comparison.c.id)).all()

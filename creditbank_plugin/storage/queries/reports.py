"""Figures of the progress report about courses, proposals, comparisons, orders and memoranda, each in one question.

``scope`` is one province; None asks for every province at once.  Rows name the province they belong to, None for what
belongs to none (national courses and bodies).  The people behind credits and waiting completions are counted in
`report_people`; what each figure means is written down in `rules.report_words`, to be counted again by anybody.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, case, distinct, exists, func, literal_column, or_, outerjoin, select, union_all

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.report_places import Placed, Scope, month, placed
from creditbank_plugin.storage.tables import (
    Adoption,
    Bank,
    Comparison,
    CourseVersion,
    Memorandum,
    MemorandumParty,
    Proposal,
    Rating,
    WorkingGroup,
)

#: How far a course has come, the furthest last; a course is counted once, as far as it has come.
STAGES = ("open", "ended", "rejected", "draft", "returned", "proposed", "under_judgement", "approved")
#: The states of proposals that somebody is expected to decide.
UNDECIDED = ("proposed", "under_judgement")


def _furthest() -> Any:
    """Return for each course that was ever proposed or compared how far it has come, as a place in `STAGES`."""
    stages = {name: place for place, name in enumerate(STAGES)}
    proposed = select(
        Proposal.course_id, case(stages, value=Proposal.state, else_=stages["open"]).label("stage")
    ).where(Proposal.state.in_(("draft", "proposed", "under_judgement", "returned", "rejected")))
    compared = select(
        Comparison.course_id,
        case((Comparison.ended_at.is_(None), stages["approved"]), else_=stages["ended"]).label("stage"),
    )
    every = union_all(proposed, compared).subquery("every")
    return select(every.c.course_id, func.max(every.c.stage).label("stage")).group_by(every.c.course_id).subquery("far")


def _courses(scope: Scope | None) -> Placed:
    """Return courses by the province they name, else by their owner's."""
    course = CourseVersion
    found = placed(course, course.owner_code, scope)
    if scope is not None:
        owned = and_(course.province.is_(None), *found.meant)
        return Placed(found.source, found.province, [or_(course.province == scope.province, owned)], [])
    where = func.coalesce(course.province, found.groups[0])
    return Placed(found.source, where.label("province"), [], [where])


def courses(connection: Connection, scope: Scope | None) -> Sequence[Stored]:
    """Return how many course versions there are of each kind.

    ``province, level_group, stage`` (a place in `STAGES`) and ``number``; of one province also ``sector, agency`` and
    ``occupational_group``.
    """
    course, found, far = CourseVersion, _courses(scope), _furthest()
    stage = func.coalesce(far.c.stage, 0)
    kinds: tuple[Any, ...] = (course.level_group,)
    if scope is not None:
        kinds += (course.sector, course.agency, course.occupational_group)
    query = (
        select(found.province, *kinds, stage.label("stage"), func.count().label("number"))
        .select_from(outerjoin(found.source, far, far.c.course_id == course.id))
        .where(*found.meant)
        .group_by(*found.groups, *kinds, stage)
    )
    return connection.execute(query).all()


def courses_by_month(connection: Connection, scope: Scope) -> dict[str, int]:
    """Return how many course versions were entered in each month."""
    found, when = _courses(scope), month(connection, CourseVersion.added_at)
    query = select(when.label("month"), func.count().label("number")).where(*found.meant).group_by(when)
    return {row.month: row.number for row in connection.execute(query)}


def proposals(connection: Connection, scope: Scope | None) -> Sequence[Stored]:
    """Return ``province, state, rated, number`` of proposals; rated: somebody has judged its present round."""
    found = placed(Proposal, Proposal.body_code, scope)
    rated = case((exists().where(Rating.proposal_id == Proposal.id, Rating.round == Proposal.round), 1), else_=0)
    query = (
        select(found.province, Proposal.state, rated.label("rated"), func.count().label("number"))
        .select_from(found.source)
        .where(*found.meant)
        .group_by(*found.groups, Proposal.state, rated)
    )
    return connection.execute(query).all()


def _undecided(found: Placed) -> Any:
    return and_(Proposal.state.in_(UNDECIDED), Proposal.proposed_at.is_not(None), *found.meant)


def oldest(connection: Connection, scope: Scope | None) -> Sequence[Stored]:
    """Return ``province, proposed_at`` of the proposal that waits longest, of each province that has one."""
    found = placed(Proposal, Proposal.body_code, scope)
    query = (
        select(found.province, func.min(Proposal.proposed_at).label("proposed_at"))
        .select_from(found.source)
        .where(_undecided(found))
        .group_by(*found.groups)
        .having(func.count() > 0)
    )
    return connection.execute(query).all()


def longest_waiting(connection: Connection, scope: Scope, limit: int) -> Sequence[Stored]:
    """Return the undecided proposals of a province that wait longest, with course and group; the oldest first."""
    course, group = CourseVersion, WorkingGroup
    query = (
        select(
            *(Proposal.id, Proposal.state, Proposal.proposed_at),
            *(course.owner_code, course.code, course.version, course.title_th, course.title_en),
            *(group.name_th.label("group_th"), group.name_en.label("group_en")),
        )
        .select_from(Proposal)
        .join(course, course.id == Proposal.course_id)
        .outerjoin(group, group.id == Proposal.group_id)
        .where(_undecided(placed(Proposal, Proposal.body_code, scope)))
        .order_by(Proposal.proposed_at, Proposal.id)
    )
    return connection.execute(query.limit(limit)).all()


def comparisons(connection: Connection, scope: Scope | None) -> Sequence[Stored]:
    """Return ``province, approved, ended`` of comparisons: how many were ever approved, and how many of them ended."""
    found = placed(Comparison, Comparison.body_code, scope)
    ended = func.sum(case((Comparison.ended_at.is_not(None), 1), else_=0))
    query = (
        select(found.province, func.count().label("approved"), ended.label("ended"))
        .select_from(found.source)
        .where(*found.meant)
        .group_by(*found.groups)
        .having(func.count() > 0)
    )
    return connection.execute(query).all()


def comparisons_by_month(connection: Connection, scope: Scope) -> dict[str, int]:
    """Return how many comparisons were approved in each month."""
    when = month(connection, Comparison.approved_at)
    query = select(when.label("month"), func.count().label("number")).where(Comparison.body_code.in_(scope.codes))
    return {row.month: row.number for row in connection.execute(query.group_by(when))}


def groups(connection: Connection, scope: Scope) -> Sequence[Stored]:
    """Return the working groups of a province: ``id, name_th, name_en, dissolved_on``, by name."""
    group = WorkingGroup
    query = select(group.id, group.name_th, group.name_en, group.dissolved_on).where(group.body_code.in_(scope.codes))
    return connection.execute(query.order_by(group.name_th, group.id)).all()


def of_groups(connection: Connection, scope: Scope) -> Sequence[Stored]:
    """Return ``group_id, state, number`` of a province's proposals and comparisons.

    A comparison's state is ``approved`` or ``ended``, whatever its proposal says; those entered from paper have no group.
    """
    undecided = select(Proposal.group_id, Proposal.state.label("state")).where(
        Proposal.body_code.in_(scope.codes), Proposal.state.not_in(("approved", "superseded", "withdrawn"))
    )
    standing = case((Comparison.ended_at.is_(None), "approved"), else_="ended")
    law = select(Comparison.group_id, standing.label("state")).where(Comparison.body_code.in_(scope.codes))
    every = union_all(undecided, law).subquery("every")
    query = select(every.c.group_id, every.c.state, func.count().label("number"))
    return connection.execute(query.group_by(every.c.group_id, every.c.state)).all()


def adopting(connection: Connection, scope: Scope | None, day: date) -> Sequence[Stored]:
    """Return ``province, number``: banks anywhere, with an order in force that adopts what the province has compared."""
    orders = (
        select(Adoption.bank_code, func.coalesce(Adoption.body_code, Comparison.body_code).label("body_code"))
        .select_from(Adoption)
        .outerjoin(Comparison, Comparison.id == Adoption.comparison_id)
        .where(in_force(day))
        .distinct()
        .subquery("orders")
    )
    found = placed(orders, orders.c.body_code, scope)
    query = (
        select(found.province, func.count(distinct(orders.c.bank_code)).label("number"))
        .select_from(found.source)
        .where(*found.meant)
        .group_by(*found.groups)
        .having(func.count() > 0)
    )
    return connection.execute(query).all()


def banks(connection: Connection, scope: Scope | None, day: date) -> Sequence[Stored]:
    """Return ``province, number, adopting`` of registered banks: how many there are, how many have an order in force."""
    found = placed(Bank, Bank.organisation_code, scope)
    orders = case((exists().where(Adoption.bank_code == Bank.code, in_force(day)), 1), else_=0)
    query = (
        select(found.province, func.count().label("number"), func.sum(orders).label("adopting"))
        .select_from(found.source)
        .where(*found.meant)
        .group_by(*found.groups)
        .having(func.count() > 0)
    )
    return connection.execute(query).all()


def in_force(day: date) -> Any:
    """Return the condition that an order covers completions of ``day``."""
    return and_(
        Adoption.applies_from <= day,
        or_(Adoption.applies_until.is_(None), Adoption.applies_until >= day),
        or_(Adoption.revoked_from.is_(None), Adoption.revoked_from > day),
    )


def memoranda(connection: Connection, scope: Scope | None, day: date) -> Sequence[Stored]:
    """Return ``province, number, agencies``: memoranda in force, and the different agencies that have signed them.

    An agency is told apart by its code, or by its name where it has none.
    """
    found = placed(Memorandum, Memorandum.owner_code, scope)
    agency = func.coalesce(MemorandumParty.organisation_code, literal_column("' '").concat(MemorandumParty.name))
    query = (
        select(
            found.province,
            func.count(distinct(Memorandum.id)).label("number"),
            func.count(distinct(agency)).label("agencies"),
        )
        .select_from(found.source)
        .outerjoin(MemorandumParty, MemorandumParty.memorandum_id == Memorandum.id)
        .where(
            Memorandum.signed_on <= day,
            or_(Memorandum.applies_until.is_(None), Memorandum.applies_until >= day),
            or_(Memorandum.ended_on.is_(None), Memorandum.ended_on > day),
            *found.meant,
        )
        .group_by(*found.groups)
        .having(func.count() > 0)
    )
    return connection.execute(query).all()

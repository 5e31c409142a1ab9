"""Figures of the progress report about courses, proposals, comparisons, orders and memoranda, each in one question.

``province`` is a two-digit code; None asks for every province at once.  Rows name the province they belong to, None for
what belongs to none (national courses and bodies).  The people behind credits and waiting completions are counted in
`report_people`; what each figure means is written down in `rules.report_words`, beside what it must equal.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, case, distinct, exists, func, literal_column, or_, select, union_all

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.report_places import month, of, places
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
    proposed = select(
        Proposal.course_id,
        case({name: place for place, name in enumerate(STAGES)}, value=Proposal.state, else_=0).label("stage"),
    ).where(Proposal.state.in_(("draft", "proposed", "under_judgement", "returned", "rejected")))
    compared = select(
        Comparison.course_id,
        case((Comparison.ended_at.is_(None), STAGES.index("approved")), else_=STAGES.index("ended")).label("stage"),
    )
    every = union_all(proposed, compared).subquery("every")
    return select(every.c.course_id, func.max(every.c.stage).label("stage")).group_by(every.c.course_id).subquery("far")


def _course_place() -> tuple[Any, Any]:
    place = places()
    return place, func.coalesce(CourseVersion.province, place.c.province)


def courses(connection: Connection, province: str | None) -> Sequence[Stored]:
    """Return how many course versions there are of each kind.

    ``province, level_group, sector, agency, occupational_group, stage`` (a place in `STAGES`) and ``number``.
    """
    (place, where), far = _course_place(), _furthest()
    stage = func.coalesce(far.c.stage, 0)
    kinds = (
        CourseVersion.level_group,
        CourseVersion.sector,
        CourseVersion.agency,
        CourseVersion.occupational_group,
    )
    query = (
        select(where.label("province"), *kinds, stage.label("stage"), func.count().label("number"))
        .select_from(CourseVersion)
        .outerjoin(place, place.c.code == CourseVersion.owner_code)
        .outerjoin(far, far.c.course_id == CourseVersion.id)
        .where(*of(where, province))
        .group_by(where, *kinds, stage)
    )
    return connection.execute(query).all()


def course_totals(connection: Connection) -> Sequence[Stored]:
    """Return ``province, level_group, stage, number`` of course versions, of every province."""
    (place, where), far = _course_place(), _furthest()
    stage = func.coalesce(far.c.stage, 0)
    query = (
        select(where.label("province"), CourseVersion.level_group, stage.label("stage"), func.count().label("number"))
        .select_from(CourseVersion)
        .outerjoin(place, place.c.code == CourseVersion.owner_code)
        .outerjoin(far, far.c.course_id == CourseVersion.id)
        .group_by(where, CourseVersion.level_group, stage)
    )
    return connection.execute(query).all()


def courses_by_month(connection: Connection, province: str) -> dict[str, int]:
    """Return how many course versions were entered in each month."""
    place, where = _course_place()
    when = month(connection, CourseVersion.added_at)
    query = (
        select(when.label("month"), func.count().label("number"))
        .select_from(CourseVersion)
        .outerjoin(place, place.c.code == CourseVersion.owner_code)
        .where(where == province)
        .group_by(when)
    )
    return {row.month: row.number for row in connection.execute(query)}


def _rated() -> Any:
    return exists().where(Rating.proposal_id == Proposal.id, Rating.round == Proposal.round)


def proposals(connection: Connection, province: str | None) -> Sequence[Stored]:
    """Return ``province, state, rated, number`` of proposals; rated: somebody has judged its present round."""
    place = places()
    rated = case((_rated(), 1), else_=0)
    query = (
        select(place.c.province, Proposal.state, rated.label("rated"), func.count().label("number"))
        .select_from(Proposal)
        .outerjoin(place, place.c.code == Proposal.body_code)
        .where(*of(place.c.province, province))
        .group_by(place.c.province, Proposal.state, rated)
    )
    return connection.execute(query).all()


def oldest(connection: Connection, province: str | None) -> Sequence[Stored]:
    """Return ``province, proposed_at`` of the proposal that waits longest, of each province that has one."""
    place = places()
    query = (
        select(place.c.province, func.min(Proposal.proposed_at).label("proposed_at"))
        .select_from(Proposal)
        .outerjoin(place, place.c.code == Proposal.body_code)
        .where(Proposal.state.in_(UNDECIDED), Proposal.proposed_at.is_not(None), *of(place.c.province, province))
        .group_by(place.c.province)
    )
    return connection.execute(query).all()


def longest_waiting(connection: Connection, province: str, limit: int) -> Sequence[Stored]:
    """Return the undecided proposals of a province that wait longest, with course and group; the oldest first."""
    place = places()
    query = (
        select(
            *(Proposal.id, Proposal.state, Proposal.proposed_at),
            *(CourseVersion.owner_code, CourseVersion.code, CourseVersion.version),
            *(CourseVersion.title_th, CourseVersion.title_en),
            *(WorkingGroup.name_th.label("group_th"), WorkingGroup.name_en.label("group_en")),
        )
        .join(place, place.c.code == Proposal.body_code)
        .join(CourseVersion, CourseVersion.id == Proposal.course_id)
        .outerjoin(WorkingGroup, WorkingGroup.id == Proposal.group_id)
        .where(Proposal.state.in_(UNDECIDED), Proposal.proposed_at.is_not(None), place.c.province == province)
        .order_by(Proposal.proposed_at, Proposal.id)
    )
    return connection.execute(query.limit(limit)).all()


def comparisons(connection: Connection, province: str | None) -> Sequence[Stored]:
    """Return ``province, approved, ended`` of comparisons: how many were ever approved, and how many of them ended."""
    place = places()
    ended = func.sum(case((Comparison.ended_at.is_not(None), 1), else_=0))
    query = (
        select(place.c.province, func.count().label("approved"), ended.label("ended"))
        .select_from(Comparison)
        .outerjoin(place, place.c.code == Comparison.body_code)
        .where(*of(place.c.province, province))
        .group_by(place.c.province)
    )
    return connection.execute(query).all()


def comparisons_by_month(connection: Connection, province: str) -> dict[str, int]:
    """Return how many comparisons were approved in each month."""
    place, when = places(), month(connection, Comparison.approved_at)
    query = (
        select(when.label("month"), func.count().label("number"))
        .select_from(Comparison)
        .join(place, place.c.code == Comparison.body_code)
        .where(place.c.province == province)
        .group_by(when)
    )
    return {row.month: row.number for row in connection.execute(query)}


def groups(connection: Connection, province: str) -> Sequence[Stored]:
    """Return the working groups of a province: ``id, name_th, name_en, dissolved_on``, by name."""
    place = places()
    query = (
        select(WorkingGroup.id, WorkingGroup.name_th, WorkingGroup.name_en, WorkingGroup.dissolved_on)
        .join(place, place.c.code == WorkingGroup.body_code)
        .where(place.c.province == province)
        .order_by(WorkingGroup.name_th, WorkingGroup.id)
    )
    return connection.execute(query).all()


def of_groups(connection: Connection, province: str) -> Sequence[Stored]:
    """Return ``group_id, state, number`` of a province's proposals and comparisons.

    A comparison's state is ``approved`` or ``ended``, whatever its proposal says; those entered from paper have no group.
    """
    place = places()
    undecided = (
        select(Proposal.group_id, Proposal.state.label("state"))
        .join(place, place.c.code == Proposal.body_code)
        .where(place.c.province == province, Proposal.state.not_in(("approved", "superseded", "withdrawn")))
    )
    law = (
        select(Comparison.group_id, case((Comparison.ended_at.is_(None), "approved"), else_="ended").label("state"))
        .join(place, place.c.code == Comparison.body_code)
        .where(place.c.province == province)
    )
    every = union_all(undecided, law).subquery("every")
    query = select(every.c.group_id, every.c.state, func.count().label("number"))
    return connection.execute(query.group_by(every.c.group_id, every.c.state)).all()


def adopting(connection: Connection, province: str | None, day: date) -> Sequence[Stored]:
    """Return ``province, number``: banks anywhere, with an order in force that adopts what the province has compared."""
    place, body = places(), func.coalesce(Adoption.body_code, Comparison.body_code)
    query = (
        select(place.c.province, func.count(distinct(Adoption.bank_code)).label("number"))
        .select_from(Adoption)
        .outerjoin(Comparison, Comparison.id == Adoption.comparison_id)
        .outerjoin(place, place.c.code == body)
        .where(in_force(day), *of(place.c.province, province))
        .group_by(place.c.province)
    )
    return connection.execute(query).all()


def banks(connection: Connection, province: str | None, day: date) -> Sequence[Stored]:
    """Return ``province, number, adopting`` of registered banks: how many there are, how many have an order in force."""
    place = places()
    orders = case((exists().where(Adoption.bank_code == Bank.code, in_force(day)), 1), else_=0)
    query = (
        select(place.c.province, func.count().label("number"), func.sum(orders).label("adopting"))
        .select_from(Bank)
        .outerjoin(place, place.c.code == Bank.organisation_code)
        .where(*of(place.c.province, province))
        .group_by(place.c.province)
    )
    return connection.execute(query).all()


def in_force(day: date) -> Any:
    """Return the condition that an order covers completions of ``day``."""
    return and_(
        Adoption.applies_from <= day,
        or_(Adoption.applies_until.is_(None), Adoption.applies_until >= day),
        or_(Adoption.revoked_from.is_(None), Adoption.revoked_from > day),
    )


def memoranda(connection: Connection, province: str | None, day: date) -> Sequence[Stored]:
    """Return ``province, number, agencies``: memoranda in force, and the different agencies that have signed them.

    An agency is told apart by its code, or by its name where it has none.
    """
    place = places()
    agency = func.coalesce(MemorandumParty.organisation_code, literal_column("' '").concat(MemorandumParty.name))
    query = (
        select(
            place.c.province,
            func.count(distinct(Memorandum.id)).label("number"),
            func.count(distinct(agency)).label("agencies"),
        )
        .select_from(Memorandum)
        .outerjoin(MemorandumParty, MemorandumParty.memorandum_id == Memorandum.id)
        .outerjoin(place, place.c.code == Memorandum.owner_code)
        .where(
            Memorandum.signed_on <= day,
            or_(Memorandum.applies_until.is_(None), Memorandum.applies_until >= day),
            or_(Memorandum.ended_on.is_(None), Memorandum.ended_on > day),
            *of(place.c.province, province),
        )
        .group_by(place.c.province)
    )
    return connection.execute(query).all()

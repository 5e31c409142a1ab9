"""What a bank has adopted, what it could, and what its own learners wait for."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from creditbank_plugin.rules import waits
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.adoptions import compared, covering, listed
from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.tables import (
    Adoption,
    Comparison,
    CourseVersion,
    Decision,
    Inbox,
    Organisation,
    Record,
    Waiting,
)

NOT_ADOPTED, DISAGREE = "not_adopted", "adoptions_disagree"


def province_of(connection: Connection, organisation: str) -> str | None:
    """Return the province of an organisation, or of the next above it that has one."""
    seen: set[str] = set()
    step: str | None = organisation
    while step is not None and step not in seen:
        seen.add(step)
        row = connection.execute(
            select(Organisation.province, Organisation.parent_code).where(Organisation.code == step)
        ).first()
        if row is None or row.province is not None:
            return row.province if row is not None else None
        step = row.parent_code
    return None


def in_force(day: date) -> ColumnElement[bool]:
    """Return the condition that an order applies to completions of ``day``."""
    return and_(
        Adoption.applies_from <= day,
        or_(Adoption.applies_until.is_(None), Adoption.applies_until >= day),
        or_(Adoption.revoked_from.is_(None), Adoption.revoked_from > day),
    )


def _adopts() -> ColumnElement[bool]:
    """Return the condition that an order names a comparison, as `rules.authority.Adoption.adopts` has it."""
    level = or_(Adoption.level_group.is_(None), Adoption.level_group == CourseVersion.level_group)
    occupation = Adoption.occupational_group
    group = or_(occupation.is_(None), occupation == CourseVersion.occupational_group)
    return or_(Adoption.comparison_id == Comparison.id, and_(Adoption.body_code == Comparison.body_code, level, group))


def _adopted_by(bank: str, day: date) -> ColumnElement[bool]:
    return exists().where(Adoption.bank_code == bank, in_force(day), _adopts())


def _waiting(organisation: str) -> Any:
    """Return a SELECT of the completions of an organisation's learners that wait for an order of its bank."""
    return (
        select(Decision.course_id, Decision.reason, Decision.inbox_id)
        .join(Waiting, Waiting.inbox_id == Decision.inbox_id)
        .where(Waiting.wait_key == waits.adoption(organisation))
        .where(Decision.reason.in_((NOT_ADOPTED, DISAGREE)), ~newer())
    )


def how_many_wait(connection: Connection, organisation: str) -> dict[tuple[str, str], int]:
    """Return how many completions wait for an order, by course id and reason."""
    rows = _waiting(organisation).subquery()
    query = select(rows.c.course_id, rows.c.reason, func.count()).group_by(rows.c.course_id, rows.c.reason)
    return {(row.course_id, row.reason): row[2] for row in connection.execute(query)}


def who_waits(connection: Connection, organisation: str, course_id: str, reason: str, limit: int) -> Sequence[Stored]:
    """Return messages that wait for an order for one course and reason, the oldest first: their number and facts."""
    rows = _waiting(organisation).where(Decision.course_id == course_id, Decision.reason == reason).subquery()
    query = select(Inbox.id, Inbox.facts, Inbox.received_at).join(rows, rows.c.inbox_id == Inbox.id)
    return connection.execute(query.order_by(Inbox.id).limit(limit)).all()


def adopted(connection: Connection, bank: str, day: date, limit: int, offset: int) -> Sequence[Stored]:
    """Return the comparisons in force that a bank's orders in force name, by course code."""
    query = compared().where(covering(day), _adopted_by(bank, day))
    query = query.order_by(CourseVersion.code, CourseVersion.version, Comparison.id)
    return connection.execute(query.limit(limit).offset(offset)).all()


def how_many_adopted(connection: Connection, bank: str, day: date) -> int:
    """Return of how many comparisons `adopted` would tell."""
    query = select(func.count()).select_from(Comparison)
    query = query.join(CourseVersion, CourseVersion.id == Comparison.course_id)
    return connection.scalar(query.where(covering(day), _adopted_by(bank, day))) or 0


def not_adopted(
    connection: Connection,
    bank: str,
    day: date,
    *,
    province: str | None,
    wanted_by: str | None,
    limit: int,
    offset: int,
) -> Sequence[Stored]:
    """Return the comparisons in force that no order of a bank names, with ``wanted``, how many completions wait for one.

    The most wanted first, then those of the own province.  Without ``wanted_by`` (an organisation) nothing is counted.
    """
    waiting = _waiting(wanted_by or "").where(Decision.reason == NOT_ADOPTED).subquery()
    counted = select(waiting.c.course_id, func.count().label("number")).group_by(waiting.c.course_id).subquery()
    wanted = func.coalesce(counted.c.number, 0)
    query = (
        compared()
        .add_columns(wanted.label("wanted"))
        .outerjoin(counted, counted.c.course_id == Comparison.course_id)
        .where(covering(day), ~_adopted_by(bank, day))
    )
    near = [(Organisation.province == province).desc()] if province is not None else []
    query = query.order_by(wanted.desc(), *near, CourseVersion.code, CourseVersion.version, Comparison.id)
    return connection.execute(query.limit(limit).offset(offset)).all()


def doubtful_courses(connection: Connection, bank: str, day: date) -> set[str]:
    """Return the courses of which a bank's orders in force name more than one comparison in force."""
    query = (
        select(Comparison.course_id)
        .join(CourseVersion, CourseVersion.id == Comparison.course_id)
        .where(covering(day), _adopted_by(bank, day))
        .group_by(Comparison.course_id)
        .having(func.count() > 1)
    )
    return set(connection.scalars(query))


def records_on(
    connection: Connection, adoption_ids: Iterable[str], course_ids: Iterable[str]
) -> dict[tuple[str, str], int]:
    """Return how many records of courses rest on orders now, by order and comparison."""
    query = (
        select(Decision.adoption_id, Decision.comparison_id, func.count(Record.id.distinct()))
        .select_from(Record)
        .join(Decision, and_(Decision.account_id == Record.account_id, Decision.course_id == Record.course_id))
        .where(Record.course_id.in_(list(course_ids)), Decision.adoption_id.in_(list(adoption_ids)))
        .where(Decision.state == "credited", ~newer())
        .group_by(Decision.adoption_id, Decision.comparison_id)
    )
    return {(row.adoption_id, row.comparison_id): row[2] for row in connection.execute(query)}


def standing(connection: Connection, bank: str, day: date) -> Sequence[Stored]:
    """Return the standing orders of a bank that are in force, with ``covered``: how many comparisons they name today."""
    covered = (
        select(func.count())
        .select_from(Comparison)
        .join(CourseVersion, CourseVersion.id == Comparison.course_id)
        .where(covering(day), _adopts())
        .correlate(Adoption)
        .scalar_subquery()
    )
    orders = Adoption.__table__
    query = select(*orders.c, covered.label("covered")).where(Adoption.bank_code == bank, in_force(day))
    query = query.where(Adoption.body_code.is_not(None)).order_by(Adoption.ordered_on.desc(), Adoption.id.desc())
    return connection.execute(query).all()


def over(connection: Connection, bank: str, day: date, limit: int, offset: int) -> Sequence[Stored]:
    """Return the orders that name nothing any more, newest first: revoked, at an end, or of an ended comparison."""
    done = or_(
        Adoption.revoked_from.is_not(None),
        Adoption.applies_until < day,
        Comparison.ended_from <= day,
        Comparison.applies_until < day,
    )
    query = listed().add_columns(Comparison.ended_from, Comparison.ended_as)
    query = query.where(Adoption.bank_code == bank, done).order_by(Adoption.id.desc())
    return connection.execute(query.limit(limit).offset(offset)).all()


def courses(connection: Connection, ids: Iterable[str]) -> Sequence[Stored]:
    """Return courses by code."""
    query = select(CourseVersion.__table__).where(CourseVersion.id.in_(list(ids)))
    return connection.execute(query.order_by(CourseVersion.code, CourseVersion.version)).all()

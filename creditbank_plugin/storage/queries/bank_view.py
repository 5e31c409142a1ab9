"""What a bank has adopted, what it could, and what its own learners wait for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, and_, case, column, func, not_, or_, select, values

from creditbank_plugin.rules import waits
from creditbank_plugin.storage.base import Id, Stored
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
#: Of how many wanted courses the order is kept; a statement holds two values for each.
_MOST_WANTED = 10_000


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


@dataclass(frozen=True)
class Scopes:
    """What a bank's orders in force on ``day`` name: single comparisons, and bodies with groups (None: any)."""

    bank: str
    day: date
    standing: frozenset[tuple[str, str | None, str | None]]

    def adopted(self) -> ColumnElement[bool]:
        """Return the condition that one of them names a comparison, as `rules.authority.Adoption.adopts` has it."""
        single = select(Adoption.comparison_id).where(Adoption.bank_code == self.bank, in_force(self.day))
        named = Comparison.id.in_(single.where(Adoption.comparison_id.is_not(None)))
        return or_(named, *(_of_body(*scope) for scope in sorted(self.standing, key=str)))


def _of_body(body: str, level_group: str | None, occupational_group: str | None) -> ColumnElement[bool]:
    found = Comparison.body_code == body
    if level_group is not None:
        found = and_(found, CourseVersion.level_group == level_group)
    if occupational_group is not None:
        found = and_(found, CourseVersion.occupational_group == occupational_group)
    return found


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


def adopted(connection: Connection, scopes: Scopes, limit: int, offset: int) -> Sequence[Stored]:
    """Return the comparisons in force that a bank's orders in force name, by course code."""
    query = compared().where(covering(scopes.day), scopes.adopted())
    query = query.order_by(CourseVersion.code, CourseVersion.version, Comparison.id)
    return connection.execute(query.limit(limit).offset(offset)).all()


def _in_catalogue(*columns: Any) -> Any:
    return select(*columns).select_from(Comparison).join(CourseVersion, CourseVersion.id == Comparison.course_id)


def how_many_adopted(connection: Connection, scopes: Scopes) -> int:
    """Return of how many comparisons `adopted` would tell."""
    query = _in_catalogue(func.count()).where(covering(scopes.day), scopes.adopted())
    return connection.scalar(query) or 0


def not_adopted(
    connection: Connection,
    scopes: Scopes,
    *,
    province: str | None,
    wanted: Mapping[str, int],
    limit: int,
    offset: int,
) -> Sequence[Stored]:
    """Return the comparisons in force that no order of a bank names, those of the most ``wanted`` courses first.

    Then those of the own province.  ``wanted`` is how many completions wait for an order, by course id.
    """
    most = sorted(wanted.items(), key=lambda pair: -pair[1])[:_MOST_WANTED]
    query = compared().where(covering(scopes.day), not_(scopes.adopted()))
    order: list[ColumnElement[Any]] = []
    if most:
        columns = (column("course_id", Id), column("number", Integer))
        numbers = values(*columns, name="wanted_values").data(most).cte("wanted")
        query = query.outerjoin(numbers, numbers.c.course_id == Comparison.course_id)
        order.append(func.coalesce(numbers.c.number, 0).desc())
    if province is not None:
        order.append(case((Organisation.province == province, 0), else_=1))
    query = query.order_by(*order, CourseVersion.code, CourseVersion.version, Comparison.id)
    return connection.execute(query.limit(limit).offset(offset)).all()


def doubtful_courses(connection: Connection, scopes: Scopes) -> set[str]:
    """Return the courses of which a bank's orders in force name more than one comparison in force."""
    query = _in_catalogue(Comparison.course_id).where(covering(scopes.day), scopes.adopted())
    return set(connection.scalars(query.group_by(Comparison.course_id).having(func.count() > 1)))


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


def how_many_of(connection: Connection, scope: tuple[str, str | None, str | None], day: date) -> int:
    """Return how many comparisons in force a standing order on a body (with groups) names on ``day``."""
    return connection.scalar(_in_catalogue(func.count()).where(covering(day), _of_body(*scope))) or 0


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

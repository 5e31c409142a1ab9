"""What stands on one course version: its comparisons, the orders that may adopt them, and its earlier revisions."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Connection, or_, select

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.tables import Adoption, Bank, Comparison, CourseRevision, Organisation


def comparisons(connection: Connection, course_id: str) -> Sequence[Stored]:
    """Return every comparison of a course version with the name of its body, the newest first."""
    query = (
        select(*Comparison.__table__.c, Organisation.name_th, Organisation.name_en)
        .join(Organisation, Organisation.code == Comparison.body_code)
        .where(Comparison.course_id == course_id)
    )
    return connection.execute(query.order_by(Comparison.approved_at.desc(), Comparison.id.desc())).all()


def orders(
    connection: Connection, ids: Iterable[str], bodies: Iterable[str], day: date, limit: int, organisation: str | None
) -> Sequence[Stored]:
    """Return orders in force on ``day`` that name one of the comparisons or all of one of the bodies, with their bank.

    In the order of the banks' codes, that of ``organisation`` first; at most ``limit``.
    """
    of_ours = Bank.organisation_code == (organisation or "")
    query = (
        select(*Adoption.__table__.c, Bank.organisation_code, Bank.name_th, Bank.name_en)
        .join(Bank, Bank.code == Adoption.bank_code)
        .where(or_(Adoption.comparison_id.in_(list(ids)), Adoption.body_code.in_(list(bodies))))
        .where(Adoption.applies_from <= day, or_(Adoption.applies_until.is_(None), Adoption.applies_until >= day))
        .where(or_(Adoption.revoked_from.is_(None), Adoption.revoked_from > day))
        .order_by(of_ours.desc(), Adoption.bank_code, Adoption.id)
        .limit(limit)
    )
    return connection.execute(query).all()


def revisions(connection: Connection, course_id: str) -> Sequence[Stored]:
    """Return what a course version was before, the oldest first."""
    table = CourseRevision.__table__
    return connection.execute(select(table).where(table.c.course_id == course_id).order_by(table.c.revision)).all()

"""Mandates: which organisations may adopt for the bank of another."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update
from sqlalchemy.orm import aliased

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.tables import Mandate, Organisation


def _holding(day: date) -> ColumnElement[bool]:
    lasts = or_(Mandate.until.is_(None), Mandate.until >= day)
    return and_(Mandate.since <= day, lasts, Mandate.ended_at.is_(None))


def has_mandate(connection: Connection, organisation: str, holder: str, day: date) -> bool:
    """Tell whether ``holder`` may adopt for the bank of ``organisation`` on ``day``."""
    query = select(Mandate.id).where(
        Mandate.organisation_code == organisation, Mandate.holder_code == holder, _holding(day)
    )
    return connection.scalar(query.limit(1)) is not None


def mandated_by(connection: Connection, holder: str, day: date) -> set[str]:
    """Return the organisations for whose banks ``holder`` may adopt on ``day``."""
    return set(
        connection.scalars(select(Mandate.organisation_code).where(Mandate.holder_code == holder, _holding(day)))
    )


def holders_for(connection: Connection, organisation: str, day: date) -> set[str]:
    """Return who may adopt for the bank of ``organisation`` on ``day`` beside itself."""
    return set(
        connection.scalars(select(Mandate.holder_code).where(Mandate.organisation_code == organisation, _holding(day)))
    )


def same_mandate(
    connection: Connection, organisation: str, holder: str, reference: str, since: date, until: date | None
) -> str | None:
    """Return the id of a mandate that was given with the same words, by the same paper, and not ended."""
    query = select(Mandate.id).where(
        Mandate.organisation_code == organisation,
        Mandate.holder_code == holder,
        Mandate.reference == reference,
        Mandate.since == since,
        Mandate.until.is_(None) if until is None else Mandate.until == until,
        Mandate.ended_at.is_(None),
    )
    return connection.scalar(query.limit(1))


def _mandates() -> Any:
    school, holder = aliased(Organisation), aliased(Organisation)
    return (
        select(
            *Mandate.__table__.c,
            *(school.name_th.label("organisation_name_th"), school.name_en.label("organisation_name_en")),
            *(holder.name_th.label("holder_name_th"), holder.name_en.label("holder_name_en")),
        )
        .join(school, school.code == Mandate.organisation_code)
        .join(holder, holder.code == Mandate.holder_code)
    )


def mandates(connection: Connection, organisation: str | None, limit: int) -> Sequence[Stored]:
    """Return mandates, newest first: those that ``organisation`` gave or holds, or all."""
    query = _mandates()
    if organisation is not None:
        query = query.where(or_(Mandate.organisation_code == organisation, Mandate.holder_code == organisation))
    return list(connection.execute(query.order_by(Mandate.id.desc()).limit(limit)))


def mandate(connection: Connection, mandate_id: str) -> Stored | None:
    """Return one mandate."""
    return connection.execute(select(Mandate.__table__).where(Mandate.id == mandate_id)).first()


def end_mandate(connection: Connection, mandate_id: str, **values: Any) -> bool:
    """Write the end of a mandate; tell whether it had not ended before."""
    table = table_of(Mandate)
    ended = update(table).where(table.c.id == mandate_id, table.c.ended_at.is_(None)).values(**values)
    return connection.execute(ended).rowcount == 1

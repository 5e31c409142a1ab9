"""To which province something belongs, for the reports: an organisation's own, else that of the nearest one above it."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, func, select
from sqlalchemy.orm import aliased

from creditbank_plugin.storage.tables import Organisation


def places(name: str = "place") -> FromClause:
    """Return the organisations that have a province, as ``code`` and ``province``.

    A school may name none and stand below the centre of its province.  One that stands below itself ends nothing: rows
    that were found before are not followed again.
    """
    start = select(
        Organisation.code.label("code"),
        Organisation.province.label("province"),
        Organisation.parent_code.label("above"),
    )
    found = start.cte(f"{name}_up", recursive=True)
    above = aliased(Organisation)
    step = (
        select(found.c.code, above.province, above.parent_code)
        .join(above, above.code == found.c.above)
        .where(found.c.province.is_(None))
    )
    found = found.union(step)
    return select(found.c.code, found.c.province).where(found.c.province.is_not(None)).subquery(name)


def of(column: Any, province: str | None) -> list[ColumnElement[bool]]:
    """Return the condition that ``column`` is ``province``; none at all where it is None: every province."""
    return [] if province is None else [column == province]


def month(connection: Connection, instant: Any) -> Any:
    """Return the month in Bangkok of a moment, as "2026-03"; Bangkok has been seven hours ahead since 1920."""
    if connection.dialect.name == "postgresql":
        return func.to_char(func.timezone("Asia/Bangkok", instant), "YYYY-MM")
    return func.strftime("%Y-%m", instant, "+7 hours")

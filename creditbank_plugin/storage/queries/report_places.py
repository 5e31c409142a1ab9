"""To which province something belongs, for the reports: an organisation's own, else that of the nearest one above it.

A report is of one province or of all.  Of one, its organisations are looked up once, and everything else is found by their
codes; of all, each row is led up to its province by keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, outerjoin, select
from sqlalchemy.orm import aliased

from creditbank_plugin.storage.queries.streaming import unhurried
from creditbank_plugin.storage.tables import Organisation

#: How many organisations are asked, from one's own upwards: a school, its area office, the centre, one more.
STEPS = 4


@dataclass(frozen=True)
class Scope:
    """One province and the codes of its organisations."""

    province: str
    codes: Sequence[str]


@dataclass(frozen=True)
class Placed:
    """Where rows come from, as what their province is told, which of them are meant, and what they are grouped by."""

    source: Any
    province: ColumnElement[Any]
    meant: Sequence[ColumnElement[bool]]
    groups: Sequence[ColumnElement[Any]]


def placed(source: Any, column: Any, scope: Scope | None) -> Placed:
    """Return rows of ``source`` with the province of the organisation that ``column`` names."""
    if scope is not None:
        return Placed(source, literal(scope.province).label("province"), [column.in_(scope.codes)], [])
    source, province = _led_up(source, column)
    return Placed(source, province.label("province"), [], [province])


def _led_up(source: Any, column: Any) -> tuple[Any, ColumnElement[Any]]:
    steps = [aliased(Organisation) for _ in range(STEPS)]
    source = outerjoin(source, steps[0], steps[0].code == column)
    for below, above in pairwise(steps):
        source = outerjoin(source, above, and_(above.code == below.parent_code, below.province.is_(None)))
    return source, func.coalesce(*(step.province for step in steps))


def scope_of(connection: Connection, province: str) -> Scope:
    """Return a province with its organisations."""
    asked = aliased(Organisation)
    source, where = _led_up(asked, asked.code)
    codes = connection.scalars(select(asked.code).select_from(source).where(where == province))
    return Scope(province, tuple(codes))


def month(connection: Connection, instant: Any) -> Any:
    """Return the month in Bangkok of a moment, as "2026-03"; Bangkok has been seven hours ahead since 1920."""
    if connection.dialect.name == "postgresql":
        return func.to_char(func.timezone("Asia/Bangkok", instant), "YYYY-MM")
    return func.strftime("%Y-%m", instant, "+7 hours")


def month_start(connection: Connection, instant: Any) -> Any:
    """Return where in time the month in Bangkok of a moment begins: cheaper for a million moments, and `month` reads it."""
    if connection.dialect.name == "postgresql":
        return func.date_trunc("month", instant, "Asia/Bangkok")
    return func.strftime("%Y-%m-01", instant, "+7 hours")


def make_room(connection: Connection) -> None:
    """Let the questions of this transaction sort and hash in memory what a nation's figures need; they take their time."""
    unhurried(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("set local work_mem = '64MB'")

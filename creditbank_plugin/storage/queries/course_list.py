"""Lists of course versions: by what they are, by what they count for, a page at a time; and all of them, in parts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from creditbank_plugin.rules import course as rules
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.courses import Key
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.streaming import streamed
from creditbank_plugin.storage.tables import Adoption, Comparison, CourseVersion, Organisation

#: What a list of courses can be limited to, and the column that holds it.
COLUMNS = {
    "owner": CourseVersion.owner_code,
    "province": CourseVersion.province,
    "level_group": CourseVersion.level_group,
    "sector": CourseVersion.sector,
    "occupational_group": CourseVersion.occupational_group,
    "agency": CourseVersion.agency,
    "delivery": CourseVersion.delivery,
}
#: Lists are in the order of codes; each course version stands at one place.
_ORDER = (CourseVersion.code, CourseVersion.version, CourseVersion.owner_code)
_NAMED = select(
    *CourseVersion.__table__.c,
    Organisation.name_th.label("owner_name_th"),
    Organisation.name_en.label("owner_name_en"),
).join(Organisation, Organisation.code == CourseVersion.owner_code)
_SEARCHED = select(
    CourseVersion.id,
    CourseVersion.code,
    CourseVersion.title_th,
    CourseVersion.title_en,
    CourseVersion.provider,
    *(column.label(name) for name, column in COLUMNS.items()),
)


def page(
    connection: Connection,
    wanted: Mapping[str, str],
    *,
    day: date,
    counts: bool | None = None,
    bank: str | None = None,
    after: Key | None = None,
    limit: int = 50,
) -> Sequence[Stored]:
    """Return course versions with their owner's name, in the order of code, version and owner.

    ``wanted`` are values of `COLUMNS`; ``counts``, ``bank`` and ``day`` as in `limited`.  ``after`` is the owner, code and
    version of the last one before this page.
    """
    query = _limited(_NAMED, wanted, day, counts, bank)
    if after is not None:
        owner, code, version = after
        # Said twice: by the first column alone a database finds the place in an index.
        query = query.where(CourseVersion.code >= code, tuple_(*_ORDER) > tuple_(code, version, owner))
    return connection.execute(query.order_by(*_ORDER).limit(limit)).all()


def counting(connection: Connection, *, day: date, bank: str | None, limit: int) -> list[str]:
    """Return up to ``limit`` courses that have a comparison in force on ``day``, where named one adopted by ``bank``."""
    query = _counting(day) if bank is None else _adopted_by(bank, day)
    return list(connection.scalars(query.distinct().limit(limit)))


def limited(
    connection: Connection, ids: Iterable[str], *, day: date, counts: bool | None = None, bank: str | None = None
) -> set[str]:
    """Return those courses of ``ids`` that have (or, where ``counts`` is False, lack) a comparison in force on ``day``.

    With ``bank`` those with one that this bank has adopted, by an order of its own or a standing one.
    """
    given = list(ids)
    query = _limited(select(CourseVersion.id), {}, day, counts, bank).where(among(CourseVersion.id))
    return set(connection.scalars(query, {"ids": these(given)})) if given else set()


def named(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return course versions by id, with their owner's name."""
    given = list(ids)
    rows = connection.execute(_NAMED.where(among(CourseVersion.id)), {"ids": these(given)}) if given else ()
    return {row.id: row for row in rows}


def one(connection: Connection, key: Key) -> Stored | None:
    """Return the course version of owner, code and version, with its owner's name."""
    owner, code, version = key
    where = (CourseVersion.owner_code == owner, CourseVersion.code == code, CourseVersion.version == version)
    return connection.execute(_NAMED.where(*where)).first()


def versions(connection: Connection, owner: str, code: str) -> Sequence[Stored]:
    """Return every version of a course of one owner, the newest curriculum year first."""
    where = (CourseVersion.owner_code == owner, CourseVersion.code == code)
    return connection.execute(_NAMED.where(*where).order_by(CourseVersion.version.desc())).all()


def changed_since(connection: Connection, generation: int) -> Iterator[Stored]:
    """Yield what a search needs of the courses changed after a generation; -1 for all there are."""
    return streamed(connection, _SEARCHED.where(CourseVersion.generation > generation), 2000)


def everything(connection: Connection, wanted: Mapping[str, str]) -> Iterator[Stored]:
    """Yield all course versions (of ``wanted`` values of `COLUMNS`) in the order of code, version and owner."""
    return streamed(connection, select(CourseVersion.__table__).where(*_values(wanted)).order_by(*_ORDER), 1000)


def count(connection: Connection, wanted: Mapping[str, str], most: int) -> int:
    """Return how many course versions there are of ``wanted`` values of `COLUMNS`; counting stops at ``most``."""
    some = select(CourseVersion.id).where(*_values(wanted)).limit(most).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def needs_more_columns(connection: Connection, wanted: Mapping[str, str]) -> bool:
    """Tell whether a course has a ท-ป-น, or hours in all that are not the sum of its parts."""
    parts = (CourseVersion.hours_theory, CourseVersion.hours_practice, CourseVersion.hours_field)
    summed = sum((func.coalesce(part, 0) for part in parts), literal(0))
    unsummed = and_(CourseVersion.hours.is_not(None), CourseVersion.hours != summed)
    query = select(CourseVersion.id).where(*_values(wanted), or_(CourseVersion.tpn.is_not(None), unsummed)).limit(1)
    return connection.scalar(query) is not None


def choices(connection: Connection, name: str, limit: int = 200) -> list[str]:
    """Return the values that courses have in a column of `COLUMNS`, sorted."""
    column = COLUMNS[name]
    query = select(column).where(column.is_not(None)).distinct().order_by(column).limit(limit)
    return [str(value) for value in connection.scalars(query)]


def _limited(
    query: Select[Any], wanted: Mapping[str, str], day: date, counts: bool | None, bank: str | None
) -> Select[Any]:
    query = query.where(*_values(wanted))
    if bank is not None:
        query = query.where(CourseVersion.id.in_(_adopted_by(bank, day)))
    if counts is not None:
        counting = CourseVersion.id.in_(_counting(day))
        query = query.where(counting if counts else ~counting)
    return query


def _values(wanted: Mapping[str, str]) -> list[ColumnElement[bool]]:
    return [
        column.in_(rules.sector_spellings(wanted[name])) if name == "sector" else column == wanted[name]
        for name, column in COLUMNS.items()
        if name in wanted
    ]


def _covers(day: date, first: Any, last: Any, ended: Any) -> ColumnElement[bool]:
    return and_(first <= day, or_(last.is_(None), last >= day), or_(ended.is_(None), ended > day))


def _counting(day: date) -> Select[Any]:
    """Return the courses that have a comparison in force on a day (see `rules.authority`)."""
    covers = _covers(day, Comparison.applies_from, Comparison.applies_until, Comparison.ended_from)
    return select(Comparison.course_id).where(covers)


def _adopted_by(bank: str, day: date) -> Select[Any]:
    """Return those of which a bank has adopted one that is in force: by an order for it, or a standing one."""
    course = aliased(CourseVersion)
    covers = _covers(day, Adoption.applies_from, Adoption.applies_until, Adoption.revoked_from)
    standing = and_(
        Adoption.body_code == Comparison.body_code,
        or_(Adoption.level_group.is_(None), Adoption.level_group == course.level_group),
        or_(Adoption.occupational_group.is_(None), Adoption.occupational_group == course.occupational_group),
    )
    return (
        _counting(day)
        .join(course, course.id == Comparison.course_id)
        .join(Adoption, or_(Adoption.comparison_id == Comparison.id, standing))
        .where(Adoption.bank_code == bank, covers)
    )

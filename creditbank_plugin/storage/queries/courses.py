"""Course versions: by key, by code, by id, their earlier revisions, and entering many at once."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, or_, select

from creditbank_plugin.rules.catalogue import CourseKey
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.bulk import insert_many, update_many
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.writes import Rows
from creditbank_plugin.storage.tables import CourseAlias, CourseRevision, CourseVersion, Organisation

_COURSES = select(CourseVersion.__table__)
_BY_CODE = _COURSES.where(among(CourseVersion.code, "codes"))
_BY_ID = _COURSES.where(among(CourseVersion.id))
_BY_KEY = _BY_CODE.where(among(CourseVersion.owner_code, "owners"))
_ALIASED = select(CourseAlias.__table__).where(among(CourseAlias.iri, "codes"))
_KNOWN_OWNERS = select(Organisation.code).where(among(Organisation.code, "owners"))

Key = tuple[str, str, str]


def keys_by_code(connection: Connection, codes: Iterable[str]) -> dict[str, list[CourseKey]]:
    """Return every course version with one of the codes, by code."""
    found: dict[str, list[CourseKey]] = {}
    for row in connection.execute(_BY_CODE, {"codes": these(codes)}):
        key = CourseKey(
            id=row.id,
            owner=row.owner_code,
            code=row.code,
            version=row.version,
            in_force_from=row.in_force_from,
            in_force_until=row.in_force_until,
            level_group=row.level_group,
            hours=row.hours,
            occupational_group=row.occupational_group,
            hours_theory=row.hours_theory,
            hours_practice=row.hours_practice,
            hours_field=row.hours_field,
            tpn=row.tpn,
        )
        found.setdefault(row.code, []).append(key)
    return found


def by_ids(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return course versions by id."""
    return {row.id: row for row in connection.execute(_BY_ID, {"ids": these(ids)})}


def by_keys(connection: Connection, keys: Iterable[Key]) -> dict[Key, Stored]:
    """Return those course versions that stand, by owner, code and version; one statement."""
    wanted = set(keys)
    if not wanted:
        return {}
    owners, codes = {owner for owner, _, _ in wanted}, {code for _, code, _ in wanted}
    rows = connection.execute(_BY_KEY, {"owners": these(owners), "codes": these(codes)})
    found = {(row.owner_code, row.code, row.version): row for row in rows}
    return {key: row for key, row in found.items() if key in wanted}


def aliased(connection: Connection, codes: Iterable[str]) -> dict[str, Stored]:
    """Return the aliases among ``codes``: names that mean another course already."""
    given = set(codes)
    return {row.iri: row for row in connection.execute(_ALIASED, {"codes": these(given)})} if given else {}


def known_owners(connection: Connection, owners: Iterable[str]) -> set[str]:
    """Return those of ``owners`` that are organisations."""
    given = set(owners)
    return set(connection.scalars(_KNOWN_OWNERS, {"owners": these(given)})) if given else set()


def insert(connection: Connection, rows: Rows) -> None:
    """Insert course versions that all name the same columns."""
    insert_many(connection, CourseVersion, rows)


def keep_revisions(connection: Connection, rows: Rows) -> None:
    """Keep what course versions were before they are edited."""
    insert_many(connection, CourseRevision, rows)


def edit(connection: Connection, rows: Rows) -> None:
    """Write the columns of course versions that stand, each known by its ``id``; all name the same columns."""
    update_many(connection, CourseVersion, rows)


def search(connection: Connection, words: str | None, limit: int, ids: Sequence[str] | None = None) -> Sequence[Stored]:
    """Return course versions whose code or title holds ``words``, with their owner's name."""
    query = select(*CourseVersion.__table__.c, Organisation.name_th.label("owner_name_th")).join(
        Organisation, Organisation.code == CourseVersion.owner_code
    )
    if words:
        query = query.where(
            or_(
                CourseVersion.code.contains(words, autoescape=True),
                CourseVersion.title_th.contains(words, autoescape=True),
                func.lower(CourseVersion.title_en).contains(words.lower(), autoescape=True),
            )
        )
    if ids is not None:
        query = query.where(CourseVersion.id.in_(ids))
    return connection.execute(query.order_by(CourseVersion.code, CourseVersion.version).limit(limit)).all()

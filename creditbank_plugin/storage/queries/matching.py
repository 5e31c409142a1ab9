"""What suggestions are made of: outcomes, comparisons that stand, words that are held for equal."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.streaming import streamed
from creditbank_plugin.storage.queries.writes import insert_all, table_of
from creditbank_plugin.storage.tables import Comparison, CourseVersion, Framework, Item, Organisation, Synonyms

_ITEMS = select(
    Item.id,
    Item.code,
    Item.text_th,
    Item.text_en,
    Item.level,
    Item.area,
    Item.grade,
    Item.description_th,
    Item.description_en,
    Item.retired_at,
    Framework.code.label("framework_code"),
).join(Framework, Framework.id == Item.framework_id)
_COMPARED = select(Comparison.course_id).where(Comparison.ended_from.is_(None)).distinct()
_SYNONYMS = select(
    *Synonyms.__table__.c,
    Organisation.name_th.label("body_name_th"),
    Organisation.name_en.label("body_name_en"),
).outerjoin(Organisation, Organisation.code == Synonyms.body_code)


def items_since(connection: Connection, generation: int) -> Iterator[Stored]:
    """Yield outcomes changed after a generation, retired ones too; -1 for all there are."""
    return streamed(connection, _ITEMS.where(Item.generation > generation), 2000)


def compared(connection: Connection, limit: int) -> list[str]:
    """Return up to ``limit`` courses that have a comparison which was not ended."""
    return list(connection.scalars(_COMPARED.limit(limit)))


def compared_with_code(connection: Connection, code: str) -> list[str]:
    """Return the courses with a code, of whatever owner and version, that have a comparison which was not ended."""
    return list(
        connection.scalars(select(CourseVersion.id).where(CourseVersion.code == code, CourseVersion.id.in_(_COMPARED)))
    )


def synonyms(connection: Connection) -> Sequence[Stored]:
    """Return every group of words with the name of the body that entered it: those that stand first, newest first."""
    order = (Synonyms.ended_at.is_not(None), Synonyms.added_at.desc(), Synonyms.id.desc())
    return connection.execute(_SYNONYMS.order_by(*order)).all()


def words_held_equal(connection: Connection) -> list[list[str]]:
    """Return the groups of words that stand, oldest first."""
    query = select(Synonyms.words).where(Synonyms.ended_at.is_(None)).order_by(Synonyms.added_at, Synonyms.id)
    return [list(words) for words in connection.scalars(query)]


def synonym(connection: Connection, group_id: str) -> Stored | None:
    """Return one group of words."""
    return connection.execute(_SYNONYMS.where(Synonyms.id == group_id)).first()


def add_synonyms(connection: Connection, **values: Any) -> None:
    """Enter a group of words."""
    insert_all(connection, Synonyms, [values])


def end_synonyms(connection: Connection, group_id: str, *, by: str, at: datetime) -> bool:
    """End a group that stands; tell whether it did."""
    table = table_of(Synonyms)
    ending = update(table).where(table.c.id == group_id, table.c.ended_at.is_(None)).values(ended_by=by, ended_at=at)
    return connection.execute(ending).rowcount > 0

"""Finding courses by words: Thai and English, parts of words, typing errors, parts of codes; never from a stale index."""

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection

from creditbank_plugin.rules import course as rules
from creditbank_plugin.rules.matching.index import Document, Field
from creditbank_plugin.services.kept_index import KeptIndex
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import course_list, generations

FIELDS = (
    Field("code", 1.0, begins=True),
    Field("title_th", 1.0, begins=True),
    Field("title_en", 1.0, begins=True),
    Field("provider", 0.4),
)
FILTERS = (*course_list.COLUMNS, "id")
# Tone marks, the short and the silent sign are what is left out or mistyped most: words are looked for without them.
_TONES = dict.fromkeys(map(ord, "\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c"))


def ids(
    runtime: Runtime, words: str, wanted: Mapping[str, str], limit: int, among: Collection[str] | None = None
) -> list[str]:
    """Return the ids of up to ``limit`` courses that fit ``words``, best first; of equal ones always in the same order.

    ``wanted`` are values of the columns of `course_list.COLUMNS`, ``among`` ids to choose from (some hundreds).  Call it
    outside a transaction: the index is first brought up to what the database holds now.
    """
    where: dict[str, str | Collection[str]] = {**wanted}
    if among is not None:
        where["id"] = among
    return [hit.id for hit in INDEX.of(runtime).search(_bare(words), limit, where=where)]


def _documents(connection: Connection, since: int | None) -> Iterator[Document]:
    for row in course_list.changed_since(connection, -1 if since is None else since):
        yield Document(row.id, {each.name: _bare(getattr(row, each.name)) for each in FIELDS}, _filters(row))


def _bare(text: str | None) -> str:
    return (text or "").translate(_TONES)


def _filters(row: Stored) -> dict[str, str | None]:
    return {name: rules.sector(row.sector) if name == "sector" else getattr(row, name) for name in FILTERS}


INDEX = KeptIndex(generations.COURSES, FIELDS, FILTERS, _documents)

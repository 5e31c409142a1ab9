"""Which outcomes a course may yield, and what was approved for similar courses: it pre-fills, and decides nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from creditbank_plugin.errors import not_found
from creditbank_plugin.rules.authority import Comparison
from creditbank_plugin.rules.matching import similar
from creditbank_plugin.rules.matching import suggest as ranking
from creditbank_plugin.rules.matching.index import Document
from creditbank_plugin.rules.matching.reasons import Reason
from creditbank_plugin.rules.matching.suggest import Course, Precedent
from creditbank_plugin.rules.matching.synonyms import Synonyms
from creditbank_plugin.rules.matching.text import all_of
from creditbank_plugin.services.catalogue import course_search
from creditbank_plugin.services.kept_index import KeptIndex
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import authority, course_list, courses, frameworks, generations, matching
from creditbank_plugin.storage.session import reading

USUAL = 10
#: How many similar courses are told of, and how many are looked at to find them.
SIMILAR, LOOKED_AT = 5, 60
#: So many compared courses are looked through themselves; of more, those are looked at that the catalogue finds.
_FEW = 1000


@dataclass(frozen=True)
class Suggested:
    """An outcome (with its framework's code and titles) that may fit, how well (0 to 1), and why."""

    item: Stored
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class SimilarCourse:
    """A course like the one in hand (0 to 1) with its comparisons that stand; ``own`` where it is the very same."""

    course: Stored
    likeness: float
    own: bool
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class Suggestions:
    """What may be proposed for a course: outcomes, best first, and comparisons of similar courses, most alike first.

    ``outcomes`` are all that are named, by id, those of the comparisons too.
    """

    course: Stored
    items: tuple[Suggested, ...]
    similar: tuple[SimilarCourse, ...]
    outcomes: Mapping[str, Stored]


def of_course(runtime: Runtime, owner: str, code: str, version: str, limit: int = USUAL) -> Suggestions:
    """Return the suggestions for the course of owner, code and version; ``Refused`` (404) where there is none."""
    with reading(runtime.engine) as connection:
        course = course_list.one(connection, (owner, code, version))
    if course is None:
        raise not_found()
    return suggest(runtime, course, limit)


def of_id(runtime: Runtime, course_id: str, limit: int = USUAL) -> Suggestions:
    """Return the suggestions for a course by its id; ``Refused`` (404) where there is none."""
    with reading(runtime.engine) as connection:
        course = course_list.named(connection, [course_id]).get(course_id) if is_uuid(course_id) else None
    if course is None:
        raise not_found()
    return suggest(runtime, course, limit)


def suggest(runtime: Runtime, course: Stored, limit: int = USUAL) -> Suggestions:
    """Return up to ``limit`` outcomes that may fit a course (a row of the catalogue), none of them retired.

    Outcomes, comparisons and synonyms are those of this moment, whoever changed them in whatever process.  Call it outside
    a transaction.
    """
    near = _neighbours(runtime, course)
    index = INDEX.of(runtime)
    with reading(runtime.engine) as connection:
        alike = _similar(connection, course, near)
        words = Synonyms(matching.words_held_equal(connection))
        found = ranking.suggest(index, _asked(course), synonyms=words, precedents=_precedents(alike), limit=limit)
        alike = alike[:SIMILAR]
        chosen = {item for each in alike for one in each.comparisons for item in one.outcomes}
        rows = frameworks.held(connection, chosen | {each.item for each in found})
    items = tuple(
        Suggested(rows[each.item], each.score, each.reasons)
        for each in found
        if each.item in rows and rows[each.item].retired_at is None
    )
    return Suggestions(course, items, tuple(alike), rows)


def _asked(course: Stored) -> Course:
    told = tuple(course.outcomes or ())
    return Course(course.code, course.title_th, course.title_en, course.description, told, course.level_group)


def _neighbours(runtime: Runtime, course: Stored) -> list[str]:
    """Return compared courses that may be like this one: by the catalogue's search of its titles, and by its code."""
    with reading(runtime.engine) as connection:
        few: Sequence[str] | None = matching.compared(connection, _FEW + 1)
        same = matching.compared_with_code(connection, course.code)
    if few is not None and len(few) > _FEW:
        few = None
    found = list(same)
    for title in (course.title_th, course.title_en):
        if title and few != []:
            found += course_search.ids(runtime, title, {}, LOOKED_AT if few is not None else 3 * LOOKED_AT, few)
    return list(dict.fromkeys(found))


def _similar(connection: Connection, course: Stored, near: Sequence[str]) -> list[SimilarCourse]:
    rows = courses.by_ids(connection, near) if near else {}
    asked = (course.code, course.title_th, course.title_en, course.level_group)
    likeness = {
        each.id: 1.0
        if each.id == course.id
        else similar.alike(asked, (each.code, each.title_th, each.title_en, each.level_group))
        for each in rows.values()
    }
    close = [each for each, amount in likeness.items() if amount >= similar.LEAST]
    made = authority.comparisons_of(connection, close) if close else {}
    standing = {each: tuple(one for one in made.get(each, ()) if one.ended_from is None) for each in close}
    told = [
        SimilarCourse(rows[each], round(likeness[each], 3), each == course.id, standing[each])
        for each in close
        if standing[each]
    ]
    return sorted(told, key=lambda each: (-each.likeness, each.course.code, each.course.version, each.course.id))


def _precedents(alike: Sequence[SimilarCourse]) -> list[Precedent]:
    return [
        Precedent(
            each.course.code,
            each.course.version,
            each.course.title_th,
            each.course.title_en,
            each.likeness,
            one.reference,
            frozenset(one.outcomes),
            each.own,
        )
        for each in alike
        for one in each.comparisons
    ]


def _documents(connection: Connection, since: int | None) -> Iterator[Document | str]:
    for row in matching.items_since(connection, -1 if since is None else since):
        if row.retired_at is not None:
            yield row.id
            continue
        yield ranking.document(
            item=row.id,
            framework=row.framework_code,
            code=row.code,
            text_th=row.text_th,
            text_en=row.text_en,
            level=row.level,
            area=row.area,
            grade=row.grade,
            more=all_of([row.description_th, row.description_en]),
        )


INDEX = KeptIndex(generations.ITEMS, ranking.FIELDS, ranking.FILTERS, _documents)

"""Which outcomes a course may yield: a ranking that only pre-fills, with the reasons of each suggestion.

What speaks for an outcome are its words, where course and outcome belong, and what was approved for similar courses.
Each is a number from 0 to 1 with a weight; they add up as independent hints do, and what speaks against takes a share away.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from creditbank_plugin.rules.matching import place, reasons
from creditbank_plugin.rules.matching.index import Document, Field, Index, Near
from creditbank_plugin.rules.matching.reasons import Reason
from creditbank_plugin.rules.matching.synonyms import Meant, Synonyms
from creditbank_plugin.rules.matching.text import all_of, joined, pieces

#: The texts of an outcome in the index, and what answers can be limited by.
FIELDS = (Field("code", 0.5), Field("th"), Field("en"), Field("more", 0.5), Field("area", 0.5))
FILTERS = ("code", "area", "years", "year", "level", "id")
#: How many candidates are weighed of each question.
CANDIDATES = 60
#: How much each hint counts at most.
WEIGHTS: Mapping[str, float] = {
    "title": 0.6,
    "outcomes": 0.8,
    "description": 0.6,
    "synonym": 0.5,
    "area": 0.4,
    "year": 0.3,
    "level": 0.1,
    "precedent": 0.85,
}
#: What is left of a score where course and outcome belong to other areas, years or levels.
AGAINST: Mapping[str, float] = {"area": 0.4, "year": 0.7, "level": 0.85}
#: A hint below this is chance: any two texts share some trigrams.
CHANCE = 0.2


@dataclass(frozen=True)
class Course:
    """What is known of a course; ``code`` may be empty."""

    code: str
    title_th: str
    title_en: str | None = None
    description: str | None = None
    outcomes: tuple[str, ...] = ()
    level_group: str | None = None


@dataclass(frozen=True)
class Precedent:
    """What was approved for a similar course: how alike the two are (0 to 1), by which announcement, which outcomes.

    ``own``: it is a comparison of the very course version.
    """

    code: str
    version: str
    title_th: str
    title_en: str | None
    likeness: float
    reference: str
    items: frozenset[str]
    own: bool = False


@dataclass(frozen=True)
class Suggestion:
    """An outcome that may fit, how well (0 to 1), and why."""

    item: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class _Part:
    """A text of the course with what its trigrams weigh; ``kind`` is title, outcomes, description or synonym."""

    kind: str
    text: str
    weights: Mapping[str, float]
    total: float
    meant: Meant | None = None


@dataclass(frozen=True)
class _Hint:
    """One thing that speaks for an outcome."""

    kind: str
    amount: float
    part: _Part | None = None
    precedent: Precedent | None = None


def document(
    *,
    item: str,
    framework: str,
    code: str,
    text_th: str | None,
    text_en: str | None = None,
    level: int | None = None,
    area: str | None = None,
    grade: str | None = None,
    more: str | None = None,
) -> Document:
    """Return an outcome as it stands in the index; ``more`` is a longer text beside the statement itself."""
    at = place.of_item(code, framework=framework, grade=grade, level=level)
    english = at.area_name[1]
    return Document(
        item,
        {"code": code, "th": text_th, "en": text_en, "more": more, "area": all_of([area, english])},
        {
            "code": code,
            "area": at.area or None,
            "years": place.years_text(at.years) or None,
            "year": min(at.years, default=None),
            "level": next(iter(at.levels), None),
            "id": item,
        },
    )


def suggest(
    index: Index,
    course: Course,
    *,
    synonyms: Synonyms | None = None,
    precedents: Sequence[Precedent] = (),
    limit: int = 10,
) -> list[Suggestion]:
    """Return up to ``limit`` outcomes of ``index`` that fit a course best, best first; of equal ones by their codes."""
    at = place.of_course(course.code, course.level_group)
    parts = _parts(index, course, synonyms or Synonyms())
    found = _candidates(index, at, parts, precedents)
    sizes = _sizes(index, found) if any(part.kind in ("outcomes", "description") for part in parts) else {}
    weighed = []
    for near in found:
        hints = list(_hints(near, at, parts, precedents, sizes.get(near.id, 1.0)))
        score = _added(hints) * _against(near, at)
        if score > 0:
            weighed.append((score, near, hints))
    weighed.sort(key=lambda each: (-round(each[0], 6), place.order(str(each[1].filters["code"])), each[1].id))
    return [_suggestion(score, near, hints, course, at) for score, near, hints in weighed[:limit]]


def _parts(index: Index, course: Course, synonyms: Synonyms) -> list[_Part]:
    told: list[tuple[str, str, Meant | None]] = [("title", course.title_th, None)]
    if course.title_en:
        told.append(("title", course.title_en, None))
    told += [("outcomes", each, None) for each in course.outcomes]
    if course.description:
        told.append(("description", course.description, None))
    whole = all_of([course.title_th, course.title_en, course.description, *course.outcomes])
    told += [("synonym", each.other, each) for each in synonyms.meant(whole)]
    made = []
    for kind, text, meant in told:
        weights = index.tells(pieces(f" {joined(_numberless(text))} "))
        if weights:
            made.append(_Part(kind, text, weights, sum(weights.values()), meant))
    return made


def _numberless(title: str) -> str:
    """Return a title without the number of its term: "ภาษาไทย 1" says no more than "ภาษาไทย"."""
    return re.sub(r"[\s]*[0-9๐-๙]{1,2}\s*$", "", title) or title


def _candidates(index: Index, at: place.Place, parts: Sequence[_Part], precedents: Sequence[Precedent]) -> list[Near]:
    titles = all_of(part.text for part in parts if part.kind in ("title", "synonym"))
    whole = all_of(part.text for part in parts)
    found = {near.id: near for near in index.near(titles, CANDIDATES)}
    if whole != titles:
        found.update((near.id, near) for near in index.near(whole, CANDIDATES))
    if at.area:
        where = {
            "area": at.area,
            "year": [None, *sorted({min(at.years), 4 if min(at.years) > 3 else min(at.years), *at.years})],
        }
        found.update((near.id, near) for near in index.near(whole, CANDIDATES, where=where))
    chosen = {item for each in precedents for item in each.items} - found.keys()
    if chosen:
        found.update((near.id, near) for near in index.near("", len(chosen), where={"id": chosen}))
    return list(found.values())


def _sizes(index: Index, found: Iterable[Near]) -> dict[str, float]:
    """Return what all trigrams of each outcome weigh, by its id."""
    held = {near.id: set(pieces(near.texts["th"] + near.texts["en"])) for near in found}
    telling = index.tells(set().union(*held.values()))
    return {name: sum([telling[each] for each in own]) or 1.0 for name, own in held.items()}


def _hints(
    near: Near, at: place.Place, parts: Iterable[_Part], precedents: Iterable[Precedent], size: float
) -> Iterable[_Hint]:
    """Yield what speaks for an outcome; ``size`` is what all its trigrams weigh."""
    words = near.texts["th"] + near.texts["en"]
    named = words + near.texts["more"] + near.texts["area"]
    best: dict[str, _Hint] = {}
    for part in parts:
        held = named if part.kind == "title" else words
        shared = sum([weight for each, weight in part.weights.items() if each in held])
        of_part, of_item = shared / part.total, shared / size
        amount = {"outcomes": sqrt(of_part * of_item), "description": of_item}.get(part.kind, of_part)
        amount = min(1.0, max(0.0, (amount - CHANCE) / (1 - CHANCE)))
        if amount > 0 and (part.kind not in best or amount > best[part.kind].amount):
            best[part.kind] = _Hint(part.kind, amount, part)
    yield from best.values()
    if at.area and near.filters["area"] == at.area:
        yield _Hint("area", 1.0)
        if _years(near) & at.years:
            yield _Hint("year", 1.0)
    if at.levels and near.filters["level"] in at.levels:
        yield _Hint("level", 1.0)
    chosen = [each for each in precedents if near.id in each.items]
    if chosen:
        closest = max(chosen, key=lambda each: each.likeness)
        yield _Hint("precedent", closest.likeness, precedent=closest)


def _years(near: Near) -> frozenset[int]:
    return place.of_item(str(near.filters["code"]), framework="", grade=str(near.filters["years"] or "")).years


def _added(hints: Iterable[_Hint]) -> float:
    left = 1.0
    for hint in hints:
        left *= 1 - WEIGHTS[hint.kind] * hint.amount
    return 1 - left


def _against(near: Near, at: place.Place) -> float:
    kept = 1.0
    if at.area and near.filters["area"] not in (None, at.area):
        kept *= AGAINST["area"]
    years = _years(near)
    if at.years and years and not years & at.years:
        kept *= AGAINST["year"]
    if at.levels and near.filters["level"] is not None and near.filters["level"] not in at.levels:
        kept *= AGAINST["level"]
    return kept


def _suggestion(score: float, near: Near, hints: Iterable[_Hint], course: Course, at: place.Place) -> Suggestion:
    said = []
    for hint in sorted(hints, key=lambda hint: -WEIGHTS[hint.kind] * hint.amount):
        reason = _reason(hint, near, course, at)
        if reason is not None:
            said.append(reason)
    years = _years(near)
    if at.area and near.filters["area"] not in (None, at.area):
        said.append(reasons.other_area(*place.AREAS[str(near.filters["area"])]))
    elif at.years and years and not years & at.years:
        said.append(reasons.other_year(place.years_text(years)))
    return Suggestion(near.id, round(score, 3), tuple(said))


def _reason(hint: _Hint, near: Near, course: Course, at: place.Place) -> Reason | None:
    if hint.part is not None:
        if hint.part.meant is not None:
            return reasons.synonym(hint.part.meant)
        texts = [near.texts[name] for name in ("th", "en", "area", "more")]
        return reasons.words(hint.kind, hint.part.text, texts)
    if hint.precedent is not None:
        given = hint.precedent
        if given.own:
            return reasons.own(given.reference)
        return reasons.precedent(given.code, given.version, given.title_th, given.title_en, given.reference)
    if hint.kind == "area":
        return reasons.area(course.code, *at.area_name)
    if hint.kind == "year":
        return reasons.year(place.years_text(_years(near) & at.years))
    return reasons.level(int(near.filters["level"] or 0))

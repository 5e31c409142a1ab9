"""Which outcomes a course may yield: a ranking that only pre-fills, with the reasons of each suggestion.

What speaks for an outcome are its words, where course and outcome belong, and what was approved for similar courses.
Each is a number from 0 to 1 with a weight; they add up as independent hints do, and what speaks against takes a share away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from creditbank_plugin.rules.matching import place, reasons
from creditbank_plugin.rules.matching.index import Document, Field, Index, Near
from creditbank_plugin.rules.matching.reasons import Reason
from creditbank_plugin.rules.matching.synonyms import Meant, Synonyms
from creditbank_plugin.rules.matching.text import all_of, joined, pieces

#: The texts of an outcome in the index, and what answers can be limited by.
FIELDS = (Field("code", 0.5), Field("th"), Field("en"), Field("more", 0.5), Field("area", 0.5))
FILTERS = ("code", "area", "years", "place", "level", "id")
#: How many candidates are weighed of each question.
CANDIDATES = 60
#: How many of a course's own outcomes are looked for, and how long the passages are in which its description is.
MOST_PARTS, PASSAGE = 12, 80
#: How much each hint counts at most.
WEIGHTS: Mapping[str, float] = {
    "title": 0.2,
    "title_alone": 0.6,
    "body": 0.9,
    "synonym": 0.5,
    "area": 0.4,
    "year": 0.15,
    "level": 0.1,
    "precedent": 0.85,
}
#: What is left of a score where course and outcome belong to other areas, years or levels.
AGAINST: Mapping[str, float] = {"area": 0.4, "year": 0.7, "level": 0.85, "no_text": 0.9}
#: Words in common below this are chance, and nothing to tell of: any two texts share some trigrams.
CHANCE = 0.2
#: How much a long outcome is held back beside a short one that shares as much with the course: 0 not at all, 1 in full.
LENGTH = 0.3


_BODY = ("outcomes", "description")


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
            "place": at.key or None,
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
    at = place.of_course(course.code, course.level_group, (course.title_th, course.title_en))
    parts = _parts(index, course, synonyms or Synonyms())
    found = _candidates(index, at, parts, precedents)
    body = {each: weight for part in parts if part.kind in _BODY for each, weight in part.weights.items()}
    sizes = _sizes(index, found) if body else {}
    usual = sorted(sizes.values())[len(sizes) // 2] if sizes else 0.0
    # A long description speaks of many outcomes: each is held against as much of it as may speak of one.
    against = min(sum(body.values()), 1.5 * usual) ** (1 - LENGTH)
    weighed = []
    for near in found:
        hints = list(_hints(near, at, parts, precedents, alone=not body))
        if body:
            words = near.texts["th"] + near.texts["en"]
            shared = sum([weight for each, weight in body.items() if each in words])
            hints.append(_Hint("body", min(1.0, shared / (against * sizes[near.id] ** LENGTH))))
        score = _added(hints) * _against(near, at)
        if score > 0:
            weighed.append((score, near, hints))
    weighed.sort(key=lambda each: (-round(each[0], 6), place.order(str(each[1].filters["code"])), each[1].id))
    return [_suggestion(score, near, hints, course, at) for score, near, hints in weighed[:limit]]


def _parts(index: Index, course: Course, synonyms: Synonyms) -> list[_Part]:
    told: list[tuple[str, str, Meant | None]] = [("title", course.title_th, None)]
    if course.title_en:
        told.append(("title", course.title_en, None))
    told += [("outcomes", each, None) for each in course.outcomes[:MOST_PARTS]]
    if course.description:
        told.append(("description", course.description, None))
    whole = all_of([course.title_th, course.title_en, course.description, *course.outcomes])
    told += [("synonym", each.other, each) for each in synonyms.meant(whole)]
    made = []
    for kind, text, meant in told:
        weights = index.tells(pieces(f" {joined(place.numberless(text) if kind == 'title' else text)} "))
        if weights:
            made.append(_Part(kind, text, weights, sum(weights.values()), meant))
    return made


def _passages(text: str) -> list[str]:
    """Return a long text in passages about as long as an outcome's, cut at blanks: each may speak of another one."""
    passages = [""]
    for phrase in text.split()[:500]:
        if len(passages[-1]) + len(phrase) > PASSAGE:
            passages.append("")
        passages[-1] = f"{passages[-1]} {phrase}"
    return [passage for passage in passages if passage]


def _candidates(index: Index, at: place.Place, parts: Sequence[_Part], precedents: Sequence[Precedent]) -> list[Near]:
    texts = [text for part in parts for text in (_passages(part.text) if part.kind == "description" else [part.text])]
    found = {near.id: near for near in index.near(texts, CANDIDATES)}
    if at.area:
        for fitting in (at.fitting(), at.area):  # and those for all years, however many there are of the course's own
            found.update((near.id, near) for near in index.near(texts, CANDIDATES, where={"place": fitting}))
    chosen = {item for each in precedents for item in each.items} - found.keys()
    if chosen:
        found.update((near.id, near) for near in index.near([], len(chosen), where={"id": chosen}))
    return list(found.values())


def _sizes(index: Index, found: Iterable[Near]) -> dict[str, float]:
    """Return what all trigrams of each outcome weigh, by its id."""
    held = {near.id: pieces(near.texts["th"] + near.texts["en"]) for near in found}
    telling = index.tells(set().union(*held.values()))
    return {name: sum([telling[each] for each in own]) or 1.0 for name, own in held.items()}


def _hints(
    near: Near, at: place.Place, parts: Iterable[_Part], precedents: Iterable[Precedent], *, alone: bool
) -> Iterable[_Hint]:
    """Yield what speaks for an outcome beside the words of the course's body."""
    named = near.texts["th"] + near.texts["en"] + near.texts["more"] + near.texts["area"]
    best: dict[str, _Hint] = {}
    for part in parts:
        if part.kind in _BODY:
            continue
        amount = sum([weight for each, weight in part.weights.items() if each in named]) / part.total
        amount = min(1.0, max(0.0, (amount - CHANCE) / (1 - CHANCE)))
        if amount > 0 and (part.kind not in best or amount > best[part.kind].amount):
            best[part.kind] = _Hint("title_alone" if alone and part.kind == "title" else part.kind, amount, part)
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
    return place.years_of(str(near.filters["years"] or ""))


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
    if not near.texts["th"].strip() and not near.texts["en"].strip():
        kept *= AGAINST["no_text"]
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
    if hint.kind == "body":
        return _words_of_body(near, course) if hint.amount > CHANCE else None
    if hint.part is not None:
        if hint.part.meant is not None:
            return reasons.synonym(hint.part.meant)
        texts = [near.texts[name] for name in ("th", "en", "area", "more")]
        return reasons.words("title", hint.part.text, texts)
    if hint.precedent is not None:
        given = hint.precedent
        if given.own:
            return reasons.own(given.reference)
        return reasons.precedent(given.code, given.version, given.title_th, given.title_en, given.reference)
    if hint.kind == "area":
        by_code = bool(place.of_course(course.code).area)
        return reasons.area(course.code, *at.area_name) if by_code else reasons.named(*at.area_name)
    if hint.kind == "year":
        return reasons.year(place.years_text(_years(near) & at.years))
    return reasons.level(int(near.filters["level"] or 0))


def _words_of_body(near: Near, course: Course) -> Reason:
    """Say which text of the course shares most with an outcome."""
    texts = (near.texts["th"], near.texts["en"])
    told = [("outcomes", each) for each in course.outcomes[:MOST_PARTS]]
    told += [("description", course.description)] if course.description else []
    said = [reasons.words(kind, text, texts) for kind, text in told]
    return max(said, key=lambda reason: len(reason.values["words"] or ""))

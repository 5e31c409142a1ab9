"""Labelled pairs: a course, and the outcomes that published facts say are right for it.  README.md tells how and why."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random

from benchmarks.matching.items import SEED, Outcome, area_names, real
from creditbank_plugin import reference
from creditbank_plugin.rules.matching import place
from creditbank_plugin.rules.matching.place import Place
from creditbank_plugin.rules.matching.suggest import Course
from creditbank_plugin.rules.matching.text import likeness

TUNE, TEST = "tune", "test"
_GROUPS = {1: "lower_secondary", 2: "lower_secondary", 3: "lower_secondary"}


@dataclass(frozen=True)
class Pair:
    """A course and the ids of the outcomes that are right for it.

    ``kind`` is the set it belongs to, ``name`` what decides whether it is for tuning or for the test.  An outcome that is
    ``hidden``, and what was made of it, is passed over in every answer; so are made-up ones of the area and the years of
    ``own``: whoever knows no more than a code or a title cannot tell them from the right ones.
    """

    kind: str
    name: str
    course: Course
    right: frozenset[str]
    hidden: str | None = None
    own: Place | None = None

    @property
    def half(self) -> str:
        """Return the half that the pair belongs to, for ever the same."""
        return TUNE if sha256(f"{self.kind}/{self.name}".encode()).digest()[0] % 2 else TEST


def courses(*, code: bool, english: bool) -> Iterator[Pair]:
    """Yield real basic courses with the outcomes of their area and year, or of the strand that their title names.

    Courses that differ in the term only are one.  Without ``code`` nothing of it is told, and the outcomes of all three
    years of the course's stage are right; ``english`` adds the English name of the area to the title.
    """
    seen = set()
    for row in reference.load("courses")["rows"]:
        at = place.of_course(row["code"])
        if row["sector"] != "basic" or row.get("type_th") == "เพิ่มเติม" or not at.area:
            continue
        year = min(at.years)
        group = _GROUPS.get(year, "upper_secondary_vocational")
        own = at if code else Place(at.area, place.of_course("", group).years)
        key = f"{row['title_th']}/{own.key}"
        right = _right_for(row["title_th"], own)
        if key in seen or not right:
            continue
        seen.add(key)
        title_en = area_names()[at.area][1] if english else None
        course = Course(row["code"] if code else "", row["title_th"], title_en, level_group=group)
        yield Pair("courses", key, course, right, own=own)


def _right_for(title: str, own: Place) -> frozenset[str]:
    strands = _strands(title, own.area)
    found = set()
    for each in real():
        at = place.of_item(each.code, framework=each.framework, grade=each.grade)
        of_years = not at.years or bool(at.years & own.years)
        if at.area == own.area and of_years and (not strands or _standard(each) in strands):
            found.add(each.id)
    return frozenset(found)


def _strands(title: str, area: str) -> set[str]:
    """Return the standards of the strand that a title names; none where it names the whole area."""
    if title == "วิทยาการคำนวณ":
        return {"ว 4.2"}
    if title.startswith("การออกแบบเทคโนโลยี"):
        return {"ว 4.1"}
    if title == "วิทยาศาสตร์":
        return {each.code for each in real() if re.match("ว [123]", each.code) and each.kind == "standard"}
    rows = [row for row in reference.load("core_curriculum")["standards"] if row["code"].startswith(area)]
    return {row["code"] for row in rows if likeness(row.get("strand_th") or "", title) > 0.85}


def _standard(each: Outcome) -> str:
    return re.sub(" ม[.].*", "", each.code)


def statements(*, course: bool) -> Iterator[Pair]:
    """Yield each real indicator as what a course says of its outcomes; right are its standard and the others under it.

    The indicator itself is hidden.  With ``course`` the code and title of a course of its area and year are told too, and
    right are then those of its year only, beside the standard.
    """
    by_standard: dict[str, set[str]] = {}
    years = {each.id: place.of_item(each.code, framework=each.framework, grade=each.grade).years for each in real()}
    for each in real():
        if each.framework == "core-curriculum-2551" and each.text_th:
            by_standard.setdefault(_standard(each), set()).add(each.id)
    for each in real():
        at = place.of_item(each.code, framework=each.framework, grade=each.grade)
        right = by_standard.get(_standard(each), set()) - {each.id}
        if each.kind != "indicator" or not each.text_th or not right or not at.years:
            continue
        told = Course("", "", outcomes=(each.text_th,))
        if course:
            right = {one for one in right if not years[one] or years[one] & at.years}
            if not right:
                continue
            year = min(at.years)
            letter = "อ" if at.area == "ต" else at.area
            told = replace(
                told,
                code=f"{letter}{2 if year < 4 else 3}{(year - 1) % 3 + 1}101",
                title_th=area_names()[at.area][0],
                level_group=_GROUPS.get(year, "upper_secondary_vocational"),
            )
        yield Pair("statements", each.code, told, frozenset(right), each.id)


def units() -> Iterator[Pair]:
    """Yield parts of a skill standard with their whole and its other parts, and units asked for by their description."""
    for each in real():
        if each.kind in ("ability", "ability_part"):
            right = {one.id for one in real() if each.parent in (one.parent, one.code) and one.id != each.id}
            told = Course("", "", outcomes=(each.text_th or "",), level_group="upper_secondary_vocational")
            yield Pair("units", each.code, told, frozenset(right), each.id)
        elif each.kind == "unit" and each.more:
            yield Pair("units", each.code, Course("", "", description=each.more), frozenset({each.id}))


def sketches(number: int = 240) -> Iterator[Pair]:
    """Yield made-up descriptions as schools write them: three indicators of one area and year, each cut short."""
    chance = Random(SEED)  # noqa: S311 - the same ones each time
    groups: dict[tuple[str, int], list[Outcome]] = {}
    for each in real():
        at = place.of_item(each.code, framework=each.framework, grade=each.grade)
        if each.kind == "indicator" and each.text_th and at.years:
            groups.setdefault((at.area, min(at.years)), []).append(each)
    names = [name for name in sorted(groups) if len(groups[name]) >= 3]
    for count in range(number):
        area, year = chance.choice(names)
        chosen = chance.sample(groups[area, year], 3)
        text = " ".join(_cut(each.text_th or "", chance) for each in chosen)
        course = Course("", area_names()[area][0], description=text)
        yield Pair("sketches", str(count), course, frozenset(each.id for each in chosen))


def _cut(text: str, chance: Random) -> str:
    """Return six tenths of a text, from anywhere in it."""
    kept = int(len(text) * 0.6)
    begin = chance.randint(0, len(text) - kept)
    return text[begin : begin + kept].strip()


def everything() -> dict[str, list[Pair]]:
    """Return all pairs by the way in which they are asked."""
    return {
        "courses.with_code": list(courses(code=True, english=False)),
        "courses.title_only": list(courses(code=False, english=False)),
        "courses.title_and_english": list(courses(code=False, english=True)),
        "statements.alone": list(statements(course=False)),
        "statements.of_a_course": list(statements(course=True)),
        "units": list(units()),
        "sketches_made_up": list(sketches()),
    }

"""Where a course and an outcome belong, as far as their codes and groups say: learning area, school year, NQF level."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from creditbank_plugin.rules import thai
from creditbank_plugin.rules.matching.text import normal

#: The letter of a learning area in the curriculum's codes, and its name.  Course codes of a foreign language begin with
#: the letter of that language (อ English), the curriculum's with ต.
AREAS: Mapping[str, tuple[str, str]] = {
    "ท": ("ภาษาไทย", "Thai language"),
    "ค": ("คณิตศาสตร์", "Mathematics"),
    "ว": ("วิทยาศาสตร์และเทคโนโลยี", "Science and technology"),
    "ส": ("สังคมศึกษา ศาสนา และวัฒนธรรม", "Social studies, religion and culture"),
    "พ": ("สุขศึกษาและพลศึกษา", "Health and physical education"),
    "ศ": ("ศิลปะ", "Arts"),
    "ง": ("การงานอาชีพ", "Occupations"),
    "ต": ("ภาษาต่างประเทศ", "Foreign languages"),
}
LANGUAGES = "อจญฝยร"
#: What courses are called that are an area, or half of one, and no more; as they are compared.
_NAMED = {
    **{normal(name): letter for letter, names in AREAS.items() for name in names},
    **dict.fromkeys(("ภาษาอังกฤษ", "english"), "ต"),
    **dict.fromkeys(("วิทยาศาสตร์", "science"), "ว"),
    **dict.fromkeys(("สังคมศึกษา", "social studies"), "ส"),
    **dict.fromkeys(("สุขศึกษา", "พลศึกษา", "สุขศึกษา พลศึกษา", "health education", "physical education"), "พ"),
    **dict.fromkeys(("ศิลปศึกษา", "art"), "ศ"),
    "การงานอาชีพและเทคโนโลยี": "ง",
    "thai": "ท",
}
#: Which levels a group of courses leads to (the OVEC manual's table of levels, 2562).
_LEVELS: Mapping[str, frozenset[int]] = {
    "lower_secondary": frozenset({1}),
    "upper_secondary_vocational": frozenset({2, 3}),
    "diploma": frozenset({4, 5}),
}
_YEARS: Mapping[str, frozenset[int]] = {
    "lower_secondary": frozenset({1, 2, 3}),
    "upper_secondary_vocational": frozenset({4, 5, 6}),
}
#: The level of the NQF on which the levels of a framework stand, by the same table: the same number, unless it is here.
_STANDS: Mapping[str, Mapping[int, int]] = {"nqf": {}, "tpqi": {}, "dsd": {1: 3, 2: 4, 3: 5}}
_COURSE = re.compile("([ก-ฮ])([23])([0-3])[0-9]{3}")
_ITEM = re.compile("([ทควสพศงต]) ?[0-9]+[.][0-9]+")
_GRADE = re.compile("ม[.] ?([1-6])(?:-([1-6]))?")


@dataclass(frozen=True)
class Place:
    """A learning area by its letter, school years 1 to 6 (ม.1 to ม.6), NQF levels; what is not known is empty."""

    area: str = ""
    years: frozenset[int] = frozenset()
    levels: frozenset[int] = frozenset()

    @property
    def key(self) -> str:
        """Return area and years as one word: ท/ม.1; the area alone for all years, nothing where there is no area."""
        years = years_text(self.years)
        return f"{self.area}/{years}" if self.area and years else self.area

    def fitting(self) -> list[str]:
        """Return the keys of outcomes of the same area and years, those for all years and for a whole stage too."""
        spans = [frozenset({year}) for year in sorted(self.years)]
        spans += [stage for stage in _YEARS.values() if stage & self.years]
        return [self.area, *(Place(self.area, span).key for span in spans)]

    @property
    def area_name(self) -> tuple[str, str]:
        """Return the area's name in Thai and in English."""
        return AREAS.get(self.area, ("", ""))


def of_course(code: str, level_group: str | None = None, titles: Iterable[str | None] = ()) -> Place:
    """Return where a course belongs: by the code of a basic course (ท21101), else by a title that is an area's name.

    Years and levels are those of its group of levels, where the code says no more.
    """
    levels = _LEVELS.get(level_group or "", frozenset())
    years = _YEARS.get(level_group or "", frozenset())
    told = _COURSE.fullmatch(re.sub(r"\s", "", thai.course_code(code)))
    if told is None:
        named = (_NAMED.get(normal(numberless(title))) for title in titles if title)
        return Place(next(filter(None, named), ""), years, levels)
    letter, stage, year = told.groups()
    area = "ต" if letter in LANGUAGES else letter if letter in AREAS else ""
    first = 3 * (int(stage) - 2)
    return Place(area, frozenset({first + int(year)} if year != "0" else range(first + 1, first + 4)), levels)


def numberless(title: str) -> str:
    """Return a title without the number of its term: "ภาษาไทย 1" says no more than "ภาษาไทย"."""
    return re.sub(r"\s*[0-9๐-๙]{1,2}\s*$", "", title) or title


def of_item(code: str, *, framework: str, grade: str | None = None, level: int | None = None) -> Place:
    """Return where an outcome belongs: by its code (ท 1.1 ม.2/1) and school year, or by its framework's own level."""
    code = thai.digits(thai.normalise(code))
    told = _ITEM.match(code)
    if told is not None:
        return Place(told[1], years_of(thai.digits(grade) if grade else code))
    if level is None or framework not in _STANDS:
        return Place()
    return Place(levels=frozenset({_STANDS[framework].get(level, level)}))


@lru_cache
def years_of(text: str) -> frozenset[int]:
    """Return the school years that a text names as ม.1 or ม.4-6; none where it names none."""
    told = _GRADE.search(text)
    return frozenset(range(int(told[1]), int(told[2] or told[1]) + 1)) if told else frozenset()


def years_text(years: frozenset[int]) -> str:
    """Return school years as they are written: ม.1, ม.4-6."""
    if not years:
        return ""
    first, last = min(years), max(years)
    return f"ม.{first}" if first == last else f"ม.{first}-{last}"


def order(code: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts codes as people count, whatever they are made of."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split("([0-9]+)", code))

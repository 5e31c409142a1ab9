"""Which courses the demo offers, and which published outcomes the demo's working group compares them with.

Codes, titles, credits and hours are those of ``reference/courses.json`` and carry its sources; the English titles are
our translations.  Which outcomes belong to a course is the demo's own example, as every comparison of the demo is.
"""

from dataclasses import dataclass
from decimal import Decimal

from creditbank_plugin import reference
from creditbank_plugin.reference.frameworks import CORE, Item, frameworks

LOWER, UPPER, DIPLOMA, SHORT = "lower_secondary", "upper_secondary_vocational", "diploma", "short_course"
MOST_OUTCOMES = 6
#: The core curriculum, and the non-formal one (rule NF-S1), are of พ.ศ. 2551.
CORE_YEAR = "2551"


@dataclass(frozen=True)
class Pick:
    """A row of ``courses.json`` by code (and year, where it states one) and the outcomes it is compared with.

    ``outcomes`` are codes of learning standards (their indicators of the course's school year are meant, where we hold
    any) or of single items.  ``fate``: ``adopted``, ``compared`` (by another province, not adopted) or ``open``.
    """

    group: str
    code: str
    title_en: str
    outcomes: tuple[str, ...] = ()
    year: int | None = None
    fate: str = "adopted"


@dataclass(frozen=True)
class Unit:
    """A short course of the demo school on one published unit of competency or skill standard: outcomes, no credit."""

    item: str
    title_en: str
    fate: str = "adopted"


@dataclass(frozen=True)
class DemoCourse:
    """A course as the demo enters it: ``credits`` in hundredths, ``hours`` in hundredths of an hour or unknown.

    ``level`` is the school year or qualification that the source names, such as "ม.1"; ``tpn`` the ท-ป-น, where it has one.
    """

    group: str
    national: bool
    code: str
    version: str
    title_th: str
    title_en: str
    sector: str
    scheme: str
    credits: int
    hours: int | None
    nqf_level: int | None
    outcomes: tuple[str, ...]
    source: str
    evidence: str
    fate: str
    level: str = ""
    tpn: str | None = None


def _lower(code: str, title_en: str, *outcomes: str, fate: str = "adopted") -> Pick:
    return Pick(LOWER, code, title_en, outcomes, fate=fate)


def _upper(code: str, title_en: str, *outcomes: str, year: int | None = None, fate: str = "adopted") -> Pick:
    return Pick(UPPER, code, title_en, outcomes, year, fate)


def _diploma(code: str, title_en: str, year: int, *outcomes: str, fate: str = "adopted") -> Pick:
    return Pick(DIPLOMA, code, title_en, outcomes, year, fate)


def _short(code: str, title_en: str, *outcomes: str, fate: str = "adopted") -> Pick:
    return Pick(SHORT, code, title_en, outcomes, fate=fate)


# A ปวส. course is above the core curriculum: it is compared with units of competency and skill standards only, and
# stays open where we hold none that fits.  These are abilities of the 3D animator's standard (DSD, level 3).
_ANIMATOR = "DSD-2d823bfc-L3"
_ANIMATION_STILL = (f"{_ANIMATOR} 3.2.1.1", f"{_ANIMATOR} 3.2.1.2", f"{_ANIMATOR} 3.2.1.3")
_ANIMATION_MOVING = (f"{_ANIMATOR} 3.2.2.3", f"{_ANIMATOR} 3.2.3.1", f"{_ANIMATOR} 3.2.3.2")

PICKS = (
    _lower("ค21101", "Mathematics", "ค 1.1", "ค 1.3", "ค 3.1"),
    _lower("ท21101", "Thai language", "ท 1.1", "ท 2.1", "ท 3.1"),
    _lower("ว21101", "Science", "ว 1.2", "ว 2.1", "ว 2.2"),
    _lower("ว21102", "Computing science", "ว 4.2"),
    _lower("ส21101", "Social studies, religion and culture", "ส 1.1", "ส 2.1", "ส 3.1"),
    _lower("ส21102", "History", "ส 4.1", "ส 4.2", "ส 4.3"),
    _lower("พ21101", "Health and physical education", "พ 1.1", "พ 3.1", "พ 4.1"),
    _lower("ศ21101", "Arts", "ศ 1.1", "ศ 2.1", "ศ 3.1"),
    _lower("ง21101", "Work and occupations", "ง 1.1", "ง 2.1"),
    _lower("อ21101", "English", "ต 1.1", "ต 1.2", "ต 2.1"),
    _lower("ค22101", "Mathematics", "ค 1.1", "ค 2.2", "ค 3.1"),
    _lower("ท22101", "Thai language", "ท 1.1", "ท 2.1", "ท 4.1"),
    _lower("ว22101", "Science", "ว 1.2", "ว 2.2", "ว 2.3"),
    _lower("อ22101", "English", "ต 1.1", "ต 1.2", "ต 1.3"),
    _lower("ค23101", "Mathematics", "ค 1.2", "ค 2.2", "ค 3.2"),
    _lower("ท23101", "Thai language", "ท 1.1", "ท 2.1", "ท 5.1"),
    _lower("ว23101", "Science", "ว 1.1", "ว 1.3", "ว 2.3"),
    _lower("ส23101", "Social studies, religion and culture", "ส 2.1", "ส 3.1", "ส 5.1"),
    _lower("ว21201", "School botanical garden", "ว 1.2"),
    _lower("ง21201", "Foundations of occupations", "ง 1.1", "ง 2.1", fate="compared"),
    _lower("พ21201", "Sports and recreation", fate="open"),
    _upper("ค31101", "Mathematics", "ค 1.1", "ค 1.2", "ค 3.2"),
    _upper("ท31101", "Thai language", "ท 1.1", "ท 2.1", "ท 3.1"),
    _upper("ว31101", "Science", "ว 1.1", "ว 1.2", "ว 2.1"),
    _upper("ส31101", "Social studies, religion and culture", "ส 1.1", "ส 2.1", "ส 3.2"),
    _upper("ส31102", "History", "ส 4.1", "ส 4.2", "ส 4.3"),
    _upper("อ31101", "English", "ต 1.1", "ต 1.2", "ต 1.3"),
    _upper("พ31101", "Health and physical education", "พ 1.1", "พ 3.1", "พ 4.1"),
    _upper("ท32201", "Thai language (additional)", "ท 1.1", "ท 5.1"),
    _upper("อ33201", "English (additional)", fate="open"),
    _upper("20000-1102", "Thai for occupations", "ท 1.1", "ท 2.1", "ท 3.1", year=2567),
    _upper("20000-1203", "English listening and speaking", "ต 1.1", "ต 1.2", year=2567),
    _upper("20000-1402", "Mathematics for industry", "ค 1.3", "ค 2.1", year=2567),
    _upper("20000-1603", "Physical education for health", "พ 3.1", "พ 4.1", year=2567),
    _upper("20000-1205", "English in the workplace", "ต 1.2", "ต 4.2", year=2562),
    _upper("20001-1003", "Introduction to business", "ส 3.1", "ง 2.1", year=2567),
    _upper("21910-1003", "Introduction to computer programming", "ว 4.2", year=2567),
    _upper("21910-1004", "Introduction to electronic commerce", "ส 3.2", "ง 2.1", year=2567),
    _upper("21910-2007", "Graphics software for digital media", "ศ 1.1", year=2567),
    _upper("20204-2008", "Building websites", "ว 4.2", year=2562),
    _upper("20204-2111", "Animation software", year=2562, fate="open"),
    _diploma("30000-1214", "English for information technology", 2564, fate="open"),
    _diploma("30000-1408", "Mathematics for business and service", 2564, fate="open"),
    _diploma("30000-1609", "Social dance for health and personality", 2564, fate="open"),
    _diploma("30204-2001", "Foundations of digital business", 2564, "ICT-QLIP-401B"),
    _diploma("30204-2005", "Computer programming", 2564, fate="open"),
    _diploma("30204-2204", "Multimedia production for digital business", 2564, *_ANIMATION_MOVING),
    _diploma("31910-2015", "Digital media design", 2567, *_ANIMATION_STILL),
    _diploma("31910-2023", "Maintenance of computers and portable devices", 2567, "EET-FJNI-092B"),
    _diploma("30200-1002", "Principles of marketing", 2564, "RTS-HKCC-263A", fate="compared"),
    _diploma("30204-8501", "Project", 2564, fate="open"),
    _short("สค22016", "Money for life 2", "ส 3.1"),
    _short("พว22002", "Using electrical energy in daily life 2", "ว 2.3"),
    _short("ทช32005", "Health and safety in life", "พ 4.1", "พ 5.1"),
    _short("สค22022", "Preventing corruption", "ส 2.1", "ส 2.2"),
    _short("สค32034", "History of the Thai nation", "ส 4.1", "ส 4.3", fate="compared"),
    _short("อช32001", "Developing plans and projects", fate="open"),
)

UNITS = (
    Unit("THR-IWQQ-049A", "Domestic tour guiding"),
    Unit("HDS-RMQO-202B", "Thai massage with safety and hygiene"),
    Unit("DSD-ec52582f-L1", "Indoor electrician, level 1"),
    Unit("DSD-a0f4476e-L1", "Multi-rotor camera drone pilot, level 1"),
    Unit("THR-ABSD-1062A", "Budget planning for Thai food production", fate="open"),
)

_GRADES = {"ม.4": ("ม.4", "ม.4-6"), "ม.5": ("ม.5", "ม.4-6"), "ม.6": ("ม.6", "ม.4-6")}


def demo_courses() -> list[DemoCourse]:
    """Return every course of the demo; LookupError when a source row or an outcome is not there."""
    rows: dict[tuple[str, int | None], dict[str, object]] = {}
    for row in reference.load("courses")["rows"]:
        rows.setdefault((row["code"], row.get("curriculum_year_be")), row)
    items = {item.code: item for framework in frameworks() for item in framework.items}
    core = next(framework.items for framework in frameworks() if framework.code == CORE)
    return [_course(pick, rows, items, core) for pick in PICKS] + [_unit(unit, items[unit.item]) for unit in UNITS]


def _course(
    pick: Pick,
    rows: dict[tuple[str, int | None], dict[str, object]],
    items: dict[str, Item],
    core: tuple[Item, ...],
) -> DemoCourse:
    row = rows[pick.code, pick.year]
    scheme = {"nonformal": "non_formal"}.get(str(row["sector"]), str(row["sector"]))
    hours, credits = row["hours_total"], Decimal(str(row["credits"]))
    return DemoCourse(
        group=pick.group,
        national=row.get("type_th") != "เพิ่มเติม",
        code=pick.code,
        version=str(pick.year or CORE_YEAR),
        title_th=str(row["title_th"]),
        title_en=pick.title_en,
        sector="non_formal" if scheme == "non_formal" else "formal",
        scheme=scheme,
        credits=int(credits * 100),
        hours=int(str(hours)) * 100 if hours is not None else None,
        nqf_level=_level_of(str(row["level"])),
        outcomes=_outcomes(pick, str(row["level"]), items, core),
        source=str(row["source"]),
        evidence=str(row["evidence"]),
        fate=pick.fate,
        level=str(row["level"]),
        tpn=str(row["tpn"]) if row.get("tpn") else None,
    )


def _level_of(level: str) -> int | None:
    """Return the NQF level that the reference table gives the qualification a course is part of, where it gives one.

    ปวช. stands on one level with high confidence.  ปวส. is printed on two, and school years (ม.1-ม.6) are no
    qualification: no level is claimed for those.
    """
    places = {
        placed.level
        for placed in reference.nqf_levels()
        for qualification in placed.qualifications
        if f"({level})" in qualification.name_th and qualification.confidence == "high"
    }
    return places.pop() if len(places) == 1 else None


def _outcomes(pick: Pick, level: str, items: dict[str, Item], core: tuple[Item, ...]) -> tuple[str, ...]:
    """Return item ids: indicators of the course's school year in turn from each standard, else the standards."""
    grades = _GRADES.get(level, (level,))
    columns = []
    for code in pick.outcomes:
        found = [item.id for item in core if item.parent == code and item.grade in grades and item.text_th is not None]
        columns.append(found or [items[code].id])
    turns = [column[place] for place in range(MOST_OUTCOMES) for column in columns if place < len(column)]
    return tuple(turns[:MOST_OUTCOMES])


def _unit(unit: Unit, item: Item) -> DemoCourse:
    return DemoCourse(
        group=SHORT,
        national=False,
        code=f"99-{item.code}",
        version="2567",
        title_th=f"อบรมระยะสั้น: {item.text_th}",
        title_en=f"Short training: {unit.title_en}",
        sector="non_formal",
        scheme="none",
        credits=0,
        hours=None,
        nqf_level=None,
        outcomes=(item.id,),
        source=item.source or "",
        evidence=item.evidence or "",
        fate=unit.fate,
    )

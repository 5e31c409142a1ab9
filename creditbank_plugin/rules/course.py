"""What a course version says of itself, as it is entered, edited, imported and given out."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

#: The four groups of learners in which a province gathers its courses.
LEVEL_GROUPS = ("lower_secondary", "upper_secondary_vocational", "diploma", "short_course")
#: How learning is arranged: in a school's curriculum, in courses beside it, by oneself, at work.
SECTORS = ("formal", "non_formal", "informal", "work_experience")
#: What older rows call the sector, by the scheme of their credits: they are read as what they mean.
_SECTORS_BEFORE = {"basic": "formal", "vocational": "formal", "higher": "formal", "nonformal": "non_formal"}

#: The key of a course version, which never changes.
KEY = ("owner", "code", "version")


@dataclass(frozen=True, kw_only=True)
class CourseValues:
    """A course version: its key (owner, code, curriculum year พ.ศ.) and whatever may be edited.

    Hours are whole hundredths of an hour, None where they are not known: ``hours`` is the whole course, the others are
    its parts.  ``tpn`` is a vocational course's weekly ท-ป-น ("2-2-3").  Texts stand as `thai.normalise` leaves them,
    codes as `thai.course_code`.
    """

    owner: str
    code: str
    version: str
    title_th: str
    title_en: str | None = None
    description: str | None = None
    outcomes: tuple[str, ...] = ()
    hours: int | None = None
    hours_theory: int | None = None
    hours_practice: int | None = None
    hours_field: int | None = None
    tpn: str | None = None
    level_group: str | None = None
    sector: str | None = None
    delivery: str | None = None
    provider: str | None = None
    province: str | None = None
    agency: str | None = None
    occupational_group: str | None = None
    in_force_from: date | None = None
    in_force_until: date | None = None
    source: str | None = None
    evidence: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Return owner, code and version."""
        return self.owner, self.code, self.version

    @property
    def split_hours(self) -> tuple[int | None, int | None, int | None]:
        """Return the hours of theory, practice and field work."""
        return self.hours_theory, self.hours_practice, self.hours_field


#: What may be edited of a course version, in the order of its pages.
EDITABLE = tuple(field.name for field in fields(CourseValues) if field.name not in KEY)
#: Those of them that hold hundredths of an hour: the whole course, and its parts.
HOUR_FIELDS = ("hours", "hours_theory", "hours_practice", "hours_field")
_DAYS = ("in_force_from", "in_force_until")


def sector(told: str | None) -> str | None:
    """Return the sector that a stored word means; one that we do not know stays as it is."""
    return _SECTORS_BEFORE.get(told, told) if told is not None else None


def sector_spellings(wanted: str) -> tuple[str, ...]:
    """Return every stored word that `sector` reads as ``wanted``."""
    return (wanted, *(before for before, now in _SECTORS_BEFORE.items() if now == wanted))


def hours_in_all(theory: int | None, practice: int | None, field: int | None) -> int | None:
    """Return the sum of the parts that are known (hundredths of an hour), None where none is."""
    known = [part for part in (theory, practice, field) if part is not None]
    return sum(known) if known else None


def edited(before: CourseValues, told: CourseValues, only: Collection[str] | None) -> CourseValues:
    """Return what a version says after an edit that speaks of ``only`` some of its fields (None for all).

    Its whole hours follow their parts where these change and the edit says nothing of the whole.
    """
    if only is None:
        return told
    merged = replace(before, **{name: getattr(told, name) for name in EDITABLE if name in only})
    if "hours" not in only and merged.split_hours != before.split_hours:
        return replace(merged, hours=hours_in_all(*merged.split_hours))
    return merged


#: How a reader may take the number or bullet off a line of outcomes.
_MARKED = re.compile(r"\(?[0-9๐-๙]{1,2}[.)]|[-–—•●▪*·]\s")


def lines_of(outcomes: Sequence[str]) -> str:
    """Return outcomes one a line; numbered where a reader would otherwise take something off one of them.

    One alone gets a bullet instead: "1. a 2. b" would be read as two.
    """
    if len(outcomes) > 99 or not any(_MARKED.search(each) for each in outcomes):
        return "\n".join(outcomes)
    if len(outcomes) == 1:
        return f"- {outcomes[0]}"
    return "\n".join(f"{number}. {each}" for number, each in enumerate(outcomes, 1))


def content(values: CourseValues) -> dict[str, Any]:
    """Return what may be edited as plain JSON values, for a revision; what is empty is left out."""
    told = {name: value for name, value in vars(values).items() if name not in KEY and value not in (None, (), "")}
    return {
        name: value.isoformat() if name in _DAYS else list(value) if name == "outcomes" else value
        for name, value in told.items()
    }


def of_content(key: tuple[str, str, str], kept: Mapping[str, Any]) -> CourseValues:
    """Return what `content` kept of a revision; what this version of the software does not know is left out."""
    told: dict[str, Any] = {name: value for name, value in kept.items() if name in EDITABLE}
    told.update({name: date.fromisoformat(told[name]) for name in _DAYS if told.get(name)})
    told["outcomes"] = tuple(told.get("outcomes", ()))
    owner, code, version = key
    return CourseValues(owner=owner, code=code, version=version, **told)

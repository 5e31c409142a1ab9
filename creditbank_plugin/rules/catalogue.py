"""Which course version a completion means."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: The owner of courses that the whole country shares.
NATIONAL = "national"


def reading_order(code: str) -> tuple[str | int, ...]:
    """Return a key that sorts codes as people count: ``ค 1.1 ม.1/2`` before ``ค 1.1 ม.1/10``."""
    parts = re.split(r"([0-9]+)", code)
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts))


@dataclass(frozen=True)
class CourseKey:
    """A course version of the catalogue, as far as settling needs it; a missing date means no bound.

    All hours are hundredths of an hour: of the whole course, and of its parts where they are known.  ``tpn`` is a
    vocational course's weekly ท-ป-น.
    """

    id: str
    owner: str
    code: str
    version: str
    in_force_from: date | None = None
    in_force_until: date | None = None
    level_group: str | None = None
    hours: int | None = None
    occupational_group: str | None = None
    hours_theory: int | None = None
    hours_practice: int | None = None
    hours_field: int | None = None
    tpn: str | None = None

    def in_force(self, day: date) -> bool:
        """Tell whether the version is the one taught on ``day`` (a Bangkok day)."""
        return (self.in_force_from is None or self.in_force_from <= day) and (
            self.in_force_until is None or day <= self.in_force_until
        )


@dataclass(frozen=True)
class Found:
    """What look-up found: exactly one course, or the reason why none (``course_unknown``, ``course_ambiguous``)."""

    course: CourseKey | None
    reason: str
    owners: tuple[str, ...] = ()


def owned(candidates: Iterable[CourseKey], owner: str | None, school: str | None) -> list[CourseKey]:
    """Keep the candidates of the named owner, else of the sending school, else of the nation."""
    candidates = list(candidates)
    if owner is not None:
        return [course for course in candidates if course.owner == owner]
    own = [course for course in candidates if school is not None and course.owner == school]
    return own or [course for course in candidates if course.owner == NATIONAL]


def find(
    candidates: Iterable[CourseKey], *, owner: str | None, version: str | None, school: str | None, day: date
) -> Found:
    """Choose among the courses with the told code; more than one means that a person must choose, never a guess.

    An absent version means the one in force on ``day``.
    """
    kept = owned(candidates, owner, school)
    if version is not None:
        kept = [course for course in kept if course.version == version]
    elif len(kept) > 1:
        kept = [course for course in kept if course.in_force(day)]
    owners = tuple(sorted({course.owner for course in kept}))
    if not kept:
        return Found(None, "course_unknown")
    if len(kept) > 1:
        return Found(None, "course_ambiguous", owners)
    return Found(kept[0], "", owners)

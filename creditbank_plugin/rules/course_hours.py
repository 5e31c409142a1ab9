"""What a course's own hours would give: from its ท-ป-น, from its hours by kind of learning, or from all of them."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from creditbank_plugin.rules import thai
from creditbank_plugin.rules.hours import (
    HoursResult,
    credit_text,
    credits_from_hours,
    credits_from_parts,
    credits_from_tpn,
    hours_text,
)

_TPN = re.compile(r"\(?\s*([0-9]{1,2})\s*-\s*([0-9]{1,2})\s*-\s*([0-9]{1,2})\s*\)?")
_HYPHENS = str.maketrans("‐‑‒–—−", "------")


class Timed(Protocol):
    """Whatever says how long a course takes: all hours in hundredths of an hour, None where they are not known."""

    @property
    def hours(self) -> int | None: ...  # noqa: D102 - named by the class
    @property
    def hours_theory(self) -> int | None: ...  # noqa: D102
    @property
    def hours_practice(self) -> int | None: ...  # noqa: D102
    @property
    def hours_field(self) -> int | None: ...  # noqa: D102
    @property
    def tpn(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True)
class Tpn:
    """ท-ป-น of a vocational course: hours of theory and of practice a week, and its credits (whole ones)."""

    theory: int
    practice: int
    credits: int

    @property
    def text(self) -> str:
        """Return it as it is printed: "2-2-3"."""
        return f"{self.theory}-{self.practice}-{self.credits}"


def parse_tpn(text: str) -> Tpn | None:
    """Return the ท-ป-น that a text says, Thai digits, blanks, brackets and long hyphens allowed; None for anything else."""
    found = _TPN.fullmatch(thai.digits(thai.normalise(text)).translate(_HYPHENS))
    return Tpn(*(int(part) for part in found.groups())) if found else None


def of_tpn(tpn: Tpn) -> HoursResult:
    """Return what the weekly hours of a ท-ป-น give, and say whether the course's own credits (น) agree with that.

    Where they do not (projects), those that the course states count: the sum is an explanation only.
    """
    summed = credits_from_tpn(tpn.theory, tpn.practice)
    if tpn.credits * 100 == summed.credits:
        th, en = f"รายวิชาระบุ {tpn.credits} หน่วยกิต ตรงกับผลคำนวณ", f"the course states {tpn.credits}, as the sum does"
    else:
        th = f"รายวิชาระบุ {tpn.credits} หน่วยกิต ไม่ตรงกับผลคำนวณ ให้ถือตามที่รายวิชาระบุ"
        en = f"the course states {tpn.credits}, not what the sum gives; what it states counts"
    return replace(
        summed,
        th=f"ท-ป-น {tpn.text} ({th}): {summed.th}",
        en=f"Theory, practice and credits {tpn.text} ({en}): {summed.en}",
    )


def of_course(scheme: str, course: Timed | None) -> HoursResult | None:
    """Return what the hours of a course give in a credit scheme, from the finest that is known of them.

    None where nothing is known, or no sourced ratio fits: then the hours set no credits.
    """
    if course is None:
        return None
    tpn = _tpn(scheme, course)
    if tpn is not None:
        return of_tpn(tpn)
    by_parts = _by_parts(scheme, course)
    if by_parts is not None or course.hours is None:
        return by_parts
    return credits_from_hours(scheme, Decimal(course.hours) / 100)


def looked_at(scheme: str, course: Timed | None) -> dict[str, str]:
    """Return what `of_course` looked at, for a line of explanation."""
    if course is None:
        return {}
    tpn = _tpn(scheme, course)
    if tpn is not None:
        return {"tpn": tpn.text, "credits_stated": credit_text(tpn.credits * 100)}
    names = ("hours",) if _by_parts(scheme, course) is None else ("hours_theory", "hours_practice", "hours_field")
    told = {name: getattr(course, name) for name in names}
    return {name: hours_text(amount) for name, amount in told.items() if amount is not None}


def _tpn(scheme: str, course: Timed) -> Tpn | None:
    return parse_tpn(course.tpn) if scheme == "vocational" and course.tpn else None


def _by_parts(scheme: str, course: Timed) -> HoursResult | None:
    """Return what the parts give, where they are the whole course: a part that is missing would be learned for nothing."""
    parts = (course.hours_theory, course.hours_practice, course.hours_field)
    if course.hours is not None and sum(part or 0 for part in parts) != course.hours:
        return None
    return credits_from_parts(scheme, *(None if part is None else Decimal(part) / 100 for part in parts))

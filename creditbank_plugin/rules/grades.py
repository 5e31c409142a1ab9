"""What a grade mark means: the eight levels (BE-G1), the marks without a number (BE-G2), vocational marks (VE-G1).

What letter grades mean here is configuration: no national source was found, and it says so on screen.  A grade is
read from what a school registered; it is never computed from a score.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from creditbank_plugin import reference
from creditbank_plugin.rules import thai


@dataclass(frozen=True, kw_only=True)
class Grade:
    """A mark with its meaning.  ``point`` is None where the mark does not count in the GPA.

    ``attempted`` and ``graduation`` are None where the source says nothing.  ``rule`` and ``source`` tell where the
    mark is from; ``meaning_en`` is our translation.
    """

    mark: str
    point: Decimal | None
    earned: bool
    pending: bool
    attempted: bool | None
    graduation: bool | None
    meaning_th: str
    meaning_en: str
    rule: str
    source: str
    evidence: str


def _rows() -> Iterator[Grade]:
    document = reference.load("grade_codes")
    for row in document["rows"]:
        yield Grade(
            mark=row["mark"],
            point=Decimal(row["point"]) if row["gpa"] else None,
            earned=row["earned"],
            pending=False,
            attempted=row["attempted"],
            graduation=row["graduation"],
            meaning_th=row["meaning_th"],
            meaning_en=row["meaning_en"],
            rule=row["rule"],
            source=row["source"],
            evidence=row["evidence"],
        )
    for row in document["marks"]:
        yield _without_point(row, rule=row["rule"], source=row["source"], evidence=row["evidence"])
    for row in document["configured"]:
        yield _without_point(row, rule="marks", source="configuration", evidence="setting")


def _without_point(row: Mapping[str, Any], *, rule: str, source: str, evidence: str) -> Grade:
    """Return a mark that has no number and of which the source says nothing but whether it earns credit."""
    return Grade(
        mark=row["mark"],
        point=None,
        earned=row["earned"],
        pending=row["pending"],
        attempted=None,
        graduation=None,
        meaning_th=row["meaning_th"],
        meaning_en=row["meaning_en"],
        rule=rule,
        source=source,
        evidence=evidence,
    )


@cache
def _by_key() -> dict[str, Grade]:
    return {_key(found.mark): found for found in _rows()}


def _key(mark: str) -> str:
    """Return one spelling of a mark: "๓.๕", "3.50" → "3.5"; "4.0" → "4"; "มส.", "ม.ส." → "มส"."""
    text = thai.digits(thai.normalise(mark))
    if re.fullmatch(r"[0-9](\.[0-9]{1,6})?", text):
        return f"{Decimal(text).normalize():f}"
    return text.replace(".", "").replace(" ", "").upper()


def grade(mark: str) -> Grade | None:
    """Return what ``mark`` means, written with Thai or Arabic digits, with or without dots; None when unknown."""
    return _by_key().get(_key(mark))


def at_least(mark: str, minimum: str) -> bool | None:
    """Tell whether ``mark`` reaches ``minimum``; None where nobody can say.

    None: a mark or minimum that is unknown, a result still pending (ร), or marks of different scales ("ผ" and "2").
    A mark that earns nothing is below every minimum that does.
    """
    have, need = grade(mark), grade(minimum)
    if have is None or need is None or have.pending:
        return None
    if have.point is not None and need.point is not None:
        return have.point >= need.point
    if need.earned and not have.earned:
        return False
    return True if have.mark == need.mark and need.earned else None

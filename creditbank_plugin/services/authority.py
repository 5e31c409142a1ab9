"""Enter comparisons, end them, and list what waits for a person.  Orders are entered by `services.adoptions`.

A comparison never changes once entered; it is ended from a day of completion on.  What waited for it is
settled at once.  ``acting_for`` is the organisation for which somebody acts (see ``reach``), None the whole platform.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from creditbank_hooks import Assurance, TidingError
from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.rules import waits
from creditbank_plugin.rules.catalogue import reading_order
from creditbank_plugin.rules.conditions import REQUIRABLE
from creditbank_plugin.rules.grades import grade
from creditbank_plugin.rules.hours import SCHEMES
from creditbank_plugin.services.adoption_register import adoptions
from creditbank_plugin.services.adoptions import adopt
from creditbank_plugin.services.catalogue import (
    add_course,
    alias,
    aliases,
    all_frameworks,
    courses,
    items,
    known_codes,
    load_frameworks,
    mapped,
    unknown_courses,
)
from creditbank_plugin.services.organisations import (
    add_bank,
    add_organisation,
    banks,
    issuers,
    organisations,
    trust_issuer,
)
from creditbank_plugin.services.reach import require
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settle import settle_at_once
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import authority, catalogue, ledger, waking
from creditbank_plugin.storage.queries.writes import insert_all, table_of
from creditbank_plugin.storage.session import reading, writing

__all__ = [
    "add_bank",
    "add_course",
    "add_organisation",
    "adopt",
    "adoptions",
    "alias",
    "aliases",
    "all_frameworks",
    "approve_comparison",
    "banks",
    "comparisons",
    "courses",
    "end_comparison",
    "issuers",
    "items",
    "known_codes",
    "load_frameworks",
    "mapped",
    "may_end",
    "organisations",
    "reviews",
    "tasks",
    "trust_issuer",
    "unknown_courses",
]

LEVEL_BASES = ("comparison", "standard", "qualification")


def approve_comparison(
    runtime: Runtime,
    *,
    course_id: str,
    body: str,
    scheme: str,
    credits: int,
    outcomes: Sequence[str],
    reference: str,
    applies_from: date,
    applies_until: date | None = None,
    nqf_level: int | None = None,
    nqf_level_basis: str | None = None,
    conditions: Mapping[str, Any] | None = None,
    credits_rule: str | None = None,
    approved_at: datetime | None = None,
    by: str | None = None,
    acting_for: str | None = None,
) -> str:
    """Enter an approved comparison (``credits`` in hundredths, ``outcomes`` item ids) and settle; return its id.

    ``Refused`` names the field: scheme, credits, level, dates, outcomes or conditions that cannot be; ``not_yours``
    (403) for a body that ``acting_for`` may not act for.  Outcomes are kept in the order of their codes.
    """
    checked = _conditions(conditions or {})
    _check(scheme in SCHEMES, "scheme", "ไม่รู้จักระบบหน่วยกิตนี้", "This credit scheme is unknown.")
    _check(0 <= credits <= 100_000, "credits", "หน่วยกิตไม่อยู่ในช่วง", "The credits are out of range.")
    none_th, none_en = "ระบบนี้บันทึกผลลัพธ์โดยไม่มีหน่วยกิต", "This scheme records outcomes without credit."
    _check(scheme != "none" or credits == 0, "credits", none_th, none_en)
    _check(nqf_level is None or 1 <= nqf_level <= 8, "nqf_level", "ระดับต้องเป็น 1 ถึง 8", "The level must be 1 to 8.")
    basis_fits = (nqf_level is None) == (nqf_level_basis is None) and nqf_level_basis in (None, *LEVEL_BASES)
    _check(basis_fits, "nqf_level_basis", "ต้องบอกที่มาของระดับ", "Say what the level rests on.")
    _check(bool(reference.strip()), "reference", "ต้องอ้างประกาศที่ใช้เป็นฐาน", "Name the announcement it rests on.")
    dated = applies_until is None or applies_from <= applies_until
    _check(dated, "applies_until", "วันสิ้นสุดมาก่อนวันเริ่ม", "It would end before it begins.")
    made = new_id()
    with writing(runtime.engine) as connection:
        course = table_of(tables.CourseVersion)
        known = connection.scalar(select(course.c.id).where(course.c.id == course_id))
        _check(known is not None, "course_id", "ไม่พบรายวิชานี้", "This course was not found.")
        _check(bool(authority.organisations(connection, [body])), "body", "ไม่รู้จักหน่วยงานนี้", "The body is unknown.")
        require(connection, body, acting_for)
        wanted = _outcomes(connection, outcomes)
        row = {
            "id": made,
            "course_id": course_id,
            "body_code": body,
            "scheme": scheme,
            "credits": credits,
            "credits_rule": credits_rule,
            "nqf_level": nqf_level,
            "nqf_level_basis": nqf_level_basis,
            "conditions": checked,
            "reference": reference.strip(),
            "approved_at": approved_at or runtime.clock(),
            "applies_from": applies_from,
            "applies_until": applies_until,
            "entered_by": by,
        }
        insert_all(connection, tables.Comparison, [row])
        links = [
            {"comparison_id": made, "item_id": each, "position": place} for place, each in enumerate(wanted, start=1)
        ]
        insert_all(connection, tables.ComparisonItem, links)
        waking.wake(connection, [waits.comparison(course_id)])
    settle_at_once(runtime)
    return made


def _outcomes(connection: Connection, wanted: Sequence[str]) -> list[str]:
    """Return the ids of outcomes that all exist, each once, in the order of their codes within their framework."""
    rows = catalogue.items(connection, ids=wanted, limit=len(wanted))
    _check({row.id for row in rows} == set(wanted), "outcomes", "มีผลลัพธ์ที่ไม่รู้จัก", "An outcome is unknown.")
    return [row.id for row in sorted(rows, key=lambda row: (row.framework_code, reading_order(row.code)))]


def _check(met: bool, field: str, th: str, en: str) -> None:
    if not met:
        raise Refused("invalid", th, en, field=field)


def _conditions(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Return conditions whose every part is understood."""
    known = {"min_score", "min_grade", "min_attendance", "min_identity", "min_assessment", "required"}
    _check(set(conditions) <= known, "conditions", "มีเงื่อนไขที่ไม่รู้จัก", "A condition is unknown.")
    for name in ("min_score", "min_attendance"):
        value = conditions.get(name)
        fits = value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100)
        _check(fits, name, "ต้องอยู่ระหว่าง 0 ถึง 100", "It must be between 0 and 100.")
    mark = conditions.get("min_grade")
    _check(mark is None or grade(str(mark)) is not None, "min_grade", "ไม่รู้จักผลการเรียนนี้", "This mark is unknown.")
    try:
        Assurance(
            identity=conditions.get("min_identity", "unknown"), assessment=conditions.get("min_assessment", "self")
        )
    except TidingError as refusal:
        raise Refused("invalid", refusal.th, refusal.en, field="min_identity") from None
    required = conditions.get("required", [])
    _check(set(required) <= set(REQUIRABLE), "required", "มีหลักฐานที่ไม่รู้จัก", "A required evidence is unknown.")
    return {name: value for name, value in conditions.items() if value not in (None, [], "")}


def end_comparison(
    runtime: Runtime,
    comparison_id: str,
    *,
    ended_from: date,
    ended_as: str = "withdrawn",
    by: str | None = None,
    acting_for: str | None = None,
) -> None:
    """End a comparison for completions from ``ended_from`` on; credit that rests on it stays.

    ``Refused`` with 404 when it is unknown, 403 (``not_yours``) when its body is not ``acting_for``'s, 422 when it has
    ended already.
    """
    _check(ended_as in ("withdrawn", "superseded"), "ended_as", "ไม่รู้จักเหตุนี้", "This way to end is unknown.")
    comparison = table_of(tables.Comparison)
    with writing(runtime.engine) as connection:
        _comparison(connection, comparison_id, acting_for)
        changed = connection.execute(
            update(comparison)
            .where(comparison.c.id == comparison_id, comparison.c.ended_at.is_(None))
            .values(ended_from=ended_from, ended_as=ended_as, ended_at=runtime.clock())
        )
        _check(changed.rowcount == 1, "comparison_id", "ผลการเทียบนี้สิ้นสุดไปแล้ว", "This comparison has ended already.")


def may_end(runtime: Runtime, comparison_id: str, *, acting_for: str | None) -> None:
    """Raise what ``end_comparison`` would for a comparison that is unknown (404) or not ``acting_for``'s (403)."""
    with reading(runtime.engine) as connection:
        _comparison(connection, comparison_id, acting_for)


def _comparison(connection: Connection, comparison_id: str, acting_for: str | None) -> None:
    row = authority.comparison_rows(connection, [comparison_id]).get(comparison_id) if is_uuid(comparison_id) else None
    if row is None:
        raise not_found()
    require(connection, row.body_code, acting_for)


def comparisons(runtime: Runtime, course_id: str | None = None, limit: int = 200) -> Sequence[Stored]:
    """Return comparisons, newest first, with their course and body."""
    with reading(runtime.engine) as connection:
        return authority.list_comparisons(connection, course_id, limit)


def tasks(runtime: Runtime) -> Sequence[Stored]:
    """Return what waits for a person, oldest first."""
    with reading(runtime.engine) as connection:
        return ledger.open_tasks(connection)


def reviews(runtime: Runtime) -> Sequence[Stored]:
    """Return records under review: their last entry, the course, since when and by which message (``review_cause``)."""
    with reading(runtime.engine) as connection:
        return ledger.under_review(connection)

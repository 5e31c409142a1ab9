"""What the API answers about courses, as types; texts as in ``creditbank_client.shapes``."""

from typing import Any, TypedDict

from creditbank_client.shapes import Name, Outcome


class Course(TypedDict):
    """A course version as the catalogue lists it; its fields are named as the columns of the template."""

    owner: str
    owner_name: Name
    code: str
    version: str
    title_th: str
    title_en: str | None
    description: str | None
    outcomes: list[str]
    hours: float | None
    hours_theory: float | None
    hours_practice: float | None
    hours_field: float | None
    tpn: str | None
    level_group: str | None
    sector: str | None
    delivery: str | None
    provider: str | None
    province: str | None
    agency: str | None
    occupational_group: str | None
    in_force_from: str | None
    in_force_until: str | None
    source: str | None
    evidence: str | None
    revision: int


class AdoptedBy(TypedDict):
    """A bank that gives credit for the course today, and its order."""

    code: str
    name: Name
    organisation: str
    adoption_id: str
    order_number: str
    ordered_on: str
    signatory: str
    standing: bool


class CountsFor(TypedDict):
    """An approved comparison of the course."""

    comparison_id: str
    body: dict[str, Any]
    reference: str
    approved_at: str
    applies_from: str
    applies_until: str | None
    in_force: bool
    scheme: str
    credits: str
    nqf_level: int | None
    nqf_level_basis: str | None
    outcomes: list[Outcome]
    conditions: dict[str, Any]
    course_revision: int | None
    banks: list[AdoptedBy]


class CourseRevision(TypedDict):
    """What the course said from a moment on."""

    revision: int
    at: str
    changed: list[str]
    values: dict[str, Any]


class CourseView(Course):
    """One course version, what it counts for and what it was before."""

    versions: list[str]
    counts_for: list[CountsFor]
    more_banks: bool
    revisions: list[CourseRevision]

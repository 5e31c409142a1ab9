"""What a course version counts for: its approved comparisons, and the banks that adopted them, by the rules that settle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from creditbank_plugin.rules import authority
from creditbank_plugin.rules.catalogue import reading_order
from creditbank_plugin.services.views import Name, Outcome, outcome_of
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import authority as authority_rows
from creditbank_plugin.storage.queries import catalogue, course_authority

#: So many orders are looked at: a national course may be adopted by every school of the country.
MOST_ORDERS = 2000


@dataclass(frozen=True)
class AdoptedBy:
    """A bank that gives credit for a course today, and by which order; ``standing`` where that speaks of many courses."""

    bank: str
    organisation: str
    name: Name
    adoption_id: str
    order_number: str
    signatory: str
    ordered_on: date
    standing: bool


@dataclass(frozen=True)
class Finding:
    """An approved comparison of a course: what it gives, on which paper, at which banks.

    ``in_force`` tells whether it covers completions of today; ``upcoming`` whether it will from a later day on.
    ``course_revision`` is the revision of the course that was judged, None where that was not noted.
    """

    comparison: authority.Comparison
    body: Name
    course_revision: int | None
    ended_as: str | None
    in_force: bool
    upcoming: bool
    outcomes: Sequence[Outcome]
    banks: Sequence[AdoptedBy]


@dataclass(frozen=True)
class Counts:
    """Every approved comparison of a course, those in force first; ``more`` where some banks are left out."""

    findings: Sequence[Finding]
    more: bool

    @property
    def in_force(self) -> Sequence[Finding]:
        """Return those that cover completions of today."""
        return [finding for finding in self.findings if finding.in_force]

    @property
    def upcoming(self) -> Sequence[Finding]:
        """Return those that will cover completions of a later day."""
        return [finding for finding in self.findings if finding.upcoming]

    @property
    def judged(self) -> Sequence[Finding]:
        """Return those that say which revision of the course they rest on."""
        return [finding for finding in self.findings if finding.course_revision is not None]


def of_course(connection: Connection, course: Stored, day: date, organisation: str | None = None) -> Counts:
    """Return what a stored course counts for on ``day``; the bank of ``organisation`` is looked at first."""
    rows = {row.id: row for row in course_authority.comparisons(connection, course.id)}
    known = {each.id: each for each in authority_rows.comparisons_of(connection, [course.id]).get(course.id, [])}
    covering = [each for each in known.values() if each.covers(day)]
    banks, more = _banks(connection, course, covering, day, organisation)
    items = catalogue.items_by_id(connection, {item for each in known.values() for item in each.outcomes})
    findings = [
        Finding(
            comparison=known[row.id],
            body=Name(row.name_th, row.name_en),
            course_revision=row.course_revision,
            ended_as=row.ended_as,
            in_force=known[row.id].covers(day),
            upcoming=known[row.id].applies_from > day and (known[row.id].last_day or day) >= day,
            outcomes=_outcomes(known[row.id], items),
            banks=banks.get(row.id, []),
        )
        for row in rows.values()
    ]
    return Counts(sorted(findings, key=lambda each: not each.in_force), more)


def _banks(
    connection: Connection,
    course: Stored,
    covering: Sequence[authority.Comparison],
    day: date,
    organisation: str | None,
) -> tuple[dict[str, list[AdoptedBy]], bool]:
    """Return, by comparison, the banks that credit a completion of ``day`` under it."""
    if not covering:
        return {}, False
    bodies = {each.body for each in covering}
    ids = [each.id for each in covering]
    rows = course_authority.orders(connection, ids, bodies, day, MOST_ORDERS + 1, organisation)
    by_bank: dict[str, list[Stored]] = {}
    for row in rows[:MOST_ORDERS]:
        by_bank.setdefault(row.bank_code, []).append(row)
    found: dict[str, list[AdoptedBy]] = {}
    for bank, orders in by_bank.items():
        chosen = authority.choose(
            covering,
            [authority_rows.order_of(row) for row in orders],
            bank=bank,
            level_group=course.level_group,
            day=day,
            occupational_group=course.occupational_group,
        )
        if chosen.comparison is not None and chosen.adoption is not None:
            row = next(row for row in orders if row.id == chosen.adoption.id)
            found.setdefault(chosen.comparison.id, []).append(_adopted(row))
    return found, len(rows) > MOST_ORDERS


def _adopted(row: Stored) -> AdoptedBy:
    return AdoptedBy(
        bank=row.bank_code,
        organisation=row.organisation_code,
        name=Name(row.name_th, row.name_en),
        adoption_id=row.id,
        order_number=row.order_number,
        signatory=row.signatory,
        ordered_on=row.ordered_on,
        standing=row.comparison_id is None,
    )


def _outcomes(comparison: authority.Comparison, items: dict[str, Stored]) -> list[Outcome]:
    rows = [items[each] for each in comparison.outcomes if each in items]
    rows.sort(key=lambda row: (row.framework_code, reading_order(row.code)))
    return [outcome_of(row) for row in rows]

"""One page for a bank: what it has adopted and why, what it has not and how much that is wanted, where orders disagree.

Numbers of completions and records are told only to who may order for the bank; others see the public acts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection

from creditbank_plugin.errors import not_found
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.authority import Adoption, Comparison, choose, pairs_of_first_rank
from creditbank_plugin.services.reach import not_yours
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import authority, mandates
from creditbank_plugin.storage.queries import bank_view as rows
from creditbank_plugin.storage.session import reading

#: How many rows a part shows on the whole page, and on a page of its own.
FEW, MANY = 20, 100
#: How many of those who wait because of a disagreement are listed.
LISTED = 20
PARTS = ("not_adopted", "adopted", "over")
Row = TypeVar("Row")


@dataclass(frozen=True)
class Part(Generic[Row]):
    """Rows of one part of the page, and where the next ones begin (None at the end)."""

    items: Sequence[Row]
    next: int | None


@dataclass(frozen=True)
class Adopted:
    """A comparison that a bank has adopted, the order to cite for it, and how many records rest on it at this bank.

    ``rank`` tells whether it is what ``applies`` today, or is ``passed_over`` for an order on the course itself, or
    ``doubtful`` because orders disagree.
    """

    comparison: Stored
    order: Adoption
    records: int | None
    rank: str


@dataclass(frozen=True)
class Wanted:
    """A comparison that is not adopted; ``wanted`` completions wait for it, ``instead`` is adopted of its course."""

    comparison: Stored
    wanted: int | None
    instead: Comparison | None


@dataclass(frozen=True)
class Standing:
    """A standing order in force, and how many comparisons it takes in today."""

    order: Adoption
    covered: int


@dataclass(frozen=True)
class Waits:
    """A completion that waits, by our number of its message."""

    id: str
    day: date


@dataclass(frozen=True)
class Disagreement:
    """A course of which the bank's orders give different results, and who waits because of it.

    ``own`` tells that they are orders for the course itself, so that only revoking one helps; an own order for the course
    ends a disagreement of standing ones.
    """

    course: Stored
    pairs: Sequence[tuple[Comparison, Adoption]]
    own: bool
    waiting: int | None
    completions: Sequence[Waits]


@dataclass(frozen=True)
class View:
    """A bank as its page shows it; parts that were not asked for are None."""

    bank: Stored
    day: date
    may_order: bool
    holders: Sequence[str]
    adopted_number: int
    standing: Sequence[Standing]
    disagreements: Sequence[Disagreement]
    not_adopted: Part[Wanted] | None
    adopted: Part[Adopted] | None
    over: Part[Stored] | None


def view(runtime: Runtime, bank_code: str, *, acting_for: str | None, part: str | None = None, offset: int = 0) -> View:
    """Return a bank with all parts shortened, or one of `PARTS` from ``offset`` on.

    ``Refused``: 404 when the bank is unknown, 403 unless ``acting_for`` may order for it or stands above it.
    """
    day = runtime.today()
    with reading(runtime.engine) as connection:
        bank = authority.banks_by_code(connection, [bank_code]).get(bank_code)
        if bank is None:
            raise not_found()
        holders = mandates.holders_for(connection, bank.organisation_code, day)
        may_order = acting_for in (None, bank.organisation_code) or acting_for in holders
        if not may_order and not authority.is_within(connection, bank.organisation_code, str(acting_for)):
            raise not_yours()
        look = _Look(connection, bank, day, may_order)
        shown = PARTS if part is None else (part,)
        limit = FEW if part is None else MANY
        parts = {each: getattr(look, each)(limit, offset if part else 0) for each in shown}
        return View(
            bank=bank,
            day=day,
            may_order=may_order,
            holders=sorted(holders),
            adopted_number=rows.how_many_adopted(connection, look.scopes),
            standing=look.standing() if part is None else [],
            disagreements=look.disagreements() if part is None else [],
            not_adopted=parts.get("not_adopted"),
            adopted=parts.get("adopted"),
            over=parts.get("over"),
        )


class _Look:
    """One look at a bank: its orders are read once, and chosen from by the rule that settles."""

    def __init__(self, connection: Connection, bank: Stored, day: date, numbers: bool) -> None:
        self.connection, self.bank, self.day, self.numbers = connection, bank, day, numbers
        self.orders = authority.adoptions_of(connection, [bank.code])
        self.general = [each for each in self.orders if each.body is not None and each.covers(day)]
        self.scopes = rows.Scopes(bank.code, day, frozenset(_scope(each) for each in self.general))
        self._waiting: dict[tuple[str, str], int] | None = None

    def waiting(self) -> dict[tuple[str, str], int]:
        """Return how many completions wait for an order, by course and reason; looked up once."""
        if self._waiting is None:
            self._waiting = rows.how_many_wait(self.connection, self.bank.organisation_code)
        return self._waiting

    def standing(self) -> list[Standing]:
        """Return the standing orders in force, the newest first."""
        newest = sorted(self.general, key=lambda each: (each.ordered_on, each.id), reverse=True)
        return [Standing(each, rows.how_many_of(self.connection, _scope(each), self.day)) for each in newest]

    def adopted(self, limit: int, offset: int) -> Part[Adopted]:
        found = rows.adopted(self.connection, self.scopes, limit + 1, offset)
        shown = found[:limit]
        known = authority.comparisons_of(self.connection, {row.course_id for row in shown}) if shown else {}
        records: dict[tuple[str, str], int] = {}
        if self.numbers and shown:
            ids = [order.id for order in self.orders]
            records = rows.records_on(self.connection, ids, [row.course_id for row in shown])
        items = []
        for row in shown:
            order = self._first(row, next(each for each in known[row.course_id] if each.id == row.id))
            rank = self._rank(row, known[row.course_id])
            number = sum(n for (_, comparison), n in records.items() if comparison == row.id)
            items.append(Adopted(row, order, number if self.numbers else None, rank))
        return Part(items, offset + limit if len(found) > limit else None)

    def _first(self, row: Stored, comparison: Comparison) -> Adoption:
        """Return the order to cite: the bank's own for the course before a standing one, the oldest of each."""
        groups = (row.level_group, row.occupational_group)
        naming = [order for order in self.orders if order.covers(self.day) and order.adopts(comparison, *groups)]
        return min(naming, key=lambda order: (order.comparison_id is None, order.ordered_on, order.id))

    def _rank(self, row: Stored, known: Sequence[Comparison]) -> str:
        applying = [each for each in known if each.covers(self.day)]
        groups = (row.level_group, row.occupational_group)
        pairs = pairs_of_first_rank(applying, self.orders, self.bank.code, *groups, self.day)
        if row.id not in {comparison.id for comparison, _ in pairs}:
            return "passed_over"
        return "applies" if len({comparison.effect() for comparison, _ in pairs}) == 1 else "doubtful"

    def not_adopted(self, limit: int, offset: int) -> Part[Wanted]:
        wanted: dict[str, int] = {}
        if self.numbers:
            wanted = {course: n for (course, reason), n in self.waiting().items() if reason == rows.NOT_ADOPTED}
        found = rows.not_adopted(
            self.connection,
            self.scopes,
            province=rows.province_of(self.connection, self.bank.organisation_code),
            wanted=wanted,
            limit=limit + 1,
            offset=offset,
        )
        shown = found[:limit]
        known = authority.comparisons_of(self.connection, {row.course_id for row in shown}) if shown else {}
        items = [
            Wanted(
                row, wanted.get(row.course_id, 0) if self.numbers else None, self._instead(row, known[row.course_id])
            )
            for row in shown
        ]
        return Part(items, offset + limit if len(found) > limit else None)

    def _instead(self, row: Stored, known: Sequence[Comparison]) -> Comparison | None:
        found = choose(
            known,
            self.orders,
            bank=self.bank.code,
            level_group=row.level_group,
            occupational_group=row.occupational_group,
            day=self.day,
        )
        return found.comparison if found.adoption is not None else None

    def over(self, limit: int, offset: int) -> Part[Stored]:
        found = rows.over(self.connection, self.bank.code, self.day, limit + 1, offset)
        return Part(found[:limit], offset + limit if len(found) > limit else None)

    def disagreements(self) -> list[Disagreement]:
        """Return the courses of which the orders disagree today, or on the day of somebody who waits because of it."""
        waiting = self.waiting()
        waited = {course for course, reason in waiting if reason == rows.DISAGREE}
        ids = rows.doubtful_courses(self.connection, self.scopes) | waited
        known = authority.comparisons_of(self.connection, ids) if ids else {}
        found = []
        for course in rows.courses(self.connection, ids) if ids else []:
            number = waiting.get((course.id, rows.DISAGREE), 0)
            completions = self._who(course.id) if number else []
            days = dict.fromkeys([self.day, *(each.day for each in completions)])
            pairs = next(filter(None, (self._rivals(course, known.get(course.id, []), day) for day in days)), None)
            if pairs is not None:
                own = pairs[0][1].comparison_id is not None
                shown = (number, completions) if self.numbers else (None, [])
                found.append(Disagreement(course, pairs, own, *shown))
        return found

    def _who(self, course_id: str) -> list[Waits]:
        organisation = self.bank.organisation_code
        found = rows.who_waits(self.connection, organisation, course_id, rows.DISAGREE, LISTED)
        return [Waits(row.id, thai.bangkok_day(datetime.fromisoformat(row.facts["completed_at"]))) for row in found]

    def _rivals(
        self, course: Stored, known: Sequence[Comparison], day: date
    ) -> list[tuple[Comparison, Adoption]] | None:
        """Return the pairs of a course that give different results on a day; None where they do not."""
        applying = [each for each in known if each.covers(day)]
        groups = (course.level_group, course.occupational_group)
        pairs = pairs_of_first_rank(applying, self.orders, self.bank.code, *groups, day)
        return pairs if len({comparison.effect() for comparison, _ in pairs}) > 1 else None


def _scope(order: Adoption) -> tuple[str, str | None, str | None]:
    return (order.body or "", order.level_group, order.occupational_group)

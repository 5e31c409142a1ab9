"""The progress report of a province and of all of them: counted in one consistent view, small numbers of people hidden.

Whoever may ask sees the same figures: a province's own staff get no smaller numbers than anybody else.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin import reference
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.hours import SCHEMES
from creditbank_plugin.rules.report import (
    LEVEL_GROUPS,
    LONGEST_WAITING,
    MOST_WANTED,
    NEEDS,
    PROPOSED,
    SECTORS,
    Comparisons,
    Courses,
    Credits,
    Granted,
    Group,
    Month,
    Name,
    Overview,
    Pending,
    Place,
    Proposals,
    Report,
    Summary,
    Wanted,
    by_month,
    courses_of,
    credits_of,
    listed,
    months_until,
    waits_of,
)
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import report_people as people
from creditbank_plugin.storage.queries import reports as rows
from creditbank_plugin.storage.queries.report_places import Scope, make_room, scope_of
from creditbank_plugin.storage.session import reading

NOWHERE = Place(None, Name("ส่วนกลางและที่ไม่ระบุจังหวัด", "National, or no province stated"))


def place(code: str) -> Place:
    """Return a province by its code; ``Refused`` (404) where there is none."""
    for each in reference.provinces():
        if each.code == code:
            return Place(code, Name(each.name_th, each.name_en))
    raise Refused("province_unknown", "ไม่มีจังหวัดที่ใช้รหัสนี้", "There is no province with this code.", status=404)


def overview(runtime: Runtime) -> Overview:
    """Return the figures of every province beside one another, those with nothing to show apart."""
    now, least = runtime.clock(), runtime.settings.report_least
    with reading(runtime.engine) as connection:
        make_room(connection)
        counted = _Counted(connection, None, now, least, rows.courses(connection, None))
    known = [*(place(each.code) for each in reference.provinces()), NOWHERE]
    shown = [counted.summary(each) for each in known if each.code in counted.provinces]
    empty = [each for each in known if each.code is not None and each.code not in counted.provinces]
    return Overview(now, least, shown, empty)


def report(runtime: Runtime, code: str) -> Report:
    """Return everything about one province; ``Refused`` (404) for a code that is none."""
    where, now, least = place(code), runtime.clock(), runtime.settings.report_least
    with reading(runtime.engine) as connection:
        make_room(connection)
        scope = scope_of(connection, code)
        found = rows.courses(connection, scope)
        counted = _Counted(connection, scope, now, least, found)
        summary = counted.summary(where)
        return Report(
            now,
            least,
            summary,
            agencies=_kinds(found, "agency", ()),
            sectors=_kinds(found, "sector", SECTORS),
            occupational_groups=_kinds(found, "occupational_group", ()),
            pending=_pending(connection, scope, now),
            groups=_groups(connection, scope),
            wanted=_wanted(connection, counted.wanted, least),
            months=_months(connection, scope, now, least, summary, counted.by_month),
        )


def _kinds(found: Iterable[Stored], column: str, known: Sequence[str]) -> list[Courses]:
    """Return courses by what stands in a column: the ``known`` kinds in their order, others by number, unstated last."""
    sums: dict[str | None, list[tuple[str, int]]] = {kind: [] for kind in known}
    for row in found:
        sums.setdefault(getattr(row, column) or None, []).append((rows.STAGES[row.stage], row.number))
    made = {kind: courses_of(kind, stages) for kind, stages in sums.items()}
    others = [kind for kind in made if kind is not None and kind not in known]
    others.sort(key=lambda kind: (-made[kind].number, kind))
    return [made[kind] for kind in (*known, *others, *([None] if None in made else []))]


class _Counted:
    """The figures that every province has, by province."""

    def __init__(
        self, connection: Connection, scope: Scope | None, now: datetime, least: int, found: Sequence[Stored]
    ) -> None:
        self.today, self.least = thai.bangkok_day(now), least
        self.courses = _by_province(found)
        self.proposals = _by_province(rows.proposals(connection, scope))
        self.oldest = _by_province(rows.oldest(connection, scope))
        self.comparisons = _by_province(rows.comparisons(connection, scope))
        self.adopting = _by_province(rows.adopting(connection, scope, self.today))
        self.banks = _by_province(rows.banks(connection, scope, self.today))
        self.memoranda = _by_province(rows.memoranda(connection, scope, self.today))
        waiting, credits = people.waiting(connection, scope), people.credits(connection, scope)
        self.wanted = [row for row in waiting if row.course_id is not None]
        self.waiting = _by_province(row for row in waiting if row.course_id is None)
        self.by_month = [row for row in credits if row.about == people.MONTH]
        self.granted = _by_province(row for row in credits if row.about != people.MONTH)
        self.provinces = set[str | None]().union(
            *(self.courses, self.proposals, self.comparisons, self.adopting, self.banks),
            *(self.memoranda, self.waiting, self.granted),
        )

    def summary(self, where: Place) -> Summary:
        """Return the figures of one province."""
        code = where.code
        courses, law = self.courses[code], _first(self.comparisons[code])
        banks, papers = _first(self.banks[code]), _first(self.memoranda[code])
        waiting = {row.need: (row.completions, row.learners) for row in self.waiting[code]}
        return Summary(
            where,
            courses=courses_of(None, ((rows.STAGES[row.stage], row.number) for row in courses)),
            level_groups=_kinds(courses, "level_group", LEVEL_GROUPS),
            proposals=self._proposals(code),
            comparisons=Comparisons(
                standing=law["approved"] - law["ended"], ended=law["ended"], banks=_first(self.adopting[code])["number"]
            ),
            banks=banks["number"],
            banks_adopting=banks["adopting"],
            memoranda=papers["number"],
            agencies=papers["agencies"],
            waiting={need: waits_of(*waiting.get(need, (0, 0)), self.least) for need in NEEDS},
            granted=self._granted(code),
        )

    def _proposals(self, code: str | None) -> Proposals:
        states, rated = Counter(dict.fromkeys(PROPOSED, 0)), 0
        for row in self.proposals[code]:
            if row.state in PROPOSED:
                states[row.state] += row.number
            if row.state == "under_judgement" and row.rated:
                rated += row.number
        since = self.oldest[code][0].proposed_at if self.oldest[code] else None
        return Proposals(dict(states), rated, since, _days(since, self.today) if since is not None else None)

    def _granted(self, code: str | None) -> list[Granted]:
        found = {(row.scheme, row.about): row for row in self.granted[code]}
        made = []
        for scheme in SCHEMES:
            halves = [found.get((scheme, about)) for about in (people.STANDING, people.TAKEN_BACK)]
            if any(row is not None for row in halves):
                made.append(Granted(scheme, *(self._credits(row) for row in halves)))
        return made

    def _credits(self, row: Stored | None) -> Credits:
        if row is None:
            return Credits(0, 0, 0)
        return credits_of(int(row.records), row.learners, int(row.amount), self.least)


def _by_province(found: Iterable[Stored]) -> defaultdict[str | None, list[Stored]]:
    sorted_out: defaultdict[str | None, list[Stored]] = defaultdict(list)
    known = {each.code for each in reference.provinces()}
    for row in found:
        sorted_out[row.province if row.province in known else None].append(row)
    return sorted_out


def _first(found: Sequence[Stored]) -> Mapping[str, int]:
    """Return the sums of the numbers of rows, noughts where there are none."""
    sums: Counter[str] = Counter()
    for row in found:
        sums.update({name: int(value) for name, value in row._mapping.items() if name != "province"})
    return sums


def _days(since: datetime, today: date) -> int:
    return (today - thai.bangkok_day(since)).days


def _pending(connection: Connection, scope: Scope, now: datetime) -> list[Pending]:
    today = thai.bangkok_day(now)
    return [
        Pending(
            row.id,
            row.state,
            course=row.code,
            title=Name(row.title_th, row.title_en),
            group=Name(row.group_th, row.group_en) if row.group_th else None,
            proposed_at=row.proposed_at,
            days=_days(row.proposed_at, today),
        )
        for row in rows.longest_waiting(connection, scope, LONGEST_WAITING)
    ]


def _groups(connection: Connection, scope: Scope) -> list[Group]:
    states: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for row in rows.of_groups(connection, scope):
        states[row.group_id][row.state] += row.number

    def group(id_: str | None, name: Name | None, dissolved_on: date | None) -> Group:
        mine = states[id_]
        undecided = {state: mine[state] for state in PROPOSED}
        return Group(id_, name, dissolved_on, undecided, mine["approved"], mine["ended"])

    made = [group(row.id, Name(row.name_th, row.name_en), row.dissolved_on) for row in rows.groups(connection, scope)]
    of_others = Counter[str]()
    known = {each.id for each in made}
    for id_, counted in list(states.items()):
        if id_ not in known:
            of_others += counted
    states[None] = of_others
    return made + ([group(None, None, None)] if of_others else [])


def _wanted(connection: Connection, found: Sequence[Stored], least: int) -> list[Wanted]:
    """Return the courses that most learners wait for, none that a small number could be worked out from."""
    chosen: list[Any] = []
    for need in NEEDS:
        ours = {row.course_id: row for row in found if row.need == need}
        may = listed([(course, row.learners) for course, row in ours.items()], least)
        chosen += [ours[course] for course in may]
    chosen.sort(key=lambda row: (-row.learners, -row.completions, row.course_id))
    chosen = chosen[:MOST_WANTED]
    titles = people.titles(connection, [row.course_id for row in chosen]) if chosen else {}
    made = []
    for row in chosen:
        course = titles[row.course_id]
        title = Name(course.title_th, course.title_en)
        key = (course.owner_code, course.code, course.version)
        made.append(Wanted(row.course_id, *key, title, row.need, row.completions, row.learners))
    return made


def _months(
    connection: Connection, scope: Scope, now: datetime, least: int, summary: Summary, booked: Sequence[Stored]
) -> list[Month]:
    """Return the series, what came before it first."""
    months = months_until(thai.bangkok_day(now))
    courses, comparisons = rows.courses_by_month(connection, scope), rows.comparisons_by_month(connection, scope)
    added: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in booked:
        added[row.scheme][row.month] = (int(row.amount), row.learners)
    credits = {
        each.scheme: by_month(months, added[each.scheme], each.standing, least)
        for each in summary.granted
        if each.scheme != "none"
    }

    def of(counted: Mapping[str, int], month: str | None) -> int:
        earlier = sum(number for each, number in counted.items() if each < months[0])
        return earlier if month is None else counted.get(month, 0)

    return [
        Month(month, of(courses, month), of(comparisons, month), {name: each[spot] for name, each in credits.items()})
        for spot, month in enumerate([None, *months])
    ]

"""The progress report as a value: what a page, a spreadsheet and the API show is this and nothing else.

Numbers of people are hidden (None) where they are small, and with them whatever they could be worked out from; see
`rules.suppression`.  Credits are hundredths of their scheme's credit and are never added across schemes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from creditbank_plugin.rules.suppression import hidden, is_small

#: The four groups in which provinces gather their courses ("Big Data"), and the sectors of learning.
LEVEL_GROUPS = ("lower_secondary", "upper_secondary_vocational", "diploma", "short_course")
SECTORS = ("formal", "non_formal", "informal", "work_experience")
#: How far a course has come, from the best; each is counted once.
STAGES = ("approved", "under_judgement", "proposed", "returned", "draft", "rejected", "ended", "open")
#: The states of proposals that are no comparison yet, or never became one.
PROPOSED = ("draft", "proposed", "under_judgement", "returned", "rejected")
#: What a waiting completion needs.
NEEDS = ("comparison", "order")
#: How many months the series shows, the present one included, and the longest lists.
MONTHS, MOST_WANTED, LONGEST_WAITING = 12, 20, 10


@dataclass(frozen=True)
class Name:
    """A name in Thai and, where one is known, in English."""

    th: str
    en: str | None = None


@dataclass(frozen=True)
class Place:
    """A province by its two-digit code; ``code`` None is what belongs to no province."""

    code: str | None
    name: Name


@dataclass(frozen=True)
class Courses:
    """How many course versions there are of one kind, and how far each has come; ``kind`` None: not stated."""

    kind: str | None
    number: int
    stages: Mapping[str, int]


@dataclass(frozen=True)
class Proposals:
    """Proposals of the province's bodies: how many in each state of `PROPOSED`; ``rated`` are part of under_judgement."""

    states: Mapping[str, int]
    rated: int
    oldest: datetime | None
    oldest_days: int | None


@dataclass(frozen=True)
class Comparisons:
    """Comparisons of the province's bodies: those that stand, those that ended, and how many banks adopt any."""

    standing: int
    ended: int
    banks: int


@dataclass(frozen=True)
class Waits:
    """Completions that wait for one thing; None where so few learners wait that it is not shown."""

    completions: int | None
    learners: int | None


@dataclass(frozen=True)
class Credits:
    """Records of one scheme, their learners and credits (hundredths); None where there are too few learners to show."""

    records: int | None
    learners: int | None
    credits: int | None


@dataclass(frozen=True)
class Granted:
    """What the province's banks have granted in one scheme and still stands, and what was taken back."""

    scheme: str
    standing: Credits
    taken_back: Credits


@dataclass(frozen=True)
class Summary:
    """The figures of one province that stand beside those of the others."""

    place: Place
    courses: Courses
    level_groups: Sequence[Courses]
    proposals: Proposals
    comparisons: Comparisons
    banks: int
    banks_adopting: int
    memoranda: int
    agencies: int
    waiting: Mapping[str, Waits]
    granted: Sequence[Granted]


@dataclass(frozen=True)
class Overview:
    """Every province that has anything to show, and what belongs to none; ``least``: fewer learners are not shown."""

    as_of: datetime
    least: int
    provinces: Sequence[Summary]
    empty: Sequence[Place]


@dataclass(frozen=True)
class Pending:
    """A proposal that waits to be decided, and for how many days."""

    id: str
    state: str
    course: str
    title: Name
    group: Name | None
    proposed_at: datetime
    days: int


@dataclass(frozen=True)
class Group:
    """What one working group has before it and behind it; ``id`` None: what was entered from paper, by no group."""

    id: str | None
    name: Name | None
    dissolved_on: date | None
    states: Mapping[str, int]
    approved: int
    ended: int


@dataclass(frozen=True)
class Wanted:
    """A course that learners have finished and that gives no credit yet; only where enough learners wait."""

    course_id: str
    owner: str
    code: str
    version: str
    title: Name
    need: str
    completions: int
    learners: int


@dataclass(frozen=True)
class Month:
    """A month in Bangkok ("2026-03"; None: all before), and what it added.  ``credits`` by scheme; None: not shown."""

    month: str | None
    courses: int
    comparisons: int
    credits: Mapping[str, int | None]


@dataclass(frozen=True)
class Report:
    """Everything about one province."""

    as_of: datetime
    least: int
    summary: Summary
    agencies: Sequence[Courses]
    sectors: Sequence[Courses]
    occupational_groups: Sequence[Courses]
    pending: Sequence[Pending]
    groups: Sequence[Group]
    wanted: Sequence[Wanted]
    months: Sequence[Month]


def courses_of(kind: str | None, rows: Iterable[tuple[str, int]]) -> Courses:
    """Return courses of a kind from pairs of stage and number; every stage is there."""
    stages = Counter(dict.fromkeys(STAGES, 0))
    for stage, number in rows:
        stages[stage] += number
    return Courses(kind, stages.total(), dict(stages))


def waits_of(completions: int, learners: int, least: int) -> Waits:
    """Return waiting completions, hidden where few learners wait."""
    return Waits(None, None) if is_small(learners, least) else Waits(completions, learners)


def credits_of(records: int, learners: int, credits: int, least: int) -> Credits:
    """Return records of a scheme, hidden where few learners have them: their credits and records would tell how many."""
    return Credits(None, None, None) if is_small(learners, least) else Credits(records, learners, credits)


def listed(waiting: Sequence[tuple[str, int]], least: int) -> set[str]:
    """Return which courses may stand in the list of the most wanted, given each one's learners.

    The list stands beside the total of everybody who waits: what is not listed must not be a small group either.
    """
    rising = sorted(waiting, key=lambda each: (each[1], each[0]))
    gone = hidden([learners for _, learners in rising], least)
    return {course for place, (course, _) in enumerate(rising) if place not in gone}


def months_until(today: date) -> list[str]:
    """Return the last `MONTHS` months, the present one last, as "2026-03"."""
    ends = today.year * 12 + today.month - 1
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(ends - MONTHS + 1, ends + 1)]


def by_month(
    months: Sequence[str], added: Mapping[str, tuple[int, int]], total: Credits, least: int
) -> list[int | None]:
    """Return the credits that each month added, what came before ``months`` first; None where it is not shown.

    ``added`` gives for a month its credits (hundredths) and how many learners they are of; ``total`` is what is shown of
    all months together, so that the parts must not give it away, nor it them.
    """
    before = [each for month, each in added.items() if month < months[0]]
    parts = [(sum(credits for credits, _ in before), max((learners for _, learners in before), default=0))]
    parts += [added.get(month, (0, 0)) for month in months]
    people = [learners for _, learners in parts]
    gone = {place for place, number in enumerate(people) if number} if total.credits is None else hidden(people, least)
    return [None if place in gone else credits for place, (credits, _) in enumerate(parts)]

"""forecast: how long it takes to say what an approval, an order or a withdrawal would mean, against reading what it is on.

The waiting completions are copies of sixty that the module itself kept and decided, of different days and results, each of a
learner of its own; one learner in twenty has tried twice.  As many others have credit, of which a withdrawal speaks.  The
floor is reading the same messages' facts as text, and nothing else.
"""

import random
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from resource import RUSAGE_SELF, getrusage
from statistics import median

from sqlalchemy import Text, cast, select

from benchmarks.copies import Mould, Story, fill
from benchmarks.figures import Figures, rate, ratio, timed
from benchmarks.house import BANK, ISSUER, NAME, SCHOOL, add_course, finished, open_house
from benchmarks.places import Place
from benchmarks.rows import settle_down
from creditbank_hooks import Course, CourseCompleted, Learner, Personal
from creditbank_plugin.rules import waits
from creditbank_plugin.rules.authority import Adoption, Comparison
from creditbank_plugin.services import organisations
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.services.forecasting import forecast
from creditbank_plugin.services.forecasting.forecast import Forecast
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries.authority import comparisons_of
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import CourseVersion, Inbox, Waiting

WAITED_FOR, CREDITED = "W", "C0"
KINDS, TWICE = 60, 20
OTHER_BODY = "D"
_SINCE = date(2020, 1, 1)
_BEGAN = datetime(2026, 3, 1, 2, tzinfo=UTC)


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument(
        "--waiting", type=int, default=100_000, help="learners who wait, and as many with credit (100000)"
    )
    parser.add_argument("--times", type=int, default=5, help="how often each forecast is made (5)")


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return how long each forecast takes, and the floor."""
    bank = open_house(place.folder / "forecast", place.make(), 200, settle="worker")
    runtime = bank.runtime
    course_id = add_course(runtime, WAITED_FOR)
    kinds = min(KINDS, max(1, chosen.waiting // 2))
    numbers = range(max(1, chosen.waiting // kinds))
    filling = timed(lambda: _fill(runtime, kinds, numbers, range(chosen.waiting)))
    _other_body(runtime, course_id)
    settle_down(runtime.engine)
    floor = median(timed(lambda: _read(runtime, course_id)) for _ in range(chosen.times))
    law, (credited,) = _law(course_id), _comparisons(runtime, CREDITED)
    figures: Figures = {"filled_seconds": round(filling, 1), "floor_ms": round(floor * 1000)}
    before = getrusage(RUSAGE_SELF).ru_maxrss
    for name, act in (
        ("approval", lambda: forecast.impact_of_proposal(runtime, law)),
        ("order", lambda: forecast.forecast_order(runtime, [_order()])),
        ("withdrawal", lambda: forecast.impact_of_withdrawal(runtime, credited.id)),
    ):
        figures[name] = _figures(chosen.times, floor, act)
    figures["memory_grown_mb"] = round((getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024)
    runtime.engine.dispose()
    return figures


def _fill(runtime: Runtime, kinds: int, numbers: range, credited: range) -> None:
    for kind in range(kinds):
        fill(Mould(runtime, _story(kind)), numbers)
    fill(Mould(runtime, _credited), credited)


def _figures(times: int, floor: float, act: Callable[[], Forecast]) -> Figures:
    made: list[Forecast] = []
    seconds = [timed(lambda: made.append(act())) for _ in range(times)]
    found, usual = made[-1], median(seconds)
    return {
        "completions": found.completions,
        "learners": found.learners,
        "credited": found.credited,
        "median_ms": round(usual * 1000),
        "longest_ms": round(max(seconds) * 1000),
        "completions_per_second": rate(found.completions, usual),
        "forecast_to_floor": ratio(floor, usual),
    }


def _story(kind: int) -> Story:
    """Return the story of a kind of learner: on which day they finished, with which score, and how often they tried."""
    chance = random.Random(kind)  # noqa: S311 - the same in every run
    day, score, tries = chance.randrange(30), chance.randrange(40, 100), 2 if kind % TWICE == 0 else 1

    def story(number: int) -> list[CourseCompleted]:
        return [
            CourseCompleted(
                event_id=f"w{kind}-{number}-{attempt}",
                source=ISSUER,
                learner=Learner(id=f"W{kind}-{number}", issuer=ISSUER, personal=Personal(name=NAME)),
                course=Course(code=WAITED_FOR),
                completed_at=_BEGAN + timedelta(days=day + attempt),
                score=Decimal(score + attempt),
                attempt=attempt + 1,
            )
            for attempt in range(tries)
        ]

    return story


def _credited(number: int) -> list[CourseCompleted]:
    return [finished(f"R{number}", CREDITED, f"r{number}")]


def _law(course_id: str) -> Comparison:
    """Return the comparison that nobody has approved yet."""
    return Comparison(
        id=new_id(),
        course_id=course_id,
        body=SCHOOL,
        scheme="basic",
        credits=100,
        nqf_level=None,
        nqf_level_basis=None,
        conditions={"min_score": 50},
        outcomes=(),
        reference="-",
        approved_at=_BEGAN,
        applies_from=_SINCE,
    )


def _order() -> Adoption:
    return Adoption(
        id=new_id(),
        bank=BANK,
        comparison_id=None,
        body=OTHER_BODY,
        level_group=None,
        order_number="",
        signatory="",
        ordered_on=_SINCE,
        applies_from=_SINCE,
    )


def _other_body(runtime: Runtime, course_id: str) -> None:
    """Let another body approve a comparison that no order adopts; nothing is settled, for no worker is there."""
    organisations.add_organisation(runtime, code=OTHER_BODY, kind="agency", name_th="หน่วยงานอื่น")
    comparisons.enter_from_paper(
        runtime,
        course_id=course_id,
        body=OTHER_BODY,
        scheme="basic",
        credits=100,
        outcomes=[],
        reference="-",
        applies_from=_SINCE,
        conditions={"min_score": 50},
    )


def _comparisons(runtime: Runtime, code: str) -> list[Comparison]:
    with reading(runtime.engine) as connection:
        course_id = connection.scalar(select(CourseVersion.id).where(CourseVersion.code == code))
        return comparisons_of(connection, [str(course_id)])[str(course_id)]


def _read(runtime: Runtime, course_id: str) -> int:
    """Read the facts of what waits for the course, as text."""
    query = (
        select(cast(Inbox.facts, Text))
        .join(Waiting, Waiting.inbox_id == Inbox.id)
        .where(Waiting.wait_key == waits.comparison(course_id))
    )
    with reading(runtime.engine) as connection:
        rows = connection.execute(query, execution_options={"yield_per": 10_000})
        return sum(len(part) for part in rows.partitions(10_000))

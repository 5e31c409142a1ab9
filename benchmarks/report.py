"""report: the progress report of a province that holds everything, and of all provinces, when the tables have grown."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from benchmarks.copies import Mould, fill
from benchmarks.figures import Figures, timed
from benchmarks.house import EACH, SCHOOL, add_course, finished, learner, open_house
from benchmarks.places import Place
from benchmarks.rows import loading, settle_down, unchecked, write
from creditbank_hooks import CourseCompleted
from creditbank_plugin.rules.report import LEVEL_GROUPS, SECTORS
from creditbank_plugin.services import organisations, reports
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.tables import CourseVersion, Organisation, Proposal

PROVINCE = "51"
STATES = ("draft", "proposed", "under_judgement", "returned", "rejected")
AT_ONCE = 10_000
ROUNDS = 5


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--records", type=int, default=1_000_000, help="how many credit records (1000000)")
    parser.add_argument("--waiting", type=int, default=100_000, help="how many completions wait (100000)")
    parser.add_argument("--courses", type=int, default=100_000, help="how many courses, half of them proposed (100000)")
    parser.add_argument("--schools", type=int, default=30_000, help="how many other organisations (30000)")


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return how long either report takes, the first time and the median of the following, in milliseconds."""
    bank = open_house(place.folder / "report", place.make(), 200)
    runtime = bank.runtime
    organisations.add_organisation(runtime, code=SCHOOL, kind="school", name_th="สถานศึกษา", province=PROVINCE)
    add_course(runtime, "W")
    fill(Mould(runtime, learner), range(max(1, chosen.records // EACH)))
    fill(Mould(runtime, _waits), range(chosen.waiting))
    _fill_catalogue(runtime, chosen.courses, chosen.schools)
    settle_down(runtime.engine)
    found: Figures = {
        "records": chosen.records // EACH * EACH,
        "waiting": chosen.waiting,
        "courses": chosen.courses,
        "province": _times(lambda: reports.report(runtime, PROVINCE)),
        "another_province": _times(lambda: reports.report(runtime, "10")),
        "all_provinces": _times(lambda: reports.overview(runtime)),
    }
    runtime.engine.dispose()
    return found


def _times(ask: Callable[[], object]) -> Figures:
    first = timed(ask)
    return {"first_ms": round(first * 1000), "median_ms": round(median(timed(ask) for _ in range(ROUNDS)) * 1000)}


def _waits(number: int) -> list[CourseCompleted]:
    return [finished(f"W{number}", "W", f"w{number}")]


def _fill_catalogue(runtime: Runtime, courses: int, schools: int) -> None:
    """Write schools of the other provinces, their courses, and a proposal for every second one."""
    codes = [f"{10 + number % 87}{number:06}" for number in range(max(1, schools))]
    engine, now = unchecked(runtime.engine.url.render_as_string(hide_password=False)), datetime(2026, 3, 1, tzinfo=UTC)
    with loading(engine) as connection:
        rows = [{"code": code, "kind": "school", "province": code[:2], "name_th": "สถานศึกษา"} for code in codes]
        write(connection, Organisation, rows)
    for start in range(0, courses, AT_ONCE):
        made = [_course(number, codes, now) for number in range(start, min(start + AT_ONCE, courses))]
        with loading(engine) as connection:
            write(connection, CourseVersion, made)
            write(connection, Proposal, [_proposal(place, row, now) for place, row in enumerate(made[::2])])
    engine.dispose()


def _id() -> str:
    return new_id().replace("-", "")


def _course(number: int, codes: list[str], now: datetime) -> dict[str, object]:
    return {
        "id": _id(),
        "owner_code": codes[number % len(codes)],
        "code": f"R{number}",
        "version": "2567",
        "title_th": f"รายวิชา {number}",
        "level_group": LEVEL_GROUPS[number % 4],
        "sector": SECTORS[number % 3],
        "agency": f"หน่วยงาน {number % 40}",
        "occupational_group": f"กลุ่ม {number % 6}",
        "province": PROVINCE if number % 20 == 0 else None,
        "added_at": now.isoformat(" "),
        "revision": 1,
        "generation": 0,
    }


def _proposal(place: int, course: dict[str, object], now: datetime) -> dict[str, object]:
    return {
        "id": _id(),
        "course_id": course["id"],
        "course_revision": 1,
        "body_code": course["owner_code"],
        "state": STATES[place % len(STATES)],
        "revision": 1,
        "round": 1,
        "terms": "{}",
        "made_at": now.isoformat(" "),
        "made_by": "user:u-1",
        "changed_at": now.isoformat(" "),
        "proposed_at": now.isoformat(" "),
    }

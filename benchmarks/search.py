"""search: finding courses among a nation's: entering them, building the index, each kind of query, what an edit costs."""

import random
import resource
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmarks.figures import Figures, percentiles, rate, timed
from benchmarks.house import BANK, SCHOOL, open_house
from benchmarks.places import Place
from creditbank_plugin import reference
from creditbank_plugin.rules.course import LEVEL_GROUPS, SECTORS, CourseValues
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import course_pages, courses
from creditbank_plugin.services.catalogue.course_pages import Filter
from creditbank_plugin.services.runtime import Runtime

_WHO = administrator("benchmark")
_KINDS = ("เบื้องต้น", "ขั้นสูง", "เพื่ออาชีพ", "ปฏิบัติการ", "ในชีวิตประจำวัน", "")
_ENGLISH = ("welding", "engines", "accounting", "massage", "tourism", "programming", "agriculture", "cooking")
_AT_ONCE = 20_000


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--courses", type=int, default=100_000, help="how many courses there are (100000)")
    parser.add_argument("--queries", type=int, default=200, help="how often each kind of query is asked (200)")


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return how long entering, building and each kind of query take, and how much memory the index has."""
    bank = open_house(place.folder / "search", place.make(), 200)
    runtime, rows = bank.runtime, list(_courses(chosen.courses))
    entering = timed(lambda: [courses.put_courses(runtime, some, by=_WHO) for some in _parts(rows)])
    before = _memory()
    building = timed(lambda: course_pages.page(runtime, Filter(), "ภาษาไทย"))
    memory = _memory() - before
    queries = {name: _asked(ask, rows, chosen.queries) for name, ask in _queries(runtime).items()}
    edited = replace(rows[0], title_th="วิชาที่เพิ่งแก้ไข")
    courses.put_courses(runtime, [edited], by=_WHO)
    after_edit = timed(lambda: course_pages.page(runtime, Filter(), "เพิ่งแก้ไข"))
    runtime.engine.dispose()
    return {
        "courses": len(rows),
        "entered_per_second": rate(len(rows), entering),
        "index_seconds": round(building, 2),
        "index_megabytes": memory,
        "first_search_after_an_edit_ms": round(after_edit * 1000, 1),
        "queries": queries,
    }


Ask = Callable[[CourseValues, random.Random], object]


def _queries(runtime: Runtime) -> dict[str, Ask]:
    """Return the kinds of queries, each made from a course that is there."""

    def words(said: Callable[[CourseValues, random.Random], str], asked: Filter | None = None) -> Ask:
        return lambda row, chance: course_pages.page(runtime, asked or Filter(), said(row, chance), limit=20)

    return {
        "thai_part": words(lambda row, chance: _part(row.title_th, chance, 8)),
        "thai_mistyped": words(lambda row, chance: _mistyped(_part(row.title_th, chance, 12), chance)),
        "english": words(lambda row, chance: chance.choice(_ENGLISH)),
        "code_part": words(lambda row, chance: row.code[2:9]),
        "two_letters": words(lambda row, chance: row.title_th[:2]),
        "within_province": words(lambda row, chance: _part(row.title_th, chance, 8), Filter({"province": "51"})),
        "within_counting": words(lambda row, chance: _part(row.title_th, chance, 8), Filter(counts=True)),
        "list_first": lambda row, chance: course_pages.page(runtime, Filter(), limit=20),
        "list_province": lambda row, chance: course_pages.page(
            runtime, Filter({"province": row.province or "51"}), limit=20
        ),
        "list_at_bank": lambda row, chance: course_pages.page(runtime, Filter(bank=BANK), limit=20),
    }


def _asked(ask: Ask, rows: list[CourseValues], times: int) -> Figures:
    chance = random.Random(1)  # noqa: S311 - no secret
    took = []
    for _ in range(times):
        row = chance.choice(rows)
        start = time.perf_counter()
        ask(row, chance)
        took.append(time.perf_counter() - start)
    found = percentiles(took)
    return {name: found[name] for name in ("p50_ms", "p99_ms")}


def _courses(number: int) -> Iterator[CourseValues]:
    """Yield courses whose titles are put together of real ones."""
    chance = random.Random(2)  # noqa: S311 - no secret
    titles = [str(row["title_th"]) for row in reference.load("courses")["rows"]]
    provinces = [row.code for row in reference.provinces()]
    for each in range(number):
        english = chance.choice(_ENGLISH)
        yield CourseValues(
            owner=SCHOOL,
            code=f"{20000 + each % 9000}-{1000 + each // 9000}",
            version="2567",
            title_th=" ".join((chance.choice(titles), chance.choice(_KINDS), chance.choice(titles))).strip(),
            title_en=f"{english.capitalize()} {each}",
            level_group=chance.choice(LEVEL_GROUPS),
            sector=chance.choice(SECTORS),
            province=chance.choice(provinces),
            provider=f"วิทยาลัย {each % 900}",
        )


def _parts(rows: list[CourseValues]) -> Iterator[list[CourseValues]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


def _part(text: str, chance: random.Random, length: int) -> str:
    start = chance.randrange(max(1, len(text) - length))
    return text[start : start + length]


def _mistyped(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + text[place + 1 :]


def _memory() -> int:
    """Return how many megabytes this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

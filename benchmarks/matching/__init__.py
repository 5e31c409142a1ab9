"""matching: outcomes suggested for courses: how often a right one is among the first, how fast, in how much memory.

The labelled pairs, and what they can and cannot show, stand in benchmarks/matching/README.md.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, thread_time

from benchmarks.figures import Figures, percentiles
from benchmarks.matching import floors, pairs, scores
from benchmarks.matching.items import Outcome, index_of, with_made_up
from benchmarks.matching.pairs import TEST, TUNE, Pair
from benchmarks.places import Place
from creditbank_plugin.rules.matching.index import Index
from creditbank_plugin.rules.matching.suggest import suggest


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument(
        "--items", type=int, default=10_000, help="outcomes among which the right ones are found (10000)"
    )
    parser.add_argument("--large", type=int, default=100_000, help="outcomes at which speed is measured again (100000)")
    parser.add_argument("--queries", type=int, default=400, help="how many courses are asked for speed (400)")
    parser.add_argument("--most", type=int, default=10**6, help="at most so many pairs of each set (all)")
    parser.add_argument(
        "--half", choices=(TUNE, TEST), default=TUNE, help="which half of the pairs is looked at (tune)"
    )


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return the quality of one half of the pairs beside two floors, and speed and memory at two sizes."""
    outcomes = with_made_up(chosen.items)
    known = {each.id: each for each in outcomes}
    index, megabytes, seconds = _built(outcomes)
    asked = {name: _half(each, chosen.half, chosen.most) for name, each in pairs.everything().items()}
    ways = {
        "ours": lambda pair, limit: [each.item for each in suggest(index, pair.course, limit=limit)],
        "floor_index_alone": floors.IndexAlone(index).ask,
        "floor_words": floors.WordOverlap(outcomes).ask,
    }
    quality: Figures = {
        name: {way: scores.told(scores.ranks(each, ask, known)) for way, ask in ways.items()}
        for name, each in asked.items()
    }
    for name, each in asked.items():
        lenient = scores.told(scores.ranks(each, ways["ours"], known, strict=False))
        quality[name]["ours"]["hit_at_3_half_right_passed_over"] = lenient["hit_at_3"]
    mixed = [pair for each in asked.values() for pair in each]
    figures: Figures = {"half": chosen.half, "items": len(outcomes), "quality": quality}
    figures["at_items"] = {"build_seconds": seconds, "megabytes": megabytes, **_speed(index, mixed, chosen.queries)}
    index.close()
    index, megabytes, seconds = _built(with_made_up(chosen.large))
    figures["at_large"] = {"items": len(index), "build_seconds": seconds, "megabytes": megabytes}
    figures["at_large"].update(_speed(index, mixed, chosen.queries))
    index.close()
    return figures


def _half(each: Sequence[Pair], half: str, most: int) -> list[Pair]:
    return [pair for pair in each if pair.half == half][:most]


def _built(outcomes: Sequence[Outcome]) -> tuple[Index, float, float]:
    """Return an index, the megabytes that it added to this process (0 where the system does not say) and the seconds."""
    before, start = _memory(), perf_counter()
    index = index_of(outcomes)
    return index, round(_memory() - before, 1), round(perf_counter() - start, 2)


def _memory() -> float:
    book = Path("/proc/self/status")
    told = book.read_text() if book.exists() else "VmRSS: 0 kB"
    return int(told.partition("VmRSS:")[2].split()[0]) / 1024


def _speed(index: Index, mixed: Sequence[Pair], queries: int) -> Figures:
    """Measure suggestions of courses of all sets in turn, after some that are not counted."""
    some = sorted(mixed, key=lambda pair: (pair.name, pair.kind))
    for pair in islice(cycle(some), 20):
        suggest(index, pair.course)
    spent, worked = [], []
    for pair in islice(cycle(some), queries):
        start, busy = perf_counter(), thread_time()
        suggest(index, pair.course)
        spent.append(perf_counter() - start)
        worked.append(thread_time() - busy)
    return {**percentiles(spent), "processor": percentiles(worked)}

"""growth: settling the same number of completions when the ledger holds more and more records."""

import random
from argparse import ArgumentParser, Namespace
from statistics import median

from benchmarks.copies import Mould, fill
from benchmarks.figures import Figures, rate, timed
from benchmarks.house import COURSES, EACH, finished, learner, open_house, tell
from benchmarks.places import Place
from benchmarks.rows import settle_down
from creditbank_hooks import CourseCompleted
from creditbank_plugin.services.settling.settle import settle

STEPS = (10_000, 100_000, 1_000_000)
#: How often the completions are settled at each size; the middle one counts.
ROUNDS = 5


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument(
        "--records", type=int, default=STEPS[-1], help="up to how many records, from 10000 on (1000000)"
    )
    parser.add_argument("--events", type=int, default=2000, help=f"how many are settled, {ROUNDS} times a size (2000)")
    parser.add_argument("--batch", type=int, default=200, help="how many in one transaction (200)")


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return how many a second are settled at each size, and how much slower each is than the one before."""
    sizes = [step for step in STEPS if step < chosen.records] + [chosen.records]
    bank = open_house(place.folder / "growth", place.make(), chosen.batch)
    runtime, learners, found = bank.runtime, 0, list[Figures]()
    mould = Mould(runtime, learner)
    for step, size in enumerate(sizes):
        more = range(learners, max(learners + 1, size // EACH))
        filling = timed(lambda more=more: fill(mould, more))  # type: ignore[misc]
        learners = more.stop
        settle_down(runtime.engine)
        rates = []
        for number in range(ROUNDS):
            told = _told(learners, chosen.events, f"{step}-{number}", EACH + step * ROUNDS + number)
            tell(runtime, told, chosen.batch)
            rates.append(rate(chosen.events, timed(lambda: settle(runtime))))
        before = found[-1]["settled_per_second"] if found else None
        found.append(
            {
                "records": learners * EACH,
                "settled_per_second": median(rates),
                "slowest": min(rates),
                "fastest": max(rates),
                "loss": round(1 - median(rates) / before, 3) if before else None,
                "filled_seconds": round(filling, 1),
            }
        )
    runtime.engine.dispose()
    return {"events": chosen.events, "batch": chosen.batch, "sizes": found}


def _told(learners: int, events: int, name: str, course: int) -> list[CourseCompleted]:
    """Return one course of as many learners: half of them have records already, anywhere in the tables."""
    known = random.Random(name).sample(range(learners), min(learners, events // 2))  # noqa: S311 - no secret
    new = [f"N{name}-{number}" for number in range(events - len(known))]
    who = [*(f"L{number}" for number in known), *new]
    return [finished(each, f"C{course % COURSES}", f"g{name}-{each}") for each in who]

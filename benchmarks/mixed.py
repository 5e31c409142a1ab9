"""mixed: completions and reads at a steady rate, while one approval releases a backlog; and the same with none waiting.

Completions are sent at their moment whatever became of those before (an open loop), and are visible when their entry can be
read in the learner's account over another connection, which looks every 20 ms.  One in ten is of a learner without account.
The waiting messages are exact copies of one that the module itself kept and decided, each of a learner of its own.
"""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import func, select, text

from benchmarks import processes
from benchmarks.copies import Mould, fill
from benchmarks.figures import Figures, percentiles, rate, timed
from benchmarks.house import COURSES, EACH, ISSUER, add_course, approve, finished, learner, open_house
from benchmarks.load import Due, Load, Watch
from benchmarks.places import Place
from benchmarks.rows import settle_down
from benchmarks.sender import Sender, event
from benchmarks.wire import Wire
from creditbank_hooks import CourseCompleted
from creditbank_plugin.rules import waits
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Waiting

WAITED_FOR = "W"
RATES = {"postgresql": 500.0, "sqlite": 50.0}
#: One completion in so many is of a learner who has no account yet.
NEW = 10
READERS = 4


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--waiting", type=int, default=100_000, help="messages that one approval releases (100000)")
    parser.add_argument("--rate", type=float, help="fresh completions a second (500; SQLite: 50)")
    parser.add_argument("--seconds", type=float, default=60, help="how long, with and without a backlog (60)")
    parser.add_argument("--lead", type=float, default=5, help="seconds of the same before anything counts (5)")
    parser.add_argument("--each", type=int, default=100, help="completions in one request: 1, or a batch (100)")
    parser.add_argument("--reads", type=float, default=20, help="readings of a learner's credits a second (20)")
    parser.add_argument(
        "--workers", type=int, default=1, help="`creditbank worker` processes; SQLite has room for one (1)"
    )
    parser.add_argument("--batch", type=int, default=200, help="how many a worker settles in one transaction (200)")
    parser.add_argument("--clients", type=int, default=16, help="connections that send (16)")
    parser.add_argument("--grace", type=float, default=30, help="seconds to wait for what was sent last (30)")
    processes.options(parser)


@dataclass
class _Stage:
    """What both runs have in common."""

    chosen: Namespace
    place: Place
    runtime: Runtime
    sender: Sender
    course_id: str
    people: list[str]

    @property
    def url(self) -> str:
        return self.runtime.engine.url.render_as_string(hide_password=False)

    @property
    def environ(self) -> dict[str, str]:
        settings = self.runtime.settings
        return {
            "CREDITBANK_DATABASE_URL": self.url,
            "CREDITBANK_DATA": str(settings.data),
            "CREDITBANK_ISSUER": ISSUER,
            "CREDITBANK_RATE_PER_MINUTE": "0",
            "CREDITBANK_SETTLE": "worker",
            "CREDITBANK_BATCH": str(self.chosen.batch),
        }


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return the latencies without and with a backlog that is being settled."""
    chosen.rate = chosen.rate or RATES[chosen.on]
    total = int(chosen.rate * (chosen.lead + chosen.seconds))
    bank = open_house(place.folder / "mixed", place.make(), chosen.batch, settle="worker")
    runtime = bank.runtime
    course_id = add_course(runtime, WAITED_FOR)
    known = max(20, total // EACH + 1)
    fill(Mould(runtime, learner), range(known))
    stage = _Stage(chosen, place, runtime, Sender(runtime), course_id, [f"L{number}" for number in range(known)])
    settle_down(runtime.engine)
    found: Figures = {name: getattr(chosen, name) for name in ("rate", "seconds", "each", "workers", "processes")}
    found["server"] = processes.server_of(chosen)
    found["none_waiting"] = _run(stage, "a", approving=False)
    filling = timed(lambda: fill(Mould(runtime, _waiting), range(chosen.waiting)))
    settle_down(runtime.engine)
    found["released"] = _run(stage, "b", approving=True)
    found["filled_seconds"] = round(filling, 1)
    runtime.engine.dispose()
    return found


def _waiting(number: int) -> Sequence[CourseCompleted]:
    return [finished(f"W{number}", WAITED_FOR, f"w{number}")]


def _run(stage: _Stage, name: str, *, approving: bool) -> Figures:
    chosen, folder = stage.chosen, stage.place.folder
    with (
        processes.served(chosen, processes.OURS, stage.environ, folder) as (port, server),
        processes.working(chosen.workers, stage.environ, folder) as workers,
    ):
        stage.sender.enter(port)
        dues = list(_dues(stage, name))
        sending = Load(port, dues, chosen.clients)
        readings = Load(port, list(_reads(stage, port)), READERS)
        whose = _whose(stage, name)
        watch = Watch(stage.url, whose, stage.course_id)
        waiting = _left(stage)
        zero = time.monotonic() + 0.2
        for each in (watch, sending, readings):
            each.start(zero)
        time.sleep(max(0.0, zero + chosen.lead - time.monotonic()))
        with _spending(stage, {"server": [server], "workers": workers}) as spent:
            began = time.monotonic() - zero
            approving_took = timed(lambda: approve(stage.runtime, stage.course_id)) if approving else 0.0
            released = time.monotonic()
            ended = _until(stage, zero + chosen.lead + chosen.seconds, approving)
        left = _left(stage)
        watch.wait_for(len(whose), chosen.grace)
        for load in (sending, readings):
            load.stop.set()
            load.join()
        watch.end()
        over = time.monotonic() - zero
    found = _fresh(dues, sending, watch, began, over)
    found["reads"] = _answers(readings, began, over)
    if approving:
        done = waiting - left
        found |= {
            "waiting": waiting,
            "approval_seconds": round(approving_took, 3),
            "backlog_settled": done,
            "backlog_per_second": rate(done, ended - released),
        }
    return {**found, "processors_used": spent}


def _pairs(stage: _Stage, name: str) -> Iterator[tuple[str, str, str]]:
    """Return whose, which course, and the id of each fresh completion: no learner finishes a course twice."""
    half = (COURSES - EACH) // 2
    first = EACH if name == "a" else EACH + half
    people = stage.people
    for number in range(int(stage.chosen.rate * (stage.chosen.lead + stage.chosen.seconds))):
        course = f"C{first + number // len(people) % half}"
        who = people[number % len(people)] if number % NEW else f"N{name}{number}"
        yield who, course, f"{name}{number}"


def _whose(stage: _Stage, name: str) -> dict[str, str]:
    return {message: who for who, _, message in _pairs(stage, name)}


def _dues(stage: _Stage, name: str) -> Iterator[Due]:
    each, pairs, number = stage.chosen.each, _pairs(stage, name), 0
    while told := list(islice(pairs, each)):
        carries = tuple(message for _, _, message in told)
        yield Due(number * each / stage.chosen.rate, stage.sender.events([event(*one) for one in told]), carries)
        number += 1


def _reads(stage: _Stage, port: int) -> Iterator[Due]:
    """Return readings of learners who had records before."""
    wire, reads = Wire(port), stage.chosen.reads
    found = stage.people[:: max(1, len(stage.people) // 50)]
    ready = [stage.sender.credits(wire.json(stage.sender.find(who))["items"][0]["id"]) for who in found]
    for number in range(int(reads * (stage.chosen.lead + stage.chosen.seconds))):
        yield Due(number / reads, ready[number % len(ready)])


def _until(stage: _Stage, moment: float, approving: bool) -> float:
    """Wait until a moment; return when the backlog was at its end, if it was before."""
    ended = None
    while (rest := moment - time.monotonic()) > 0:
        time.sleep(min(rest, 0.5))
        if approving and ended is None and not _anything_left(stage):
            ended = time.monotonic()
    return ended or time.monotonic()


def _anything_left(stage: _Stage) -> bool:
    with reading(stage.runtime.engine) as connection:
        one = select(Waiting.inbox_id).where(Waiting.wait_key == waits.comparison(stage.course_id)).limit(1)
        return connection.scalar(one) is not None


def _left(stage: _Stage) -> int:
    with reading(stage.runtime.engine) as connection:
        waiting = select(func.count()).where(Waiting.wait_key == waits.comparison(stage.course_id))
        return int(connection.scalar(waiting) or 0)


def _fresh(dues: Sequence[Due], sending: Load, watch: Watch, began: float, over: float) -> Figures:
    """Return how long fresh completions took; one that was never seen counts as long as was waited for it."""
    counted = [due for due in dues if due.at >= began]
    messages = [(message, due.at) for due in counted for message in due.carries]
    seen = [message for message, _ in messages if message in watch.seen]
    return {
        "due": len(messages),
        "answered": sum(len(due.carries) for due in counted if due.at in sending.answered),
        "visible": len(seen),
        "refused": len(sending.refused),
        **({"refused_as": sending.refused[0]} if sending.refused else {}),
        "due_to_visible": percentiles([watch.seen.get(message, over) - at for message, at in messages]),
        "due_to_answered": _answers(sending, began, over),
    }


def _answers(load: Load, began: float, over: float) -> Figures:
    """Return how long answers took; one that never came counts as long as was waited for it."""
    due = [each.at for each in load.dues if each.at >= began]
    answered = sum(at in load.answered for at in due)
    return {"due": len(due), "answered": answered, **percentiles([load.answered.get(at, over - at) for at in due])}


@contextmanager
def _spending(stage: _Stage, groups: dict[str, list[int]]) -> Iterator[dict[str, float]]:
    """Fill in how many processors each group of processes used on average, and others on the same machine (Linux)."""
    found: dict[str, float] = {}
    with reading(stage.runtime.engine) as connection:
        if connection.dialect.name == "postgresql":
            backend = int(connection.scalar(text("select pg_backend_pid()")) or 0)
            groups = {**groups, "database": [processes.parent_of(backend)]}
    start, before = time.monotonic(), _spent(groups)
    yield found
    seconds, after = time.monotonic() - start, _spent(groups)
    for name, spent in after.items():
        found[name] = round((spent - before[name]) / seconds, 2)
    if "machine" in found:
        busy = found.pop("machine")
        found["others"] = round(max(0.0, busy - sum(found.values())), 2)


def _spent(groups: dict[str, list[int]]) -> dict[str, float]:
    spent = {name: processes.cpu_seconds(pids) for name, pids in groups.items()}
    spent |= {"client": time.process_time(), "machine": processes.machine_seconds()}
    return {name: seconds for name, seconds in spent.items() if seconds is not None}

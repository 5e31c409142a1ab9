"""http: single messages, batches, xAPI arrays and reading through a real server, each against a bare route of the same."""

import json
import queue
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from benchmarks import bare, processes
from benchmarks.figures import Figures, percentiles, rate, ratio
from benchmarks.house import COURSES, EACH, ISSUER, open_house
from benchmarks.places import Place
from benchmarks.sender import Sender, event, statement
from benchmarks.wire import Wire, request
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Decision

#: Where the learners of arrays begin, so that each kind of message has its own.
FAR = 10_000_000


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--singles", type=int, default=2000, help="single messages (2000)")
    parser.add_argument(
        "--batches", type=int, default=50, help="batches of 100 events, and arrays of 50 statements (50)"
    )
    parser.add_argument("--reads", type=int, default=1000, help="readings of 50 records (1000)")
    parser.add_argument("--clients", type=int, default=8, help="connections of the client (8)")
    parser.add_argument("--warm-up", type=int, default=20, help="requests of each kind before anything counts (20)")
    processes.options(parser)


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return requests and messages a second, and the ratios to the bare route of the same server and client."""
    found: Figures = {"server": processes.server_of(chosen), "processes": chosen.processes, "clients": chosen.clients}
    with_bare(chosen, place, found)
    with_ours(chosen, place, found)
    found["single_to_bare"] = ratio(found["single"]["per_second"], found["bare_insert"]["per_second"])
    found["read_to_bare"] = ratio(found["read_50"]["per_second"], found["bare_read"]["per_second"])
    return found


def with_bare(chosen: Namespace, place: Place, found: Figures) -> None:
    """Measure the bare routes."""
    url = place.make()
    bare.prepare(url)
    with processes.served(chosen, processes.BARE, {bare.DATABASE: url}, place.folder) as (port, _):
        told = [_one("bare", number) for number in range(chosen.singles + chosen.warm_up)]
        sent = [request("POST", "/events", {"Content-Type": "application/json"}, _json(each)) for each in told]
        found["bare_insert"] = warmed_up(port, chosen, sent)
        found["bare_read"] = warmed_up(port, chosen, [request("GET", "/records", {})] * (chosen.reads + chosen.warm_up))


def with_ours(chosen: Namespace, place: Place, found: Figures) -> None:
    """Measure our routes, settling inline: what is answered is durable and credited."""
    url, folder = place.make(), place.folder / "served"
    bank = open_house(folder, url, 200)
    sender = Sender(bank.runtime)
    environ = {
        "CREDITBANK_DATABASE_URL": url,
        "CREDITBANK_DATA": str(folder),
        "CREDITBANK_ISSUER": ISSUER,
        "CREDITBANK_RATE_PER_MINUTE": "0",
    }
    with processes.served(chosen, processes.OURS, environ, place.folder) as (port, _):
        sender.enter(port)
        learner_id = learner_with_every_course(port, sender)
        singles = [sender.events([_one("h", number)]) for number in range(chosen.singles + chosen.warm_up)]
        found["single"] = warmed_up(port, chosen, singles)
        many = [sender.events([_one("h", FAR + 100 * n + each) for each in range(100)]) for n in range(chosen.batches)]
        found["batch_of_100"] = _run(port, chosen.clients, many, each=100)
        arrays = [
            sender.statements([_stated(2 * FAR + 50 * n + each) for each in range(50)]) for n in range(chosen.batches)
        ]
        found["xapi_of_50"] = _run(port, chosen.clients, arrays, each=50)
        found["read_50"] = warmed_up(port, chosen, [sender.credits(learner_id)] * (chosen.reads + chosen.warm_up))
    with reading(bank.runtime.engine) as connection:
        states = {tuple(row) for row in connection.execute(select(Decision.state, Decision.reason).distinct())}
    bank.runtime.engine.dispose()
    if states != {("credited", "credited")}:
        raise RuntimeError(f"not everything was credited: {states}")


def _json(told: Any) -> bytes:
    return json.dumps(told).encode()


def _one(name: str, number: int) -> dict[str, Any]:
    return event(f"H{number // EACH}", f"C{number % EACH}", f"{name}{number}")


def _stated(number: int) -> dict[str, Any]:
    return statement(f"H{number // EACH}", f"C{number % EACH}")


def learner_with_every_course(port: int, sender: Sender) -> str:
    """Give one learner all the courses there are, and return their public id."""
    wire = Wire(port)
    wire.json(sender.events([event("fifty", f"C{number}", f"fifty-{number}") for number in range(COURSES)]))
    return str(wire.json(sender.find("fifty"))["items"][0]["id"])


def warmed_up(port: int, chosen: Namespace, sent: Sequence[bytes]) -> Figures:
    """Send everything, and measure what comes after ``warm_up`` requests."""
    _run(port, chosen.clients, sent[: chosen.warm_up])
    return _run(port, chosen.clients, sent[chosen.warm_up :])


def _run(port: int, clients: int, sent: Sequence[bytes], each: int = 1) -> Figures:
    """Send everything from several threads over kept connections, each the next when the last is answered."""
    todo: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for one in sent:
        todo.put(one)
    took: list[float] = []
    wrong: list[str] = []

    def work() -> None:
        wire = Wire(port)
        while True:
            try:
                ready = todo.get_nowait()
            except queue.Empty:
                wire.close()
                return
            start = time.perf_counter()
            try:
                status, body = wire.ask(ready)
            except (OSError, RuntimeError) as error:
                wrong.append(repr(error))
                return
            took.append(time.perf_counter() - start)
            if status not in (200, 202):
                wrong.append(f"{status} {body[:300].decode(errors='replace')}")

    threads = [threading.Thread(target=work) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if wrong:
        raise RuntimeError(f"{len(wrong)} answers were refusals, such as {wrong[0]}")
    return {"per_second": rate(len(sent) * each, seconds), **percentiles(took)}

"""bearer: what it costs to know who calls, with and without memory of tokens; and reads of 50 records at 16 connections."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask

from benchmarks import bare, http, processes
from benchmarks.figures import Figures, percentiles, ratio
from benchmarks.house import ISSUER, SCHOOL, open_house
from benchmarks.places import Place
from benchmarks.sender import Sender
from benchmarks.wire import Wire, request
from creditbank_plugin.services.access import clients, issuing, tokens
from creditbank_plugin.services.runtime import Runtime

SCOPE = "credits:read"
#: How many calls are timed together: one alone is shorter than the clock's own noise.
TOGETHER = 20


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--checks", type=int, default=400, help="how often 20 checks are timed (400)")
    parser.add_argument("--reads", type=int, default=2000, help="readings of 50 records (2000)")
    parser.add_argument("--clients", type=int, default=16, help="connections of the client (16)")
    parser.add_argument("--warm-up", type=int, default=100, help="requests of each kind before anything counts (100)")
    processes.options(parser)


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return milliseconds of a check beside a whole bare request, and readings a second beside those of a bare route."""
    found: Figures = {"server": processes.server_of(chosen), "processes": chosen.processes, "clients": chosen.clients}
    url, folder = place.make(), place.folder / "served"
    bank = open_house(folder, url, 200)
    _check(chosen, bank.runtime, found)
    sender = Sender(bank.runtime)
    same: Sequence[Mapping[str, Any]] = ()
    for name, seconds in (("read_50", "5"), ("read_50_without_memory", "0")):
        environ = {
            "CREDITBANK_DATABASE_URL": url,
            "CREDITBANK_DATA": str(folder),
            "CREDITBANK_ISSUER": ISSUER,
            "CREDITBANK_TOKEN_MEMORY_SECONDS": seconds,
        }
        with processes.served(chosen, processes.OURS, environ, place.folder) as (port, _):
            sender.enter(port)
            learner_id = http.learner_with_every_course(port, sender)
            found[name] = http.warmed_up(port, chosen, [sender.credits(learner_id)] * (chosen.reads + chosen.warm_up))
            same = same or Wire(port).json(sender.credits(learner_id))["items"]
    bank.runtime.engine.dispose()
    with_bare(chosen, place, found, same)
    for bare_route in ("bare_read", "bare_same"):
        found[f"read_to_{bare_route}"] = ratio(found["read_50"]["per_second"], found[bare_route]["per_second"])
    return found


def with_bare(chosen: Namespace, place: Place, found: Figures, same: Sequence[Mapping[str, Any]]) -> None:
    """Measure a bare route that reads 50 rows and writes JSON: rows of plain text, and ``same``, the records themselves."""
    url = place.make()
    bare.prepare(url, same)
    with processes.served(chosen, processes.BARE, {bare.DATABASE: url}, place.folder) as (port, _):
        for name, path in (("bare_read", "/records"), ("bare_same", "/same")):
            asked = [request("GET", path, {})] * (chosen.reads + chosen.warm_up)
            found[name] = http.warmed_up(port, chosen, asked)


def _check(chosen: Namespace, runtime: Runtime, found: Figures) -> None:
    """Measure the check alone, warm and cold, and a request of a bare Flask route that does nothing."""
    client = clients.create(runtime, clients.Wish(name="bench", organisation=SCHOOL, scopes=[SCOPE]))
    issued = issuing.issue(runtime, issuing.Holder(ISSUER, client.client_id), [SCOPE])
    header = f"Bearer {issued.access_token}"

    def warm() -> None:
        tokens.authorise(runtime, header, SCOPE)

    def cold() -> None:
        runtime.memory.kept.clear()
        tokens.authorise(runtime, header, SCOPE)

    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: ("", 204), endpoint="nothing")
    caller = app.test_client()
    found["bare_route"] = _timed(lambda: caller.get("/"), chosen.checks)
    found["check_remembered"] = _timed(warm, chosen.checks)
    found["check_looked_up"] = _timed(cold, chosen.checks)


def _timed(work: Callable[[], object], rounds: int) -> Figures:
    work()
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(TOGETHER):
            work()
        took.append((time.perf_counter() - start) / TOGETHER)
    return dict(percentiles(took))

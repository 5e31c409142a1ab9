"""tokens: giving a client a token, and introspecting one, from 16 connections; each beside a bare route of the same server.

A token is one row that is inserted and committed: its floor is a bare route that does that.  Introspection is one row that
is found by key: its floor is a bare route that does that.  Beside the time a client waits stands the processor time of the
server for each request, which says more on a machine that others share.
"""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from benchmarks import bare, http, processes
from benchmarks.figures import Figures, ratio
from benchmarks.house import ISSUER, open_house
from benchmarks.places import Place
from benchmarks.sender import Sender, event
from benchmarks.wire import Wire, request

OAUTH = "/creditbank/oauth"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def options(parser: ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--issues", type=int, default=2000, help="tokens that are asked for (2000)")
    parser.add_argument("--asks", type=int, default=2000, help="introspections (2000)")
    parser.add_argument("--clients", type=int, default=16, help="connections of the client (16)")
    parser.add_argument("--warm-up", type=int, default=100, help="requests of each kind before anything counts (100)")
    processes.options(parser)


def measure(chosen: Namespace, place: Place) -> Figures:
    """Return requests a second with percentiles and processor time, and the ratios to the bare routes."""
    found: Figures = {"server": processes.server_of(chosen), "processes": chosen.processes, "clients": chosen.clients}
    _bare(chosen, place, found)
    _ours(chosen, place, found)
    for ours, floor in (("issue", "bare_insert"), ("introspect", "bare_one")):
        found[f"{ours}_to_bare"] = ratio(found[ours]["per_second"], found[floor]["per_second"])
        found[f"{ours}_to_bare_by_processor"] = ratio(found[floor]["server_ms"], max(found[ours]["server_ms"], 0.001))
    return found


def _bare(chosen: Namespace, place: Place, found: Figures) -> None:
    url = place.make()
    key = bare.prepare(url)
    body = json.dumps(event("L0", "C0", "bare")).encode()
    inserts = [request("POST", "/events", {"Content-Type": "application/json"}, body)] * (
        chosen.issues + chosen.warm_up
    )
    reads = [request("GET", f"/records/{key}", {})] * (chosen.asks + chosen.warm_up)
    with processes.served(chosen, processes.BARE, {bare.DATABASE: url}, place.folder) as (port, pid):
        found["bare_insert"] = _told(port, pid, chosen, inserts)
        found["bare_one"] = _told(port, pid, chosen, reads)


def _ours(chosen: Namespace, place: Place, found: Figures) -> None:
    url, folder = place.make(), place.folder / "served"
    bank = open_house(folder, url, 1)
    sender = Sender(bank.runtime)
    environ = {
        "CREDITBANK_DATABASE_URL": url,
        "CREDITBANK_DATA": str(folder),
        "CREDITBANK_ISSUER": ISSUER,
        "CREDITBANK_TOKEN_RATE_PER_MINUTE": "0",
    }
    with processes.served(chosen, processes.OURS, environ, place.folder) as (port, pid):
        asked = _form("token", sender, {"grant_type": "client_credentials"})
        found["issue"] = _told(port, pid, chosen, [asked] * (chosen.issues + chosen.warm_up))
        token = Wire(port).json(asked)["access_token"]
        about = _form("introspect", sender, {"token": token})
        if not Wire(port).json(about)["active"]:
            raise RuntimeError("the token that is asked after is not active")
        found["introspect"] = _told(port, pid, chosen, [about] * (chosen.asks + chosen.warm_up))
    bank.runtime.engine.dispose()


def _form(endpoint: str, sender: Sender, form: Mapping[str, str]) -> bytes:
    return request("POST", f"{OAUTH}/{endpoint}", {**sender.basic, **_FORM}, urlencode(form).encode())


def _told(port: int, pid: int, chosen: Namespace, sent: Sequence[bytes]) -> Figures:
    """Measure what comes after the warm-up; ``server_ms`` is the server's processor time for each request."""
    before = processes.cpu_seconds([pid]) or 0.0
    found = http.warmed_up(port, chosen, sent)
    spent = (processes.cpu_seconds([pid]) or 0.0) - before
    return {**found, "server_ms": round(spent / len(sent) * 1000, 3)}

"""``creditbank worker``: settle what comes, until told to stop."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

import click

from creditbank_plugin.cli.installation import ready, revision, runtime
from creditbank_plugin.cli.output import answer, as_json, count_text, progress
from creditbank_plugin.logs import configure
from creditbank_plugin.services.settling.worker import Worker, own_name, seat
from creditbank_plugin.settings import Settings


@click.command()
@click.option("--once", is_flag=True, help="Stop when nothing is left that falls to this worker.")
@click.option("--name", help="What this worker is called in the log and the leases; its machine and process otherwise.")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Serve health and metrics on this port.")
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="The address of that port.")
@as_json
def worker(once: bool, name: str | None, metrics_port: int | None, metrics_host: str, as_json: bool) -> None:
    """Settle what comes, fresh messages first, until SIGTERM or SIGINT; spooled messages too.

    Several at once on PostgreSQL share the learners out; SQLite has room for one.  A worker that is killed at any moment
    loses nothing and doubles nothing: another, or the next one, goes on.  Before `creditbank db upgrade` has run it waits
    (with --once it ends); where the tables are newer than this program it ends with exit code 75.
    """
    found = ready() if once else runtime(migrated=False)
    revision(found.engine)
    gc.freeze()  # what is loaded by now stays; looking through it for rubbish was a tenth of the time of settling
    configure(_as_looked_at(found.settings))
    if metrics_port is not None:
        from creditbank_plugin.api.metrics_server import start_metrics_server

        start_metrics_server(found, metrics_port, metrics_host)
    with seat(found), progress("settling") as step:
        made = Worker(found, name or own_name(), progress=step)
        with _stopped_by_signals(made):
            made.run(once=once)
    number, states = sum(made.settled.values()), dict(made.settled)
    told = {"worker": made.name, "settled": number, "states": states, "spooled": made.spooled}
    answer(as_json, told, f"{made.name} settled {number}: {count_text(states)}")


def _as_looked_at(settings: Settings) -> Settings:
    """Return how to log: a person at a terminal sees the count rise, not a line for each batch."""
    watched = sys.stderr.isatty() and not os.environ.get("CREDITBANK_LOG_LEVEL")
    return replace(settings, log_level="warning") if watched else settings


@contextmanager
def _stopped_by_signals(made: Worker) -> Iterator[None]:
    """Let the first signal end the work in order, and a second one at once."""

    def stop(number: int, _: FrameType | None) -> None:
        made.stop = True
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""What Prometheus is answered: what was counted (`meters`), and the queue and the spool as they are now.

Where the servers set ``PROMETHEUS_MULTIPROC_DIR`` before they start, the counts are those of all processes that share the
folder; else those of the one process that happens to answer.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from creditbank_plugin.services import spool
from creditbank_plugin.services.meters import PREFIX, switch_on
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.telling import subscriptions
from creditbank_plugin.storage.queries import inspection
from creditbank_plugin.storage.session import reading

if TYPE_CHECKING:
    from prometheus_client import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(runtime: Runtime) -> bytes:
    """Return everything in Prometheus' text format: what was counted, and the queue as it is now."""
    from prometheus_client import CollectorRegistry, generate_latest

    counted: Any = switch_on(runtime.engine).registry
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        counted.register(_AllProcesses())
    now = CollectorRegistry()
    now.register(_Soundings(runtime))
    return generate_latest(counted) + generate_latest(now)


class _AllProcesses:
    """What all processes of this machine have counted: ours alone, though the host's numbers stand in the same folder."""

    def collect(self) -> "Iterator[Metric]":
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        everything: Any = MultiProcessCollector(CollectorRegistry())  # type: ignore[no-untyped-call]
        for family in everything.collect():
            if family.name.startswith(PREFIX):
                yield family


class _Soundings:
    """What is read at the moment of a scrape."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> "Iterator[Metric]":
        from prometheus_client.core import GaugeMetricFamily

        up, depths, oldest, webhooks = True, dict[str, int](), None, dict[str, float | int | None]()
        try:
            with reading(self._runtime.engine) as connection:
                depths = inspection.queue_depths(connection)
                oldest = inspection.oldest_fresh(connection)
            webhooks = subscriptions.numbers(self._runtime)
        except SQLAlchemyError:
            up = False
        yield GaugeMetricFamily(f"{PREFIX}database_up", "1 when the queue could be read.", value=float(up))
        yield GaugeMetricFamily(
            f"{PREFIX}spool_files", "Messages that wait on disk.", value=float(len(spool.waiting(self._runtime)))
        )
        if not up:
            return
        queue = GaugeMetricFamily(
            f"{PREFIX}queue_messages", "Messages to be settled, and parked ones.", labels=["lane"]
        )
        for lane, number in depths.items():
            queue.add_metric([lane], number)
        yield queue
        messages = GaugeMetricFamily(
            f"{PREFIX}webhook_messages", "Webhook messages to be sent, and parked ones.", labels=["state"]
        )
        for state in ("due", "parked"):
            messages.add_metric([state], float(webhooks[state] or 0))
        yield messages
        yield GaugeMetricFamily(
            f"{PREFIX}oldest_webhook_seconds",
            "How long the oldest webhook message that is due waits; 0 for none.",
            value=float(webhooks["oldest_due_seconds"] or 0),
        )
        waits = (self._runtime.clock() - oldest).total_seconds() if oldest is not None else 0.0
        yield GaugeMetricFamily(
            f"{PREFIX}oldest_fresh_seconds",
            "How long the oldest fresh message waits; 0 for none.",
            value=max(waits, 0.0),
        )

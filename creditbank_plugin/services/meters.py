"""Numbers for Prometheus, in a registry of our own: never the default one, which is the host's.

Off until `switch_on` (the setting ``CREDITBANK_METRICS_TOKEN``, or a worker's metrics port); the client library is imported
then only.  Labels hold codes and templates, never ids.  One registry a process; `scrape` reads it.
"""

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

PREFIX = "creditbank_"
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LONG = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class Meters:
    """The counters and histograms of one process."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self.registry = own = CollectorRegistry()
        self.kept = Counter(
            f"{PREFIX}messages",
            "Messages heard, by door and what became of them there.",
            ("door", "outcome"),
            registry=own,
        )
        self.decisions = Counter(
            f"{PREFIX}decisions", "Decisions, by state and reason.", ("state", "reason"), registry=own
        )
        self.batch_seconds = Histogram(
            f"{PREFIX}settle_batch_seconds", "How long a batch took to settle.", buckets=_QUICK, registry=own
        )
        self.batch_messages = Histogram(
            f"{PREFIX}settle_batch_messages", "How many messages a settled batch held.", buckets=_SIZES, registry=own
        )
        self.waited = Histogram(
            f"{PREFIX}received_to_decided_seconds",
            "From received to decided; fresh: the first decision, backlog: a later one.",
            ("lane",),
            buckets=_LONG,
            registry=own,
        )
        self.failed = Counter(
            f"{PREFIX}settle_failures", "Messages that failed in settling, by error.", ("error",), registry=own
        )
        self.database_errors = Counter(
            f"{PREFIX}database_errors", "Errors of the database, by type.", ("error",), registry=own
        )
        self.requests = Counter(
            f"{PREFIX}http_requests",
            "Requests of ours, by method, template of the address and status.",
            ("method", "endpoint", "status"),
            registry=own,
        )
        self.request_seconds = Histogram(
            f"{PREFIX}http_request_seconds",
            "How long a request of ours took.",
            ("endpoint",),
            buckets=_QUICK,
            registry=own,
        )
        self.plugin_failures = Counter(
            f"{PREFIX}plugin_failures", "Plugins that raised, by hook.", ("hook",), registry=own
        )


_meters: Meters | None = None


def on() -> Meters | None:
    """Return the meters; None while nobody measures."""
    return _meters


def switch_on(engine: Engine) -> Meters:
    """Begin to measure in this process, and count the errors of ``engine``; safe to repeat."""
    global _meters
    if _meters is None:
        _meters = Meters()
    if not event.contains(engine, "handle_error", _count_error):
        event.listen(engine, "handle_error", _count_error)
    return _meters


def _count_error(context: ExceptionContext) -> None:
    if _meters is not None:
        kind = type(context.sqlalchemy_exception or context.original_exception)
        _meters.database_errors.labels(kind.__name__).inc()

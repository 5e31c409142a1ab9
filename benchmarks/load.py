"""An open load: each request has its moment, whether or not those before it were answered; and who watches what comes of it.

Latency is counted from the moment a request was due, so that a client held up by a slow server hides nothing.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from benchmarks.wire import Wire
from creditbank_plugin.storage.session import open_engine

LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Due:
    """A request, when it is due (seconds after the start), and the messages it carries."""

    at: float
    ready: bytes
    carries: tuple[str, ...] = ()


@dataclass
class Load:
    """Requests sent in their order, each when it is due, from several threads over kept connections.

    ``answered`` are the seconds from due to answered by the moment due, ``refused`` what was not taken; what was not
    sent when `stop` is set is left out of both.
    """

    port: int
    dues: Sequence[Due]
    clients: int
    answered: dict[float, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    _next: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, zero: float) -> None:
        """Begin; ``zero`` is the moment (`time.monotonic`) from which requests are due."""
        self._threads = [threading.Thread(target=self._work, args=(zero,)) for _ in range(self.clients)]
        for each in self._threads:
            each.start()

    def join(self) -> None:
        """Wait until everything was answered, or what was at work when `stop` was set."""
        for each in self._threads:
            each.join()

    def _work(self, zero: float) -> None:
        wire = Wire(self.port)
        while (due := self._take()) is not None:
            wait = zero + due.at - time.monotonic()
            if wait > 0 and self.stop.wait(wait):
                return
            try:
                status, body = wire.ask(due.ready)
            except (OSError, RuntimeError) as error:
                self.refused.append(repr(error))
                continue
            if status in (200, 202):
                self.answered[due.at] = time.monotonic() - zero - due.at
            else:
                self.refused.append(f"{status} {body[:200].decode(errors='replace')}")
        wire.close()

    def _take(self) -> Due | None:
        with self._turn:
            if self._next == len(self.dues) or self.stop.is_set():
                return None
            self._next += 1
            return self.dues[self._next - 1]


class Watch:
    """Looks again and again, over a connection of its own, which messages' entries stand in an account.

    ``seen`` is when each was first found, in seconds after the start: after the look that found it, so never too early.
    Entries about ``but`` (a course) are left out.
    """

    def __init__(self, url: str, learners: Mapping[str, str], but: str) -> None:
        """``learners``: by message, whose account it is to be found in."""
        self.learners, self.seen, self._but = learners, dict[str, float](), but
        self._engine = open_engine(url)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.error: BaseException | None = None

    def start(self, zero: float) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._look, args=(zero,))
        self._thread.start()

    def wait_for(self, number: int, seconds: float) -> None:
        """Wait until so many were seen, or for so long."""
        until = time.monotonic() + seconds
        while len(self.seen) < number and time.monotonic() < until and self.error is None:
            time.sleep(LOOK_SECONDS)

    def end(self) -> None:
        """Look no more; raise what went wrong."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._engine.dispose()
        if self.error is not None:
            raise self.error

    def _look(self, zero: float) -> None:
        but = self._but if self._engine.dialect.name == "postgresql" else self._but.replace("-", "")
        try:
            with self._engine.connect() as connection:
                _look_by_index(connection)
                since = _now(connection)
                while not self._stop.wait(LOOK_SECONDS):
                    horizon = _now(connection)
                    found = connection.execute(_FOUND, {"since": since, "but": but}).all()
                    connection.rollback()
                    at = time.monotonic() - zero
                    for message, learner in found:
                        if self.learners.get(message) == learner:
                            self.seen.setdefault(message, at)
                    since = horizon
        except Exception as error:
            self.error = error


#: The identifier is the learner's own: an entry that stood in somebody else's account would not be found.
_FOUND = text(
    """
    select i.message_id, n.value from creditbank_entry e
    join creditbank_decision d on d.id = e.decision_id
    join creditbank_inbox i on i.id = d.inbox_id
    join creditbank_identifier n on n.account_id = e.account_id
    where e.commit_order >= :since and cast(d.course_id as text) <> :but
    """
)


def _now(connection: Connection) -> int:
    """Return the number in the order of changes below which everything can be read by now."""
    if connection.dialect.name == "postgresql":
        found = connection.scalar(text("select txid_snapshot_xmin(txid_current_snapshot())"))
    else:
        found = connection.scalar(text("select max(commit_order) from creditbank_entry"))
    connection.rollback()
    return int(found or 0)


def _look_by_index(connection: Connection) -> None:
    """Let PostgreSQL walk the few new entries by their indexes, whatever it thinks of how many there are."""
    if connection.dialect.name == "postgresql":
        for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
            connection.execute(text(f"set {name} = off"))
        connection.execute(text("set max_parallel_workers_per_gather = 0"))
        connection.commit()

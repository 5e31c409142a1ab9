"""A worker: settles the partitions it leases, fresh messages before the backlog, until it is told to stop.

What is settled once and only once does not rest on leases but on what settling does anyway (see `settle`); they keep
workers out of one another's way, and show that one has died.  Its successor tries what it was working on one message at a
time, each attempt counted before it is made: a message that ends the process is parked and holds up nobody for long.
"""

import logging
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy.exc import ProgrammingError

from creditbank_plugin.errors import Refused
from creditbank_plugin.services import jobs, outbox
from creditbank_plugin.services.filelock import try_locked
from creditbank_plugin.services.long_work import KINDS
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling import leases
from creditbank_plugin.services.settling.settle import Progress, next_batch, settle_batch, settle_one
from creditbank_plugin.services.spool import drain
from creditbank_plugin.services.telling import post
from creditbank_plugin.storage import upgrade
from creditbank_plugin.storage.bell import LOOK_SECONDS, Bell
from creditbank_plugin.storage.faults import UNREACHABLE, is_collision, is_gone
from creditbank_plugin.storage.queries import queue
from creditbank_plugin.storage.session import reading

log = logging.getLogger(__name__)

#: How often a worker looks by itself when nobody rings, and looks after leases and spool; seconds.
POLL_SECONDS = 1.0
#: For how long after work a worker looks by itself every `LOOK_SECONDS`: the bell is rung no more often than that.
AWAKE_SECONDS = 0.5
#: How many suspect messages are tried between two batches, so that others wait no longer than for a batch.
SUSPECTS_AT_ONCE = 20
#: How long a worker waits for a database that is gone, at first and at most; seconds.
BACK_OFF = (0.2, 10.0)
GONE: tuple[type[Exception], ...] = (*UNREACHABLE, ConnectionError)


def own_name() -> str:
    """Return the name of a worker that was given none: its machine and its process."""
    return f"{socket.gethostname()}-{os.getpid()}"[:80]


@contextmanager
def seat(runtime: Runtime) -> Iterator[None]:
    """Take the one place that SQLite has for a worker; ``Refused("worker_at_work")`` (409) where it is taken.

    On PostgreSQL there is room for as many as are started.
    """
    if runtime.engine.dialect.name == "postgresql":
        yield
        return
    with try_locked(runtime.settings.data / "worker.lock") as alone:
        if not alone:
            raise Refused(
                "worker_at_work",
                "มี worker ทำงานกับฐานข้อมูล SQLite นี้อยู่แล้ว ซึ่งใช้ได้เพียงตัวเดียว",
                "Another worker settles this SQLite database, which has room for one.",
                status=409,
            )
        yield


def _run_a_job(runtime: Runtime) -> None:
    with suppress(*GONE):  # the worker itself waits until the database is there again
        jobs.run_next(runtime)


@dataclass
class Worker:
    """One process at work; ``stop`` may be set from a signal handler.

    ``settled`` counts messages per state, ``failed`` among them.
    """

    runtime: Runtime
    name: str = field(default_factory=own_name)
    progress: Progress | None = None
    now: Callable[[], float] = field(default=time.monotonic)
    stop: bool = False
    settled: Counter[str] = field(default_factory=Counter)
    spooled: int = 0
    _share: leases.Share = field(default_factory=leases.Share)
    _job: threading.Thread | None = None
    _post: threading.Thread | None = None
    _suspects: list[str] | None = None
    _looked_at: float = 0.0
    _worked_at: float = 0.0
    _pause: float = BACK_OFF[0]

    def run(self, *, once: bool = False) -> None:
        """Work until `stop`, or ``once`` until nothing is left that is this worker's; leases are given back at the end.

        While the database is gone or held by somebody else, and while our tables have yet to be brought up, it waits, longer
        and longer, and goes on.  ``Refused("tables_changed")`` (409) when the tables are newer than this program, or, with
        ``once``, older.
        """
        while not self.stop:
            try:
                if not self._tables_are_there(wait=not once):
                    self._pause_longer()
                    continue
                with Bell(self.runtime.engine) as bell:
                    self._begin(bell)
                    try:
                        self._work(bell, once)
                    finally:
                        self._end_post()
                        self._give_back(bell.number)
                return
            except Exception as error:
                if not (is_gone(error) or is_collision(error) or isinstance(error, ConnectionError)):
                    raise
                if isinstance(error, ProgrammingError) and self._tables_stand():
                    raise  # they are ours, and we may not use them
                log.warning(
                    "the database cannot be used (%s); trying again in %.1f s", type(error).__name__, self._pause
                )
                self._pause_longer()

    def _begin(self, bell: Bell) -> None:
        self.runtime.keyring.prepare(self.runtime.engine)
        outbox.begin(self.runtime)
        log.debug("kinds of long work: %s", ", ".join(KINDS))
        self._suspects, self._looked_at = None, self.now() - POLL_SECONDS
        log.info("worker %s (%d) is at work", self.name, bell.number)

    def _work(self, bell: Bell, once: bool) -> None:
        while not self.stop:
            self._look_around(bell)
            done = self._try_suspects(bell.number) + self._settle_a_batch()
            self._pause = BACK_OFF[0]
            if done:
                outbox.tell(self.runtime)
                self.settled += done
                self._worked_at = self.now()
                if self.progress is not None:
                    self.progress(sum(done.values()))
            elif once and not self._share.suspect:
                while not self.stop and jobs.run_next(self.runtime):
                    pass
                post.work(self.runtime)
                return
            elif not self._share.suspect:
                self._wait(bell)

    def _look_around(self, bell: Bell) -> None:
        """Look after the leases and the spool, once in a while."""
        if self.now() - self._looked_at < POLL_SECONDS:
            return
        self._looked_at = self.now()
        self.spooled += drain(self.runtime)
        if self._job is None or not self._job.is_alive():
            # Beside the settling, one at a time: a forecast for a province is not to hold up what comes fresh.
            self._job = threading.Thread(target=_run_a_job, args=(self.runtime,), name="creditbank job", daemon=True)
            self._job.start()
        if self._post is None or not self._post.is_alive():
            self._post = threading.Thread(
                target=post.work, args=(self.runtime,), name="creditbank webhooks", daemon=True
            )
            self._post.start()
        outbox.tell(self.runtime)  # what a process that died had committed and not told yet
        before = self._share
        self._share = leases.share_out(self.runtime, bell.number, self.name, bell.living())
        if self._share.suspect != before.suspect:
            self._suspects = None
        if self._share != before:
            numbers = len(self._share.trusted), len(self._share.suspect)
            log.info("worker %s has %d partitions, and %d that another died with", self.name, *numbers)

    def _settle_a_batch(self) -> Counter[str]:
        if not self._share.trusted:
            return Counter()
        return settle_batch(self.runtime, next_batch(self.runtime, self._share.trusted))

    def _try_suspects(self, number: int) -> Counter[str]:
        """Try some of the messages that a dead worker was working on; when all were tried, trust their partitions again.

        It had taken the first batch of one lane or the other: so the first of each is tried, of every partition it had.
        """
        suspect = self._share.suspect
        if not suspect:
            return Counter()
        if self._suspects is None:
            size, now = self.runtime.settings.batch, self.runtime.clock()
            with reading(self.runtime.engine) as connection:
                lanes = (queue.FRESH, queue.BACKLOG)
                firsts = [queue.due(connection, now, size, partitions=suspect, lane=lane) for lane in lanes]
            self._suspects = [inbox_id for ids in firsts for inbox_id in ids][::-1]
        done: Counter[str] = Counter()
        for _ in range(SUSPECTS_AT_ONCE):
            if not self._suspects or self.stop:
                break
            done += settle_one(self.runtime, self._suspects[-1])
            self._suspects.pop()
        if not self._suspects:
            leases.clear(self.runtime, number, suspect)
            self._share = leases.Share((*self._share.trusted, *suspect))
        return done

    def _wait(self, bell: Bell) -> None:
        """Wait for work: soon after some there is often more, and the bell may have been rung just before."""
        until, awake = self.now() + POLL_SECONDS, self._worked_at + AWAKE_SECONDS
        while not self.stop and self.now() < until:
            if bell.wait(LOOK_SECONDS if self.now() < awake else until - self.now()):
                self._worked_at = self.now()
                return
            if self.now() < awake:
                return

    def _sleep(self, seconds: float) -> None:
        until = self.now() + seconds
        while not self.stop and self.now() < until:
            time.sleep(LOOK_SECONDS)

    def _pause_longer(self) -> None:
        self._sleep(self._pause)
        self._pause = min(2 * self._pause, BACK_OFF[1])

    def _tables_are_there(self, *, wait: bool) -> bool:
        """Tell whether the tables are those of this program; raise where it is no use to ``wait``, for they are newer."""
        current, head = upgrade.current(self.runtime.engine), upgrade.head()
        if current == head:
            return True
        if upgrade.is_newer(current) or not wait:
            raise Refused(
                "tables_changed",
                "ตารางไม่ใช่ของโปรแกรมรุ่นนี้ ให้เริ่ม worker ของรุ่นเดียวกับตาราง",
                f"The tables stand at {current or 'none'}, this program is of {head}: start the version that made them.",
                status=409,
            )
        log.warning("the tables stand at %s, not at %s: waiting for `creditbank db upgrade`", current or "none", head)
        return False

    def _tables_stand(self) -> bool:
        with suppress(*GONE):
            return upgrade.current(self.runtime.engine) == upgrade.head()
        return False

    def _end_post(self) -> None:
        """Let the message that is being sent be ended, and begin no other."""
        if self._post is not None:
            self.runtime.postman.stop.set()
            self._post.join(3 * self.runtime.settings.webhook_seconds)
            self.runtime.postman.stop.clear()

    def _give_back(self, number: int) -> None:
        with suppress(*GONE):  # without a database: our successor finds what we had, as if we had died
            leases.give_back(self.runtime, number)

"""Long work that somebody looks at: begun here or by a worker, shown as it goes on, taken over when its process dies.

A kind of work is a function that `long_work` names.  It may be begun again after a crash, so it does in small
transactions what it finds still to be done, and says now and then how far it is.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.faults import is_collision, is_gone
from creditbank_plugin.storage.queries import authority
from creditbank_plugin.storage.queries import jobs as rows
from creditbank_plugin.storage.session import is_memory, reading, writing

log = logging.getLogger(__name__)

#: How often a job says that it lives, and after how long a silence another process takes it over; seconds.
BEAT_SECONDS, SILENT = 0.5, timedelta(seconds=30)
#: How often a job is begun before it is given up.
ATTEMPTS = 3
#: How many jobs one process works on at a time, however many are begun: each may open a large file.
TOGETHER = 2
_room = threading.BoundedSemaphore(TOGETHER)


class Stopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """Raised in a job that was stopped, or that another process has taken over."""


@dataclass
class Progress:
    """How far one job is; the work calls `at` after each small piece."""

    runtime: Runtime
    job_id: str
    attempt: int
    _told_at: float = field(default=0.0)

    def at(self, done: int, total: int | None = None) -> None:
        """Say that ``done`` of ``total`` pieces are done, and that the job lives; raise `Stopped` when it is to end."""
        if time.monotonic() - self._told_at < BEAT_SECONDS and done != total:
            return
        self._told_at = time.monotonic()
        with writing(self.runtime.engine) as connection:
            values = {"done": done, "total": total, "beat_at": self.runtime.clock()}
            if not rows.change(connection, self.job_id, self.attempt, **values):
                raise Stopped


#: What a kind of work does: with the runtime, what was wanted and its progress; what it returns is kept as the result.
Work = Callable[[Runtime, Mapping[str, Any], Progress], Mapping[str, Any]]
KINDS: dict[str, Work] = {}


def long_work(kind: str) -> Callable[[Work], Work]:
    """Name a function as what a kind of job does; `services.long_work` imports every module that has one."""

    def name(work: Work) -> Work:
        KINDS[kind] = work
        return work

    return name


def start(runtime: Runtime, kind: str, wanted: Mapping[str, Any], *, by: str, organisation: str | None) -> str:
    """Queue a job and return its id; where this process settles inline, it is begun here beside the request."""
    job_id = new_id()
    with writing(runtime.engine) as connection:
        rows.add(
            connection,
            id=job_id,
            kind=kind,
            organisation_code=organisation,
            wanted=dict(wanted),
            state=rows.QUEUED,
            done=0,
            attempts=0,
            made_at=runtime.clock(),
            made_by=by,
        )
    begin_here(runtime, job_id)
    return job_id


def begin_here(runtime: Runtime, job_id: str) -> None:
    """Run a queued job in a thread of this process, unless workers do that."""
    if runtime.settings.settle != "inline":
        return
    if is_memory(runtime.engine.url):
        run(runtime, job_id)  # such a database lives in one connection, which two threads cannot share
        return
    threading.Thread(target=_run_in_turn, args=(runtime, job_id), name=f"creditbank job {job_id}", daemon=True).start()


def _run_in_turn(runtime: Runtime, job_id: str) -> None:
    with _room:
        run(runtime, job_id)


def get(runtime: Runtime, job_id: str, *, acting_for: str | None) -> Stored:
    """Return a job; ``Refused`` (404) when it is unknown or of an organisation that is not ``acting_for``'s.

    One whose process has died is begun again here.
    """
    with reading(runtime.engine) as connection:
        row = rows.get(connection, job_id) if is_uuid(job_id) else None
        if row is None or not _may_see(connection, row, acting_for):
            raise not_found()
    silent = row.beat_at is not None and row.beat_at < runtime.clock() - SILENT
    if row.state == rows.RUNNING and silent:
        begin_here(runtime, job_id)
    return row


def _may_see(connection: Any, row: Stored, acting_for: str | None) -> bool:
    if acting_for is None:
        return True
    return row.organisation_code is not None and authority.is_within(connection, row.organisation_code, acting_for)


def stop(runtime: Runtime, job_id: str, *, acting_for: str | None) -> None:
    """Stop a job; nothing happens where it has ended already.  ``Refused`` as `get` has it."""
    get(runtime, job_id, acting_for=acting_for)
    with writing(runtime.engine) as connection:
        rows.stop(connection, job_id, runtime.clock())


def run_next(runtime: Runtime) -> bool:
    """Run the oldest job that nobody works on; tell whether there was one."""
    with reading(runtime.engine) as connection:
        job_id = rows.next_one(connection, runtime.clock() - SILENT)
    return job_id is not None and run(runtime, job_id)


def run(runtime: Runtime, job_id: str) -> bool:
    """Run one job to its end in this thread; tell whether it was ours to run.  What goes wrong is kept with the job."""
    with writing(runtime.engine) as connection:
        row = rows.take(connection, job_id, runtime.clock(), runtime.clock() - SILENT)
    if row is None:
        return False
    progress = Progress(runtime, job_id, row.attempts)
    try:
        result = KINDS[row.kind](runtime, row.wanted, progress)
    except Stopped:
        return True
    except Refused as refusal:
        _end(progress, rows.FAILED, fault={"code": refusal.code, "th": refusal.th, "en": refusal.en})
    except Exception as error:
        # The text of a foreign exception may hold what was in a file: its type says enough.
        log.error("a job of the kind %s failed: %s", row.kind, type(error).__name__)
        passing = is_gone(error) or is_collision(error)
        if passing and row.attempts < ATTEMPTS:
            _change(progress, state=rows.QUEUED)
        else:
            _end(progress, rows.FAILED, fault=_BROKEN)
    else:
        _end(progress, rows.DONE, result=dict(result))
    return True


_BROKEN = {"code": "internal", "th": "ระบบขัดข้อง ลองใหม่อีกครั้ง", "en": "Something broke inside. Try once more."}


def _end(progress: Progress, state: str, **values: Any) -> None:
    _change(progress, state=state, ended_at=progress.runtime.clock(), **values)


def _change(progress: Progress, **values: Any) -> None:
    with writing(progress.runtime.engine) as connection:
        rows.change(connection, progress.job_id, progress.attempt, **values)

"""Settle what is in the queue: every message ends with exactly one current decision.

Plugins are asked before anything is locked; then one transaction claims, judges and writes a batch.  A batch that
fails is tried again a message at a time, so that one poisoned message never holds up the others: it is counted, and
parked for a person after some failures.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from time import perf_counter

from sqlalchemy.exc import IntegrityError

from creditbank_hooks import LearnerErased
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import journal, outbox, remembering
from creditbank_plugin.services.plugins import asks_others
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.asking import Answers, ask
from creditbank_plugin.services.settling.casebook import Casebook
from creditbank_plugin.services.settling.context import Context, Told, open_letters
from creditbank_plugin.services.settling.deciding import decide
from creditbank_plugin.services.spool import drain
from creditbank_plugin.storage.faults import UNREACHABLE, is_collision, is_gone
from creditbank_plugin.storage.queries import queue, waking
from creditbank_plugin.storage.session import reading, writing

log = logging.getLogger(__name__)

#: How often a batch that met another writer is tried again at once.
COLLISIONS = 3
#: How many batches somebody who enters an approval waits for, where settling is inline; the rest is settled later.
INLINE_BATCHES = 3
#: How many batches' worth of woken messages are queued at a time, so that the queue stays small.
WOKEN_BATCHES = 10
#: Which part of a batch the backlog may fill while fresh messages come: one in so many.
BACKLOG_SHARE = 4
RETRY_AFTER = timedelta(seconds=30)
Progress = Callable[[int], None]


def settle(runtime: Runtime, *, only: Sequence[str] | None = None, progress: Progress | None = None) -> dict[str, int]:
    """Settle everything that is due, or the messages of ``only`` and one batch more; return how many per state."""
    if only is None:
        drain(runtime)
        return dict(_rounds(runtime, None, progress))
    done = settle_quietly(runtime, only)
    outbox.tell(runtime)
    return done


def settle_quietly(runtime: Runtime, only: Sequence[str]) -> dict[str, int]:
    """Settle the messages of ``only`` and one batch more; the news is left to the caller to tell."""
    drain(runtime)
    done: Counter[str] = Counter()
    size = runtime.settings.batch
    for start in range(0, len(only), size):
        done += settle_batch(runtime, list(only[start : start + size]))
    return dict(done + settle_batch(runtime, next_batch(runtime)))


def settle_at_once(runtime: Runtime) -> int:
    """Settle some of what has just been woken or put back, where settling is inline; return how many messages.

    A few batches and no more: one approval may wake a million messages, and somebody waits for the answer.  The rest is
    left to what comes next, to ``creditbank settle`` or to a worker.
    """
    if runtime.settings.settle != "inline":
        return 0
    drain(runtime)
    return sum(_rounds(runtime, INLINE_BATCHES).values())


def _rounds(runtime: Runtime, batches: int | None, progress: Progress | None = None) -> Counter[str]:
    done: Counter[str] = Counter()
    number = 0
    while (batches is None or number < batches) and (ids := next_batch(runtime)):
        settled = settle_batch(runtime, ids)
        if not settled:
            break  # another worker holds what is left
        outbox.tell(runtime)
        done, number = done + settled, number + 1
        if progress is not None:
            progress(sum(settled.values()))
    return done


def next_batch(runtime: Runtime, partitions: Sequence[int] | None = None) -> list[str]:
    """Return the messages to settle next, fresh ones first; of ``partitions`` only, where they are given.

    While something is fresh the backlog fills a small part of a batch only: what comes next is not to wait for long.  Where
    it does not fill that, more of what was woken is queued.
    """
    size = runtime.settings.batch
    while True:
        with reading(runtime.engine) as connection:
            now = runtime.clock()
            fresh = queue.due(connection, now, size, partitions=partitions, lane=queue.FRESH)
            room = min(size - len(fresh), size // BACKLOG_SHARE or 1) if fresh else size
            backlog = queue.due(connection, now, room, partitions=partitions, lane=queue.BACKLOG) if room else []
            if len(backlog) == room or not waking.is_something_woken(connection):
                return fresh + backlog
        with writing(runtime.engine) as connection:
            if not waking.queue_woken(connection, size * WOKEN_BATCHES):
                return fresh + backlog


def settle_batch(runtime: Runtime, ids: list[str]) -> Counter[str]:
    """Settle these messages; return how many per state, ``failed`` among them.  The caller tells the news.

    Less than all where another worker has some.  Raises what says that the database is gone (`faults.UNREACHABLE`).
    """
    if not ids:
        return Counter()
    for _ in range(COLLISIONS):
        try:
            return _settle(runtime, ids)
        except IntegrityError:
            continue  # another writer was quicker on one of the accounts: read again
        except Exception as error:
            if is_collision(error):
                continue
            if is_gone(error):
                raise
            log.warning("a batch of %d failed (%s); settling one at a time", len(ids), type(error).__name__)
            break
    done: Counter[str] = Counter()
    for inbox_id in ids:
        done += settle_one(runtime, inbox_id)
    return done


def settle_one(runtime: Runtime, inbox_id: str) -> Counter[str]:
    """Settle one message whose attempt is counted before it is made, so that one that ends the process is counted too."""
    park_after = runtime.settings.attempts_before_parking
    with writing(runtime.engine) as connection:
        if not queue.begin_attempt(connection, inbox_id, park_after, runtime.clock()):
            return Counter()
    for last in (False, True):
        try:
            done = _settle(runtime, [inbox_id])
            break
        except Exception as error:
            met = is_collision(error) or isinstance(error, IntegrityError)
            if is_gone(error):
                _forget(runtime, inbox_id)
                raise
            if met and not last:
                continue
            if not is_collision(error):
                return _failed(runtime, inbox_id, error)
            done = Counter()
    if not done:
        _forget(runtime, inbox_id)
    return done


def _forget(runtime: Runtime, inbox_id: str) -> None:
    """Take an attempt back that was not the message's fault, as far as the database can be reached."""
    with suppress(*UNREACHABLE), writing(runtime.engine) as connection:
        queue.forget_attempt(connection, inbox_id)


def _failed(runtime: Runtime, inbox_id: str, error: Exception) -> Counter[str]:
    # The text of a foreign exception may hold personal data: the type, and our own code, say enough.
    what = f"{type(error).__name__}: {error.code}" if isinstance(error, Refused) else type(error).__name__
    log.error("message %s could not be settled: %s", inbox_id, what)
    journal.message_failed(what)
    with writing(runtime.engine) as connection:
        retry_at = runtime.clock() + RETRY_AFTER
        queue.failed(connection, inbox_id, what, retry_at, runtime.settings.attempts_before_parking)
    return Counter(failed=1)


def _settle(runtime: Runtime, ids: Sequence[str]) -> Counter[str]:
    began = perf_counter()
    runtime.keyring.fresh(runtime.engine)
    asked = _ask_first(runtime, ids) if asks_others(runtime.plugins) else None
    with writing(runtime.engine) as connection:
        claimed = queue.claim(connection, ids)
        if asked is not None:
            letters, answers = asked
            mine = [told for told in letters if told.row.id in claimed]
        else:
            answers, mine = None, open_letters(runtime, queue.messages(connection, claimed))
        book = Casebook(connection, runtime, runtime.clock())
        if mine:
            register = decide(connection, runtime, book, mine, Context(connection, runtime, mine), answers)
            register.flush()
            book.flush()
            waking.wake_now(connection, register.woken)
    if any(isinstance(told.tiding, LearnerErased) for told in mine):
        remembering.forget_all(runtime)  # what they let others read may have ended with it
    received = {told.row.id: told.row.received_at for told in mine}
    journal.settled(received, book.decisions, runtime.clock(), perf_counter() - began)
    latest = {decision["inbox_id"]: decision["state"] for decision in book.decisions}
    return Counter(latest.values())


def _ask_first(runtime: Runtime, ids: Sequence[str]) -> tuple[list[Told], dict[str, Answers]]:
    """Ask the plugins about these messages while nothing is locked."""
    with reading(runtime.engine) as connection:
        letters = open_letters(runtime, queue.messages(connection, queue.queued(connection, ids)))
        context = Context(connection, runtime, letters) if letters else None
    return letters, ask(runtime, context, letters) if context is not None else {}

"""Settle what is in the queue: every message ends with exactly one current decision.

Plugins are asked before anything is locked; then one transaction claims, judges and writes a batch.  A batch that
fails is tried again a message at a time, so that one poisoned message never holds up the others: it is counted, and
parked for a person after some failures.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from creditbank_hooks import CompletionRevoked, CourseCompleted, LearnerErased, LearnerMerged
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import completions, people
from creditbank_plugin.services.casebook import Casebook
from creditbank_plugin.services.context import Context, Told, open_letters
from creditbank_plugin.services.news import announce_all
from creditbank_plugin.services.questions import Answers, ask
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.spool import drain
from creditbank_plugin.storage.faults import UNREACHABLE
from creditbank_plugin.storage.queries import queue
from creditbank_plugin.storage.session import reading, writing

log = logging.getLogger(__name__)

#: How often a batch that met another writer is tried again at once.
COLLISIONS = 3
RETRY_AFTER = timedelta(seconds=30)
Progress = Callable[[int], None]


def settle(runtime: Runtime, *, only: Sequence[str] | None = None, progress: Progress | None = None) -> dict[str, int]:
    """Settle everything that is due, or the messages of ``only`` and one batch more; return how many per state."""
    drain(runtime)
    done: Counter[str] = Counter()
    size = runtime.settings.batch
    if only is not None:
        for start in range(0, len(only), size):
            done += _batch(runtime, list(only[start : start + size]))
        done += _batch(runtime, _due(runtime))
        return dict(done)
    while ids := _due(runtime):
        settled = _batch(runtime, ids)
        if not settled:
            break  # another worker holds what is left
        done += settled
        if progress is not None:
            progress(sum(settled.values()))
    return dict(done)


def _due(runtime: Runtime) -> list[str]:
    with reading(runtime.engine) as connection:
        return queue.due(connection, runtime.clock(), runtime.settings.batch)


def _batch(runtime: Runtime, ids: list[str]) -> Counter[str]:
    if not ids:
        return Counter()
    for _ in range(COLLISIONS):
        try:
            return _settle(runtime, ids)
        except IntegrityError:
            continue  # another writer was quicker on one of the accounts: read again
        except UNREACHABLE as error:
            if _is_collision(error):
                continue
            raise
        except Exception as error:
            log.warning("a batch of %d failed (%s); settling one at a time", len(ids), type(error).__name__)
            break
    done: Counter[str] = Counter()
    for inbox_id in ids:
        done += _one(runtime, inbox_id)
    return done


def _one(runtime: Runtime, inbox_id: str) -> Counter[str]:
    try:
        return _settle(runtime, [inbox_id])
    except UNREACHABLE as error:
        if not _is_collision(error):
            raise
        return Counter()
    except Exception as error:
        # The text of a foreign exception may hold personal data: the type, and our own code, say enough.
        what = f"{type(error).__name__}: {error.code}" if isinstance(error, Refused) else type(error).__name__
        log.error("message %s could not be settled: %s", inbox_id, what)
        with writing(runtime.engine) as connection:
            retry_at = runtime.clock() + RETRY_AFTER
            queue.failed(connection, inbox_id, what, retry_at, runtime.settings.attempts_before_parking)
        return Counter(failed=1)


def _is_collision(error: Exception) -> bool:
    """Tell a deadlock or lock time-out, after which trying again helps, from a database that is gone."""
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlstate", None)
    return code in ("40001", "40P01", "55P03") or "database is locked" in str(error.orig)


def _settle(runtime: Runtime, ids: Sequence[str]) -> Counter[str]:
    runtime.keyring.fresh(runtime.engine)
    with reading(runtime.engine) as connection:
        letters = open_letters(runtime, list(queue.rows(connection, ids)))
        if not letters:
            return Counter()
        context = Context(connection, runtime, letters)
    answers = ask(runtime, context, letters)
    with writing(runtime.engine) as connection:
        claimed = set(queue.claim(connection, ids))
        mine = [told for told in letters if told.row.id in claimed]
        book = Casebook(connection, runtime, runtime.clock())
        if mine:
            _decide(connection, runtime, book, mine, answers)
    announce_all(runtime.plugins, book.news)
    latest = {decision["inbox_id"]: decision["state"] for decision in book.decisions}
    return Counter(latest.values())


def _decide(
    connection: Connection, runtime: Runtime, book: Casebook, letters: list[Told], answers: dict[str, Answers]
) -> None:
    context = Context(connection, runtime, letters)
    book.learn([told.row for told in letters])
    register = people.Register(connection, runtime, letters, answers)
    book.open(register.known_accounts())
    for told in letters:
        tiding, answer = told.tiding, answers[told.row.id]
        if isinstance(tiding, CourseCompleted):
            completions.complete(book, context, register, told, answer)
        elif isinstance(tiding, CompletionRevoked):
            completions.revoke(book, context, register, told, answer)
        elif isinstance(tiding, LearnerMerged):
            people.merge(book, context, register, told, tiding)
        elif isinstance(tiding, LearnerErased):
            people.erase(book, context, register, told)
    register.flush()
    book.flush()
    queue.wake(connection, register.woken)

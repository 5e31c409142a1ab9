"""When a client last called, to the minute: noted in memory, written beside the requests, so that none waits for it."""

import logging
import threading
from datetime import datetime, timedelta
from time import monotonic, sleep

from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import access
from creditbank_plugin.storage.session import is_memory, writing

#: A client's moment is written no more often than this; seconds.
EVERY = 60
_GATHERING = 1.0  # seconds in which clients that call at the same time come together in one transaction
log = logging.getLogger(__name__)
_beginning = threading.Lock()


def note(runtime: Runtime, client_id: str) -> None:
    """Note that a client calls."""
    uses, now = runtime.uses, monotonic()
    if now - uses.noted.get(client_id, -EVERY) >= EVERY:
        uses.noted[client_id] = now
        uses.waiting[client_id] = runtime.clock()


def begin(runtime: Runtime) -> threading.Thread | None:
    """Begin to write in a thread what was noted, and return it; None where nothing was, or somebody is at it.

    A database that lives in one connection, which two threads cannot share, is never written to in this way.
    """
    uses = runtime.uses
    if not uses.waiting or is_memory(runtime.engine.url):
        return None
    with _beginning:
        if uses.writer is not None and uses.writer.is_alive():
            return None
        thread = threading.Thread(target=_write, args=(runtime,), name="creditbank last use", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the machine gives no more threads
            return None
        uses.writer = thread
    return thread


def write(runtime: Runtime) -> None:
    """Write what was noted, where no other process wrote it within the last minute."""
    taken: dict[str, datetime] = {}
    while runtime.uses.waiting:
        client_id, at = runtime.uses.waiting.popitem()
        taken[client_id] = at
    if taken:
        with writing(runtime.engine) as connection:
            for client_id, at in sorted(taken.items()):
                access.used(connection, client_id, at, at - timedelta(seconds=EVERY))


def _write(runtime: Runtime) -> None:
    sleep(_GATHERING)
    try:
        write(runtime)
    except Exception as error:
        log.warning("when clients last called is written with their next call (%s)", type(error).__name__)

"""What a serving process does beside its first requests: it goes on sending webhooks, and reads what searches need.

What the process before it left unsent waits for no other change, and nobody's first search waits for an index.  A command
that ends at once, or a worker, which never searches and sends by itself, does nothing of it.
"""

import logging
import threading

from creditbank_plugin.services.catalogue import course_search
from creditbank_plugin.services.comparing import suggestions
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.telling import post
from creditbank_plugin.storage import upgrade
from creditbank_plugin.storage.session import is_memory

log = logging.getLogger(__name__)


def begin(runtime: Runtime) -> threading.Thread | None:
    """Begin in a thread, and return it; it never raises anything.

    None for a database that lives in one connection, which two threads cannot share, or where there is no thread left.
    Where our tables are missing or of another version nothing is sent or read: the next change sends, and the first search
    reads, as it does where reading fails.
    """
    if is_memory(runtime.engine.url):
        return None
    thread = threading.Thread(target=_read, args=(runtime,), name="creditbank indexes", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the machine gives no more threads
        return None
    return thread


def _read(runtime: Runtime) -> None:
    try:
        if upgrade.current(runtime.engine) != upgrade.head():
            return
        post.wake(runtime)
        for index in (course_search.INDEX, suggestions.INDEX):
            index.of(runtime)
    except Exception as error:
        log.warning("the indexes are not read yet (%s): the first search does it", type(error).__name__)

"""How often somebody may call in a minute, counted by the library ``limits``: in this process, or in Redis for several.

A window begins with its first call and lasts a minute.  Where Redis cannot be reached nobody is counted and everybody
is let in: a limit protects the service, it must not be what stops it.
"""

import logging
import time
from math import ceil
from typing import Any

from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from creditbank_plugin.rules.rate import WINDOW, Stand

log = logging.getLogger(__name__)

MEMORY = "memory://"
_REDIS_SECONDS = 0.25  # that a call may wait for Redis
_SILENCE = 30.0  # seconds for which a Redis that failed is not asked again


class _Memory(MemoryStorage):
    """The library's own storage, which starts a thread after every call to drop what ended; this one looks now and then."""

    STORAGE_SCHEME = ["creditbank-memory"]  # its own name: a host's limiter keeps the library's  # noqa: RUF012

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 - the name that Python gives a private method
        now = time.monotonic()
        if now - getattr(self, "_swept", 0.0) > WINDOW:
            self._swept = now
            sweep: Any = getattr(self, "_MemoryStorage__expire_events", None)
            if sweep is not None:
                sweep()


class Rates:
    """Counts calls by who makes them."""

    def __init__(self, storage: str) -> None:
        self._limiter = FixedWindowRateLimiter(_open(storage))
        self._silent_until = 0.0

    def count(self, quota: int, *who: str) -> Stand | None:
        """Count a call of ``who``; None where nothing is counted: no quota (0), or a storage that fails."""
        if quota <= 0 or time.monotonic() < self._silent_until:
            return None
        item = RateLimitItemPerMinute(quota, namespace="creditbank")
        try:
            allowed = self._limiter.hit(item, *who)
            stats = self._limiter.get_window_stats(item, *who)
        except StorageError as error:
            self._silent_until = time.monotonic() + _SILENCE
            log.error("calls are not counted, the storage failed: %s", type(error.storage_error).__name__)
            return None
        seconds = min(max(ceil(stats.reset_time - time.time()), 1), WINDOW)
        return Stand(quota, max(stats.remaining, 0), seconds, allowed)


def _open(storage: str) -> Storage:
    if storage == MEMORY:
        return _Memory(wrap_exceptions=True)
    waits = {"socket_connect_timeout": _REDIS_SECONDS, "socket_timeout": _REDIS_SECONDS}
    return storage_from_string(storage, wrap_exceptions=True, **waits)  # type: ignore[return-value]

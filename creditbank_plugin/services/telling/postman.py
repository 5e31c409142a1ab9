"""What a process knows of its own sending: the thread at work, and the addresses it leaves alone for a while."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: For how long an address that did not answer is left alone by this process; seconds.
REST = 30.0


@dataclass
class Postman:
    """One for each runtime; ``stop`` is set while this process is about to end: then no further message is begun."""

    bell: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _resting: dict[str, float] = field(default_factory=dict)

    def start(self, work: Callable[[], None]) -> None:
        """Do ``work`` in a thread beside; where one is at work already, ring for it instead."""
        with self._lock:
            self.bell.set()
            if self._thread is not None and self._thread.is_alive():
                return
            self._thread = threading.Thread(target=work, name="creditbank webhooks", daemon=True)
            self._thread.start()

    def leaves(self) -> bool:
        """Say that the thread is about to end; False where somebody has rung meanwhile, and it must look again."""
        with self._lock:
            if self.bell.is_set():
                return False
            self._thread = None
            return True

    def rest(self, subscription_id: str) -> None:
        """Leave an address alone for a while."""
        self._resting[subscription_id] = time.monotonic() + REST

    def rests(self, subscription_id: str) -> bool:
        """Tell whether an address is left alone now."""
        return self._resting.get(subscription_id, 0.0) > time.monotonic()

"""Answers that were read before, with their ETags, so that what did not change is not sent again."""

import threading
from collections import OrderedDict


class Memory:
    """The last so many answers of one caller, oldest out first.  They are personal: give no two callers the same memory."""

    def __init__(self, most: int = 200) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: str) -> tuple[str, bytes] | None:
        """Return tag and text of an answer; None where there is none."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: str, tag: str, text: bytes) -> None:
        """Keep an answer."""
        with self._lock:
            self._kept[key] = (tag, text)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

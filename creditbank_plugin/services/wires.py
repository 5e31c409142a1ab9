"""Connections that are cut off when their time is over, whatever they wait for: an answer whose head never ends, too.

The time-outs of requests bound each silence only: who sends a byte now and then could hold a thread for ever.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class Wire:
    """The connection of one request; ``was_cut`` tells whether its time was over."""

    def __init__(self) -> None:
        self._twin: socket.socket | None = None
        self._lock = threading.Lock()
        self.was_cut = False

    def hold(self, made: socket.socket) -> socket.socket:
        """Take a connection that was just made, and return it; TimeoutError where the time was over before."""
        with self._lock:
            self._leave()
            if self.was_cut:
                made.close()
                raise TimeoutError
            self._twin = made.dup()  # TLS takes the socket over; shutting down its twin ends both
        return made

    def cut(self) -> None:
        """End the connection, and let none be made."""
        with self._lock:
            self.was_cut = True
            if self._twin is not None:
                try:
                    self._twin.shutdown(socket.SHUT_RDWR)
                except OSError:
                    self._leave()

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._leave()

    def _leave(self) -> None:
        if self._twin is not None:
            self._twin.close()
            self._twin = None


@contextmanager
def within(seconds: float, wire: Wire) -> Iterator[None]:
    """Cut ``wire`` where what is done here takes longer than ``seconds``."""
    timer = threading.Timer(seconds, wire.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        wire.close()


def session(wire: Wire) -> requests.Session:
    """Return a session whose connections are those of ``wire``."""
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Held(wire))
    return made


class _Held(HTTPAdapter):
    """Connects as requests does, and lets the wire hold what was made."""

    def __init__(self, wire: Wire) -> None:
        self._pools = _pools(wire)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **options: Any) -> PoolManager:
        found: PoolManager = super().proxy_manager_for(*args, **options)
        if isinstance(found, ProxyManager):  # one of SOCKS has connections of its own
            found.pool_classes_by_scheme = self._pools
        return found


def _pools(wire: Wire) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return wire.hold(super()._new_conn())

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return wire.hold(super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}

"""Servers of tests: one in a thread that answers as a test says, and waiting for one in a process of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

import requests


@contextmanager
def in_a_thread(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve at a free port of this machine until the end of the block, writing no line for each request; tell where."""
    quiet = type("Quiet", (handler,), {"log_message": lambda *_: None})
    with at_work(ThreadingHTTPServer(("127.0.0.1", 0), quiet)) as address:
        yield address


@contextmanager
def at_work(server: HTTPServer) -> Iterator[str]:
    """Let a server answer in a thread until the end of the block, and tell where."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def answers(url: str, process: Any) -> bool:
    """Wait until a server answers with 200; False where its process ends before, or takes longer than a minute."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=5).status_code == 200:
                return True
        time.sleep(0.03)
    return False

"""A throw-away Redis for the tests: on a free port of this machine, in memory alone, gone when the test is over."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.serving import free_port


class Redis:
    """A server that a test may stop and start again at the same port."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        self.port = free_port()
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self._folder / "redis.log").open("ab") as log:
            self._running = subprocess.Popen([self._program, *options], cwd=self._folder, stdout=log, stderr=log)
        until = time.monotonic() + 30
        while time.monotonic() < until and self._running.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as link:
                link.sendall(b"PING\r\n")
                if link.recv(16).startswith(b"+PONG"):
                    return
            time.sleep(0.05)
        raise AssertionError((self._folder / "redis.log").read_text())

    def stop(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()


@contextmanager
def running(folder: Path) -> Iterator[Redis]:
    """A Redis that answers; without the program the test is skipped, and the summary says so."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is missing: limits that several processes share are not tested")
    made = Redis(program, folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()

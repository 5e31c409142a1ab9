"""A receiver of webhooks: a real HTTP server on this machine that writes down what it is sent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from creditbank_plugin.formats import json_text
from tests.serving import in_a_thread


@dataclass
class Receiver:
    """``answer`` decides the status of each message by what it holds; ``heard`` are (headers, body, began, ended)."""

    answer: Callable[[dict[str, Any]], int] = lambda _: 204
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[tuple[dict[str, str], bytes, float, float]] = field(default_factory=list)
    base: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    @property
    def url(self) -> str:
        return f"{self.base}/hook"

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json_text.loads(body) for _, body, _, _ in self.heard]

    @property
    def ids(self) -> list[str]:
        return [each["data"]["id"] for each in self.messages]


@contextmanager
def receiving(**options: Any) -> Iterator[Receiver]:
    """Serve until the end of the block."""
    made = Receiver(**options)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            began = time.monotonic()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = made.answer(json_text.loads(body))
            with made.lock:
                made.heard.append((dict(self.headers.items()), body, began, time.monotonic()))
            self.send_response(status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()

    with in_a_thread(Handler) as made.base:
        yield made

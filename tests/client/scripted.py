"""A server that answers as it is told to, once each, and writes down what it was asked."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from creditbank_client import Server
from tests.serving import in_a_thread

#: In the place of an answer: the connection is closed without one.
HANG_UP = 0.0
#: What is given back: status, headers, body; or seconds of silence before hanging up.
Answer = tuple[int, dict[str, str], Any] | float


@dataclass
class Script:
    """The last of ``answers`` stands for all that follow."""

    answers: list[Answer]
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    base: str = ""

    @property
    def server(self) -> Server:
        oauth = f"{self.base}/oauth"
        names = {
            f"{name}_endpoint": f"{oauth}/{name}" for name in ("authorization", "token", "revocation", "introspection")
        }
        return Server(
            api=f"{self.base}/api", issuer=self.base, scopes=frozenset(), proofs=frozenset(), tells_issuer=True, **names
        )

    def headers(self, name: str) -> list[str | None]:
        """One header of each request that came."""
        return [headers.get(name.lower()) for _, _, headers, _ in self.asked]


@contextmanager
def scripted(*answers: Answer) -> Iterator[Script]:
    """Serve until the end of the block."""
    script = Script(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = {name.lower(): value for name, value in self.headers.items()}
            script.asked.append((self.command, self.path, told, body))
            now = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if isinstance(now, float):
                time.sleep(now)
                self.close_connection = True
                return
            status, headers, said = now
            raw = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(raw)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_DELETE = do_GET  # noqa: N815

    with in_a_thread(Handler) as script.base:
        yield script

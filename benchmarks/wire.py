"""A client that costs little: ready bytes over one kept connection.  It shares the processors with what it measures."""

import json
import socket
from collections.abc import Mapping
from typing import Any

PATIENCE = 120.0


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return the bytes of a request."""
    told = {"Host": "127.0.0.1", **headers, "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Wire:
    """A connection that is opened again when the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def ask(self, ready: bytes) -> tuple[int, bytes]:
        """Send a request; return status and body.  What every request here says, it may say twice."""
        if self._socket is not None:
            try:
                return self._ask(self._socket, ready)
            except ConnectionError:
                self.close()
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._ask(self._socket, ready)

    def json(self, ready: bytes) -> Any:
        """Send a request; return the JSON of its answer; RuntimeError where it is a refusal."""
        status, body = self.ask(ready)
        if status >= 400:
            raise RuntimeError(f"answered {status}: {body[:500].decode(errors='replace')}")
        return json.loads(body)

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ask(self, link: socket.socket, ready: bytes) -> tuple[int, bytes]:
        link.sendall(ready)
        head, _, body = self._until(link, b"\r\n\r\n").partition(b"\r\n\r\n")
        told = head.lower()
        where = told.find(b"\r\ncontent-length:")
        if where < 0:
            raise RuntimeError("an answer without its length")
        length = int(told[where + 17 :].partition(b"\r\n")[0])
        parts, there = [body], len(body)
        while there < length:
            parts.append(self._more(link))
            there += len(parts[-1])
        if b"\r\nconnection: close" in told:
            self.close()
        return int(head[9:12]), b"".join(parts)

    def _until(self, link: socket.socket, mark: bytes) -> bytes:
        found = self._more(link)
        while mark not in found:
            found += self._more(link)
        return found

    def _more(self, link: socket.socket) -> bytes:
        found = link.recv(65536)
        if not found:
            raise ConnectionResetError("the server hung up")
        return found

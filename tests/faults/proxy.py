"""A way to the server on which answers are lost: a TCP proxy on 127.0.0.1 that knows just enough of HTTP."""

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class LosingProxy:
    """Hands requests on whole, and loses some answers: after the server gave one, or by hanging up before it does.

    ``lost`` are the event ids (by message id) in answers that the server gave and nobody received; ``hung_up`` counts
    the requests that the server was left alone with.
    """

    def __init__(self, to_port: int, seed: int = 3) -> None:
        self.lost: dict[str, str] = {}
        self.hung_up = 0
        self.port = 0
        self._to, self._chance = to_port, random.Random(seed)  # noqa: S311 - the same losses every time

    @contextmanager
    def open(self) -> Iterator["LosingProxy"]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), loop).result(10)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(server.close)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward = None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            back, onward = await asyncio.open_connection("127.0.0.1", self._to)
            while True:
                head, body = await _message(reader)
                onward.write(head + body)
                await onward.drain()
                telling, fate = b"/events " in head.split(b"\r\n")[0], self._chance.random()
                if telling and fate < 0.15:
                    self.hung_up += 1
                    await asyncio.sleep(0.01)  # let it arrive
                    break
                head, body = await _message(back)
                if telling and fate < 0.4:
                    self.lost.update({each["id"]: each["event_id"] for each in json.loads(body).get("events", ())})
                    break
                writer.write(head + body)
                await writer.drain()
        for each in (writer, onward):
            if each is not None:
                each.close()


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Read one request or answer: its head, and as much body as the head announces."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
    return head, await reader.readexactly(length)

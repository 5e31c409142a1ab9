"""The platform's issuer answers without end: whoever needs its keys is told in time, and nobody else waits."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.access import platform_keys
from tests.platform_issuer import ec, issuing
from tests.serving import in_a_thread


@contextmanager
def trickling() -> Iterator[tuple[str, list[str]]]:
    """Serve an address whose answer has a head that never ends, and tell who asked."""
    ended, asked = threading.Event(), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while not ended.wait(0.05):
                try:
                    self.wfile.write(b"x")
                except OSError:
                    return

    with in_a_thread(Handler) as address:
        yield address, asked
        ended.set()


def test_one_whose_head_never_ends_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_keys, "WHOLE", 0.5)
    monkeypatch.setattr(platform_keys, "PAUSE", 0.4)
    with trickling() as (address, asked):
        keys, refused = platform_keys.Keys(address, f"{address}/jwks"), list[str]()

        def ask() -> None:
            try:
                keys.named(None)
            except Refused as error:
                refused.append(error.code)

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert refused == ["issuer_unreachable"] * 3, "each is told in time"
        assert asked == ["/jwks"], "who waited does not ask again"


def test_a_key_that_is_known_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the issuer is asked after a key that somebody made up, the tokens of everybody else stay good."""
    monkeypatch.setattr(platform_keys, "AGAIN", 0.0)
    monkeypatch.setattr(platform_keys, "WHOLE", 5.0)
    with issuing(ec("e1")) as issuer, trickling() as (address, asked):
        keys = platform_keys.Keys(address, f"{issuer.address}/jwks")
        assert keys.named("e1")
        keys.address = f"{address}/jwks"

        def ask() -> None:
            with suppress(Refused):
                keys.named("made-up")

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        while not asked:
            time.sleep(0.01)
        assert keys.named("e1")
        assert thread.is_alive()

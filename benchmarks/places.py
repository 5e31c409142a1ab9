"""Databases to measure on: new ones each time, gone afterwards."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import postgres

SERVER = {**postgres.DURABLE, "shared_buffers": "512MB", "max_wal_size": "4GB"}
Make = Callable[[], str]


@contextmanager
def databases(kind: str) -> Iterator[tuple[Make, Path]]:
    """Yield a maker of empty databases of a kind (``sqlite`` or ``postgresql``, both durable) and a folder."""
    with tempfile.TemporaryDirectory(prefix="creditbank-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            numbers = iter(range(1000))
            yield lambda: f"sqlite:///{folder / f'{next(numbers)}.db'}", folder
            return
        server = postgres.start(SERVER)
        try:
            yield lambda: server.url(server.make()), folder
        finally:
            server.stop()

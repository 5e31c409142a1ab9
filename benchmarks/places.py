"""Where to measure: new databases each time and a folder, gone afterwards."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import postgres

SERVER = {**postgres.DURABLE, "shared_buffers": "512MB", "max_wal_size": "4GB"}
KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Place:
    """A kind of database, a maker of empty ones (it returns the address of each), and a folder for everything else."""

    kind: str
    make: Callable[[], str]
    folder: Path


@contextmanager
def place(kind: str) -> Iterator[Place]:
    """Yield a place whose databases are durable; PostgreSQL is started from the machine's programs."""
    with tempfile.TemporaryDirectory(prefix="creditbank-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            numbers = iter(range(1000))
            yield Place(kind, lambda: f"sqlite:///{folder / f'{next(numbers)}.db'}", folder)
            return
        server = postgres.start(SERVER)
        try:
            yield Place(kind, lambda: server.url(server.make()), folder)
        finally:
            server.stop()

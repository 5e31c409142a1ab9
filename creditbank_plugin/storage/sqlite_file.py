"""The file of an SQLite database: made for its owner only, and noticed when it is moved away or replaced."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

_IDENTITY = "creditbank_file"


class WatchedFile:
    """One file behind one engine.

    A connection to a file that was moved away goes on reading and writing where nobody looks any more, and a new one
    would make an empty database in its place: both would lose what was answered as kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._existed = path.exists()

    def watch(self, engine: Engine) -> None:
        """Look at the file whenever a connection is made or taken from the pool."""
        event.listen(engine, "do_connect", self._before)
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "checkout", self._taken)

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _before(self, *_: Any) -> None:
        """Refuse to make anew what was there; make what never was, readable by its owner only."""
        if self._identity() is not None:
            return
        if self._existed:
            raise _gone()
        # SQLite gives -wal and -shm the mode of the file.  A folder that is missing is SQLite's to complain about.
        with contextlib.suppress(OSError):
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def _connected(self, _: object, record: ConnectionPoolEntry) -> None:
        self._existed = True
        record.info[_IDENTITY] = self._identity()

    def _taken(self, _: object, record: ConnectionPoolEntry, __: object) -> None:
        identity = self._identity()
        if identity is None:
            raise _gone()
        if identity != record.info.get(_IDENTITY):
            raise InvalidatePoolError("the file of the database is another one")


def _gone() -> sqlite3.OperationalError:
    """Return what the driver itself would say of a file that cannot be opened; its path stays out of it."""
    return sqlite3.OperationalError("unable to open database file: it is gone")

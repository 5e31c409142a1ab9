"""A lock between processes that lies on a file: for what stands in files, where no lock of a database reaches."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import errno
    import msvcrt

    def _take(descriptor: int, shared: bool) -> None:
        while True:  # each call gives up after ten seconds; sharing is not known there
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                return
            except OSError as error:
                if error.errno != errno.EDEADLOCK:
                    raise

    def _try(descriptor: int) -> None:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
else:
    import fcntl

    def _try(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _take(descriptor: int, shared: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


@contextmanager
def try_locked(path: Path) -> Iterator[bool]:
    """Hold the lock of the file ``path`` alone if nobody has it now: yields whether we do; does not wait.

    True also where the file system knows no locks: then nobody can have it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _try(descriptor)
        except BlockingIOError:
            yield False
            return
        except OSError:
            pass
        yield True
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of the file ``path``, alone, or ``shared`` with others who share it; not re-entrant.

    Waits as long as it takes; the system frees the lock of a process that dies.  The file stays behind, empty.
    OSError where it cannot be opened, and, for one who wants it alone, where the file system knows no locks; one who
    shares goes on without.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _take(descriptor, shared)
        except OSError:
            if not shared:
                raise
        yield
    finally:
        os.close(descriptor)  # and the lock with it

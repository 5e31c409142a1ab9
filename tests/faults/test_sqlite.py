"""An SQLite whose disk is full, or which somebody else holds locked for longer than anybody waits, and then well again.

The disk is full in two ways.  ``tmpfs``: a real one that is too small; needs the right to mount.  ``limit``: the system
lets no file of our processes grow any more (RLIMIT_FSIZE), which anybody may ask for; to SQLite that is an error of the
disk, not a full one, and files that are small, as those of the spool, can still be written.
"""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.api.builders import make_client, make_house
from tests.builders import House, Place
from tests.conftest import MakeUrl, close
from tests.faults import processes
from tests.faults.client import Client
from tests.faults.end import Recovery, all_is_well, decided, is_settled, until
from tests.faults.processes import Process
from tests.faults.story import EVENTS, story

ROOM = 12_000_000 + 6_000 * EVENTS


@contextmanager
def disk(kind: str, folder: Path) -> Iterator[Path]:
    """A folder on a disk of its own, where the kind asks for one."""
    if kind != "tmpfs":
        yield folder
        return
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("the right to mount a small disk is missing")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def full(kind: str, place: Path, processes_: list[Process]) -> Iterator[None]:
    """Leave no room; and make room again."""
    if kind == "tmpfs":
        ballast = place / "ballast"
        with ballast.open("wb", buffering=0) as stream:
            while _room(place):
                stream.write(b"0" * min(_room(place), 1 << 20))
        yield
        ballast.unlink()
        return
    size = max(each.stat().st_size for each in place.glob("host.db*"))
    for each in processes_:
        each.limit_files(size)
    yield
    for each in processes_:
        each.limit_files(-1)


def _room(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


@contextmanager
def locked(house: House) -> Iterator[None]:
    """Somebody has begun to write and does not end."""
    other = sqlite3.connect(str(house.runtime.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize(("kind", "settle"), [("tmpfs", "inline"), ("limit", "worker"), ("lock", "worker")])
def test_an_sqlite_in_trouble_loses_and_doubles_nothing(
    kind: str, settle: str, make_url: MakeUrl, tmp_path: Path, recovery: Recovery
) -> None:
    with disk(kind, tmp_path) as place:
        given = Path(make_url("sqlite").removeprefix("sqlite:///"))
        file = given.rename(place / "host.db") if kind != "tmpfs" else _moved(given, place / "host.db")
        house = make_house(Place(tmp_path, f"sqlite:///{file}"), CREDITBANK_SETTLE=settle)
        told, credentials = story(), make_client(house)
        environ = {"CREDITBANK_SETTLE": settle, "CREDITBANK_LOCK_SECONDS": "1"}
        server, worker = processes.web(house, "waitress", **environ), processes.worker(house, **environ)
        all_of_them = [server, worker] if settle == "worker" else [server]
        client, messages = Client(server.base, credentials), told.shuffled()
        half = len(messages) // 2
        with processes.at_work(*all_of_them):
            with ExitStack() as sending:
                sending.enter_context(client.sending(messages[:half]))
                until(lambda: client.progress() > half // 2, "a quarter is answered")
                with locked(house) if kind == "lock" else full(kind, place, all_of_them):
                    sending.enter_context(client.sending(messages[half:]))
                    until(lambda: client.met["503"] >= 12, "the API says that it cannot, three times to each sender")
                    before = decided(house.runtime)
                what = {"lock": "locked", "tmpfs": "disk full", "limit": "no file may grow"}[kind]
                recovery.measure(what, lambda: decided(house.runtime) > before)
            if settle == "worker":
                until(lambda: is_settled(house.runtime), "the worker settles all of it")
                assert worker.running is not None
                assert worker.running.poll() is None, "the same worker as before"
        all_is_well(house.runtime, list(client.answered), told.standings)
        close(house)


def _moved(given: Path, to: Path) -> Path:
    to.write_bytes(given.read_bytes())
    return to

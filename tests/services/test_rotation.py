"""Rotating keys beside everything else: two rotations, spooling, a server that runs on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from creditbank_plugin.errors import Refused
from creditbank_plugin.services import events, keys, rotate, spool
from creditbank_plugin.services.keys import Keyring
from creditbank_plugin.services.rotate import Rotated
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.keep import Sender
from creditbank_plugin.services.settling.receive import letter, receive
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Identity, Inbox
from tests.builders import ISSUER, SCHOOL, House, completed, learner
from tests.house.tree import ROOT

SENDER = Sender(door="events", organisation=SCHOOL, issuer=ISSUER, client_id="c", may_open=True)


def tell(runtime: Runtime, event_id: str, **personal: object) -> str:
    """Tell of learner 1 and return the state of the message."""
    (kept,) = receive(runtime, [letter(completed(learner(1, **personal), event_id=event_id))], SENDER)
    assert not isinstance(kept, Exception)
    return str(getattr(kept, "state", kept))


def another(runtime: Runtime) -> Runtime:
    """The same installation as another process sees it."""
    made = replace(runtime, keyring=Keyring(runtime.settings))
    made.keyring.prepare(made.engine)
    return made


def numbers(runtime: Runtime, column: object) -> list[int]:
    """The numbers of the data keys that sealed a column's values."""
    with reading(runtime.engine) as connection:
        return [int.from_bytes(bytes(value)[:4], "big") for value in connection.scalars(select(column))]  # type: ignore[call-overload]


def test_a_running_server_seals_with_the_new_key_soon(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    server = another(house.runtime)
    tell(server, "e1", name="ก")
    rotate.rotate(house.runtime)
    tell(server, "e2", name="ข")
    monkeypatch.setattr(keys, "FRESH_SECONDS", -1.0)
    tell(server, "e3", name="ค")
    sealed = numbers(house.runtime, Inbox.sealed)
    assert (sealed[0], sealed[1], sealed[2] > sealed[0]) == (sealed[0], sealed[0], True)


def test_keys_that_cannot_be_read_again_leave_the_server_at_work(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(house.runtime, "e1", name="ก")
    monkeypatch.setattr(keys, "FRESH_SECONDS", -1.0)
    path = house.runtime.keyring.masters.path
    path.rename(path.with_suffix(".away"))
    assert tell(house.runtime, "e2", name="ข") == "credited"
    assert not path.exists(), "no new key file is made beside data that needs the old one"


def test_an_identity_sealed_by_another_process_with_a_newer_key_is_opened(house: House) -> None:
    server = another(house.runtime)
    assert tell(server, "e1", name="ก") == "credited"
    rotate.rotate(house.runtime)
    tell(house.runtime, "e2", name="ข")
    assert numbers(house.runtime, Identity.sealed)[0] > min(numbers(house.runtime, Inbox.sealed))
    tell(server, "e3", name="ค")
    assert events.counts(house.runtime).get("received", 0) == 0, "nothing is left with key_missing"


def test_a_key_that_is_nowhere_is_missed_once_and_for_all(house: House) -> None:
    sealed = house.runtime.keyring.seal({"name": "ก"}, "x")
    with pytest.raises(Refused, match="key_missing"):
        house.runtime.keyring.unseal((99).to_bytes(4, "big") + sealed[4:], "x")
    assert house.runtime.keyring.unseal(sealed, "x") == {"name": "ก"}


def test_a_master_that_a_spooled_file_needs_stays_until_the_file_is_gone(house: House) -> None:
    house.bank._spool(completed(1), None)
    assert rotate.rotate(house.runtime) == Rotated(wrapped=2, old_kept=True)
    assert len(house.runtime.keyring.masters.held()) == 2
    assert settle(house.runtime) == {"credited": 1}
    assert rotate.rotate(house.runtime) == Rotated(wrapped=3, old_kept=False)
    assert len(house.runtime.keyring.masters.held()) == 1


def test_only_the_master_that_a_file_needs_stays(house: House) -> None:
    masters = house.runtime.keyring.masters
    needless = keys.secrets.token_bytes(32)
    needed = masters.all()[0]
    masters.write([needed.key, needless])
    house.bank._spool(completed(1), None)
    rotate.rotate(house.runtime)
    assert [each.id for each in masters.held()][1:] == [needed.id]


def test_a_master_that_another_process_added_meanwhile_is_not_dropped(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    masters, added = house.runtime.keyring.masters, keys.secrets.token_bytes(32)
    drop = rotate._drop

    def later(runtime: Runtime, old: set[str]) -> bool:
        masters.write([added, *(each.key for each in masters.held())])
        return drop(runtime, old)

    monkeypatch.setattr(rotate, "_drop", later)
    rotate.rotate(house.runtime)
    held = [each.key for each in masters.held()]
    assert (held[0], len(held)) == (added, 2)


def test_without_the_master_nothing_is_rotated_and_no_key_is_made(house: House) -> None:
    path = house.runtime.keyring.masters.path
    path.unlink()
    with pytest.raises(Refused, match="key_missing"):
        rotate.rotate(house.runtime)
    assert not path.exists()


def test_a_spooled_file_is_in_place_before_a_rotation_looks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a tiding is being sealed the file of the keys stands still."""
    held: list[bool] = []
    encrypt = spool.encrypt

    def watched(key: bytes, plain: bytes, about: bytes) -> bytes:
        held.append(is_locked(house.runtime.keyring.masters.path.with_name("keys.lock")))
        return encrypt(key, plain, about)

    monkeypatch.setattr(spool, "encrypt", watched)
    house.bank._spool(completed(1), None)
    assert held == [True]


def is_locked(path: Path) -> bool:
    """Ask another process whether somebody holds the lock."""
    program = (
        "import fcntl, sys\n"
        "try: fcntl.flock(open(sys.argv[1], 'a'), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "except BlockingIOError: sys.exit(1)\n"
    )
    return subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 1


PROGRAM = """
import sys, time
from creditbank_plugin.cli.installation import database_url, engine_of, open_runtime, settings_here
from creditbank_plugin.services import rotate, spool
from creditbank_plugin.services.settling.keep import Sender
from tests.builders import ISSUER, SCHOOL, completed

settings = settings_here()
runtime = open_runtime(settings, engine_of(database_url(settings)))
sender = vars(Sender(door="hooks", organisation=SCHOOL, issuer=ISSUER, may_open=True))

def slow(*told):  # time enough for a whole rotation between sealing and writing, were it not locked out
    sealed = encrypt(*told)
    time.sleep(0.05)
    return sealed

encrypt, spool.encrypt = spool.encrypt, slow
print("ready", flush=True)
sys.stdin.readline()
for number in range(6):
    if sys.argv[1] == "rotate":
        rotate.rotate(runtime)
    else:
        spool.put(runtime, completed(f"{sys.argv[1]}-{number}"), sender)
"""


@contextmanager
def processes(house: House, *works: str) -> Iterator[list[subprocess.Popen[str]]]:
    url = house.runtime.engine.url.render_as_string(hide_password=False)
    environ = {
        **os.environ,
        "CREDITBANK_DATA": str(house.runtime.settings.data),
        "CREDITBANK_DATABASE_URL": url,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}",
    }
    command = [sys.executable, "-c", PROGRAM]
    pipe = subprocess.PIPE
    running = [
        subprocess.Popen([*command, work], env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for work in works
    ]
    yield running
    for process in running:
        process.kill()
        process.communicate()


def test_processes_that_rotate_and_spool_at_once_lose_no_key(house: House) -> None:
    assert tell(house.runtime, "e1", name="ก") == "credited"
    with processes(house, "rotate", "rotate", "a", "b") as running:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        errors = [process.communicate(timeout=120)[1] for process in running]
        assert [process.returncode for process in running] == [0] * 4, "\n".join(errors)
    fresh = another(house.runtime)
    assert len(spool.left(fresh)) == 12
    assert settle(fresh) == {"credited": 12}
    assert spool.left(fresh) == []
    event_id = next(each.event_id for each in events.page(fresh).items if each.tiding["learner"]["id"] == "s-1")
    events.retry(fresh, [event_id])  # opens what was sealed before it all
    assert rotate.rotate(fresh).old_kept is False
    assert len(json.loads(fresh.keyring.masters.path.read_text())["keys"]) == 1

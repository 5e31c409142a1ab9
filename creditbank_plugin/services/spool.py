"""The spool: sealed files for tidings of the host that the database would not take; settling drains them.

A spooled tiding is never lost and never raised into the host; health says that there are some.
"""

import json
import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from creditbank_hooks import Tiding
from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import tiding_store
from creditbank_plugin.services import private_file
from creditbank_plugin.services.keys import Master, decrypt, encrypt
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.keep import Sender, keep_alone
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.faults import UNREACHABLE

log = logging.getLogger(__name__)
ABOUT = b"creditbank spool"
SEALED, OPEN = ".sealed", ".open"
OWN_KEY = "spool.key"
#: The database, or a table in it, is not there for now.
AWAY: tuple[type[Exception], ...] = (*UNREACHABLE, ProgrammingError)
PATIENCE_SECONDS = 3600


def folder(runtime: Runtime) -> Path:
    """Return the folder of the spool."""
    return runtime.settings.data / "spool"


def put(runtime: Runtime, tiding: Tiding, sender: dict[str, Any], *, certain: bool = True) -> Path:
    """Seal a tiding into a file of its own, safely on disk when this returns.

    ``certain=False`` while the host's transaction is still open: `confirm` or `withdraw` follows.  When neither came
    within an hour (the process died), the tiding is taken in: better asked about than lost.
    """
    told = {
        "kind": tiding.kind,
        "facts": tiding_store.facts(tiding),
        "personal": tiding_store.sealed(tiding),
        "sender": sender,
        "spooled_at": runtime.clock().isoformat(),
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    path = folder(runtime) / f"{new_id()}{SEALED if certain else OPEN}"
    with runtime.keyring.masters.locked(shared=True):  # a rotation must not drop the key before it sees the file
        draft = path.with_suffix(".draft")
        private_file.write(draft, encrypt(_sealing(runtime).key, body, ABOUT))
        draft.replace(path)
    return path


def _sealing(runtime: Runtime) -> Master:
    """Return the key that seals a file: the first master, or one of the spool's own where none is there.

    Whether there never was one or it was lost cannot be told without the database.  A new ``keys.json`` would stand in
    the way of the lost one that somebody puts back.
    """
    held = [*runtime.keyring.masters.held(), *_own(runtime)]
    if not held:
        private_file.make(folder(runtime) / OWN_KEY, secrets.token_bytes(32))
        held = _own(runtime)
    return held[0]


def _own(runtime: Runtime) -> list[Master]:
    """Return the spool's own key, if it ever needed one."""
    try:
        return [Master("spool", (folder(runtime) / OWN_KEY).read_bytes())]
    except FileNotFoundError:
        return []


def confirm(path: Path) -> None:
    """Make a tiding certain: the host has committed.  Never raises: this runs inside the host's commit."""
    try:
        path.replace(path.with_suffix(SEALED))
    except FileNotFoundError:
        return  # withdrawn before
    except OSError as error:
        log.error("a spooled tiding stays open for an hour (%s)", type(error).__name__)


def withdraw(path: Path) -> None:
    """Forget a tiding: the host has rolled back.  Never raises: this runs inside the host's rollback."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.error("a withdrawn tiding is still in the spool (%s)", type(error).__name__)


def waiting(runtime: Runtime) -> list[Path]:
    """Return the spooled files that are to be taken in, oldest first."""
    place = folder(runtime)
    before = runtime.clock().timestamp() - PATIENCE_SECONDS
    left = [path for path in place.glob(f"*{OPEN}") if path.stat().st_mtime < before]
    return sorted([*place.glob(f"*{SEALED}"), *left])


def oldest(runtime: Runtime) -> datetime | None:
    """Return since when the oldest spooled tiding waits."""
    files = waiting(runtime)
    return datetime.fromtimestamp(files[0].stat().st_mtime).astimezone() if files else None


def drain(runtime: Runtime) -> int:
    """Put spooled tidings into the inbox; a file goes only after the commit.  Return how many were taken in.

    Two processes may drain at once: the message key makes the second a repeat.
    """
    taken = 0
    for path, told in _opened(runtime):
        tiding = tiding_store.restore(told["kind"], told["facts"], told["personal"])
        try:
            if taken == 0:
                # Something was wrong with the tables: the keys in them may be others than those we remember.
                runtime.keyring.prepare(runtime.engine)
            keep_alone(runtime, tiding, Sender(**told["sender"]))
        except AWAY as error:
            log.warning("the spool cannot be drained yet (%s)", type(error).__name__)
            break
        except (SQLAlchemyError, Refused) as error:
            log.error("%s stays in the spool (%s)", path.name, type(error).__name__)
            continue
        path.unlink(missing_ok=True)
        taken += 1
    return taken


def _opened(runtime: Runtime) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in waiting(runtime):
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            continue  # another process has just drained it
        opened = _open(sealed, [*runtime.keyring.masters.held(), *_own(runtime)])
        if opened is not None:
            yield path, opened[1]
        else:
            log.error("a spooled file cannot be opened with the keys at hand: %s", path.name)


def _open(sealed: bytes, masters: Iterable[Master]) -> tuple[str, dict[str, Any]] | None:
    """Open a file's content; return which master did, and what it holds."""
    for master in masters:
        try:
            return master.id, json.loads(decrypt(master.key, sealed, ABOUT))
        except (Refused, ValueError):
            continue
    return None


def left(runtime: Runtime) -> list[Path]:
    """Return every file of the spool, those too that wait for a host's commit."""
    place = folder(runtime)
    return sorted([*place.glob(f"*{SEALED}"), *place.glob(f"*{OPEN}")])


def needs(runtime: Runtime, masters: Sequence[Master]) -> set[str]:
    """Return which of ``masters`` (by id) the spooled files need; all of them while a file is there that none opens."""
    found: set[str] = set()
    for path in left(runtime):
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            continue  # withdrawn or drained just now
        opened = _open(sealed, masters)
        found |= {opened[0]} if opened is not None else {master.id for master in masters}
    return found

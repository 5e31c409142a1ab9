"""What a process remembers for seconds of tokens that were good, so that a request need not ask the database who calls.

Every process of a machine forgets as soon as anything is taken back (`forget_all`): a byte is added to a file of the data
folder, and nothing that was looked up before that is used any more.  Processes with another data folder, on another
machine, learn of it when what they remember ends: ``token_memory_seconds`` later at most.
"""

import logging
import os
from dataclasses import dataclass, field
from datetime import datetime
from threading import Thread
from time import monotonic
from typing import Any, Protocol

from creditbank_plugin.settings import Settings

FILE = "tokens-taken-back"
#: Above so many nothing is kept but what comes now: a machine that is asked by that many has been asked by all of them.
MOST = 10_000
log = logging.getLogger(__name__)

#: How often anything was taken back: by this process, and by any of this machine.  None: nobody can tell.
Mark = tuple[int, ...] | None


class Remembers(Protocol):
    """As much of a runtime as is needed here."""

    settings: Settings
    memory: "Memory"


@dataclass
class Memory:
    """What one runtime remembers: by the hash of a token, what it is good for, as of which mark and until when."""

    kept: dict[bytes, tuple[Any, Mark, float, datetime]] = field(default_factory=dict)
    forgotten: int = 0


@dataclass
class Uses:
    """Which clients called (see `last_use`): when each was last noted, what is still to be written, and who writes it."""

    noted: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, datetime] = field(default_factory=dict)
    writer: Thread | None = None


def mark(runtime: Remembers) -> Mark:
    """Return the mark of this moment; take it before the database is asked, so that what happens meanwhile is noticed."""
    try:
        found = os.stat(_path(runtime.settings))
    except FileNotFoundError:
        return (runtime.memory.forgotten,)
    except OSError:
        return None
    return runtime.memory.forgotten, found.st_ino, found.st_size, found.st_mtime_ns


def remembered(runtime: Remembers, token_hash: bytes, now: Mark, moment: datetime) -> Any:
    """Return what is remembered of a token that is still good at ``moment``; None where nothing may be relied on."""
    found = runtime.memory.kept.get(token_hash)
    if found is None:
        return None
    value, as_of, until, ends = found
    return value if now is not None and as_of == now and monotonic() < until and moment < ends else None


def remember(runtime: Remembers, token_hash: bytes, value: Any, as_of: Mark, ends: datetime) -> None:
    """Remember what a token is good for until it ends, ``token_memory_seconds`` at most."""
    seconds, kept = runtime.settings.token_memory_seconds, runtime.memory.kept
    if seconds and as_of is not None:
        if len(kept) >= MOST:
            kept.clear()
        kept[token_hash] = value, as_of, monotonic() + seconds, ends


def forget_all(runtime: Remembers) -> None:
    """Let every process of this machine forget every token; call it as soon as what was taken back is committed."""
    runtime.memory.forgotten += 1
    runtime.memory.kept.clear()
    try:
        descriptor = os.open(_path(runtime.settings), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, b".")
        finally:
            os.close(descriptor)
    except OSError as error:
        seconds = runtime.settings.token_memory_seconds
        log.error("other processes learn in %s s that something was taken back (%s)", seconds, type(error).__name__)


def _path(settings: Settings) -> str:
    return os.path.join(settings.data, FILE)

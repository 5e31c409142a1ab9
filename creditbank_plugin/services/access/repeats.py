"""Calls sent again under an ``Idempotency-Key``: carried out once, answered alike (draft-ietf-httpapi-idempotency-key).

A key is begun in a transaction of its own.  What the call then does, and the note that it was done, are committed
together: after a crash either nothing was done, and the call may be carried out, or it was, and is never done again.
"""

import hashlib
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.access.tokens import Access
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import repeats as rows
from creditbank_plugin.storage.session import reading, together, writing

log = logging.getLogger(__name__)

#: How long a call without an answer counts as under way; a process that was killed is waited for no longer.
UNDER_WAY = timedelta(seconds=30)
#: How long a repetition waits for the first to end, and how often it looks; seconds.
WAIT, LOOK = 2.0, 0.05


@dataclass(frozen=True)
class Kept:
    """What the first call was answered."""

    status: int
    headers: Sequence[Sequence[str]]
    body: str = field(repr=False)


@dataclass(frozen=True)
class Begun:
    """The right to carry a call out; ``begun_at`` tells it from one that takes over after it."""

    client_id: str
    key_hash: bytes
    begun_at: datetime


def begin(runtime: Runtime, access: Access, key: str, request: bytes) -> Begun | Kept:
    """Return the right to carry out the call ``request`` (its SHA-256), or what the first under this key was answered.

    ``Refused`` (409): ``idempotency_key_reused`` where the key belongs to another call, ``idempotency_in_progress`` where
    the first does not end in time, ``idempotency_answer_lost`` where it was carried out by a process that then died.
    A key is the client's own, and the learner's who let it in.
    """
    runtime.keyring.fresh(runtime.engine)
    key_hash = hashlib.sha256(f"{access.person_id or ''}\x1f{key}".encode()).digest()
    patience = time.monotonic() + WAIT
    found = _claim(runtime, access.client_id, key_hash, request)
    while found is None:
        if time.monotonic() > patience:
            raise in_progress()
        time.sleep(LOOK)
        found = _look(runtime, access.client_id, key_hash, request)
    return found


@contextmanager
def acting(runtime: Runtime, begun: Begun) -> Iterator[None]:
    """Let every transaction within note, as part of itself, that the call is carried out.

    It fails, and with it what it would do, where another has taken the call over meanwhile (``idempotency_in_progress``).
    """

    def note(connection: Connection) -> None:
        if not rows.act(connection, begun.client_id, begun.key_hash, begun.begun_at, runtime.clock()):
            raise in_progress()

    with together(note):
        yield


def keep(runtime: Runtime, begun: Begun, kept: Kept) -> None:
    """Keep an answer.  Where that fails the answer is good all the same: it is told, and the log says so."""
    sealed = runtime.keyring.seal({"body": kept.body}, _about(begun.client_id, begun.key_hash))
    try:
        with writing(runtime.engine) as connection:
            rows.keep(
                connection,
                begun.client_id,
                begun.key_hash,
                begun.begun_at,
                status=kept.status,
                headers=kept.headers,
                sealed=sealed,
            )
    except SQLAlchemyError as error:
        log.warning("an answer could not be kept for its Idempotency-Key: %s", type(error).__name__)


def release(runtime: Runtime, begun: Begun) -> None:
    """Let a call that failed be sent again at once, unless it did something before it failed."""
    try:
        with writing(runtime.engine) as connection:
            rows.release(connection, begun.client_id, begun.key_hash, begun.begun_at)
    except SQLAlchemyError as error:
        log.warning("an Idempotency-Key could not be given back: %s", type(error).__name__)


def in_progress() -> Refused:
    """Return the refusal of a call that is under way already."""
    return Refused(
        "idempotency_in_progress",
        "คำขอแรกที่ใช้ Idempotency-Key นี้ยังทำไม่เสร็จ โปรดรอแล้วส่งใหม่ด้วยค่าเดิม",
        "The first request with this Idempotency-Key is still under way: wait, and send it again with the same key.",
        status=409,
    )


def _claim(runtime: Runtime, client_id: str, key_hash: bytes, request: bytes) -> Begun | Kept | None:
    now = runtime.clock()
    with writing(runtime.engine) as connection:
        if key_hash[0] == 0:  # one key in 256 sweeps
            rows.forget(connection, now - _kept_for(runtime))
        if rows.begin(connection, client_id, key_hash, request, now):
            return Begun(client_id, key_hash, now)
        row = rows.find(connection, client_id, key_hash)
        if row is not None and _is_free(runtime, row, request, now):
            return Begun(client_id, key_hash, now) if rows.take_over(connection, row, request, now) else None
    return _answer(runtime, row, request) if row is not None else None


def _look(runtime: Runtime, client_id: str, key_hash: bytes, request: bytes) -> Begun | Kept | None:
    """Look without writing whether the first has ended; claim the key where it is free again."""
    with reading(runtime.engine) as connection:
        row = rows.find(connection, client_id, key_hash)
    if row is None or _is_free(runtime, row, request, runtime.clock()):
        return _claim(runtime, client_id, key_hash, request)
    return _answer(runtime, row, request)


def _is_free(runtime: Runtime, row: Stored, request: bytes, now: datetime) -> bool:
    """Tell whether a key may be taken: it is forgotten, or its call died before it did anything."""
    if row.begun_at <= now - _kept_for(runtime):
        return True
    dead = row.status is None and row.acted_at is None and row.begun_at <= now - UNDER_WAY
    return dead and bytes(row.request_hash) == request


def _answer(runtime: Runtime, row: Stored, request: bytes) -> Kept | None:
    """Return what stands under a key that is not free; None while it is under way."""
    if bytes(row.request_hash) != request:
        raise Refused(
            "idempotency_key_reused",
            "Idempotency-Key นี้ใช้กับคำขออื่นแล้ว ให้ใช้ค่าใหม่",
            "This Idempotency-Key belongs to another request: use a new one.",
            status=409,
        )
    if row.status is not None:
        body = runtime.keyring.unseal(bytes(row.sealed), _about(row.client_id, bytes(row.key_hash)))["body"]
        return Kept(row.status, row.headers, body)
    if row.acted_at is not None and row.begun_at <= runtime.clock() - UNDER_WAY:
        raise Refused(
            "idempotency_answer_lost",
            "คำขอนี้ทำสำเร็จแล้ว แต่คำตอบสูญหาย และไม่ได้ทำซ้ำ ให้อ่านสิ่งที่บันทึกไว้",
            "This request was carried out but its answer was lost; it was not done again. Read what stands.",
            status=409,
        )
    return None


def _kept_for(runtime: Runtime) -> timedelta:
    """A key is kept at least as long as its call may be under way."""
    return max(timedelta(seconds=runtime.settings.idempotency_seconds), 2 * UNDER_WAY)


def _about(client_id: str, key_hash: bytes) -> str:
    return f"answer {client_id} {key_hash.hex()}"

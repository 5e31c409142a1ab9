"""Addresses that are told of changes: named, given a new secret, ended; what was sent to them, and sending it again."""

import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.rules.changes import TYPES
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.telling import outgoing, post
from creditbank_plugin.services.telling.secret import new_secret, sealed
from creditbank_plugin.services.telling.spread import begin
from creditbank_plugin.services.telling.targets import target
from creditbank_plugin.services.views import Page
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import webhooks
from creditbank_plugin.storage.session import reading, writing

#: How many addresses one client may name.
MOST = 20


@dataclass(frozen=True)
class Subscribed:
    """A subscription and its secret: the only time that the secret is shown."""

    id: str
    secret: str = field(repr=False)


def subscribe(
    runtime: Runtime,
    *,
    client_id: str,
    organisation: str,
    organisations: Collection[str],
    url: str,
    types: Sequence[str],
) -> Subscribed:
    """Name an address that is told of changes of these ``types`` about the learners of ``organisation``.

    ``Refused``: 422 ``url_refused`` (`rules.webhook.target_of`, and a name that leads nowhere or into somebody's network),
    ``type_unknown``, ``organisation_unknown`` where it is not of ``organisations``; 409 ``too_many``.
    """
    if organisation not in organisations:
        th, en = "ไม่ใช่หน่วยงานของระบบที่เชื่อมต่อนี้", "The client does not act for this organisation."
        raise Refused("organisation_unknown", th, en, field="organisation")
    if not types or not set(types) <= set(TYPES.values()):
        known = ", ".join(TYPES.values())
        raise Refused("type_unknown", f"ต้องเลือกจาก: {known}", f"Choose from: {known}.", field="types")
    _check(runtime, url)
    made = Subscribed(new_id(), new_secret())
    runtime.keyring.fresh(runtime.engine)
    with writing(runtime.engine) as connection:
        if len(webhooks.of_client(connection, client_id)) >= MOST:
            raise Refused("too_many", f"มีได้ไม่เกิน {MOST} ที่อยู่", f"There may be at most {MOST}.", status=409)
        begin(connection, runtime)
        webhooks.add(
            connection,
            id=made.id,
            client_id=client_id,
            organisation_code=organisation,
            url=url,
            types=[each for each in TYPES.values() if each in types],
            sealed_secret=sealed(runtime, made.id, made.secret),
            old_sealed_secret=None,
            old_secret_until=None,
            created_at=runtime.clock(),
            ended_at=None,
        )
    return made


def _check(runtime: Runtime, url: str) -> None:
    where = target(runtime.settings, url)
    try:
        outgoing.addresses(where, private=runtime.settings.webhook_private)
    except (OSError, UnicodeError, socket.gaierror):
        th, en = "ไม่พบเครื่องที่ URL นี้ระบุ", "The host of this URL is not found."
        raise Refused("url_refused", th, en, field="url") from None


def of_client(runtime: Runtime, client_id: str) -> Sequence[Stored]:
    """Return the subscriptions of a client that have not ended."""
    with reading(runtime.engine) as connection:
        return webhooks.of_client(connection, client_id)


def everybodys(runtime: Runtime) -> Sequence[Stored]:
    """Return all subscriptions for the platform's administrator, ended ones last."""
    with reading(runtime.engine) as connection:
        return webhooks.everybodys(connection)


def get(runtime: Runtime, subscription_id: str, client_id: str | None = None) -> Stored:
    """Return a subscription, ended ones too; ``Refused`` (404) unless it is of ``client_id``, where one is named."""
    with reading(runtime.engine) as connection:
        return _own(connection, subscription_id, client_id)


def end(runtime: Runtime, subscription_id: str, client_id: str | None = None) -> None:
    """Tell an address no longer, what is due to it neither; twice is as good as once.  ``Refused`` as `get` has it."""
    with writing(runtime.engine) as connection:
        if _own(connection, subscription_id, client_id).ended_at is None:
            webhooks.change(connection, subscription_id, ended_at=runtime.clock())
            webhooks.park_all(connection, subscription_id, "ended")


def rotate(runtime: Runtime, subscription_id: str, client_id: str | None = None) -> Subscribed:
    """Give a subscription a new secret; for ``secret_overlap_seconds`` more messages are signed with the old one as well.

    ``Refused`` as `get` has it, and 404 for one that has ended.
    """
    made = Subscribed(subscription_id, new_secret())
    runtime.keyring.fresh(runtime.engine)
    with writing(runtime.engine) as connection:
        row = _own(connection, subscription_id, client_id)
        if row.ended_at is not None:
            raise not_found()
        webhooks.change(
            connection,
            subscription_id,
            sealed_secret=sealed(runtime, subscription_id, made.secret),
            old_sealed_secret=bytes(row.sealed_secret),
            old_secret_until=runtime.clock() + timedelta(seconds=runtime.settings.secret_overlap_seconds),
        )
    return made


def deliveries(
    runtime: Runtime,
    subscription_id: str,
    client_id: str | None = None,
    *,
    state: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Stored]:
    """Return what was or is to be sent, the newest first.  ``Refused`` as `get` has it, 400 for what is no place."""
    if after is not None and not is_uuid(after):
        raise Refused("bad_cursor", "ตัวชี้หน้าไม่ถูกต้อง", "The cursor is not one of ours.", field="cursor", status=400)
    with reading(runtime.engine) as connection:
        _own(connection, subscription_id, client_id)
        rows = webhooks.page(connection, subscription_id, state=state, after=after, limit=limit + 1)
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def resend(
    runtime: Runtime, subscription_id: str, delivery_id: str, client_id: str | None = None, *, here: bool = True
) -> Stored:
    """Let a message that was told or parked be sent once more, and return it; one that is due stays as it is.

    ``here``: by this process, where settling is inline.

    ``Refused``: 404 as `get` has it, 409 ``ended`` for a subscription that has ended.
    """
    with writing(runtime.engine) as connection:
        row = _own(connection, subscription_id, client_id)
        found = webhooks.delivery(connection, delivery_id) if is_uuid(delivery_id) else None
        if found is None or found.subscription_id != subscription_id:
            raise not_found()
        if row.ended_at is not None:
            raise Refused("ended", "การแจ้งนี้เลิกใช้แล้ว", "The subscription has ended.", status=409)
        webhooks.send_again(connection, [delivery_id], runtime.clock())
        again = webhooks.delivery(connection, delivery_id)
    if here:
        post.wake(runtime)
    return again or found


def numbers(runtime: Runtime) -> dict[str, float | int | None]:
    """Return ``due``, ``parked`` and ``oldest_due_seconds`` (None for nothing due)."""
    with reading(runtime.engine) as connection:
        due, parked, oldest = webhooks.numbers(connection)
    return {"due": due, "parked": parked, "oldest_due_seconds": _age(runtime.clock(), oldest)}


def _age(now: datetime, since: datetime | None) -> float | None:
    return max(0.0, round((now - since).total_seconds(), 3)) if since is not None else None


def _own(connection: Connection, subscription_id: str, client_id: str | None) -> Stored:
    row = webhooks.get(connection, subscription_id) if is_uuid(subscription_id) else None
    if row is None or (client_id is not None and row.client_id != client_id):
        raise not_found()
    return row

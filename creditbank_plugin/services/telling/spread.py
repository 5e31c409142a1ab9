"""From news to messages: each piece becomes one delivery for every subscription that may be told, exactly once.

In one transaction the deliveries are written and the place up to which news was read is moved.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.rules.changes import TYPES
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored, new_id
from creditbank_plugin.storage.queries import outbox, webhooks
from creditbank_plugin.storage.queries.audience import audiences
from creditbank_plugin.storage.queries.outbox import Place
from creditbank_plugin.storage.session import reading, writing

READER, _LOCK = "webhooks", 1
AT_ONCE = 500


def begin(connection: Connection, runtime: Runtime) -> None:
    """Let what is posted from now on be told, where nobody was told before; in the transaction of the first subscription."""
    if outbox.place_of(connection, READER) is None or not webhooks.is_anybody_told(connection):
        outbox.move(connection, READER, outbox.now_place(connection), runtime.clock())


def spread(runtime: Runtime) -> int:
    """Write the deliveries of all news that can be read; return how many."""
    made = 0
    while _is_news(runtime):
        with writing(runtime.engine) as connection:
            if runtime.engine.dialect.name == "postgresql" and not outbox.try_alone(connection, _LOCK):
                return made
            # News first: a subscription that was there before a piece of news is then seen as well.
            rows = outbox.after(connection, outbox.place_of(connection, READER) or Place(0, 0), AT_ONCE)
            deliveries = _deliveries(connection, runtime, rows)
            webhooks.add_deliveries(connection, deliveries)
            if rows:
                outbox.move(connection, READER, Place(rows[-1].commit_order, rows[-1].number), runtime.clock())
        made += len(deliveries)
    return made


def _is_news(runtime: Runtime) -> bool:
    with reading(runtime.engine) as connection:
        if not webhooks.is_anybody_told(connection):
            return False
        place = outbox.place_of(connection, READER)
        return place is not None and bool(outbox.after(connection, place, 1))


def _deliveries(connection: Connection, runtime: Runtime, rows: Sequence[Stored]) -> list[dict[str, Any]]:
    wanted, now = webhooks.live(connection), runtime.clock()
    return [
        {
            "id": new_id(),
            "subscription_id": each.id,
            "message_id": row.id,
            "commit_order": row.commit_order,
            "number": row.number,
            "account_id": row.account_id,
            "type": TYPES[row.hook],
            "state": webhooks.DUE,
            "attempts": 0,
            "next_at": now,
            "leased_until": None,
            "made_at": now,
            "told_at": None,
            "last_status": None,
            "last_error": None,
        }
        for row, told in zip(rows, audiences(connection, rows), strict=True)
        for each in wanted
        if TYPES[row.hook] in each.types and each.organisation_code in told
    ]

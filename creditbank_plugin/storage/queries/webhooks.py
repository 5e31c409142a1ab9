"""Subscriptions, and the messages on their way to them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.tables import Client, ClientSchool, Delivery, News, Subscription

DUE, TOLD, PARKED = "due", "told", "parked"
STATES = (DUE, TOLD, PARKED)

#: A subscription that is told: neither ended, nor of a client that was shut out or may no longer see the organisation.
_LIVE: list[ColumnElement[bool]] = [
    Subscription.ended_at.is_(None),
    exists().where(Client.client_id == Subscription.client_id, Client.revoked_at.is_(None)),
    or_(
        exists().where(
            Client.client_id == Subscription.client_id, Client.organisation_code == Subscription.organisation_code
        ),
        exists().where(
            ClientSchool.client_id == Subscription.client_id,
            ClientSchool.organisation_code == Subscription.organisation_code,
        ),
    ),
]
_ANY_LIVE = select(exists().where(*_LIVE))


def add(connection: Connection, **columns: Any) -> None:
    """Add a subscription."""
    insert_all(connection, Subscription, [columns])


def change(connection: Connection, subscription_id: str, **values: Any) -> None:
    """Change a subscription."""
    connection.execute(update(Subscription).where(Subscription.id == subscription_id).values(**values))


def get(connection: Connection, subscription_id: str) -> Stored | None:
    """Return a subscription, ended ones too."""
    return connection.execute(select(Subscription.__table__).where(Subscription.id == subscription_id)).first()


def of_client(connection: Connection, client_id: str) -> Sequence[Stored]:
    """Return the subscriptions of a client that have not ended, the oldest first."""
    query = select(Subscription.__table__).where(Subscription.client_id == client_id, Subscription.ended_at.is_(None))
    return connection.execute(query.order_by(Subscription.id)).all()


def everybodys(connection: Connection) -> Sequence[Stored]:
    """Return all subscriptions, the newest first: beside each the name of its client and its deliveries by state."""
    counted = [
        select(func.count())
        .where(Delivery.subscription_id == Subscription.id, Delivery.state == state)
        .scalar_subquery()
        .label(state)
        for state in STATES
    ]
    query = select(*Subscription.__table__.c, Client.name.label("client_name"), *counted).join(
        Client, Client.client_id == Subscription.client_id
    )
    return connection.execute(query.order_by(Subscription.ended_at.is_not(None), Subscription.id.desc())).all()


def is_anybody_told(connection: Connection) -> bool:
    """Tell whether there is a subscription to be told."""
    return bool(connection.scalar(_ANY_LIVE))


def live(connection: Connection) -> Sequence[Stored]:
    """Return the subscriptions that are told."""
    return connection.execute(select(Subscription.__table__).where(*_LIVE)).all()


def add_deliveries(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add messages to be sent."""
    insert_all(connection, Delivery, rows)


_EARLIER = aliased(Delivery)
_OTHER = aliased(Delivery)


def _may_go(now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of a message that may be taken: due, and nothing about its account before it or under way."""
    same = (_EARLIER.subscription_id == Delivery.subscription_id, _EARLIER.account_id == Delivery.account_id)
    place = tuple_(Delivery.commit_order, Delivery.number)
    earlier = exists().where(*same, _EARLIER.state == DUE, tuple_(_EARLIER.commit_order, _EARLIER.number) < place)
    under_way = exists().where(
        _OTHER.subscription_id == Delivery.subscription_id,
        _OTHER.account_id == Delivery.account_id,
        _OTHER.state == DUE,
        _OTHER.leased_until > now,
    )
    free = or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now)
    return [Delivery.state == DUE, Delivery.next_at <= now, free, ~earlier, ~under_way]


def waiting_subscriptions(connection: Connection, now: datetime) -> list[str]:
    """Return the subscriptions to which something may be sent now, the longest waiting first."""
    query = (
        select(Delivery.subscription_id, func.min(Delivery.next_at))
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .where(*_LIVE, *_may_go(now))
        .group_by(Delivery.subscription_id)
        .order_by(func.min(Delivery.next_at))
    )
    return [row.subscription_id for row in connection.execute(query)]


def take(
    connection: Connection, subscription_id: str, now: datetime, until: datetime, limit: int
) -> tuple[Stored | None, Sequence[Stored]]:
    """Take the next messages of a subscription until a moment; return it and them, with the ``value`` of their news.

    At most one about an account, and none while another about that account is under way; ``attempts`` rises.  None and
    nothing while somebody else takes of the same subscription, or when it is told no longer.
    """
    query = select(Subscription.__table__).where(Subscription.id == subscription_id, *_LIVE)
    found = connection.execute(query.with_for_update(skip_locked=True, of=Subscription)).first()
    if found is None:
        return None, ()
    wanted = select(Delivery.id).where(Delivery.subscription_id == subscription_id, *_may_go(now))
    ids = list(connection.scalars(wanted.order_by(Delivery.commit_order, Delivery.number).limit(limit)))
    if not ids:
        return found, ()
    values = {"attempts": Delivery.attempts + 1, "leased_until": until}
    connection.execute(update(Delivery).where(Delivery.id.in_(ids)).values(values))
    taken = (
        select(*Delivery.__table__.c, News.value)
        .join(News, and_(News.commit_order == Delivery.commit_order, News.number == Delivery.number))
        .where(Delivery.id.in_(ids))
    )
    return found, connection.execute(taken.order_by(Delivery.commit_order, Delivery.number)).all()


def end_try(connection: Connection, delivery_id: str, attempt: int, **values: Any) -> bool:
    """Write down what came of a try, where this taking still holds; tell whether it does."""
    mine = (Delivery.id == delivery_id, Delivery.state == DUE, Delivery.attempts == attempt)
    return connection.execute(update(Delivery).where(*mine).values(leased_until=None, **values)).rowcount == 1


def next_moment(connection: Connection) -> datetime | None:
    """Return when the next message to a living subscription is due; None for none."""
    query = select(func.min(Delivery.next_at)).join(Subscription, Subscription.id == Delivery.subscription_id)
    found: datetime | None = connection.scalar(query.where(*_LIVE, Delivery.state == DUE))
    return found


def page(
    connection: Connection, subscription_id: str, *, state: str | None, after: str | None, limit: int
) -> Sequence[Stored]:
    """Return deliveries of a subscription, the newest first."""
    query = select(Delivery.__table__).where(Delivery.subscription_id == subscription_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    if after is not None:
        query = query.where(Delivery.id < after)
    return connection.execute(query.order_by(Delivery.id.desc()).limit(limit)).all()


def delivery(connection: Connection, delivery_id: str) -> Stored | None:
    """Return one delivery."""
    return connection.execute(select(Delivery.__table__).where(Delivery.id == delivery_id)).first()


def send_again(connection: Connection, ids: Collection[str], now: datetime) -> int:
    """Let deliveries that were told or parked be due once more, their tries counted anew; return how many."""
    values = {"state": DUE, "attempts": 0, "next_at": now, "told_at": None}
    again = update(Delivery).where(Delivery.id.in_(list(ids)), Delivery.state != DUE)
    return int(connection.execute(again.values(values)).rowcount)


def park_all(connection: Connection, subscription_id: str, why: str) -> None:
    """Park what is still due to a subscription that has ended."""
    due = (Delivery.subscription_id == subscription_id, Delivery.state == DUE)
    connection.execute(update(Delivery).where(*due).values(state=PARKED, last_error=why, leased_until=None))


def numbers(connection: Connection) -> tuple[int, int, datetime | None]:
    """Return how many deliveries are due and parked, to living subscriptions, and since when the oldest is due."""
    query = (
        select(Delivery.state, func.count().label("number"), func.min(Delivery.made_at).label("oldest"))
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .where(*_LIVE, Delivery.state.in_((DUE, PARKED)))
        .group_by(Delivery.state)
    )
    found = {row.state: row for row in connection.execute(query)}
    due, parked = found.get(DUE), found.get(PARKED)
    return due.number if due else 0, parked.number if parked else 0, due.oldest if due else None


def forget_told(connection: Connection, before: datetime, limit: int) -> int:
    """Delete deliveries made before a moment and told; ids rise with time, so the oldest stand first."""
    milliseconds = int(before.timestamp() * 1000)
    digits = f"{milliseconds:012x}"
    bound = f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"
    old = select(Delivery.id).where(Delivery.id < bound, Delivery.state == TOLD).order_by(Delivery.id).limit(limit)
    ids = list(connection.scalars(old))
    if ids:
        connection.execute(delete(Delivery).where(Delivery.id.in_(ids)))
    return len(ids)

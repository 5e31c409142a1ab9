"""Send what is due to webhooks: signed, in the order of each account, tried again later where it is not taken.

Several processes may send at once.  What one has taken is its own until a lease ends (`LEASE`); one that dies leaves it to
be taken again, so that each message is sent at least once, always under the same id.
"""

import logging
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from queue import Queue
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from creditbank_plugin import __version__
from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import json_text, standard_webhooks
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules import webhook
from creditbank_plugin.rules.changes import ids_of
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.telling import outgoing
from creditbank_plugin.services.telling.outgoing import Answer
from creditbank_plugin.services.telling.secret import good_secrets
from creditbank_plugin.services.telling.spread import spread
from creditbank_plugin.services.telling.targets import target
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import people, webhooks
from creditbank_plugin.storage.session import is_memory, reading, writing

log = logging.getLogger(__name__)

#: How many subscriptions one process serves at a time, and how many messages it takes of each at once.
TOGETHER, AT_ONCE = 4, 5
#: For how long what was taken belongs to who took it, beyond the time that its sending may take.
SPARE = timedelta(seconds=30)
#: How long the thread of a process that settles inline waits at most before it looks again; seconds.
LONGEST_WAIT = 30.0
#: For how long what was told is kept.
KEPT = timedelta(days=30)


def wake(runtime: Runtime) -> None:
    """Let a thread of this process send what is due, unless workers do that; returns at once."""
    if runtime.settings.settle != "inline":
        return
    try:
        with reading(runtime.engine) as connection:
            if not webhooks.is_anybody_told(connection):
                return
    except SQLAlchemyError as error:
        log.warning("webhooks could not be looked at (%s)", type(error).__name__)
        return
    if is_memory(runtime.engine.url):
        work(runtime)  # such a database lives in one connection, which two threads cannot share
    else:
        runtime.postman.start(lambda: _work_on(runtime))


def work(runtime: Runtime) -> None:
    """Send what is due now; while the database is gone, leave it for the next time."""
    try:
        deliver(runtime)
    except (SQLAlchemyError, OSError, Refused) as error:
        log.warning("webhooks could not be sent (%s)", type(error).__name__)


def _work_on(runtime: Runtime) -> None:
    """Send what is due, and wait for what is to be tried again, as long as there is any."""
    postman = runtime.postman
    while True:
        postman.bell.clear()
        work(runtime)
        try:
            with reading(runtime.engine) as connection:
                following = webhooks.next_moment(connection)
        except SQLAlchemyError:
            following = None
        if following is None:
            if postman.leaves():
                return
            continue
        postman.bell.wait(min(max((following - runtime.clock()).total_seconds(), 1.0), LONGEST_WAIT))


def deliver(runtime: Runtime) -> Counter[str]:
    """Send everything that is due now; return how many were ``told``, left for ``later``, or ``parked``."""
    spread(runtime)
    done: Counter[str] = Counter()
    if is_memory(runtime.engine.url):
        while waiting := _waiting(runtime, ()):
            done += _serve(runtime, waiting[0])
        return done
    busy: set[str] = set()
    others: set[str] = set()  # somebody else is at them
    ended: Queue[tuple[str, Counter[str] | BaseException]] = Queue()

    def serve(subscription_id: str) -> None:
        try:
            ended.put((subscription_id, _serve(runtime, subscription_id)))
        except BaseException as error:  # raised again by whoever waits for us
            ended.put((subscription_id, error))

    while not runtime.postman.stop.is_set():
        for subscription_id in _waiting(runtime, busy | others)[: TOGETHER - len(busy)]:
            busy.add(subscription_id)
            # Daemons, as those of an executor are not: a process that is asked to end does not wait for somebody's server.
            threading.Thread(target=serve, args=(subscription_id,), name="creditbank webhook", daemon=True).start()
        if not busy:
            break
        subscription_id, served = ended.get()
        busy.remove(subscription_id)
        if isinstance(served, BaseException):
            raise served
        done += served
        if not served:
            others.add(subscription_id)
    _forget(runtime)
    return done


def _waiting(runtime: Runtime, busy: Collection[str]) -> list[str]:
    with reading(runtime.engine) as connection:
        found = webhooks.waiting_subscriptions(connection, runtime.clock())
    return [each for each in found if each not in busy and not runtime.postman.rests(each)]


def _forget(runtime: Runtime) -> None:
    with writing(runtime.engine) as connection:
        webhooks.forget_told(connection, runtime.clock() - KEPT, 500)


def lease(runtime: Runtime) -> timedelta:
    """Return for how long what is taken at once is one's own."""
    return timedelta(seconds=2 * runtime.settings.webhook_seconds * AT_ONCE) + SPARE


def _serve(runtime: Runtime, subscription_id: str) -> Counter[str]:
    """Send the next messages of one subscription, one after the other; stop where its address does not answer."""
    runtime.keyring.fresh(runtime.engine)
    began, now = time.monotonic(), runtime.clock()
    with writing(runtime.engine) as connection:
        row, taken = webhooks.take(connection, subscription_id, now, now + lease(runtime), AT_ONCE)
        accounts = {each.account_id for each in taken if each.account_id is not None}
        persons = people.persons_of(connection, accounts)
    done: Counter[str] = Counter()
    last = began + (lease(runtime) - SPARE / 2).total_seconds() - 2 * runtime.settings.webhook_seconds
    for place, each in enumerate(taken):
        if row is None or time.monotonic() > last or runtime.postman.stop.is_set():
            _give_back(runtime, taken[place:])
            break
        made = _try(runtime, row, each, persons.get(each.account_id))
        done[_end(runtime, each, made)] += 1
        if made.fault in webhook.SILENT:
            runtime.postman.rest(subscription_id)
            _give_back(runtime, taken[place + 1 :])
            break
    return done


def _try(runtime: Runtime, row: Stored, delivery: Stored, person_id: str | None) -> Answer:
    """Send one message and tell what came of it; nothing of an error but a word of ours is kept."""
    try:
        where = target(runtime.settings, row.url)
        address = outgoing.addresses(where, private=runtime.settings.webhook_private)[0]
        body = payload(delivery, person_id)
        now = runtime.clock()
        signed = standard_webhooks.headers(
            good_secrets(runtime, row, now), delivery.message_id, int(now.timestamp()), body
        )
        headers = {**signed, "Content-Type": "application/json", "User-Agent": f"creditbank/{__version__}"}
        return outgoing.post(row.url, address, body, headers, seconds=runtime.settings.webhook_seconds)
    except Refused as refusal:
        return Answer(None, "key_missing" if refusal.code == "key_missing" else "address_refused")
    except socket.gaierror:
        return Answer(None, "name_unknown")
    except Exception as error:
        log.error("webhook %s could not be sent: %s", delivery.id, type(error).__name__)
        return Answer(None, "internal")


def payload(delivery: Stored, person_id: str | None) -> bytes:
    """Return a message: its type, when it was decided, and ids; no name, no amount, nothing of a person."""
    told = {"id": delivery.message_id, "learner_id": person_id, **ids_of(delivery.value)}
    at = instant_text(datetime.fromisoformat(delivery.value["at"]))
    return json_text.dumps({"type": delivery.type, "timestamp": at, "data": told}).encode()


def _end(runtime: Runtime, delivery: Stored, made: Answer) -> str:
    """Write down what came of a try; return ``told``, ``later`` or ``parked``."""
    now = runtime.clock()
    values: dict[str, Any] = {"last_status": made.status, "last_error": made.fault}
    if made.fault is None:
        state, values = webhooks.TOLD, {**values, "state": webhooks.TOLD, "told_at": now}
    elif delivery.attempts >= runtime.settings.webhook_attempts:
        state, values = webhooks.PARKED, {**values, "state": webhooks.PARKED}
        log.warning("webhook %s is parked after %d tries: %s", delivery.id, delivery.attempts, made.fault)
    else:
        pause = webhook.wait_after(delivery.attempts, secrets.randbelow(1001) / 1000)
        state, values = "later", {**values, "next_at": now + max(pause, _asked(made))}
    with writing(runtime.engine) as connection:
        webhooks.end_try(connection, delivery.id, delivery.attempts, **values)
    return state


def _asked(made: Answer) -> timedelta:
    """Return how long the other side asks to wait, 12 hours at most."""
    return min(timedelta(seconds=made.again_after or 0), timedelta(hours=12))


def _give_back(runtime: Runtime, deliveries: Sequence[Stored]) -> None:
    """Give back what was taken and not tried."""
    with writing(runtime.engine) as connection:
        for each in deliveries:
            webhooks.end_try(connection, each.id, each.attempts, attempts=each.attempts - 1)

"""What happened, told in one place: as log lines of codes and ids, and as numbers where somebody measures (`meters`).

A line never holds what somebody sent: no name, no ID number, no learner's id at the host, no message id, no path with its
values; our own ids (event, account, client) say where to look.  Loggers are the standard library's, so that a host's
logging works; the facts of a line stand in its text and, for machines, in the record's attribute ``creditbank``.
"""

import logging
import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from creditbank_hooks import TidingError
from creditbank_plugin.services import meters

log = logging.getLogger(__name__)

#: What a request id from outside may look like.  Thirteen digits in a row may be somebody's national ID.
_FIT = re.compile(r"(?!.*\d{13})[A-Za-z0-9._=-]{8,64}", re.ASCII)
_request: ContextVar[str | None] = ContextVar("creditbank_request", default=None)


def begin_request(given: str | None) -> str:
    """Remember the id of the request that this thread works on: ``given`` where it is fit, else a new one; return it."""
    made = given if given is not None and _FIT.fullmatch(given) else secrets.token_hex(16)
    _request.set(made)
    return made


def end_request() -> None:
    """Forget the request: its thread goes on to another."""
    _request.set(None)


def request_id() -> str | None:
    """Return the id of the request that this thread works on; None outside of any."""
    return _request.get()


def tell(level: int, event: str, **facts: Any) -> None:
    """Write one line: ``event`` is its stable name, ``facts`` are codes, counts and ids of ours; None is left out."""
    if not log.isEnabledFor(level):
        return
    said = {name: value for name, value in {**facts, "request_id": request_id()}.items() if value is not None}
    text = " ".join(f"{name}={value}" for name, value in said.items())
    log.log(level, "%s %s", event, text, extra={"creditbank": {"event": event, **said}})


def request_answered(
    *, method: str, endpoint: str, status: int, seconds: float, client_id: str | None, quiet: bool = False
) -> None:
    """Tell of a request of ours; ``endpoint`` is its template, such as ``/creditbank/api/v1/events/<event_id>``.

    One that is ``quiet`` is told at ``DEBUG``.
    """
    measured = meters.on()
    if measured is not None:
        measured.requests.labels(method, endpoint, str(status)).inc()
        measured.request_seconds.labels(endpoint).observe(seconds)
    milliseconds = round(seconds * 1000, 1)
    tell(
        logging.DEBUG if quiet else logging.INFO,
        "request",
        method=method,
        endpoint=endpoint,
        status=status,
        ms=milliseconds,
        client_id=client_id,
    )


def kept(door: str, client_id: str | None, outcomes: Sequence[tuple[str | TidingError, str]]) -> None:
    """Tell of messages: pairs of the event's id (or the refusal) and what became of it at the door.

    Outcomes: ``kept``, ``repeat``, ``conflict``, ``ignored``, ``refused``.  They are told when they are written; a host
    that rolls back afterwards takes the message along.
    """
    measured = meters.on()
    if measured is not None:
        for outcome, number in Counter(outcome for _, outcome in outcomes).items():
            measured.kept.labels(door, outcome).inc(number)
    if not log.isEnabledFor(logging.DEBUG):
        return
    for event_id, outcome in outcomes:
        known = event_id if isinstance(event_id, str) else None
        tell(logging.DEBUG, "message kept", event_id=known, door=door, outcome=outcome, client_id=client_id)


def decided(decisions: Sequence[Mapping[str, Any]]) -> None:
    """Tell of decisions (columns of their table), once they are committed or about to be."""
    measured = meters.on()
    if measured is not None:
        for (state, reason), number in Counter((each["state"], each["reason"]) for each in decisions).items():
            measured.decisions.labels(state, reason).inc(number)
    if not log.isEnabledFor(logging.DEBUG):
        return
    for each in decisions:
        tell(
            logging.DEBUG,
            "message decided",
            event_id=each["inbox_id"],
            account_id=each.get("account_id"),
            state=each["state"],
            reason=each["reason"],
        )


def settled(
    received: Mapping[str, datetime], decisions: Sequence[Mapping[str, Any]], now: datetime, seconds: float
) -> None:
    """Tell of a batch that was committed.

    ``received`` says of each message of the batch (by id) when it was received; ``seconds`` is how long the batch took.
    A message decided for the first time counts as fresh, one decided again as backlog.
    """
    if not received:
        return
    decided(decisions)
    measured = meters.on()
    if measured is not None:
        measured.batch_seconds.observe(seconds)
        measured.batch_messages.observe(len(received))
        for each in decisions:
            if each["inbox_id"] in received:
                lane = "fresh" if each["version"] == 1 else "backlog"
                waited = (now - received[each["inbox_id"]]).total_seconds()
                measured.waited.labels(lane).observe(max(waited, 0.0))
    states = Counter(each["state"] for each in decisions)
    counted = ",".join(f"{state}:{number}" for state, number in sorted(states.items()))
    tell(logging.INFO, "batch settled", messages=len(received), ms=round(seconds * 1000, 1), states=counted or None)


def message_failed(error: str) -> None:
    """Count a message that could not be settled; ``error`` is the type of the error and a code of ours, never its text."""
    measured = meters.on()
    if measured is not None:
        measured.failed.labels(error).inc()


def plugin_failed(hook: str) -> None:
    """Count a plugin that raised in ``hook``."""
    measured = meters.on()
    if measured is not None:
        measured.plugin_failures.labels(hook).inc()

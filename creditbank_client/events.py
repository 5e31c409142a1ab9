"""Telling the credit bank of completions: CloudEvents 1.0, sent in batches, each answered for itself."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, NotRequired, TypedDict, cast

from creditbank_client.api import Api
from creditbank_client.shapes import Told

COMPLETED, REVOKED = "lms.course.completed.v1", "lms.course.revoked.v1"
_BATCH = "application/cloudevents-batch+json"
#: So many the API takes at a time; fewer are quicker answered and lose less time when a try fails.
MOST, USUAL = 1000, 200


class CloudEvent(TypedDict):
    """A message.  The same ``id`` and ``source`` again with the same facts is the same message."""

    specversion: str
    id: str
    source: str
    type: str
    data: Mapping[str, Any]
    time: NotRequired[str]


class ToldLearner(TypedDict):
    """Who, as your system knows them: ``id`` never changes, ``issuer`` is your system's home page."""

    id: str
    issuer: str
    name: NotRequired[str]
    national_id: NotRequired[str]
    birth_date: NotRequired[str]


class ToldCourse(TypedDict):
    """Which course; without ``version`` the one that is in force on the day of completion."""

    code: str
    version: NotRequired[str]
    owner: NotRequired[str]
    title: NotRequired[str]
    iri: NotRequired[str]


def completed(
    id: str, source: str, learner: ToldLearner, course: ToldCourse, completed_at: datetime, **more: Any
) -> CloudEvent:
    """Return the message that a learner finished a course.

    ``more`` are further fields of the data: ``attempt``, ``school``, ``score`` (0 to 100), ``grade``, ``attendance``,
    ``hours``, ``assurance``.  ValueError for a moment without time zone, which would be somebody's guess.
    """
    data = {"learner": learner, "course": course, "completed_at": _moment(completed_at), **more}
    return {"specversion": "1.0", "id": id, "source": source, "type": COMPLETED, "data": data}


def revoked(
    id: str, source: str, learner: ToldLearner, course: ToldCourse, revoked_at: datetime, reason: str, **more: Any
) -> CloudEvent:
    """Return the message that completions up to a moment are void; ``more`` may name the ``attempt``."""
    data = {"learner": learner, "course": course, "revoked_at": _moment(revoked_at), "reason": reason, **more}
    return {"specversion": "1.0", "id": id, "source": source, "type": REVOKED, "data": data}


def send(api: Api, events: Iterable[CloudEvent], *, at_once: int = USUAL) -> Iterator[Told]:
    """Send messages in batches; yield what became of each, in their order, as soon as its batch is answered.

    A message that is refused stops no other: its answer has the state ``refused`` and an ``error``.  What was sent when a
    ``Problem`` or ``Unreachable`` comes may be sent again: the same message is booked once.
    """
    if not 1 <= at_once <= MOST:
        raise ValueError(f"at_once is 1 to {MOST}")
    waiting = iter(events)
    while batch := list(islice(waiting, at_once)):
        yield from cast(list[Told], api.send("POST", "/events", batch, media=_BATCH)["events"])


def _moment(value: datetime) -> str:
    if not isinstance(value, datetime) and isinstance(value, date):
        raise ValueError("a moment, not a day, is needed")
    if value.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return value.isoformat()

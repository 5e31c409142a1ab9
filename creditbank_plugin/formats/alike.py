"""What of a completion's kept facts a rule of ours can look at, read fast: completions alike in it are judged alike.

Left out are whose completion it is and which message told it, which attempt, the moment within its day and how exact it is,
and the hours a client reports, which never set credit.
"""

from datetime import date, datetime
from functools import lru_cache

import msgspec

from creditbank_plugin.rules.thai import bangkok_day

#: What of `CourseCompleted` a rule of ours looks at, beside the school and issuer, which the message itself holds.
LOOKED_AT = ("course", "completed_at", "score", "grade", "attendance", "assurance")
LEFT_OUT = (
    *("event_id", "source", "time", "extra", "learner"),
    *("completed_at_precision", "attempt", "school", "hours"),
)


class Facts(msgspec.Struct, gc=False):
    """The facts looked at: course and assurance as their JSON stands, the moment in UTC, numbers as they are kept."""

    course: msgspec.Raw
    completed_at: str
    score: str | None = None
    grade: str | None = None
    attendance: str | None = None
    assurance: msgspec.Raw = msgspec.Raw()


class _Attempt(msgspec.Struct):
    attempt: int = 1


class _Learner(msgspec.Struct):
    id: str


class _Whose(msgspec.Struct):
    learner: _Learner


_FACTS = msgspec.json.Decoder(Facts)
_ATTEMPT = msgspec.json.Decoder(_Attempt)
_WHOSE = msgspec.json.Decoder(_Whose)


def read(text: str) -> Facts | None:
    """Return the facts of a completion as they are stored; None where they are written in a way not read here."""
    try:
        return _FACTS.decode(text)
    except msgspec.MsgspecError:  # half a surrogate pair
        return None


def attempt_of(text: str) -> int:
    """Return the number of the attempt from facts that can be read."""
    return _ATTEMPT.decode(text).attempt


def learner_of(text: str) -> str:
    """Return the learner's id from facts that can be read."""
    return _WHOSE.decode(text).learner.id


@lru_cache(maxsize=100_000)
def day_of(hour: str) -> date:
    """Return the Bangkok day of an hour in UTC, such as ``2026-03-01T03``: its zone is whole hours away."""
    return bangkok_day(datetime.fromisoformat(f"{hour}:00:00+00:00"))

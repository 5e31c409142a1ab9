"""What of a completion's kept facts a rule of ours can look at, read fast: completions alike in it are judged alike.

Left out are whose completion it is and which message told it, which attempt, the moment within its day and how exact it is,
and the hours a client reports, which never set credit.
"""

import msgspec

#: What of `CourseCompleted` a rule of ours looks at, beside the school and issuer, which the message itself holds.
LOOKED_AT = ("course", "completed_at", "score", "grade", "attendance", "assurance")
LEFT_OUT = (
    *("event_id", "source", "time", "extra", "learner"),
    *("completed_at_precision", "attempt", "school", "hours"),
)


class _Learner(msgspec.Struct, gc=False):
    id: str


class Alike(msgspec.Struct, gc=False):
    """The facts of a completion; ``course`` and ``assurance`` are their JSON as it stands, ``completed_at`` is in UTC."""

    course: msgspec.Raw
    completed_at: str
    learner: _Learner
    score: str | None = None
    grade: str | None = None
    attendance: str | None = None
    assurance: msgspec.Raw | None = None


_DECODER = msgspec.json.Decoder(Alike)


def read(text: str) -> Alike | None:
    """Return the facts of a completion as they are stored; None where they are written in a way not read here."""
    try:
        return _DECODER.decode(text)
    except msgspec.MsgspecError:  # half a surrogate pair
        return None

"""What the senders of this room tell: completions, corrections of them and revocations, and how it must end.

How much of it, and how often something is killed, the environment says: seconds in CI, as long as there is time by hand.
"""

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.api.builders import completion

EVENTS = int(os.environ.get("CREDITBANK_FAULT_EVENTS", "80"))
KILLS = int(os.environ.get("CREDITBANK_FAULT_KILLS", "2"))
Message = dict[str, Any]


@dataclass(frozen=True)
class Standing:
    """What a learner's one record must hold in the end: 1.50 credits in this state, for this score."""

    state: str
    score: int | None


@dataclass(frozen=True)
class Story:
    """Messages in the order they came true, and what stands of each learner when all were told, in whatever order."""

    messages: Sequence[Message]
    standings: dict[str, Standing]

    def shuffled(self, seed: int = 7) -> list[Message]:
        found = list(self.messages)
        random.Random(seed).shuffle(found)  # noqa: S311 - the same order every time
        return found


def story(events: int = EVENTS) -> Story:
    """At least so many messages: a learner has one completion, one that is raised, one lowered, or one taken back."""
    messages: list[Message] = []
    standings: dict[str, Standing] = {}
    while len(messages) < events:
        number = len(standings)
        told, standings[f"s-{number}"] = LIVES[number % len(LIVES)](number)
        messages += told
    return Story(messages, standings)


def _once(number: int) -> tuple[list[Message], Standing]:
    return [_told(number, 1, 80)], Standing("available", 80)


def _raised(number: int) -> tuple[list[Message], Standing]:
    return [_told(number, 1, 60), _told(number, 2, 75), _told(number, 3, 90)], Standing("available", 90)


def _lowered(number: int) -> tuple[list[Message], Standing]:
    """A person decides about a result that was lowered, whichever was heard first."""
    return [_told(number, 1, 90), _told(number, 2, 60)], Standing("under_review", 60)


def _taken_back(number: int) -> tuple[list[Message], Standing]:
    back = completion(number, completed_at=None, score=None, revoked_at="2026-03-02T10:00:00+07:00", reason="บันทึกผิด")
    return [_told(number, 1, 80), {**back, "id": f"m-{number}-back", "type": "lms.course.revoked.v1"}], Standing(
        "revoked", None
    )


LIVES = (_once, _raised, _lowered, _taken_back)


def _told(number: int, version: int, score: int) -> Message:
    """A version of a learner's completion; ``time`` says which is the newer, whenever it comes."""
    return {**completion(number, score=score), "id": f"m-{number}-{version}", "time": f"2026-03-01T1{version}:00:00Z"}

"""What an act would mean for learners, in numbers, and how they are counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

#: The states in which a credit is the learner's to have; the others say what became of it.
LIVE = ("available", "held", "redeemed", "under_review")
USED = ("held", "redeemed")
#: The numbers of a forecast that everybody is told, in their order.
NUMBERS = ("learners", "completions", "credited", "withheld", "already_used")


@dataclass(frozen=True, kw_only=True)
class School:
    """The part of one school; its learners are those of whom it sent a completion that is counted here."""

    completions: int
    credited: int
    withheld: int


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What an act would do if it were done at ``at``.

    ``completions`` are those that wait for it and would be decided anew, ``learners`` the different people they are of (for
    a withdrawal: those that rest on the comparison).  Each completion is ``credited`` or ``withheld``, or goes on
    ``waiting``; ``reasons`` counts those that are not credited by the code of their reason.  ``credited_learners`` are the
    people of whom a completion would be credited; ``credits`` is what the records would then hold more, in hundredths by
    scheme.  ``under_review`` is how many records would be put before a person.  ``already_used`` is how many records that
    are held or redeemed would change, or would need a person to decide.
    """

    learners: int = 0
    completions: int = 0
    credited: int = 0
    withheld: int = 0
    already_used: int = 0
    waiting: int = 0
    credited_learners: int = 0
    under_review: int = 0
    credits: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    schools: Mapping[str, School] = field(default_factory=dict)
    at: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the forecast as a job keeps it."""
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Forecast":
        """Return a forecast from what `to_json` wrote."""
        schools = {code: School(**each) for code, each in kept["schools"].items()}
        return cls(**{**kept, "schools": schools, "at": datetime.fromisoformat(kept["at"])})


@dataclass
class Tally:
    """The numbers of a forecast while it is made."""

    learners: int = 0
    credited_learners: int = 0
    already_used: int = 0
    under_review: int = 0
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    credits: Counter[str] = field(default_factory=Counter)
    schools: Counter[tuple[str, str]] = field(default_factory=Counter)
    rehearsed: set[Any] = field(default_factory=set)

    def person(self, person: Any, *, credited: bool) -> None:
        """Count a person once, whose completions may come up at several places."""
        if person not in self.rehearsed:
            self.rehearsed.add(person)
            self.learners += 1
        if credited and (person, "credited") not in self.rehearsed:
            self.rehearsed.add((person, "credited"))
            self.credited_learners += 1

    def completion(self, school: str | None, state: str, reason: str, number: int = 1) -> None:
        """Count completions of a school that would end in a state."""
        self.states[state] += number
        self.schools[school or "", state] += number
        if state != "credited":
            self.reasons[reason] += number

    def resting(self, school: str | None) -> None:
        """Count a completion that rests on what would be withdrawn."""
        self.states["under_review"] += 1
        self.schools[school or "", "under_review"] += 1

    def forecast(self, at: datetime) -> Forecast:
        """Return what was counted."""
        codes = sorted({code for code, _ in self.schools})
        return Forecast(
            learners=self.learners,
            completions=self.states.total(),
            credited=self.states["credited"],
            withheld=self.states["withheld"],
            already_used=self.already_used,
            waiting=sum(self.reasons.values()) - self.states["withheld"],
            credited_learners=self.credited_learners,
            under_review=self.under_review,
            credits={scheme: amount for scheme, amount in sorted(self.credits.items()) if amount},
            reasons=dict(self.reasons.most_common()),
            schools={code: self._school(code) for code in codes},
            at=at,
        )

    def _school(self, code: str) -> School:
        numbers = Counter({state: number for (each, state), number in self.schools.items() if each == code})
        return School(completions=numbers.total(), credited=numbers["credited"], withheld=numbers["withheld"])

"""What an order of a bank says: its paper, what it is about, and in what state it is on a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

#: What an order may be about: comparisons named one by one, all of a body that are in force when it is entered, or all
#: that a body approves, also later.
SOME, LIST, STANDING = KINDS = ("some", "list", "standing")
#: An order applies to completions of today, will apply, applies no more, or was revoked.
IN_FORCE, COMING, ENDED, REVOKED = STATES = ("in_force", "coming", "ended", "revoked")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is adopted: ``comparison_ids``, or everything of ``body`` (in one level or occupational group, or any).

    ``standing`` takes in what the body approves later; without it the order names what is in force on the day of entry.
    """

    comparison_ids: tuple[str, ...] = ()
    body: str | None = None
    level_group: str | None = None
    occupational_group: str | None = None
    standing: bool = False

    @property
    def kind(self) -> str:
        """Return which of `KINDS` it is."""
        if self.body is None:
            return SOME
        return STANDING if self.standing else LIST


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The order itself; ``applies_from``/``applies_until`` are Bangkok days of completion, both included."""

    order_number: str
    signatory: str
    ordered_on: date
    applies_from: date
    applies_until: date | None = None


def same_paper(row: Any, paper: Paper) -> bool:
    """Tell whether a stored order says what ``paper`` says."""
    return bool(
        (row.signatory, row.ordered_on, row.applies_from, row.applies_until)
        == (paper.signatory, paper.ordered_on, paper.applies_from, paper.applies_until)
    )


def state_of(row: Any, day: date) -> str:
    """Return in which of `STATES` an order is on ``day``; one whose revocation is entered counts as revoked at once."""
    if row.revoked_from is not None:
        return REVOKED
    if row.applies_until is not None and row.applies_until < day:
        return ENDED
    return COMING if row.applies_from > day else IN_FORCE

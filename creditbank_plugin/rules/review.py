"""What of a record is under review, and where it came from: what a review lets go returns to the state it was in.

Credit that had been held or redeemed is not the learner's to use again because somebody has looked at it.
"""

from collections.abc import Iterable, Mapping

#: The states from which credit goes under review.
ORIGINS = ("available", "held", "redeemed")
#: The verdict of a passed completion whose comparison is in question, until a person decides; and what was then decided.
QUESTIONED, UPHELD, REVOKED = "questioned", "upheld", "person_decided"
DECIDED = (UPHELD, REVOKED)

Step = tuple[str | None, str | None, int]


def came_from(steps: Iterable[Step]) -> dict[str, int]:
    """Return of which states what is under review came, from a record's movements (from, to, hundredths) in order."""
    came: dict[str, int] = {}
    for step in steps:
        came = after(came, step)
    return came


def after(came: Mapping[str, int], step: Step) -> dict[str, int]:
    """Return the same after one more movement."""
    origin, target, amount = step
    left = {state: came.get(state, 0) for state in ORIGINS}
    if target == "under_review":
        left[origin if origin in ORIGINS else "available"] += amount
    elif origin == "under_review":
        for state in sorted(ORIGINS, key=lambda state: state != target):
            taken = min(left[state], amount)
            left[state] -= taken
            amount -= taken
    return {state: held for state, held in left.items() if held}

"""How often somebody may call: the window of a quota, where a caller stands in it, and the refusal above it."""

from dataclasses import dataclass

from creditbank_plugin.errors import Refused

WINDOW = 60  # seconds


@dataclass(frozen=True)
class Stand:
    """Where a caller stands: how many calls a window allows, how many are left, seconds until the next window."""

    quota: int
    left: int
    seconds: int
    allowed: bool


def too_often() -> Refused:
    """Return the refusal of a call above the quota."""
    return Refused(
        "rate_limited",
        "เรียกถี่เกินจำนวนครั้งต่อนาทีที่กำหนด โปรดรอตามส่วนหัว Retry-After",
        "More calls than are allowed in a minute: wait as Retry-After says.",
        status=429,
    )

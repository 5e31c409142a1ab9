"""Moments and days as JSON carries them: RFC 3339 date-times with an offset, ISO 8601 days; read and written."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from creditbank_hooks import checks
from creditbank_hooks.checks import TidingError

_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def moment(field: str, value: Any) -> datetime:
    """Read an RFC 3339 date-time with offset (RFC 3339 section 5.6) as UTC, to the microsecond.

    Raises ``TidingError(field)`` for anything else: a number, a bare date, no offset, a day or second that no clock
    shows (30 February, second 60), a year outside 1900–9998.
    """
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    refusal = TidingError(
        field,
        "ต้องเป็นวันเวลาพร้อมเขตเวลา เช่น 2026-03-31T16:00:00+07:00",
        "must be a date and time with its offset, such as 2026-03-31T16:00:00+07:00",
    )
    if found is None:
        raise refusal
    year, month, day_, hour, minute, second = (int(part) for part in found.group(1, 2, 3, 4, 5, 6))
    fraction = int((found[7] or "")[:6].ljust(6, "0"))
    zone: timezone = UTC
    if found[8]:
        ahead = timedelta(hours=int(found[9]), minutes=int(found[10]))
        if int(found[9]) > 23 or int(found[10]) > 59:
            raise refusal
        zone = timezone(ahead if found[8] == "+" else -ahead)
    try:
        told = datetime(year, month, day_, hour, minute, second, fraction, zone)
    except ValueError:
        raise refusal from None
    # Twice: the offset may carry the first hours of 1900 back into 1899, which could not be read again from store.
    return checks.instant(field, checks.instant(field, told))


def day(field: str, value: Any) -> date:
    """Read an ISO 8601 calendar day ``YYYY-MM-DD`` of the common era; raises ``TidingError(field)``."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise TidingError(field, "ต้องเป็นวันที่ที่มีจริง เช่น 2010-05-16", "must be a day that exists, such as 2010-05-16")


def instant_text(value: datetime) -> str:
    """Return a moment as it is written to readers: in UTC, with a ``Z``."""
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return f"{value.isoformat()[:-6]}Z"

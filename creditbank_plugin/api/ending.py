"""Operations that will end: ``Deprecation`` (RFC 9745) and ``Sunset`` (RFC 8594) on each of their answers.

@route("GET", "/old", …, ends=Ending(since=date(2027, 1, 1), until=date(2028, 1, 1), successor="/…/new"))
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import Response, g
from werkzeug.http import http_date

#: Nobody has to change a program within less than this.
LEAST_NOTICE = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Since when an operation is deprecated, from when it may answer 410, and the address of what takes its place.

    ValueError for a notice of less than a year.
    """

    since: date
    until: date
    successor: str | None = None

    def __post_init__(self) -> None:
        if self.until - self.since < LEAST_NOTICE:
            raise ValueError(f"an operation is announced to end at least {LEAST_NOTICE.days} days before it does")


def announce(ending: Ending | None) -> None:
    """Remember that the present request is for an operation that will end."""
    g.creditbank_ending = ending


def dress(answer: Response) -> Response:
    """Tell on the answer, good or bad, that its operation will end."""
    ending: Ending | None = g.get("creditbank_ending")
    if ending is not None:
        answer.headers["Deprecation"] = f"@{int(_midnight(ending.since).timestamp())}"
        answer.headers["Sunset"] = http_date(_midnight(ending.until))
        if ending.successor is not None:
            answer.headers.add("Link", f'<{ending.successor}>; rel="successor-version"')
    return answer


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

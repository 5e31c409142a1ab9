"""When a call is tried again, and how long to wait before it."""

import random
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import NewConnectionError

#: The server says that it did nothing, or that it cannot for now.
LATER = frozenset((429, 502, 503, 504))
#: With this one it certainly did nothing.
NOT_DONE = frozenset((429,))


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds: for a connection, for each part of an answer, and between tries at most.

    ``tries`` counts the first.  Where the server asks for a longer wait than ``longest`` the refusal is raised instead.
    """

    connect: float = 5.0
    read: float = 30.0
    tries: int = 4
    first: float = 0.5
    longest: float = 60.0


def pause(patience: Patience, tried: int, asked: float | None) -> float | None:
    """Return how long to wait after ``tried`` tries, None to give up; ``asked`` is what the server's Retry-After says.

    Waits double, each spread by half so that many clients do not come back at once.
    """
    if tried >= patience.tries or (asked is not None and asked > patience.longest):
        return None
    if asked is not None:
        return asked + random.uniform(0, 0.1)  # noqa: S311 - spreads load, hides nothing
    longest = min(patience.longest, patience.first * 2.0 ** (tried - 1))
    return longest * random.uniform(0.5, 1)  # noqa: S311


def retry_after(answer: requests.Response) -> float | None:
    """Return the seconds that an answer asks to wait (RFC 9110 10.2.3: a number, or a date); None for none."""
    told = answer.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def may_pass(error: requests.RequestException) -> bool:
    """Tell whether a failure may be gone a moment later: not that of a certificate, nor of what was asked."""
    lost = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
    return isinstance(error, lost) and not isinstance(error, requests.exceptions.SSLError)


def was_never_sent(error: requests.RequestException) -> bool:
    """Tell whether a failure came before anything was sent, so that nothing can have been carried out."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectionError) and isinstance(cause, NewConnectionError)

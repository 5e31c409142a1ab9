"""Requests as this library sends them: always with a time-out, never after a redirect, again only where that is safe."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests

from creditbank_client.addresses import shown, trusted
from creditbank_client.errors import Unexpected, Unreachable
from creditbank_client.retries import LATER, NOT_DONE, Patience, may_pass, pause, retry_after, was_never_sent


@dataclass(frozen=True)
class Call:
    """One request, ready to be sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


class Http:
    """Connections that are kept open.  One is good for many threads: it holds no cookies and no credentials."""

    def __init__(
        self,
        *,
        patience: Patience | None = None,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.patience = patience or Patience()
        self.session = session or requests.Session()
        self.session.headers["User-Agent"] = f"creditbank-client {requests.utils.default_user_agent()}"
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._sleep = sleep

    def send(self, make: Callable[[], Call], *, repeatable: bool) -> requests.Response:
        """Send what ``make`` makes, made anew for each try; return the answer, whatever its status; ``Unreachable``.

        ``repeatable`` says that doing it twice does no harm.  Anything else is tried again only where it was certainly
        not carried out: no connection was made, or the server counted too many calls (429).
        """
        tried = 0
        while True:
            tried += 1
            call = make()
            answer, failed = self._tried(call)
            if answer is not None:
                wait = self._wait_after(answer, tried, repeatable=repeatable)
                if wait is None:
                    return answer
            else:
                again = failed is not None and may_pass(failed) and (repeatable or was_never_sent(failed))
                wait = pause(self.patience, tried, None) if again else None
                if wait is None:  # raised here and not where it was caught: its error shows the whole address
                    raise Unreachable(f"{call.method} {shown(call.url)}: {type(failed).__name__} (try {tried})")
            self._sleep(wait)

    def _tried(self, call: Call) -> tuple[requests.Response | None, requests.RequestException | None]:
        try:
            return self._once(call), None
        except requests.RequestException as error:
            return None, error

    def _once(self, call: Call) -> requests.Response:
        return self.session.request(
            call.method,
            trusted(call.url),
            params=call.params,
            headers=call.headers,
            data=call.body,
            auth=_as_it_is,
            timeout=(self.patience.connect, self.patience.read),
            allow_redirects=False,
        )

    def _wait_after(self, answer: requests.Response, tried: int, *, repeatable: bool) -> float | None:
        if answer.status_code in (LATER if repeatable else NOT_DONE) or (repeatable and _is_under_way(answer)):
            return pause(self.patience, tried, retry_after(answer))
        return None


def json_of(answer: requests.Response) -> Any:
    """Return the JSON of an answer; ``Unexpected`` where there is none."""
    if answer.is_redirect:
        raise Unexpected(f"{shown(answer.url)} leads elsewhere, which is not followed")
    try:
        return json.loads(answer.content)
    except ValueError:
        raise Unexpected(f"{shown(answer.url)} answered {answer.status_code} without JSON") from None


def object_of(answer: requests.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; ``Unexpected`` where it is none."""
    told = json_of(answer)
    if not isinstance(told, dict):
        raise Unexpected(f"{shown(answer.url)} answered {answer.status_code} without a JSON object")
    return told


def _is_under_way(answer: requests.Response) -> bool:
    """Tell whether the same call, under the same Idempotency-Key, is being carried out just now."""
    if answer.status_code != 409 or "Retry-After" not in answer.headers:
        return False
    try:
        return bool(object_of(answer).get("code") == "idempotency_in_progress")
    except Unexpected:
        return False


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the headers alone: without an ``auth`` of ours, requests would put a .netrc password in their place."""
    return request

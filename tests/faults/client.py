"""A sender as docs describe it: OAuth token, CloudEvents, and what is not answered is sent again."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import requests

from creditbank_plugin.services.access.clients import NewClient
from tests.faults.story import EVENTS, Message

SENDERS = 4
#: Singly or a few at a time in CI; in a long run in batches, as whoever has so much to tell would.
LARGEST = max(3, EVENTS // 1000)
AGAIN_AFTER = 0.2


class Client:
    """Sends until each message is answered; an answer that differs from the first one to the same message is an error.

    What is not an answer is a connection that broke, or a 503 that says when to come again; anything else is an error.
    """

    def __init__(self, base: str, credentials: NewClient) -> None:
        self._base, self._credentials = base, credentials
        self.answered: dict[str, str] = {}
        self.met: Counter[str] = Counter()
        self._token, self._lock = "", threading.Lock()

    @contextmanager
    def sending(self, messages: Sequence[Message], seed: int = 7) -> Iterator["Client"]:
        """Send meanwhile; leaving waits until all is answered, and raises what went wrong."""
        chance = random.Random(seed)  # noqa: S311 - the same batches every time
        batches: list[Sequence[Message]] = []
        left = list(messages)
        while left:
            size = chance.randint(1, LARGEST)
            batches.append(left[:size])
            left = left[size:]
        # Now and then the answer was there and the sender forgot it: some are simply sent once more.
        batches += chance.sample(batches, max(1, len(batches) // 10))
        with ThreadPoolExecutor(SENDERS) as pool:
            parts = [pool.submit(self._send_all, batches[place::SENDERS]) for place in range(SENDERS)]
            try:
                yield self
            finally:
                for part in parts:
                    part.result()

    def progress(self) -> int:
        return len(self.answered)

    def _send_all(self, batches: Sequence[Sequence[Message]]) -> None:
        with requests.Session() as session:
            for batch in batches:
                self._send(session, batch)

    def _send(self, session: requests.Session, batch: Sequence[Message]) -> None:
        end = time.monotonic() + 60 + EVENTS / 20
        while time.monotonic() < end:
            try:
                answer = self._post(session, batch)
            except requests.RequestException as error:
                self.met[type(error).__name__] += 1
            else:
                if answer.status_code == 202:
                    return self._note(batch, answer.json()["events"])
                self._understand(answer)
            time.sleep(AGAIN_AFTER)
        raise AssertionError(f"never answered; met so far: {self.met}")

    def _post(self, session: requests.Session, batch: Sequence[Message]) -> requests.Response:
        if not self._token:
            self._take_token(session)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/cloudevents-batch+json",
            "Accept-Language": "en",
        }
        return session.post(
            f"{self._base}/creditbank/api/v1/events", data=json.dumps(batch).encode(), headers=headers, timeout=60
        )

    def _take_token(self, session: requests.Session) -> None:
        pair = (self._credentials.client_id, self._credentials.client_secret)
        address = f"{self._base}/creditbank/oauth/token"
        answer = session.post(address, data={"grant_type": "client_credentials"}, auth=pair, timeout=60)
        if answer.status_code == 200:
            self._token = answer.json()["access_token"]
        else:
            assert (answer.status_code, answer.json()) == (503, {"error": "temporarily_unavailable"}), answer.text
            self.met["503 token"] += 1
            raise requests.ConnectionError("no token yet")

    def _understand(self, answer: requests.Response) -> None:
        """A token that has ended is taken anew; any other refusal must be a 503 that tells when to come again."""
        self.met[str(answer.status_code)] += 1
        if answer.status_code == 401:
            self._token = ""
            return
        assert answer.status_code == 503, f"{answer.status_code}: {answer.text}"
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["code"] == "database_unavailable"

    def _note(self, batch: Sequence[Message], answers: Sequence[dict[str, Any]]) -> None:
        assert [each["id"] for each in batch] == [each["id"] for each in answers]
        with self._lock:
            for each in answers:
                assert "error" not in each, each
                first = self.answered.setdefault(each["id"], each["event_id"])
                assert each["event_id"] == first, "the same message again gets the first answer"

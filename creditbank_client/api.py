"""The conventions of the API in one place: tokens, problems, ETags, cursors, Idempotency-Key."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import requests

from creditbank_client.discovery import Server
from creditbank_client.errors import Problem, Unexpected
from creditbank_client.http import Call, Http, object_of
from creditbank_client.memory import Memory
from creditbank_client.retries import retry_after
from creditbank_client.sources import TokenSource

JSON = "application/json"
Value = str | int | bool | Iterable[str] | None
Json = dict[str, Any]


class Api:
    """Calls of the API with the tokens of one source.  Good for many threads.

    ``language`` (``th`` or ``en``) is that of the sentences of problems.  With a ``memory`` what was read before and did not
    change is answered from it, after the server said so (304).
    """

    def __init__(
        self,
        server: Server,
        source: TokenSource,
        *,
        http: Http | None = None,
        language: str = "th",
        memory: Memory | None = None,
    ) -> None:
        self.server, self._source, self._http = server, source, http or Http()
        self._language, self._memory = language, memory

    def get(self, path: str, **query: Value) -> Json:
        """Return what stands at a path below ``/v1``; ``Problem``.  None leaves a parameter out, lists become ``a,b``."""
        params = {name: text for name, value in query.items() if (text := _text(value)) is not None}
        key = f"{path}?{urlencode(sorted(params.items()))}"
        known = self._memory.recall(key) if self._memory is not None else None
        headers = {"If-None-Match": known[0]} if known is not None else {}
        answer = self._send("GET", path, headers, params=params)
        if answer.status_code == 304 and known is not None:
            told: Json = json.loads(known[1])
            return told
        tag = answer.headers.get("ETag")
        found = object_of(answer)
        if self._memory is not None and tag is not None:
            self._memory.keep(key, tag, answer.content)
        return found

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        media: str = JSON,
        key: str | None = None,
        if_match: str | None = None,
    ) -> Json:
        """Change something; return what is answered; ``Problem``.

        Each call has an Idempotency-Key, made here unless ``key`` is given, so that it is tried again without being done
        twice.  Give one of your own, kept with your own work, to be sure across a crash of yours, too.
        """
        headers = {"Content-Type": media, "Idempotency-Key": key or str(uuid4())}
        if if_match is not None:
            headers["If-Match"] = if_match
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        return object_of(self._send(method, path, headers, body=sent))

    def pages(self, path: str, **query: Value) -> Iterator[Json]:
        """Return the pages of a list, each asked for when it is needed."""
        cursor: str | None = None
        while True:
            page = self.get(path, **query, cursor=cursor)
            yield page
            cursor = page.get("next")
            if cursor is None:
                return

    def items(self, path: str, **query: Value) -> Iterator[Any]:
        """Return the items of a list, whatever pages it comes in."""
        for page in self.pages(path, **query):
            yield from page["items"]

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> requests.Response:
        token = self._source.token()
        answer = self._with(token, method, path, headers, params or {}, body)
        if answer.status_code == 401:  # nothing was carried out; a token that ended early is worth one more try
            renewed = self._source.token(token)
            if renewed != token:
                answer = self._with(renewed, method, path, headers, params or {}, body)
        if answer.status_code >= 400:
            raise _problem(answer)
        if answer.status_code not in (200, 201, 202, 304):
            raise Unexpected(f"{method} {path} answered {answer.status_code}")
        return answer

    def _with(
        self,
        token: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        params: Mapping[str, str],
        body: bytes | None,
    ) -> requests.Response:
        told = {"Authorization": f"Bearer {token}", "Accept": JSON, "Accept-Language": self._language, **headers}
        call = Call(method, f"{self.server.api}/v1{path}", told, params, body)
        return self._http.send(lambda: call, repeatable=method == "GET" or "Idempotency-Key" in headers)


def _text(value: Value) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else ",".join(value) or None


def _problem(answer: requests.Response) -> Problem:
    try:
        told = object_of(answer)
    except Unexpected:
        told = {}
    language = answer.headers.get("Content-Language", "en")
    return Problem(answer.status_code, told, language=language, retry_after=retry_after(answer))

"""Every request of ours, seen: its id, which template of an address, how it was answered and how long it took."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from flask import Blueprint, Response, g, request

from creditbank_plugin.services import journal

HEADER = "X-Request-ID"
#: Anybody may send a method of his own making; a label for each would never end.
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def observe(blueprint: Blueprint, *, often: bool = False) -> None:
    """Tell the journal of each request of ``blueprint``, and answer with the request's id; call it first of all.

    Who called is what a door has put into ``g.creditbank_access``.  What is asked every few seconds (``often``) fills no
    log while all is well.
    The id is that of the header ``X-Request-ID`` where it came with one that is fit, else a new one.
    """
    blueprint.before_request(_begin)
    blueprint.after_request(partial(_end, often))
    blueprint.teardown_request(_forget)


def observed(answer: Callable[[Any], Response]) -> Callable[[Any], Response]:
    """Return ``answer``, which answers what no blueprint of ours does, with the same said and told of its request."""

    def see(error: Any) -> Response:
        _begin()
        try:
            return _end(False, answer(error))
        finally:
            _forget(None)

    return see


def _begin() -> None:
    g.creditbank_began = perf_counter()
    g.pop("creditbank_access", None)
    g.creditbank_request_id = journal.begin_request(request.headers.get(HEADER))


def _end(often: bool, answer: Response) -> Response:
    began, given = g.get("creditbank_began"), g.get("creditbank_request_id")
    if began is None or given is None:
        return answer  # somebody before us answered
    answer.headers[HEADER] = given
    access = g.get("creditbank_access")
    journal.request_answered(
        method=request.method if request.method in METHODS else "OTHER",
        endpoint=request.url_rule.rule if request.url_rule is not None else "unknown",
        status=answer.status_code,
        seconds=perf_counter() - began,
        client_id=access.client_id if access is not None else None,
        quiet=often and answer.status_code < 500,
    )
    return answer


def _forget(_: BaseException | None) -> None:
    journal.end_request()

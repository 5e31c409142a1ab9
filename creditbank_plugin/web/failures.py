"""Error pages of our blueprint: plain words, what to do next, never a trace or anything that was typed."""

import logging
import traceback

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from creditbank_plugin.errors import Refused
from creditbank_plugin.storage.faults import RETRY_SECONDS, UNREACHABLE
from creditbank_plugin.web import uploads
from creditbank_plugin.web.access import user
from creditbank_plugin.web.menu import staff_pages
from creditbank_plugin.web.page import page
from creditbank_plugin.web.show import both
from creditbank_plugin.web.words import known, t

log = logging.getLogger(__name__)


def prepare(blueprint: Blueprint) -> None:
    """Give the blueprint its error pages."""
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(Refused, _refused)
    blueprint.register_error_handler(DBAPIError, _database)
    for kind in UNREACHABLE:
        blueprint.register_error_handler(kind, _database)
    blueprint.register_error_handler(Exception, _broken)


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    kind = "forgery" if error.description == "creditbank_token" else str(code)
    if kind == "403" and not _has_pages():
        kind = "nothing_here"
    return _draw(kind, code)


def _has_pages() -> bool:
    found = user()
    return found is None or found.learner is not None or bool(staff_pages())


def _refused(error: Refused) -> ResponseReturnValue:
    if error.status in (401, 404, 503):
        return _draw(str(error.status), error.status)
    return page("error", kind="refused", title=t("error.refused_title"), text=both(error.th, error.en)), error.status


def _database(error: Exception) -> ResponseReturnValue:
    log.error("database failed at %s: %s", request.endpoint, type(error).__name__)
    return _draw("503", 503)


def _broken(error: Exception) -> ResponseReturnValue:
    # The text of an exception may repeat what was typed: its type and its place are enough to find it.
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("page %s failed: %s\n%s", request.endpoint, type(error).__name__, place)
    return _draw("500", 500)


def _draw(kind: str, status: int) -> ResponseReturnValue:
    shown = kind if known(f"error.title_{kind}") else ("other" if status < 500 else "500")
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    values = {"megabytes": uploads.megabytes()} if shown == "413" else {}
    return (
        page("error", kind=shown, title=t(f"error.title_{shown}"), text=t(f"error.text_{shown}", **values)),
        status,
        headers,
    )

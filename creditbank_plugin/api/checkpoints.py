"""Checkpoints, open to everybody: whoever keeps a copy can prove that history was rewritten; no personal data."""

import json

from flask import Blueprint, Response, request

from creditbank_plugin.api import paging, problem
from creditbank_plugin.api.guard import public
from creditbank_plugin.api.here import runtime
from creditbank_plugin.errors import not_found
from creditbank_plugin.formats import checkpoint_json
from creditbank_plugin.machines import publish, seal
from creditbank_plugin.observed import observe
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services.proving import checkpoints

NAME = "creditbank_checkpoints"
#: Seconds that anybody may keep an answer: the list grows; a file stays what it is.
LIST_SECONDS, FILE_SECONDS = 60, 3600


def make_blueprint() -> Blueprint:
    """Return the blueprint of the published checkpoints."""
    blueprint = Blueprint(NAME, __name__)
    observe(blueprint)
    problem.answer_errors(blueprint)
    blueprint.add_url_rule("", view_func=list_checkpoints, methods=["GET"])
    blueprint.add_url_rule("/<number>", view_func=get_checkpoint, methods=["GET"])
    blueprint.after_request(_finish)
    return blueprint


@public
def list_checkpoints() -> Response:
    """List checkpoints, newest first."""
    place = paging.cursor()
    found = checkpoints.page(runtime(), below=int(place) if place is not None else None, limit=paging.limit())
    body = {
        "items": [checkpoint_json.as_dict(each) for each in found.items],
        "next": paging.next_cursor(None if found.next is None else str(found.next)),
    }
    return _answer(json.dumps(body), LIST_SECONDS)


@public
def get_checkpoint(number: str) -> Response:
    """Give one checkpoint, the very file that `creditbank checkpoint --out` wrote."""
    told = whole(number, 10)
    if told is None:
        raise not_found()
    return _answer(checkpoints.document(runtime(), told), FILE_SECONDS)


def _answer(text: str, seconds: int) -> Response:
    answer = Response(text, content_type="application/json")
    answer.cache_control.public = True
    answer.cache_control.max_age = seconds
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _finish(answer: Response) -> Response:
    """Let good answers be kept by anybody, and problems by nobody."""
    return publish(answer) if answer.status_code in (200, 304) else seal(answer)

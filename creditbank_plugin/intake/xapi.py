"""The xAPI door: a statement receiver as Moodle's logstore expects it (xAPI 1.0.3 part 3, sections 2.1, 2.8)."""

import re
from collections.abc import Sequence
from typing import cast

from flask import Blueprint, Response, current_app, g, request

from creditbank_hooks.checks import TidingError
from creditbank_plugin import machines
from creditbank_plugin.formats import strict_json
from creditbank_plugin.intake import answers, letters
from creditbank_plugin.intake.answers import VERSION, VERSION_HEADER, Bad
from creditbank_plugin.intake.letters import Addressed
from creditbank_plugin.observed import observe
from creditbank_plugin.rules.scopes import EVENTS_WRITE
from creditbank_plugin.services.access.tokens import Access, authorise
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling import keep, receive
from creditbank_plugin.services.settling.receive import Sender
from creditbank_plugin.storage.queries import inbox
from creditbank_plugin.storage.session import reading

NAME = "creditbank_xapi"
_METHODS = "POST, PUT, OPTIONS"
_UNDERSTOOD = re.compile(r"1\.0(\.[0-9]+)?", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def make_blueprint() -> Blueprint:
    """Return the door."""
    blueprint = Blueprint(NAME, __name__)
    observe(blueprint)
    answers.prepare(blueprint)
    blueprint.add_url_rule("/about", view_func=about, methods=["GET"])
    blueprint.add_url_rule("/statements", view_func=what_it_takes, methods=["OPTIONS"])
    blueprint.add_url_rule("/statements", view_func=post_statements, methods=["POST"])
    blueprint.add_url_rule("/statements", view_func=put_statement, methods=["PUT"])
    blueprint.add_url_rule("/statements", view_func=no_such_method, methods=["GET", "DELETE", "PATCH"])
    return blueprint


def about() -> Response:
    """Say which versions are understood; open to everybody."""
    return answers.answer({"version": [VERSION]})


def post_statements() -> Response:
    """Take one statement or a list of them: 200 with their ids, or nothing of it is kept."""
    access, issuer = _enter()
    made = letters.read(_body(), issuer, _runtime().clock())
    _keep(made, access)
    return answers.answer([each.statement_id for each in made])


def put_statement() -> Response:
    """Take one statement under the id of the query: 204."""
    access, issuer = _enter()
    wanted = request.args.get("statementId", "")
    if not _UUID.fullmatch(wanted):
        raise Bad("parameter_invalid", "ต้องเป็น UUID", "must be a UUID", field="statementId")
    try:
        statement = strict_json.loads(_body())
    except strict_json.NotJson as error:
        raise Bad("statement_invalid", error.th, error.en, field="statement") from None
    if not isinstance(statement, dict):
        raise Bad("statement_invalid", "ต้องเป็นวัตถุ JSON", "must be a JSON object", field="statement")
    own = statement.setdefault("id", wanted)
    if not isinstance(own, str) or own.lower() != wanted.lower():
        raise Bad("statement_invalid", "ต้องตรงกับ statementId", "must be the same as statementId", field="id")
    _keep(letters.write([statement], issuer, _runtime().clock()), access)
    return Response(status=204)


def what_it_takes() -> Response:
    """Answer OPTIONS: Flask's own answer would name the methods that `no_such_method` refuses."""
    return Response(headers={"Allow": _METHODS})


def no_such_method() -> Response:
    """Answer that this door only receives."""
    th, en = "ประตูนี้รับ statement อย่างเดียว", "This door only receives statements."
    made = answers.refused(Bad("method_not_allowed", th, en, status=405))
    made.headers["Allow"] = _METHODS
    return made


def _runtime() -> Runtime:
    return cast(Runtime, current_app.extensions["creditbank"].runtime)


def _enter() -> tuple[Access, str]:
    """Return who calls and the issuer they speak for, once credentials, version and media type are right."""
    access = authorise(_runtime(), request.headers.get("Authorization"), EVENTS_WRITE, with_basic=True)
    g.creditbank_access = access
    if access.issuer is None:
        th, en = "ระบบที่เชื่อมต่อนี้ไม่มีระบบต้นทางที่ส่งแทนได้", "This client speaks for no issuer."
        raise Bad("issuer_missing", th, en, status=403)
    if not _UNDERSTOOD.fullmatch(request.headers.get(VERSION_HEADER, "")):
        raise Bad(
            "version", f"ต้องส่งส่วนหัว {VERSION_HEADER}: {VERSION}", f"Needs the header {VERSION_HEADER}: {VERSION}."
        )
    if request.mimetype != "application/json":
        th, en = "ต้องส่งเป็น application/json", "The body must be application/json."
        raise Bad("wrong_media_type", th, en)
    return access, access.issuer


def _body() -> bytes:
    return machines.body(_runtime().settings.max_body)


def _keep(made: Sequence[Addressed], access: Access) -> None:
    """Hand letters to the inbox; 409 when an id is known with other content, before anything is kept."""
    runtime = _runtime()
    sender = Sender(
        door="xapi",
        organisation=access.organisation,
        issuer=access.issuer,
        client_id=access.client_id,
        may_open=access.may_open,
    )
    _check_known(runtime, made, sender)
    for place, outcome in enumerate(receive.receive(runtime, [each.letter for each in made], sender)):
        if isinstance(outcome, TidingError):
            raise Bad("statement_invalid", outcome.th, outcome.en, field=outcome.field, place=place)
        if outcome.reason == "same_id_other_facts":  # another request was first, since we looked
            raise _conflict(place)


def _check_known(runtime: Runtime, made: Sequence[Addressed], sender: Sender) -> None:
    keys = [keep.message_key(each.letter, sender) for each in made]
    with reading(runtime.engine) as connection:
        known = inbox.by_message_keys(connection, keys)
    for place, (key, each) in enumerate(zip(keys, made, strict=True)):
        if key in known and bytes(known[key].digest) != each.letter.digest:
            raise _conflict(place)


def _conflict(place: int) -> Bad:
    th, en = "มี id นี้อยู่แล้วแต่เนื้อหาต่างกัน", "This id is known already, with other content."
    return Bad("statement_conflict", th, en, field="id", place=place, status=409)

"""Statements as letters to the inbox: all of an array or none of it."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from creditbank_hooks import CompletionRevoked
from creditbank_hooks.checks import TidingError
from creditbank_plugin.formats import tiding_json, tiding_store, xapi, xapi_statement
from creditbank_plugin.formats.strict_json import canonical
from creditbank_plugin.intake.answers import Bad
from creditbank_plugin.services.settling import receive
from creditbank_plugin.services.settling.receive import Letter

LARGEST_ARRAY = 1000
IGNORED_KIND = "xapi.statement"


@dataclass(frozen=True)
class Addressed:
    """A statement's id for the sender, and its letter to the inbox."""

    statement_id: str
    letter: Letter


def read(raw: bytes, issuer: str, now: datetime) -> list[Addressed]:
    """Return the letters of a body, in order; ``Bad`` (400, or 413 for over 1,000) refuses the whole of it."""
    try:
        statements = xapi.read_statements(raw)
    except xapi_statement.BadStatement as error:
        raise Bad("statement_invalid", error.th, error.en, field=error.field) from None
    return write(statements, issuer, now)


def write(statements: Sequence[dict[str, Any]], issuer: str, now: datetime) -> list[Addressed]:
    """Return the letters of statements; ``Bad`` names the field and the place of the first bad one."""
    if len(statements) > LARGEST_ARRAY:
        th, en = f"ส่งได้ครั้งละไม่เกิน {LARGEST_ARRAY:,} รายการ", f"At most {LARGEST_ARRAY:,} statements at once."
        raise Bad("too_many", th, en, status=413)
    made, seen = [], set()
    for place, statement in enumerate(statements):
        try:
            xapi_statement.check(statement)
            _check_issuer(statement, issuer)
            made.append(_addressed(statement, issuer, now))
        except (xapi_statement.BadStatement, TidingError) as error:
            raise Bad("statement_invalid", error.th, error.en, field=error.field, place=place) from None
        own = statement.get("id")
        if own is not None and own.lower() in seen:
            th, en = "มี id ซ้ำในรายการเดียวกัน", "The same id stands twice in one array."
            raise Bad("statement_invalid", th, en, field="id", place=place)
        seen.add(own.lower() if own else None)
    return made


def _check_issuer(statement: dict[str, Any], issuer: str) -> None:
    account = statement["actor"].get("account")
    if account is not None and account["homePage"] != issuer:
        raise TidingError(
            "actor.account.homePage",
            "ระบบที่เชื่อมต่อนี้ไม่ได้รับอนุญาตให้ส่งแทนระบบต้นทางนั้น",
            "this client may not speak for that issuer",
        )


def _addressed(statement: dict[str, Any], issuer: str, now: datetime) -> Addressed:
    message_id = xapi.message_id(statement)
    own = statement.get("id")
    statement_id = own if own is not None else str(uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer}\x1f{message_id}"))
    tiding = xapi.translate(statement, issuer, received_at=now)
    if isinstance(tiding, xapi.NotACourse):
        letter = receive.ignored_letter(IGNORED_KIND, message_id, issuer, issuer, "")
        return Addressed(statement_id, replace(letter, digest=_content(statement, message_id)))
    try:
        tiding_json.check_not_future(tiding, now)
    except TidingError as error:
        raise TidingError("timestamp", error.th, error.en) from None
    digest = tiding_store.digest(tiding, told_time=False)
    if isinstance(tiding, CompletionRevoked) and "timestamp" not in statement:
        # Its moment is only that of its arrival: sent again, it is the same statement all the same.
        digest = _content(statement, message_id)
    return Addressed(statement_id, receive.letter(tiding, message_id=message_id, digest=digest))


def _content(statement: dict[str, Any], message_id: str) -> bytes:
    """Return the hash of what may not change under one id (part 2, section 2.3.1): who did what, with what result.

    A statement without an id of its own is known by its facts, so these are all its content.
    """
    said: list[Any] = [message_id]
    if "id" in statement:
        actor = {name: value for name, value in statement["actor"].items() if name != "name"}
        thing = {name: value for name, value in statement["object"].items() if name != "definition"}
        said = [actor, statement["verb"]["id"], thing, statement.get("result")]
    return hashlib.sha256(canonical(said)).digest()

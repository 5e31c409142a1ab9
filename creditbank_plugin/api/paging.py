"""Query parameters: a cursor nobody needs to understand, a limit, words, choices; an empty one is none."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Any

from flask import g, request

from creditbank_hooks import checks
from creditbank_plugin.api.here import runtime
from creditbank_plugin.errors import Refused

LARGEST_PAGE = 1000
USUAL_PAGE = 50
LONGEST_WORDS = 200
LONGEST_NEEDED = 255
#: What `hooks.checks.text` takes, as a JSON schema has it: no control characters, and something beside blanks.
SEEN = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$"
_MARK = 16  # bytes
#: What may change from page to page; every other parameter is a filter, which a cursor is bound to.
_FREE = frozenset(("cursor", "after", "limit", "fields", "include"))


def limit() -> int:
    """Return how many items are asked for, 1 to 1,000; ``Refused`` 400 names ``limit``."""
    told = request.args.get("limit")
    if not told:
        return USUAL_PAGE
    if told.isascii() and told.isdigit() and len(told) < 5 and 1 <= int(told) <= LARGEST_PAGE:
        return int(told)
    raise bad("limit", f"ต้องเป็นจำนวนเต็ม 1 ถึง {LARGEST_PAGE}", f"must be a whole number from 1 to {LARGEST_PAGE}")


def one_of(name: str, choices: Sequence[str]) -> str | None:
    """Return which of ``choices`` is asked for, None for all; ``Refused`` 400 names the parameter."""
    told = request.args.get(name) or None
    if told is None or told in choices:
        return told
    listed = ", ".join(choices)
    raise bad(name, f"ต้องเป็นค่าใดค่าหนึ่งใน: {listed}", f"must be one of: {listed}")


def flag(name: str) -> bool | None:
    """Return true or false, None where nothing is said; ``Refused`` 400 names the parameter."""
    told = request.args.get(name) or None
    if told not in (None, "true", "false"):
        raise bad(name, "ต้องเป็น true หรือ false", "must be true or false")
    return None if told is None else told == "true"


def words(name: str) -> str | None:
    """Return what is looked for, or limited to, None for nothing; ``Refused`` 400 names the parameter."""
    told = request.args.get(name, "").strip()
    if len(told) > LONGEST_WORDS or "\x00" in told:
        raise bad(name, f"ยาวได้ไม่เกิน {LONGEST_WORDS} ตัวอักษร", f"must be at most {LONGEST_WORDS} characters")
    return told or None


def text(name: str) -> str:
    """Return a parameter that must be there; ``Refused`` 400 names it."""
    try:
        return checks.text(name, request.args.get(name, ""))
    except checks.TidingError as error:
        raise bad(name, error.th, error.en) from None


def cursor(name: str = "cursor") -> str | None:
    """Return the place in the list asked for that the parameter ``name`` stands for.

    ``Refused`` 400 names it where it is not one that this client was given for this list and its filters.
    """
    told = request.args.get(name)
    if not told:
        return None
    try:
        raw = base64.b64decode(told + "=" * (-len(told) % 4), altchars=b"-_", validate=True)
        mark, place = raw[:_MARK], raw[_MARK:].decode()
    except (binascii.Error, ValueError):
        raise _bad_cursor(name) from None
    if not place or not hmac.compare_digest(mark, _mark(place)):
        raise _bad_cursor(name)
    return place


def next_cursor(place: str | None) -> str | None:
    """Return the cursor of ``place`` in the list asked for; None at its end."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(_mark(place) + place.encode()).decode().rstrip("=")


def described(name: str, about: str, **schema: Any) -> dict[str, Any]:
    """Return OpenAPI's description of a filter; ``schema`` says more of its text.  An empty one is none."""
    schema = {"type": "string", **schema}
    return {"name": name, "in": "query", "description": about, "allowEmptyValue": True, "schema": schema}


def needed(name: str, about: str) -> dict[str, Any]:
    """Return OpenAPI's description of a parameter that `text` reads: it must be there."""
    schema = {"minLength": 1, "maxLength": LONGEST_NEEDED, "pattern": SEEN}
    return {**described(name, about, **schema), "required": True, "allowEmptyValue": False}


def bad(field: str, th: str, en: str) -> Refused:
    """Return the refusal of a query parameter."""
    return Refused("parameter_invalid", th, en, field=field, status=400)


def _mark(place: str) -> bytes:
    """Return the keyed mark of a place: nobody makes a cursor, or takes another client's, another list's, other filters'."""
    access = g.get("creditbank_access")
    who = (access.client_id, access.person_id or "") if access is not None else ("", "")
    filters = sorted((name, value) for name, value in request.args.items(multi=True) if name not in _FREE and value)
    now = runtime()
    now.keyring.fresh(now.engine)
    return now.keyring.mac("cursor", repr((request.path, filters, who, place)))[:_MARK]


def _bad_cursor(name: str) -> Refused:
    return bad(
        name,
        "ต้องเป็นค่า next ที่ได้จากรายการและตัวกรองเดียวกัน",
        "must be the value of next from the same list and filters",
    )

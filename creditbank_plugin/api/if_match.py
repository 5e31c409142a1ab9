"""If-Match: two who change the same thing never overwrite each other unseen, and every route answers it alike.

A header that is not (or no longer) the ETag of what stands is 412, where none was sent but is needed 428.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request

from creditbank_plugin.errors import Refused

#: A revision; of a course also a digest of what stands beside it.
_TAG = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-[0-9a-f]{16})?"')
#: OpenAPI's parameter.
PARAMETER: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "description": "the ETag that was read: whoever was slower is answered 412 `changed_meanwhile`",
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}(-[0-9a-f]{16})?")$'},
    "example": '"3"',
}


def revision(*, required: bool = False) -> int | None:
    """Return the revision that If-Match names; None where nothing was sent, or ``*`` where none is ``required``.

    ``Refused`` 428 where one is required and none was sent, 412 (``precondition_failed``) for what is no ETag of ours,
    an empty one too: who sends it meant to name what they read.
    """
    given = request.headers.get("If-Match")
    sent = (given or "").strip()
    if not sent and required:
        raise Refused(
            "precondition_required",
            "ต้องส่ง If-Match เป็น ETag ของฉบับที่อ่าน",
            "Send If-Match with the ETag of the revision you have read.",
            status=428,
        )
    if given is None or (sent == "*" and not required):
        return None
    found = _TAG.fullmatch(sent)
    if found is None:
        raise Refused(
            "precondition_failed",
            "If-Match ต้องเป็น ETag ที่ได้จากการอ่านสิ่งนี้",
            "If-Match must be the ETag of this as it was read.",
            status=412,
        )
    return int(found[1])


@contextmanager
def held() -> Iterator[None]:
    """Answer 412 to who named in If-Match what has changed meanwhile."""
    try:
        yield
    except Refused as refusal:
        if refusal.code == "changed_meanwhile" and request.headers.get("If-Match"):
            refusal.status = 412
        raise

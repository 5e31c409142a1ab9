"""ETag and If-None-Match on every read: who has the answer already is told so, in 304 and without a body.

Where a revision stands behind an answer the tag begins with it, for If-Match (see `if_match`); the digest after it makes
the tag a strong one, of what this reader is shown: names, days and rights change without a revision.
"""

import hashlib
import re
from typing import Any

from flask import Response, request

from creditbank_plugin.api.shapes import answer as json_answer
from creditbank_plugin.formats import json_text

_REVISION = re.compile(r'"([0-9]{1,9})"')
_DIGEST = 8  # bytes

PARAMETER: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETags of answers at hand: 304 without a body where one is still true",
    "schema": {"type": "string"},
}


def as_of(body: dict[str, Any], moment: str) -> Response:
    """Return an answer that names the ``moment`` it was made at; its tag is a weak one, of everything else."""
    lasting = {name: value for name, value in body.items() if name != moment}
    made = json_answer(body)
    made.headers["ETag"] = f'W/"{_digest(json_text.dumps(lasting).encode())}"'
    return made


def tagged(answer: Response) -> Response:
    """Return the answer of a read with its ETag, or 304 where the reader has it; anything but 200 stays as it is."""
    if answer.status_code != 200:
        return answer
    tag = answer.headers.get("ETag")
    revision = _REVISION.fullmatch(tag) if tag is not None else None
    if tag is None or revision is not None:
        digest = _digest(answer.get_data())
        tag = f'"{revision[1]}-{digest}"' if revision is not None else f'"{digest}"'
        answer.headers["ETag"] = tag
    answer.vary.add("Authorization")
    if request.if_none_match.contains_weak(tag.removeprefix("W/").strip('"')):
        answer.status_code = 304
        answer.set_data(b"")
        answer.headers.pop("Content-Type", None)
        answer.headers.pop("Content-Length", None)
    return answer


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[: 2 * _DIGEST]

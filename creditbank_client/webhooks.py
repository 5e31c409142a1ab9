"""Verifying what the credit bank sends (Standard Webhooks): by whom, when, and not changed on the way."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from creditbank_client.errors import WebhookRefused

#: How old, or how far ahead, a message may be: seconds.
TOLERANCE = 300
_PREFIX, _VERSION = "whsec_", "v1"
#: Bytes of a secret at least; the bank's have 32.
_SHORTEST = 16


@dataclass(frozen=True)
class Message:
    """A message that is genuine.  It may come twice: remember ``id`` for some days, and answer 2xx all the same."""

    id: str
    type: str
    timestamp: str
    data: Mapping[str, Any]


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secrets: Sequence[str],
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> Message:
    """Return the message; ``WebhookRefused`` for one that is not genuine or not of now.

    ``body`` are the bytes as they came.  ``secrets`` (``whsec_…``) are those that are good now: two while one follows
    another; ValueError for one that is none.  Every signature is held against every secret in constant time.  ``now`` is
    seconds since 1970.
    """
    told = {name.lower(): value for name, value in headers.items()}
    try:
        id_, stamp, signatures = (told[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError:
        raise WebhookRefused("a header of the signature is missing") from None
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 12:
        raise WebhookRefused("the timestamp is no number")
    if abs((time.time() if now is None else now) - int(stamp)) > tolerance:
        raise WebhookRefused("the message is too old, or of the future")
    if not _is_signed(b".".join((id_.encode(), stamp.encode(), body)), signatures, secrets):
        raise WebhookRefused("no signature fits")
    try:
        message = json.loads(body)
        return Message(id_, message["type"], message["timestamp"], message["data"])
    except (ValueError, KeyError, TypeError):
        raise WebhookRefused("the message cannot be read") from None


def sign(body: bytes, secret: str, message_id: str, *, timestamp: int) -> dict[str, str]:
    """Return the headers of a message of your own, to try your receiving side with."""
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    signed = base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"{_VERSION},{signed}"}


def _is_signed(content: bytes, signatures: str, secrets: Sequence[str]) -> bool:
    expected = [hmac.new(_key(secret), content, hashlib.sha256).digest() for secret in secrets]
    found = False
    for each in signatures.split():
        version, _, text = each.partition(",")
        if version != _VERSION:
            continue
        try:
            told = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        for one in expected:
            found |= hmac.compare_digest(one, told)
    return found


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _SHORTEST:  # an empty one above all: a setting that was forgotten
        raise ValueError(f"a secret is whsec_ and base64 of {_SHORTEST} bytes or more")
    return key

"""Standard Webhooks signatures (version v1): HMAC-SHA256 over ``id.timestamp.body``, one for each secret that is good."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"


def written(secret: bytes) -> str:
    """Return a secret as its holder is given it."""
    return PREFIX + base64.b64encode(secret).decode()


def key_of(secret: str) -> bytes:
    """Return the key of a written secret; ValueError for what is none."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def headers(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a message; while a secret is being followed by another, both sign."""
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    signed = (hmac.new(key_of(secret), content, hashlib.sha256).digest() for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in signed),
    }

"""The secrets that sign webhooks: made here, sealed at once, opened only to sign."""

import secrets
from datetime import datetime

from creditbank_plugin.formats import standard_webhooks
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored


def new_secret() -> str:
    """Return a secret of 256 random bits, as Standard Webhooks writes it."""
    return standard_webhooks.written(secrets.token_bytes(32))


def sealed(runtime: Runtime, subscription_id: str, secret: str) -> bytes:
    """Seal a secret for one subscription; the keyring must be ready."""
    return runtime.keyring.seal({"secret": secret}, _about(subscription_id))


def good_secrets(runtime: Runtime, row: Stored, now: datetime) -> list[str]:
    """Return the secrets that sign now: the newest, and the one before it until its time is over."""
    kept = [row.sealed_secret]
    if row.old_sealed_secret is not None and now < row.old_secret_until:
        kept.append(row.old_sealed_secret)
    return [runtime.keyring.unseal(bytes(each), _about(row.id))["secret"] for each in kept]


def _about(subscription_id: str) -> str:
    return f"webhook {subscription_id}"

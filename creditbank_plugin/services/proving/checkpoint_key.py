"""The key that signs checkpoints (Ed25519): from the setting, or from a file in the data folder; never in the database."""

import base64
import json
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.checkpoint import Checkpoint
from creditbank_plugin.services import private_file
from creditbank_plugin.settings import Settings

FILE = "checkpoint-key.json"


@dataclass(frozen=True)
class SigningKey:
    """The private key at hand (32 bytes, never shown), and the public key that goes into what it signs."""

    secret: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """Return the public key, 32 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        """Return ``checkpoint``, which must name this key, with its signature."""
        key = Ed25519PrivateKey.from_private_bytes(self.secret)
        return replace(checkpoint, signature=key.sign(checkpoint.signed))


def is_signed(checkpoint: Checkpoint) -> bool:
    """Tell whether the signature is that of the key which the checkpoint names; whose key that is it does not say."""
    try:
        Ed25519PublicKey.from_public_bytes(checkpoint.public_key).verify(checkpoint.signature, checkpoint.signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def path_of(settings: Settings) -> Path:
    """Return where the key's file is, or would be."""
    return settings.data / FILE


def held(settings: Settings) -> SigningKey | None:
    """Return the key at hand; None where there is none yet.  ``Refused("checkpoint_key_unreadable")`` for a broken file."""
    if settings.checkpoint_key is not None:
        return SigningKey(_secret(settings.checkpoint_key))
    try:
        text = path_of(settings).read_text()
    except FileNotFoundError:
        return None
    try:
        return SigningKey(_secret(json.loads(text)["key"]))
    except (ValueError, KeyError, TypeError):
        raise Refused(
            "checkpoint_key_unreadable",
            f"อ่านกุญแจลงนามในไฟล์ {FILE} ไม่ได้ โปรดนำไฟล์เดิมกลับมาไว้ที่เดิม",
            f"The signing key in {FILE} cannot be read; put the right file back.",
            status=503,
        ) from None


def make(settings: Settings) -> SigningKey:
    """Make the key's file, readable by its owner only, unless another process is quicker; return what stands then."""
    document = {"key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}
    private_file.make(path_of(settings), json.dumps(document).encode())
    made = held(settings)
    if made is None:
        raise FileNotFoundError(path_of(settings))
    return made


def _secret(text: str) -> bytes:
    key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(key) != 32:
        raise ValueError("CREDITBANK_CHECKPOINT_KEY must be a base64 text of 32 bytes")
    return key

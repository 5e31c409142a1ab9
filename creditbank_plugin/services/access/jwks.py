"""Public keys by which clients sign (RFC 7517): which are taken, and by which algorithm each signs."""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from creditbank_plugin.errors import Refused

#: The algorithms of assertions, each for one kind of key: a key never verifies by another than its own.
ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
MOST_KEYS, SMALLEST_RSA = 10, 2048
_SECRET = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))


def check(jwks: Mapping[str, Any]) -> None:
    """Let a set of public keys pass; ``Refused("client_invalid")`` (422, field ``jwks``) for any other thing in it."""
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS or any(key_of(each) is None for each in keys):
        raise Refused(
            "client_invalid",
            f"ต้องเป็นชุดกุญแจสาธารณะ (JWK Set) 1–{MOST_KEYS} ดอก แบบ RSA ตั้งแต่ {SMALLEST_RSA} บิต EC P-256 หรือ Ed25519",
            f"must be a JWK Set of 1 to {MOST_KEYS} public keys: RSA of {SMALLEST_RSA} bits or more, EC P-256, or Ed25519",
            field="jwks",
        )


def key_of(jwk: object) -> Key | None:
    """Return a usable public key; None for one that is private, symmetric, weak, for encryption, or not a key."""
    if not isinstance(jwk, dict) or jwk.keys() & _SECRET or jwk.get("use", "sig") != "sig":
        return None
    kind, curve = jwk.get("kty"), jwk.get("crv")
    try:
        if kind == "RSA":
            made = RSAKey.import_key(jwk)
            return made if made.public_key.key_size >= SMALLEST_RSA and _may_sign(jwk, made) else None
        if (kind, curve) == ("EC", "P-256"):
            found: Key = ECKey.import_key(jwk)
        elif (kind, curve) == ("OKP", "Ed25519"):
            found = OKPKey.import_key(jwk)
        else:
            return None
        found.get_op_key("verify")  # a point that is not on the curve is found only here
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return found if _may_sign(jwk, found) else None


def algorithms(key: Key) -> tuple[str, ...]:
    """Return by which algorithms a key verifies; ``EdDSA`` is the old name of ``Ed25519`` (RFC 9864)."""
    return {"RSA": ("RS256",), "EC": ("ES256",), "OKP": ("EdDSA", "Ed25519")}[key.key_type]


def _may_sign(jwk: Mapping[str, Any], key: Key) -> bool:
    return jwk.get("alg") in (None, *algorithms(key))

"""Public keys of others (RFC 7517): which are taken, by which algorithm each signs, and what a text it signed says."""

import json
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from creditbank_plugin.errors import Refused

#: The algorithms of assertions, each for one kind of key: a key never verifies by another than its own.
ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
MOST_KEYS, SMALLEST_RSA = 10, 2048
#: By how much another's clock may differ from ours.
SKEW = timedelta(seconds=60)
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


def unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return header and claims as somebody wrote them, only to know whose keys to verify with; None for no such text."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        header, claims = (json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, RecursionError):
        return None
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else None


def claims_of(token: str, header: Mapping[str, Any], key: Key) -> dict[str, Any] | None:
    """Return what a text (RFC 7519) says that ``key`` signed, by an algorithm of that key's own; None for any other.

    ``header`` is its own, of `unverified`: it never says with which algorithm a key is used, it must only agree.
    """
    allowed = algorithms(key)
    if header.get("alg") not in allowed or "crit" in header:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # of the name EdDSA, which others still write
            return dict(jwt.decode(token, key, algorithms=list(allowed)).claims)
    except (JoseError, ValueError, TypeError):
        return None


def good_until(claims: Mapping[str, Any], audiences: Collection[str], now: datetime) -> datetime | None:
    """Return when claims end by their ``exp``; None where they are for none of ``audiences``, or begin only later.

    Whether the end is ahead is for the caller to see, who knows what clocks may differ by there.
    """
    told = claims.get("aud")
    meant = told if isinstance(told, list) else [told]
    if not any(isinstance(each, str) and each in audiences for each in meant):
        return None
    for name in ("nbf", "iat"):
        begins = moment(claims.get(name))
        if name in claims and (begins is None or begins > now + SKEW):
            return None
    return moment(claims.get("exp"))


def moment(value: object) -> datetime | None:
    """Return the instant of a NumericDate (RFC 7519 section 2), None for what is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _may_sign(jwk: Mapping[str, Any], key: Key) -> bool:
    return jwk.get("alg") in (None, *algorithms(key))

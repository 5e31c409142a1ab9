"""What an OAuth client may be (RFC 6749 sections 2 and 3.1.2, RFC 9700 sections 2.1 and 4.1)."""

from collections.abc import Collection, Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.scopes import LEARNERS_GRANT

CONFIDENTIAL, PUBLIC = "confidential", "public"
SECRET, PRIVATE_KEY_JWT, NO_PROOF = "secret", "private_key_jwt", "none"
CLIENT_CREDENTIALS, AUTHORIZATION_CODE, REFRESH_TOKEN = "client_credentials", "authorization_code", "refresh_token"
GRANTS = (CLIENT_CREDENTIALS, AUTHORIZATION_CODE, REFRESH_TOKEN)
#: How many addresses a client may be sent back to, and how long each may be.
MOST_ADDRESSES, LONGEST_ADDRESS = 10, 1000


def check(
    kind: str,
    proof: str,
    grants: Collection[str],
    redirect_uris: Sequence[str],
    pkce: bool,
    scopes: Collection[str],
    jwks: Mapping[str, Any] | None,
) -> None:
    """Let pass what fits together; ``Refused`` (422) names the field that does not."""
    if kind not in (CONFIDENTIAL, PUBLIC):
        raise _refused("kind", "ต้องเป็น confidential หรือ public", "must be confidential or public")
    if proof not in ((NO_PROOF,) if kind == PUBLIC else (SECRET, PRIVATE_KEY_JWT)):
        raise _refused(
            "proof",
            "ระบบที่เชื่อมต่อแบบ public ไม่มีความลับ แบบ confidential ใช้รหัสลับหรือ private_key_jwt",
            "a public client has no proof; a confidential one a secret or private_key_jwt",
        )
    if (proof == PRIVATE_KEY_JWT) != bool(jwks):
        raise _refused("jwks", "ใช้คู่กับ private_key_jwt เท่านั้น", "goes together with private_key_jwt, and only with it")
    _check_grants(kind, grants, redirect_uris, scopes)
    if not pkce and kind == PUBLIC:
        raise _refused("pkce", "ระบบที่เชื่อมต่อแบบ public ต้องใช้ PKCE", "a public client always sends a challenge")
    if len(redirect_uris) > MOST_ADDRESSES:
        raise _refused("redirect_uris", f"ไม่เกิน {MOST_ADDRESSES} ที่อยู่", f"at most {MOST_ADDRESSES}")
    for address in redirect_uris:
        _check_address(address)


def _check_grants(kind: str, grants: Collection[str], redirect_uris: Sequence[str], scopes: Collection[str]) -> None:
    if not grants or not set(grants) <= set(GRANTS):
        raise _refused("grants", f"ต้องอยู่ใน {', '.join(GRANTS)}", f"must be among {', '.join(GRANTS)}")
    if kind == PUBLIC and CLIENT_CREDENTIALS in grants:
        raise _refused(
            "grants", "แบบ public ใช้ client_credentials ไม่ได้", "a public client has no credentials of its own"
        )
    if REFRESH_TOKEN in grants and AUTHORIZATION_CODE not in grants:
        raise _refused("grants", "refresh_token ใช้คู่กับ authorization_code", "refresh_token goes with authorization_code")
    if (AUTHORIZATION_CODE in grants) != bool(redirect_uris):
        raise _refused(
            "redirect_uris",
            "ต้องมีเมื่อใช้ authorization_code และมีได้เฉพาะเมื่อใช้",
            "are needed with authorization_code, and only then",
        )
    if AUTHORIZATION_CODE in grants and not set(scopes) & LEARNERS_GRANT:
        listed = ", ".join(sorted(LEARNERS_GRANT))
        raise _refused("scopes", f"ต้องมีสิทธิ์ที่ผู้เรียนให้ได้: {listed}", f"needs one that learners can grant: {listed}")


def _check_address(address: str) -> None:
    """Accept an absolute address without fragment: https, http on this very machine, or an app's own scheme (RFC 8252)."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    fits = (
        port != 0
        and len(address) <= LONGEST_ADDRESS
        and address.isascii()
        and address.isprintable()
        and not any(sign in address for sign in " #\\")
        and parts.username is None
        and (
            (parts.scheme == "https" and parts.hostname is not None)
            or (parts.scheme == "http" and is_loopback(parts.hostname))
            or ("." in parts.scheme and not parts.netloc)
        )
    )
    if not fits:
        raise _refused(
            "redirect_uris",
            "ต้องเป็น https:// หรือ http://127.0.0.1 หรือ scheme ของแอป เช่น th.example.app:/back และไม่มี #",
            "must be https://, http://127.0.0.1, or an app's scheme such as th.example.app:/back, without a fragment",
        )


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is an address of the very machine (RFC 8252 section 7.3); names are not, they may lie."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _refused(field: str, th: str, en: str) -> Refused:
    return Refused("client_invalid", th, en, field=field)

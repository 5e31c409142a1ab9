"""Passwords as they are kept: scrypt with a salt for each, its parameters beside the hash."""

import unicodedata

from werkzeug.security import check_password_hash, generate_password_hash

from creditbank_plugin.errors import need

SHORTEST, LONGEST = 12, 200
#: N, r and p: 32 MB and about a fifth of a second for each guess (OWASP, Password Storage Cheat Sheet).
_METHOD = "scrypt:32768:8:3"
#: What is compared where there is no such user: no password gives it, and finding that out takes as long.
_NOBODYS = f"{_METHOD}$nobodyhasthissal${'0' * 128}"


def hashed(password: str) -> str:
    """Return how ``password`` is kept."""
    return generate_password_hash(_form(password), _METHOD)


def is_right(kept: str | None, password: str) -> bool:
    """Tell whether ``password`` is the one that is ``kept``; where none is, the same work is done for nobody."""
    return check_password_hash(kept if kept is not None else _NOBODYS, _form(password)[:LONGEST])


def check(password: str, name: str) -> None:
    """Refuse a password that is too easy to guess, or that nobody could type again."""
    said = _form(password)
    need(
        SHORTEST <= len(said) <= LONGEST and said.isprintable(),
        "password",
        f"รหัสผ่านต้องยาว {SHORTEST} ถึง {LONGEST} ตัวอักษร และไม่มีอักขระควบคุม",
        f"A password has {SHORTEST} to {LONGEST} characters, none of them a control character.",
    )
    need(
        len(set(said)) > SHORTEST // 3 and said.lower() != name,
        "password",
        "รหัสผ่านเดาง่ายเกินไป",
        "This password is too easy to guess.",
    )


def _form(password: str) -> str:
    """Return the one spelling of what keyboards may spell in several ways (RFC 8265 section 4.2.2)."""
    return unicodedata.normalize("NFC", password)

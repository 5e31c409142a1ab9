"""Passwords of the LMS as they are kept: hashed, but quickly.

They are random and long, and whoever may read the database may read ``demo.json`` beside it, where they stand: a slow hash
would protect nothing, and hashing thirteen slowly was a good part of the wait for the first page.
"""

from werkzeug.security import check_password_hash, generate_password_hash

METHOD = "scrypt:1024:8:1"
#: What is compared where there is no such user: no password gives it, and finding that out takes as long.
_NOBODYS = f"{METHOD}$nobodyhasthissal${'0' * 128}"


def hashed(password: str) -> str:
    """Return how ``password`` is kept."""
    return generate_password_hash(password, METHOD)


def is_right(kept: str | None, password: str) -> bool:
    """Tell whether ``password`` is the one that is ``kept``; where none is, the same work is done for nobody."""
    return check_password_hash(kept if kept is not None else _NOBODYS, password)

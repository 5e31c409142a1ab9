"""The keys that sign access tokens of the form ``jwt`` (RFC 9068): a set in the data folder; never in the database."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from creditbank_plugin.errors import Refused
from creditbank_plugin.services import private_file
from creditbank_plugin.settings import Settings

FILE = "token-key.json"
ALGORITHM = "RS256"  # the one that every party to RFC 9068 must know (section 4)
_BITS = 3072


def path_of(settings: Settings) -> Path:
    """Return where the keys' file is, or would be."""
    return settings.data / FILE


def sign(settings: Settings, claims: dict[str, Any]) -> str:
    """Return an access token of these claims, signed with the first key, which is made where there is none yet."""
    key = (_held(settings) or _make(settings))[0]
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": key.thumbprint()}, claims, key)


def published(settings: Settings) -> dict[str, Any]:
    """Return the public halves of all keys at hand, as a set (RFC 7517 section 5); an empty one where there are none."""
    keys = [
        {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}
        for key in _held(settings)
    ]
    return {"keys": keys}


def make(settings: Settings) -> None:
    """Make the first key where there is none."""
    if not _held(settings):
        _make(settings)


def _make(settings: Settings) -> tuple[RSAKey, ...]:
    document = {"keys": [RSAKey.generate_key(_BITS).as_dict(private=True)]}
    private_file.make(
        path_of(settings), json.dumps(document).encode()
    )  # another process may be quicker: its key stands
    return _held(settings)


def _held(settings: Settings) -> tuple[RSAKey, ...]:
    path = path_of(settings)
    try:
        stamp = path.stat()
    except FileNotFoundError:
        return ()
    return _read(path, stamp.st_mtime_ns, stamp.st_ino)


@lru_cache(maxsize=8)
def _read(path: Path, changed: int, inode: int) -> tuple[RSAKey, ...]:
    """Return the keys of the file as it was then; reading them anew for each token would take longer than signing."""
    try:
        keys = tuple(RSAKey.import_key(each) for each in json.loads(path.read_text())["keys"])
        if not keys or not all(key.is_private for key in keys):
            raise ValueError(path.name)
    except (JoseError, ValueError, KeyError, TypeError):
        raise Refused(
            "token_key_unreadable",
            f"อ่านกุญแจลงนามในไฟล์ {FILE} ไม่ได้ โปรดนำไฟล์เดิมกลับมาไว้ที่เดิม",
            f"The signing keys in {FILE} cannot be read; put the right file back.",
            status=503,
        ) from None
    return keys

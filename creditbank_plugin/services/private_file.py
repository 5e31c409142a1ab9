"""Files that only their owner may read: nobody ever sees half of one, and it is safely on disk when it is seen at all."""

import contextlib
import os
import secrets
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a new file under a name that nobody looks for yet; its folder is made, FileExistsError where it stands."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def replace(path: Path, content: bytes) -> None:
    """Put a new file in the place of ``path`` in one step."""
    _draft(path, content).replace(path)


def make(path: Path, content: bytes) -> None:
    """Make the file ``path`` unless another process is quicker: a link never replaces what is there."""
    draft = _draft(path, content)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
    write(draft, content)
    return draft

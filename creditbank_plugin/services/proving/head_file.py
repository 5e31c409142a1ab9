"""Heads put aside between reading and writing: in memory as long as they are few, then in a file nobody else sees."""

import struct
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self
from uuid import UUID

from creditbank_plugin.rules.checkpoint import Head

_FORM = struct.Struct(">16sq32s")
_IN_MEMORY = 16_000_000  # bytes; some 280,000 heads


class HeadFile:
    """Heads in the order they were put; 56 bytes each, gone when the file is closed."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, head: Head) -> None:
        """Put a head behind the others."""
        self._file.write(_FORM.pack(bytes.fromhex(head.account_id.replace("-", "")), head.seq, head.hash))

    def __iter__(self) -> Iterator[Head]:
        self._file.seek(0)
        while piece := self._file.read(_FORM.size):
            account, seq, own = _FORM.unpack(piece)
            yield Head(str(UUID(bytes=account)), seq, own)

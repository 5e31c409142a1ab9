"""How much may be sent to a page: what a form holds, and to those that take a file, a file."""

from flask import Blueprint, request

from creditbank_plugin.formats.sheets import LIMITS
from creditbank_plugin.web.access import runtime

#: The other fields of a form that carries a file, and the borders between them; bytes.
_BESIDE = 256 << 10
_TAKES_FILES: set[str] = set()


def allow(blueprint: Blueprint, endpoint: str) -> None:
    """Let a page of the blueprint take a file as large as `formats.sheets` reads."""
    _TAKES_FILES.add(f"{blueprint.name}.{endpoint}")


def prepare(blueprint: Blueprint) -> None:
    """Bound what is sent before anything of it is read (413): the guard against forged forms comes later, and reads it."""
    blueprint.before_request(_bound)


def _bound() -> None:
    takes = request.endpoint in _TAKES_FILES
    request.max_content_length = LIMITS.file_bytes + _BESIDE if takes else runtime().settings.max_body

"""What may be sent to a page at all: as much as a form holds, a file to those that take one, and no NUL."""

from flask import Blueprint, abort, request

from creditbank_plugin.formats.sheets import LIMITS
from creditbank_plugin.machines import is_kept_nowhere
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
    blueprint.before_request(_refuse_nul)


def _bound() -> None:
    takes = request.endpoint in _TAKES_FILES
    request.max_content_length = LIMITS.file_bytes + _BESIDE if takes else runtime().settings.max_body


def _refuse_nul() -> None:
    """Refuse (400) a NUL, which nobody types: no column holds one, and PostgreSQL fails at the question."""
    sent = [text for _, text in request.form.items(multi=True)]
    sent += [file.filename or "" for _, file in request.files.items(multi=True)]
    if is_kept_nowhere() or any("\0" in each for each in sent):
        abort(400)

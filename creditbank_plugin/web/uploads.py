"""How much may be sent to a page: what a form holds, and to those that take a file, a file of their kind."""

from flask import Blueprint, request

from creditbank_plugin.web.access import runtime

#: The other fields of a form that carries a file, and the borders between them; bytes.
_BESIDE = 256 << 10
#: How large a file each page takes, by its endpoint; bytes.
_FILES: dict[str, int] = {}


def allow(blueprint: Blueprint, endpoint: str, largest: int) -> None:
    """Let a page of the blueprint take a file of up to ``largest`` bytes: what the reader of that kind of file takes."""
    _FILES[f"{blueprint.name}.{endpoint}"] = largest


def prepare(blueprint: Blueprint) -> None:
    """Bound what is sent before anything of it is read (413): the guard against forged forms comes later, and reads it."""
    blueprint.before_request(_bound)


def megabytes() -> int:
    """Return how much the page that is asked for takes, in whole megabytes, for the sentence that refuses more."""
    return _largest() >> 20


def _largest() -> int:
    return _FILES.get(request.endpoint or "", runtime().settings.max_body)


def _bound() -> None:
    beside = _BESIDE if request.endpoint in _FILES else 0
    request.max_content_length = _largest() + beside
    # Flask's own bound of what a form's fields hold lies below ours, and nobody would be told the true one.
    request.max_form_memory_size = beside or _largest()

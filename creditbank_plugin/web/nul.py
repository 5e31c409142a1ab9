"""No NUL comes in, by whatever way: nobody types one, no column holds one, and PostgreSQL fails at the question."""

from flask import Blueprint, abort, request

from creditbank_plugin.machines import is_kept_nowhere


def prepare(blueprint: Blueprint) -> None:
    """Refuse (400) every request of the blueprint with a NUL in its address, its form or the name of a file."""
    blueprint.before_request(_check)


def _check() -> None:
    sent = [text for _, text in request.form.items(multi=True)]
    sent += [file.filename or "" for _, file in request.files.items(multi=True)]
    if is_kept_nowhere() or any("\0" in each for each in sent):
        abort(400)

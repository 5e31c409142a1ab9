"""The blueprint itself: where templates and static files are, and what happens around every request of ours."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from creditbank_plugin.observed import observe
from creditbank_plugin.resources import PACKAGE, resource_dir
from creditbank_plugin.web import access, failures, forgery, headers, nul, uploads, words

NAME = "creditbank"

#: What every request of the blueprint goes through; each takes the blueprint and adds itself.
PREPARED: tuple[Callable[[Blueprint], None], ...] = (
    observe,
    words.prepare,
    uploads.prepare,
    nul.prepare,
    forgery.prepare,
    headers.prepare,
    failures.prepare,
)


def make_blueprint(bank: Any) -> Blueprint:
    """Return an empty blueprint that knows its bank."""
    blueprint = Blueprint(
        NAME,
        __name__,
        template_folder=str(resource_dir("templates")),
        static_folder=str(PACKAGE / "web" / "static"),
        static_url_path="/static",
    )
    access.know(blueprint, bank)
    return blueprint

"""Documents at the well-known addresses (RFC 8615), by which a client finds out about us by itself."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from creditbank_plugin.api import problem
from creditbank_plugin.api.guard import public
from creditbank_plugin.api.here import issuer
from creditbank_plugin.machines import seal
from creditbank_plugin.observed import observe


def make_blueprint(name: str, document: Callable[[str], dict[str, Any]]) -> Blueprint:
    """Return a blueprint of one document, which is made of our issuer; it is mounted at the document's own address."""
    blueprint = Blueprint(name, __name__)
    observe(blueprint)
    problem.answer_errors(blueprint)
    blueprint.after_request(seal)

    @blueprint.get("")
    @public
    def metadata() -> Response:
        return jsonify(document(issuer()))

    return blueprint

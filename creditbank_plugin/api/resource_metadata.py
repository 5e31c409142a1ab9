"""What a client finds out about the API by itself: who gives tokens for it, and for which scopes (RFC 9728)."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from creditbank_plugin.api import problem
from creditbank_plugin.api.guard import public
from creditbank_plugin.api.here import runtime
from creditbank_plugin.machines import seal
from creditbank_plugin.observed import observe
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.settings import Settings

WELL_KNOWN = "/.well-known/oauth-protected-resource"


def make_blueprint() -> Blueprint:
    """Return the blueprint of the metadata; it is mounted at the one address that the API's own asks for."""
    blueprint = Blueprint("creditbank_resource_metadata", __name__)
    observe(blueprint)
    problem.answer_errors(blueprint)
    blueprint.after_request(seal)

    @blueprint.get("")
    @public
    def metadata() -> Response:
        return jsonify(document(runtime().settings, request.url_root))

    return blueprint


def document(settings: Settings, root: str) -> dict[str, Any]:
    """Return the metadata of the API (RFC 9728 section 2); ``root`` is where the request reached the application."""
    issuer = settings.oauth_issuer(root)
    return {
        "resource": f"{issuer}/api",
        "authorization_servers": [each for each in (issuer, settings.platform_issuer) if each],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "Credit bank API",
        "resource_name#th": "API ธนาคารหน่วยกิต",
        "resource_documentation": f"{issuer}/api/docs",
    }

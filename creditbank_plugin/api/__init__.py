"""The API: OAuth-protected, described by its own OpenAPI document, and quiet towards the host it lives in."""

from typing import Any

from flask import Blueprint, Flask

from creditbank_plugin.api import docs, oauth, routing
from creditbank_plugin.api.blueprint import blp
from creditbank_plugin.api.spec import make_spec


def register(app: Flask, bank: Any) -> None:
    """Mount token endpoint, API and its documentation under the bank's URL prefix; nothing app-wide is initialised.

    ``bank.runtime`` is what the routes work with; they find it again at ``app.extensions["creditbank"]``.
    """
    prefix = bank.runtime.settings.url_prefix
    spec = make_spec(app, prefix)
    spec.register_blueprint(blp, url_prefix=f"{prefix}/api/v1")
    app.register_blueprint(oauth.blueprint, url_prefix=f"{prefix}/oauth")
    app.register_blueprint(docs.make_blueprint(spec, prefix), url_prefix=f"{prefix}/api")
    ours: list[Blueprint] = [blp, oauth.blueprint]
    routing.watch(app, prefix, ours)

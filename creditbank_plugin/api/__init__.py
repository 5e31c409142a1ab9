"""The API: OAuth-protected, described by its own OpenAPI document, and quiet towards the host it lives in."""

from typing import Any

from flask import Flask

from creditbank_plugin.api import checkpoints, docs, events, health, learners, oauth, problem, reports
from creditbank_plugin.api.blueprint import blp
from creditbank_plugin.machines import watch

ROUTES = (events, learners, reports)  # importing them mounts their routes on the blueprint
#: Below these an unknown address is answered as a problem.
PLACES = ("api", "oauth", "health", "metrics", "checkpoints")


def register(app: Flask, bank: Any) -> None:
    """Mount token endpoint, API, its documentation, health, metrics and checkpoints under the bank's URL prefix.

    Nothing app-wide is initialised.

    ``bank.runtime`` is what the routes work with; they find it again at ``app.extensions["creditbank"]``.
    """
    prefix = bank.runtime.settings.url_prefix
    app.register_blueprint(blp, url_prefix=f"{prefix}/api/v1")
    app.register_blueprint(oauth.blueprint, url_prefix=f"{prefix}/oauth")
    app.register_blueprint(docs.make_blueprint(prefix), url_prefix=f"{prefix}/api")
    app.register_blueprint(health.make_blueprint(bank), url_prefix=prefix or "/")
    app.register_blueprint(checkpoints.make_blueprint(), url_prefix=f"{prefix}/checkpoints")
    watch(app, [f"{prefix}/{place}" for place in PLACES], (blp, oauth.blueprint), problem.http)

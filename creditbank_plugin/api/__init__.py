"""The API: OAuth-protected, described by its own OpenAPI document, and quiet towards the host it lives in."""

from typing import Any

from flask import Flask

from creditbank_plugin.api import (
    adoptions,
    case,
    case_answers,
    changes,
    checkpoints,
    comparisons,
    courses,
    docs,
    events,
    forecast,
    frameworks,
    health,
    learners,
    me,
    oauth,
    oauth_metadata,
    problem,
    public_round,
    reports,
    resource_metadata,
    reviews,
    suggestions,
    webhooks,
    well_known,
    working_groups,
)
from creditbank_plugin.api.blueprint import blp
from creditbank_plugin.formats.case import PATH
from creditbank_plugin.machines import watch
from creditbank_plugin.observed import observed

# importing them mounts their routes on the blueprint
ROUTES = (
    *(events, learners, me, courses, suggestions, comparisons, working_groups, adoptions),
    *(frameworks, reports, forecast, reviews, public_round, changes, webhooks),
)
#: Below these an unknown address is answered as a problem.
PLACES = ("api", "oauth", "health", "metrics", "checkpoints")


def register(app: Flask, bank: Any) -> None:
    """Mount OAuth endpoints and their metadata, API and documentation, health, metrics, checkpoints and CASE.

    They stand under the bank's URL prefix, but for the metadata, whose address RFC 8414 sets.

    Nothing app-wide is initialised.

    ``bank.runtime`` is what the routes work with; they find it again at ``app.extensions["creditbank"]``.
    """
    prefix = bank.runtime.settings.url_prefix
    app.register_blueprint(blp, url_prefix=f"{prefix}/api/v1")
    app.register_blueprint(oauth.blueprint, url_prefix=f"{prefix}/oauth")
    for name, about, path in (
        ("creditbank_oauth_metadata", oauth_metadata, prefix),
        ("creditbank_resource_metadata", resource_metadata, f"{prefix}/api"),
    ):
        app.register_blueprint(well_known.make_blueprint(name, about.document), url_prefix=f"{about.WELL_KNOWN}{path}")
    app.register_blueprint(docs.make_blueprint(prefix), url_prefix=f"{prefix}/api")
    app.register_blueprint(health.make_blueprint(bank), url_prefix=prefix or "/")
    app.register_blueprint(checkpoints.make_blueprint(), url_prefix=f"{prefix}/checkpoints")
    app.register_blueprint(case.make_blueprint(), url_prefix=f"{prefix}{PATH}")
    watch(app, [f"{prefix}/ims"], (), observed(case_answers.http))
    watch(app, [f"{prefix}/{place}" for place in PLACES], (blp, oauth.blueprint), observed(problem.http))

"""The pages: Jinja templates for learners, administrators and working groups, mounted as one blueprint.

Nothing here is set up for the whole application: headers, error pages, words and the guard against forged forms belong
to our blueprint alone, so that a host's own pages never notice.
"""

from typing import Any

from flask import Flask

from creditbank_plugin.web import (
    adoption_new,
    adoptions,
    aliases,
    authorize,
    banks,
    client_new,
    clients,
    comments,
    comparisons,
    course_edit,
    courses,
    editions,
    frameworks,
    groups,
    imports,
    inbox,
    judging,
    learner,
    mandates,
    memoranda,
    proposals,
    reports,
    reviews,
    shared,
    state,
    suggestions,
    synonyms,
    webhooks,
)
from creditbank_plugin.web.blueprint import PREPARED, make_blueprint

ROOMS = (
    *(learner, shared, state, inbox, aliases, comparisons, suggestions, synonyms),
    *(adoptions, adoption_new, banks, mandates, memoranda, reviews, courses, course_edit),
    *(frameworks, editions, imports, proposals, judging, groups, comments),
    *(reports, authorize, clients, client_new, webhooks),
)


def register(app: Flask, bank: Any) -> None:
    """Mount the pages of ``bank`` (the attached ``CreditBank``) on ``app`` under the setting ``url_prefix``.

    A host's Flask-WTF ``CSRFProtect`` is told to leave our blueprint alone: its forms carry a token of our own, which
    works in any host.
    """
    blueprint = make_blueprint(bank)
    for room in ROOMS:
        room.add_pages(blueprint)
    for prepare in PREPARED:
        prepare(blueprint)
    guard = app.extensions.get("csrf")
    if guard is not None and hasattr(guard, "exempt"):
        guard.exempt(blueprint)
    app.register_blueprint(blueprint, url_prefix=bank.runtime.settings.url_prefix or "/")

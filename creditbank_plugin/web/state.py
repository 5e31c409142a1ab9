"""The state of the module at a glance, for the platform's administrator."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from creditbank_plugin.rules.reasons import STATES
from creditbank_plugin.services import events, organisations, tasks
from creditbank_plugin.services.health import health
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.page import page


def add_pages(blueprint: Blueprint) -> None:
    """Add the page to ``blueprint``."""
    blueprint.add_url_rule("/admin/", "state", for_roles("admin")(show_state))


def show_state() -> ResponseReturnValue:
    """Show counts, what waits longest, migrations, keys, the spool, issuers, and what asks for a person."""
    here = runtime()
    counts, reviews = events.counts(here), tasks.reviews(here)
    return page(
        "admin/state",
        counts=[(state, counts.get(state, 0)) for state in STATES],
        health=health(here),
        issuers=organisations.issuers(here),
        tasks=tasks.tasks(here),
        reviews=reviews,
        causes=events.by_ids(here, [row.review_cause for row in reviews]),
    )

"""Webhooks for the platform's administrator: who is told where, what was sent and what was not taken."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.webhook import FAULTS
from creditbank_plugin.services.telling import subscriptions
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.storage.queries.webhooks import STATES
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.page import notify, page

PER_PAGE = 25


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard, one = for_roles("admin"), "/admin/webhooks/<webhook_id>"
    blueprint.add_url_rule("/admin/webhooks", "webhooks", guard(show_all))
    blueprint.add_url_rule(one, "webhook", guard(show_one))
    blueprint.add_url_rule(f"{one}/stop", "webhook_stop", guard(stop), methods=["POST"])
    blueprint.add_url_rule(f"{one}/deliveries/<delivery_id>/resend", "webhook_resend", guard(resend), methods=["POST"])


def show_all() -> ResponseReturnValue:
    """List every subscription with its numbers, those that ended last."""
    here = runtime()
    return page("admin/webhooks", rows=subscriptions.everybodys(here), numbers=subscriptions.numbers(here))


def show_one(webhook_id: str) -> ResponseReturnValue:
    """Show one subscription and what was or is to be sent to it, the newest first, in one state or all."""
    asked, after = request.args.get("state"), request.args.get("after", "")
    state = asked if asked in STATES else None
    row = subscriptions.get(runtime(), webhook_id)
    found = subscriptions.deliveries(
        runtime(), webhook_id, state=state, after=after if is_uuid(after) else None, limit=PER_PAGE
    )
    return page("admin/webhook", row=row, found=found, state=state, states=STATES, faults=FAULTS)


def stop(webhook_id: str) -> ResponseReturnValue:
    """End a subscription."""
    subscriptions.end(runtime(), webhook_id)
    notify("webhooks.stopped")
    return redirect(url_for("creditbank.webhook", webhook_id=webhook_id), 303)


def resend(webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    """Send one message once more."""
    try:
        subscriptions.resend(runtime(), webhook_id, delivery_id)
    except Refused as refusal:
        if refusal.status != 409:
            raise
        notify("webhooks.ended_already")
    else:
        notify("webhooks.resent")
    return redirect(url_for("creditbank.webhook", webhook_id=webhook_id), 303)

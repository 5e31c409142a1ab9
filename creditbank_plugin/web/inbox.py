"""The inbox for the administrator: every message, what became of it and why, and trying again."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from creditbank_plugin.rules.reasons import STATES
from creditbank_plugin.services import events
from creditbank_plugin.services.settling.papers import papers
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web import query
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.page import notify, page

PER_PAGE = 25


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages of the inbox to ``blueprint``."""
    guard = for_roles("admin")
    blueprint.add_url_rule("/admin/inbox", "inbox", guard(show_inbox))
    blueprint.add_url_rule("/admin/inbox/<event_id>", "inbox_event", guard(show_event))
    blueprint.add_url_rule("/admin/inbox/<event_id>/retry", "retry", guard(retry), methods=["POST"])


def show_inbox() -> ResponseReturnValue:
    """List messages, newest first, in one state or all, by a search for course, learner, message or event."""
    asked = request.args.get("state")
    state = asked if asked in STATES else None
    search = query.words()
    after = request.args.get("after", "")
    found = events.page(
        runtime(), state=state, search=search or None, after=after if is_uuid(after) else None, limit=PER_PAGE
    )
    # The counts are of the whole inbox: beside a search they would promise what it does not find.
    counts = {} if search else events.counts(runtime())
    return page("admin/inbox", found=found, state=state, search=search, counts=counts, states=STATES)


def show_event(event_id: str) -> ResponseReturnValue:
    """Show one message as received (personal fields redacted), its decision, its explanation and its error."""
    shown = events.get(runtime(), event_id)
    return page("admin/inbox_event", event=shown, papers=papers(runtime(), shown))


def retry(event_id: str) -> ResponseReturnValue:
    """Decide one message again: now, or where workers settle, when one comes to it."""
    before = events.get(runtime(), event_id)
    tried = events.retry(runtime(), [event_id])
    after = events.get(runtime(), event_id)
    if tried and runtime().settings.settle != "inline":
        notify("inbox.retried_queued")
        return redirect(url_for("creditbank.inbox_event", event_id=event_id), 303)
    changed = (before.state, before.reason) != (after.state, after.reason)
    notify("inbox.retried_changed" if changed else "inbox.retried_same" if tried else "inbox.retried_none")
    return redirect(url_for("creditbank.inbox_event", event_id=event_id), 303)

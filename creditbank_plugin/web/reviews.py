"""Credit that a withdrawal put before a person: the list of it, and the decision about one record with its reason."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.services import accounts
from creditbank_plugin.services.comparing import review_list, reviews
from creditbank_plugin.services.comparing.review_list import UnderReview
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import actor
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

SHOWN = 50


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard = for_roles("admin", "committee", "director")
    blueprint.add_url_rule("/admin/reviews", "reviews", guard(show))
    blueprint.add_url_rule("/admin/reviews/<record_id>", "review", guard(one), methods=["GET"])
    blueprint.add_url_rule("/admin/reviews/<record_id>", "review_decide", guard(decide), methods=["POST"])


def show() -> ResponseReturnValue:
    """List what the user may decide about, the oldest record first."""
    after = request.args.get("after", "")
    found = review_list.page(runtime(), by=actor(), after=after if is_uuid(after) else None, limit=SHOWN)
    return page("admin/reviews", found=found)


def one(record_id: str) -> ResponseReturnValue:
    """Show one record with everything that a decision rests on; nothing (404) of others' records."""
    return _drawn(review_list.get(runtime(), record_id, by=actor()), Form(MultiDict()))


def decide(record_id: str) -> ResponseReturnValue:
    """Let the credit stand, or revoke it, with the reason."""
    by, form = actor(), Form(request.form)
    found = review_list.get(runtime(), record_id, by=by)
    decision = form.choice("decision", reviews.DECISIONS)
    reason = form.text("reason", longest=reviews.LONGEST_REASON)
    if decision is None or reason is None:
        return _drawn(found, form), 422
    try:
        reviews.decide(runtime(), record_id, uphold=decision == reviews.UPHOLD, by=by, reason=reason)
    except Refused as refusal:
        if refusal.status != 409:
            raise
        notify("reviews.decided_already")
    else:
        notify(f"reviews.done_{decision}")
    return redirect(url_for("creditbank.reviews"), 303)


def _drawn(found: UnderReview, form: Form) -> str:
    record = accounts.record(runtime(), found.record_id)
    return page("admin/review", found=found, record=record, form=form, decisions=reviews.DECISIONS)

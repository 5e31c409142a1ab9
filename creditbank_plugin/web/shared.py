"""What a learner shares: who may read their credits, since when and until when, and how they take it back."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from creditbank_plugin.errors import not_found
from creditbank_plugin.services import accounts
from creditbank_plugin.services.access import consents
from creditbank_plugin.web.access import for_learners, runtime, this_user
from creditbank_plugin.web.page import notify, page


def add_pages(blueprint: Blueprint) -> None:
    """Add the page to ``blueprint``."""
    blueprint.add_url_rule("/shared", "shared", for_learners(show))
    blueprint.add_url_rule("/shared/<consent_id>/end", "shared_end", for_learners(end), methods=["POST"])


def show() -> ResponseReturnValue:
    """List what the learner shares now, the newest first."""
    person_id = _me()
    return page("shared", rows=consents.list_for_person(runtime(), person_id) if person_id is not None else [])


def end(consent_id: str) -> ResponseReturnValue:
    """Take back what the learner gave; whatever is not theirs, or stands no longer, is not found."""
    person_id = _me()
    if person_id is None:
        raise not_found()
    consents.end(runtime(), consent_id, f"user:{this_user().id}", person_id=person_id)
    notify("shared.ended")
    return redirect(url_for("creditbank.shared"), 303)


def _me() -> str | None:
    identity = this_user().learner
    found = accounts.person_of(runtime(), identity) if identity is not None else None
    return found.id if found is not None else None

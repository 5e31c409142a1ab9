"""The public round: whoever likes reads what is proposed, whoever is logged in at the host may comment on it."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.comparing import proposals
from creditbank_plugin.web.access import actor, runtime
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

#: What stands beside a comment of somebody whom the host gives no name: never their id, which may be a citizen's number.
NAMELESS = "ไม่ระบุชื่อ"


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages of the public round to ``blueprint``."""
    blueprint.add_url_rule("/comparisons", "public_proposals", show)
    blueprint.add_url_rule("/comparisons/<proposal_id>", "public_proposal", one, methods=["GET"])
    blueprint.add_url_rule("/comparisons/<proposal_id>", "public_comment", comment, methods=["POST"])


def show() -> ResponseReturnValue:
    """List what the public may comment on today."""
    return page("public_proposals", rows=proposals.open_to_the_public(runtime()))


def one(proposal_id: str) -> ResponseReturnValue:
    """Show what is proposed, and what was said of it."""
    return _shown(proposal_id, Form(MultiDict()))


def _shown(proposal_id: str, form: Form) -> str:
    view = proposals.put_to_the_public(runtime(), proposal_id)
    if view is None:
        abort(404)
    return page("public_proposal", view=view, form=form)


def comment(proposal_id: str) -> ResponseReturnValue:
    """Keep a comment in the name of who is logged in."""
    who, form = actor("", NAMELESS), Form(request.form)
    try:
        proposals.comment(runtime(), proposal_id, form.value("text"), by=who)
    except Refused as refusal:
        if refusal.status == 409:  # the round is over: the page with the form is no more
            raise
        form.refused(refusal)
        return _shown(proposal_id, form), refusal.status
    notify("public.kept")
    return redirect(url_for("creditbank.public_proposal", proposal_id=proposal_id), 303)

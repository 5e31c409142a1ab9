"""Mandates as pages: a school lets another organisation adopt for its bank, and ends that."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.services import organisations
from creditbank_plugin.services.adopting import mandates
from creditbank_plugin.web import choices
from creditbank_plugin.web.access import for_roles, has_role, runtime
from creditbank_plugin.web.desk import actor, desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

LONGEST = 500


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``; only the head of a school, or the platform, gives and ends."""
    read, act = for_roles("admin", "committee", "director"), for_roles("admin", "director")
    blueprint.add_url_rule("/admin/mandates", "mandates", read(show), methods=["GET"])
    blueprint.add_url_rule("/admin/mandates", "mandate_give", act(give), methods=["POST"])
    blueprint.add_url_rule("/admin/mandates/<mandate_id>/end", "mandate_end", act(end), methods=["POST"])


def show() -> ResponseReturnValue:
    """List the mandates that the user's organisation gave or holds."""
    return _list(Form(MultiDict()))


def give() -> ResponseReturnValue:
    """Let another organisation adopt for the user's bank; an administrator names the school too."""
    form, by = Form(request.form), actor()
    organisation = by.acting_for or form.text("organisation", longest=60)
    holder = form.text("holder", longest=60)
    reference = form.text("reference", longest=LONGEST)
    since, until = form.day("since"), form.day("until", required=False)
    form.in_order("since", since, "until", until)
    if form.errors or not (organisation and holder and reference and since):
        return _list(form), 422
    told: dict[str, Any] = {"reference": reference, "since": since, "until": until}
    try:
        mandates.give(runtime(), organisation=organisation, holder=holder, **told, by=by)
    except Refused as refusal:
        form.refused(refusal)
        return _list(form), refusal.status
    notify("mandates.given")
    return redirect(url_for("creditbank.mandates"), 303)


def end(mandate_id: str) -> ResponseReturnValue:
    """End a mandate now."""
    try:
        mandates.end(runtime(), mandate_id, by=actor())
    except Refused as refusal:
        if refusal.status != 409:
            raise
        notify("mandates.ended_already")
    else:
        notify("mandates.ended")
    return redirect(url_for("creditbank.mandates"), 303)


def _list(form: Form) -> str:
    place, day = desk(), runtime().today()
    rows = mandates.mandates(runtime(), None if place.everywhere else place.organisation or "")
    signs = has_role("admin", "director") and place.may_enter
    own = None if place.everywhere else place.organisation
    known = organisations.organisations(runtime()) if signs else {}
    return page(
        "admin/mandates",
        rows=rows,
        form=form,
        desk=place,
        signs=signs,
        holders=[row for row in known.values() if row.kind not in choices.MANY and row.code != own],
        may_end=lambda row: signs and own in (None, row.organisation_code),
        state_of=lambda row: mandates.state_of(row, day),
    )

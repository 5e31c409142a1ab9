"""Memoranda between agencies as pages: the list, one, a new one, the end of one."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.adopting import memoranda
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import actor, desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

LONGEST_LIST = 100_000


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard, place = for_roles("admin", "committee", "director"), "/admin/memoranda"
    blueprint.add_url_rule(place, "memoranda", guard(show))
    blueprint.add_url_rule(f"{place}/new", "memoranda_new", guard(new), methods=["GET"])
    blueprint.add_url_rule(f"{place}/new", "memoranda_save", guard(save), methods=["POST"])
    blueprint.add_url_rule(f"{place}/<memorandum_id>", "memoranda_one", guard(show_one))
    blueprint.add_url_rule(f"{place}/<memorandum_id>/end", "memoranda_end", guard(end), methods=["POST"])


def show() -> ResponseReturnValue:
    """List memoranda, the last signed first."""
    day = runtime().today()
    rows = memoranda.memoranda(runtime())
    return page("admin/memoranda", rows=rows, desk=desk(), is_over=lambda row: memoranda.is_over(row, day))


def new() -> ResponseReturnValue:
    """Show the form to who may act for somebody."""
    owner = desk().acting_for() or ""
    return page("admin/memorandum_new", form=Form(MultiDict({"owner": owner})), desk=desk())


def save() -> ResponseReturnValue:
    """Keep what was entered, or show it again with what is wrong at its field."""
    form, by = Form(request.form), actor()
    owner = form.text("owner", longest=60)
    title, number = form.text("title", longest=memoranda.LONGEST), form.text("number", required=False)
    signed_on, applies_until = form.day("signed_on"), form.day("applies_until", required=False)
    reference = form.text("reference", required=False)
    parties = memoranda.lines(form.value("parties")[:LONGEST_LIST])
    if not parties:
        form.wrong("parties", "wrong.required")
    form.in_order("signed_on", signed_on, "applies_until", applies_until)
    if form.errors or not (owner and title and signed_on):
        return page("admin/memorandum_new", form=form, desk=desk()), 422
    told: dict[str, Any] = {"number": number, "applies_until": applies_until, "reference": reference}
    try:
        made = memoranda.enter(runtime(), owner=owner, title=title, signed_on=signed_on, parties=parties, **told, by=by)
    except Refused as refusal:
        form.refused(refusal)
        return page("admin/memorandum_new", form=form, desk=desk()), refusal.status
    notify("memoranda.saved", n=len(parties))
    return redirect(url_for("creditbank.memoranda_one", memorandum_id=made), 303)


def show_one(memorandum_id: str) -> ResponseReturnValue:
    """Show one memorandum with its parties."""
    return _one(memorandum_id, Form(MultiDict()))


def end(memorandum_id: str) -> ResponseReturnValue:
    """Note the day on which a memorandum ended."""
    kept, form, by = memoranda.get(runtime(), memorandum_id), Form(request.form), actor()
    desk().refuse(kept.row.owner_code)
    ended_on = form.day("ended_on")
    if ended_on is None:
        return _one(memorandum_id, form), 422
    try:
        memoranda.end(runtime(), memorandum_id, ended_on=ended_on, by=by)
    except Refused as refusal:
        form.refused(refusal)
        return _one(memorandum_id, form), refusal.status
    notify("memoranda.ended")
    return redirect(url_for("creditbank.memoranda_one", memorandum_id=memorandum_id), 303)


def _one(memorandum_id: str, form: Form) -> str:
    kept = memoranda.get(runtime(), memorandum_id)
    over = memoranda.is_over(kept.row, runtime().today())
    return page("admin/memorandum", kept=kept, form=form, over=over, desk=desk())

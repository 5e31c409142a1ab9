"""The register of orders as pages: the list, and the revocation of one."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.orders import STATES, state_of
from creditbank_plugin.services.adopting import adoption_register, adoptions
from creditbank_plugin.services.adopting.mandates import orders_for
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import actor, desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

LIMIT = 100


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard = for_roles("admin", "committee", "director")
    blueprint.add_url_rule("/admin/adoptions", "adoptions", guard(show))
    revocation = "/admin/adoptions/<adoption_id>/revoke"
    blueprint.add_url_rule(revocation, "adoption_revoke", guard(ask), methods=["GET"])
    blueprint.add_url_rule(revocation, "adoption_revoked", guard(revoke), methods=["POST"])


def show() -> ResponseReturnValue:
    """List orders, newest entry first, of a bank or in a state where that is asked for."""
    place = desk()
    state = request.args.get("state") if request.args.get("state") in STATES else None
    bank = request.args.get("bank") or None
    found = adoption_register.page(
        runtime(), bank=bank, state=state, after=request.args.get("after") or None, limit=LIMIT
    )
    mine = orders_for(runtime(), place.acting_for()) if place.may_enter else frozenset()
    day = runtime().today()
    return page(
        "admin/adoptions",
        found=found,
        states=STATES,
        state=state,
        of_bank=bank,
        desk=place,
        state_of=lambda row: state_of(row, day),
        may=lambda row: mine is None or row.organisation_code in mine,
    )


def ask(adoption_id: str) -> ResponseReturnValue:
    """Show the form by which one order is revoked to who may."""
    row = adoptions.may_revoke(runtime(), adoption_id, acting_for=desk().acting_for())
    return _form(row, Form(MultiDict()))


def revoke(adoption_id: str) -> ResponseReturnValue:
    """Revoke an order for completions from a day on, by an order of revocation."""
    row = adoptions.may_revoke(runtime(), adoption_id, acting_for=desk().acting_for())
    form = Form(request.form)
    revoked_from = form.day("revoked_from")
    order_number = form.text("revocation_order", longest=adoptions.LONGEST)
    reason = form.text("reason", longest=adoptions.LONGEST_REASON)
    if revoked_from is None or order_number is None or reason is None:
        return _form(row, form), 422
    try:
        adoptions.revoke(
            runtime(),
            adoption_id,
            revoked_from=revoked_from,
            order_number=order_number,
            reason=reason,
            whole_order=form.value("whole_order") == "yes",
            by=actor(),
        )
    except Refused as refusal:
        form.refused(refusal)
        return _form(row, form), refusal.status
    notify("adoptions.revoked")
    return redirect(url_for("creditbank.bank_one", bank_code=row.bank_code), 303)


def _form(row: Stored, form: Form) -> str:
    together = adoptions.under_number(runtime(), row.bank_code, row.order_number)
    return page("admin/adoption_revoke", row=row, form=form, together=together)

"""Entering and revoking an adoption: a bank's order to deposit under comparisons."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.services import authority
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web.access import for_roles, runtime, this_user
from creditbank_plugin.web.desk import desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

KINDS = ("one", "standing")


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages of adoptions to ``blueprint``."""
    guard = for_roles("admin", "committee")
    blueprint.add_url_rule("/admin/adoptions", "adoptions", guard(show))
    blueprint.add_url_rule("/admin/adoptions/new", "adoption_new", guard(new), methods=["GET"])
    blueprint.add_url_rule("/admin/adoptions/new", "adoption_save", guard(save), methods=["POST"])
    blueprint.add_url_rule("/admin/adoptions/<adoption_id>/revoke", "adoption_revoke", guard(revoke), methods=["POST"])


def show() -> ResponseReturnValue:
    """List adoptions, newest first; each can be revoked from a day on."""
    return _list(Form(MultiDict()), None)


def _list(form: Form, revoking: str | None) -> str:
    rows, bodies = authority.adoptions(runtime()), authority.organisations(runtime())
    return page("admin/adoptions", rows=rows, form=form, revoking=revoking, bodies=bodies, desk=desk())


def revoke(adoption_id: str) -> ResponseReturnValue:
    """Revoke an order for completions from a day on."""
    acting_for = desk().acting_for()
    authority.may_revoke(runtime(), adoption_id, acting_for=acting_for)
    form = Form(request.form)
    revoked_from = form.day("revoked_from")
    if revoked_from is not None:
        try:
            authority.revoke_adoption(runtime(), adoption_id, revoked_from=revoked_from, acting_for=acting_for)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.refused(refusal)
        else:
            notify("adoptions.revoked")
            return redirect(url_for("creditbank.adoptions"), 303)
    return _list(form, adoption_id), 422


def new() -> ResponseReturnValue:
    """Show the form to who may act for somebody."""
    desk().acting_for()
    form = Form(MultiDict())
    if is_uuid(request.args.get("comparison", "")):
        form = Form(MultiDict({"kind": "one", "comparison": request.args["comparison"]}))
    return _form(form)


def save() -> ResponseReturnValue:
    """Adopt what was entered, or show it again with what is wrong at its field."""
    place, form = desk(), Form(request.form)
    acting_for, banks = place.acting_for(), {row.code: row for row in authority.banks(runtime())}
    bank = form.choice("bank", list(banks))
    if bank:
        place.refuse(banks[bank].organisation_code)
    kind = form.choice("kind", KINDS)
    comparison = body = level_group = None
    if kind == "one":
        comparison = form.choice("comparison", [row.id for row in authority.comparisons(runtime())])
    elif kind == "standing":
        body = form.choice("body", _bodies())
        level_group = form.choice("level_group", _level_groups(), required=False)
    order_number, signatory = form.text("order_number", longest=200), form.text("signatory", longest=200)
    ordered_on, applies_from = form.day("ordered_on"), form.day("applies_from")
    applies_until = form.day("applies_until", required=False)
    form.in_order("applies_from", applies_from, "applies_until", applies_until)
    if form.errors or not (bank and order_number and signatory and ordered_on and applies_from):
        return _form(form), 422
    try:
        authority.adopt(
            runtime(),
            bank=bank,
            comparison_id=comparison,
            body=body,
            level_group=level_group,
            order_number=order_number,
            signatory=signatory,
            ordered_on=ordered_on,
            applies_from=applies_from,
            applies_until=applies_until,
            by=this_user().id,
            acting_for=acting_for,
        )
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.refused(refusal)
        return _form(form), 422
    notify("adoptions.saved", order=order_number)
    return redirect(url_for("creditbank.adoptions"), 303)


def _form(form: Form) -> str:
    place = desk()
    return page(
        "admin/adoption_new",
        form=form,
        banks=[row for row in authority.banks(runtime()) if place.may(row.organisation_code)],
        comparisons=authority.comparisons(runtime()),
        bodies=[row for code, row in authority.organisations(runtime()).items() if code in _bodies()],
        level_groups=_level_groups(),
        own=this_user().organisation,
    )


def _bodies() -> list[str]:
    """Return the bodies whose comparisons can be adopted: those that have made one."""
    return sorted({row.body_code for row in authority.comparisons(runtime())})


def _level_groups() -> list[str]:
    """Return the level groups that courses have."""
    return sorted({row.level_group for row in authority.courses(runtime(), limit=5000) if row.level_group})

"""Adopting in three steps: choose what, see what it would mean for one's learners, sign."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.acts import Act
from creditbank_plugin.rules.orders import SOME
from creditbank_plugin.services import organisations
from creditbank_plugin.services.adopting import adoption_register, adoptions
from creditbank_plugin.services.forecasting import forecast
from creditbank_plugin.services.forecasting.forecast import Running
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web.access import for_roles, runtime, this_user
from creditbank_plugin.web.adoption_form import Choice, banks, choice, paper
from creditbank_plugin.web.desk import actor, desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

FOUND, SHOWN = 30, 200
_CHOSEN = ("bank", "kind", "comparison", "body", "level_group", "occupational_group")


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard = for_roles("admin", "committee", "director")
    blueprint.add_url_rule("/admin/adoptions/new", "adoption_new", guard(new), methods=["GET"])
    blueprint.add_url_rule("/admin/adoptions/new", "adoption_save", guard(save), methods=["POST"])


def new() -> ResponseReturnValue:
    """Show what can be adopted to who may act for somebody; the address may have chosen some of it already."""
    desk().acting_for()
    asked = MultiDict((name, value) for name, value in request.args.items(multi=True) if name in _CHOSEN)
    if asked.getlist("comparison") and "kind" not in asked:
        asked["kind"] = SOME
    return _choose(Form(asked))


def save() -> ResponseReturnValue:
    """Go to the next step, or show the same one with what is wrong at its field."""
    desk().acting_for()
    form = Form(request.form)
    if form.value("step") == "find":
        return _choose(form)
    chosen = choice(form)
    if chosen is None:
        return _choose(form), 422
    try:
        rows = adoptions.chosen(runtime(), chosen.scope)
        draft = adoptions.draft(
            runtime(),
            bank=chosen.bank,
            scope=chosen.scope,
            applies_from=chosen.applies_from,
            applies_until=chosen.applies_until,
            by=actor(),
        )
    except Refused as refusal:
        form.errors.setdefault(*_told(refusal))
        return _choose(form), refusal.status
    seen = chosen.seen(row.id for row in rows)
    if form.value("step") != "sign":
        return _sign(form, chosen, rows, draft, seen)
    if form.value("seen") != seen:
        form.wrong("", "adoptions.changed")
    signed = paper(form, chosen)
    if form.errors or signed is None:
        return _sign(form, chosen, rows, draft, seen), 422
    try:
        made = adoptions.enter(runtime(), bank=chosen.bank, scope=chosen.scope, paper=signed, by=actor())
    except Refused as refusal:
        form.errors.setdefault(*_told(refusal))
        return _sign(form, chosen, rows, draft, seen), refusal.status
    _notify(made, signed.order_number)
    return redirect(url_for("creditbank.bank_one", bank_code=chosen.bank), 303)


def _notify(made: adoptions.Entered, order_number: str) -> None:
    revoked = any(row.revoked_from for row in adoption_register.by_ids(runtime(), made.ids)) if not made.new else False
    if made.new:
        notify("adoptions.saved", order=order_number, n=made.new)
    else:
        notify("adoptions.stands_revoked" if revoked else "adoptions.stands", order=order_number)


def _told(refusal: Refused) -> tuple[str, str]:
    form = Form(MultiDict())
    form.refused(refusal)
    ((field, said),) = form.errors.items()
    return ("comparison" if field == "comparison_ids" else field), said


def _choose(form: Form) -> str:
    ticked = [each for each in form.values("comparison") if is_uuid(each)]
    words = form.value("find").strip()[:200]
    found = adoption_register.find(runtime(), words, limit=FOUND) if words else []
    levels, occupations = adoption_register.groups(runtime())
    bank = organisations.banks_by_code(runtime(), [form.value("bank")]).get(form.value("bank"))
    return page(
        "admin/adoption_new",
        form=form,
        banks=banks(),
        chosen_bank=bank,
        ticked=adoption_register.named(runtime(), ticked) if ticked else [],
        found=[row for row in found if row.id not in ticked],
        words=words,
        bodies=adoption_register.bodies(runtime()),
        level_groups=levels,
        occupational_groups=occupations,
        own=this_user().organisation,
    )


def _sign(form: Form, chosen: Choice, rows: Any, draft: Any, seen: str) -> str:
    bank = organisations.banks_by_code(runtime(), [chosen.bank])[chosen.bank]
    kept = [(name, value) for name in _CHOSEN for value in form.values(name) if value]
    kept += [
        (f"{name}_{part}", form.value(f"{name}_{part}")) for name in ("applies_from", "applies_until") for part in "dmy"
    ]
    found = forecast.outlook(runtime(), Act(orders=draft), by=actor())
    return page(
        "admin/adoption_sign",
        form=form,
        chosen=chosen,
        bank_row=bank,
        rows=rows[:SHOWN],
        number=len(rows),
        forecast=None if isinstance(found, Running) else found,
        running=found if isinstance(found, Running) else None,
        kept=kept,
        seen=seen,
    )

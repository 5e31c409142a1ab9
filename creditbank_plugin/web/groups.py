"""Working groups: who was appointed by which order, how they decide, their meetings, and how far their raters agree."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.proposal import PROCEDURES, ROLES
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services import organisations
from creditbank_plugin.services.comparing import groups, ratings
from creditbank_plugin.services.reach import not_yours
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.members import for_committees, me
from creditbank_plugin.web.page import notify, page

#: Kinds of organisations in whose name nobody is appointed to compare for others.
_NOT_BODIES = ("school", "college")
#: How a group decides: what can be changed of it.
_HOW = ("procedure", "raters", "quorum", "comment_days")


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages of working groups to ``blueprint``."""
    add, guard, setting_up = blueprint.add_url_rule, for_committees, for_roles("admin", "committee")
    add("/admin/groups", "groups", guard(show))
    add("/admin/groups/new", "group_new", setting_up(new), methods=["GET"])
    add("/admin/groups/new", "group_save", setting_up(save), methods=["POST"])
    add("/admin/groups/<group_id>", "group", guard(one))
    add("/admin/groups/<group_id>/change", "group_change", setting_up(change), methods=["GET"])
    add("/admin/groups/<group_id>/change", "group_changed", setting_up(changed), methods=["POST"])
    add("/admin/groups/<group_id>/members", "group_member", setting_up(appoint), methods=["POST"])
    add("/admin/groups/<group_id>/meetings", "group_meeting", guard(meet), methods=["POST"])
    add("/admin/agreement", "agreement", guard(agreement))


def show() -> ResponseReturnValue:
    """List the groups."""
    return page("admin/groups", rows=groups.groups(runtime()), desk=desk())


def one(group_id: str) -> ResponseReturnValue:
    """Show a group with its members and meetings."""
    return _shown(group_id, Form(MultiDict()), "")


def _shown(group_id: str, form: Form, about: str) -> str:
    row, members, meetings = groups.group(runtime(), group_id)
    today = runtime().today()
    mine = {each.role for each in members if each.actor == me().id and each.since <= today <= (each.until or today)}
    may_keep = groups.may_keep(runtime(), row.body_code, me())
    return page(
        "admin/group",
        row=row,
        members=members,
        meetings=meetings,
        changes=groups.changes(runtime(), group_id),
        names={each.actor: each.name for each in members},
        today=today,
        form=form,
        about=about,
        roles=ROLES,
        may_keep=may_keep,
        may_meet=may_keep or bool(mine & {"chair", "secretary"}),
    )


def new() -> ResponseReturnValue:
    """Show the form for a group."""
    return _form(Form(MultiDict({"raters": "2", "quorum": "3", "comment_days": "0", "procedure": PROCEDURES[0]})))


def _form(form: Form) -> str:
    place = desk()
    bodies = [
        row
        for row in organisations.organisations(runtime()).values()
        if row.kind not in _NOT_BODIES and place.may(row.code)
    ]
    return page("admin/group_new", form=form, bodies=bodies, own=place.organisation, procedures=PROCEDURES)


def save() -> ResponseReturnValue:
    """Enter a group, or say what is wrong."""
    form = Form(request.form)
    values: dict[str, Any] = {
        "body": form.text("body"),
        "name_th": form.text("name_th"),
        "order_number": form.text("order_number"),
        "order_signatory": form.text("order_signatory"),
        "ordered_on": form.day("ordered_on"),
        **_how(form),
    }
    if form.errors:
        return _form(form), 422
    try:
        made = groups.add_group(runtime(), **values, name_en=form.text("name_en", required=False), by=me())
    except Refused as refusal:
        form.refused(refusal)
        return _form(form), refusal.status
    notify("groups.saved")
    return redirect(url_for("creditbank.group", group_id=made), 303)


def _how(form: Form) -> dict[str, Any]:
    """Return how a group decides, as the form says."""
    numbers = {name: _number(form, name) for name in ("raters", "quorum", "comment_days")}
    return {"procedure": form.choice("procedure", PROCEDURES), **numbers}


def change(group_id: str) -> ResponseReturnValue:
    """Show the form by which a group is changed or dissolved, to who may."""
    row = _kept(group_id)
    form = Form(MultiDict({name: str(getattr(row, name)) for name in _HOW}))
    form.put_day("dissolved_on", row.dissolved_on)
    return _change_form(row, form, row.revision)


def changed(group_id: str) -> ResponseReturnValue:
    """Change how a group decides, or until when it does; who was slower sees what stands and keeps what was typed."""
    row, form = _kept(group_id), Form(request.form)
    told = form.value("revision")
    revision = whole(told) or 0
    values = {**_how(form), "dissolved_on": form.day("dissolved_on", required=False)}
    if form.errors:
        return _change_form(row, form, revision), 422
    try:
        groups.change_group(runtime(), group_id, by=me(), revision=revision, **values)
    except Refused as refusal:
        form.refused(refusal)
        present = _kept(group_id)
        return _change_form(present, form, present.revision if refusal.status == 409 else revision), refusal.status
    notify("groups.changed")
    return redirect(url_for("creditbank.group", group_id=group_id), 303)


def _kept(group_id: str) -> Any:
    """Return a group that the user may set up; ``Refused`` 404, and 403 for another organisation's."""
    row = groups.group(runtime(), group_id)[0]
    if not groups.may_keep(runtime(), row.body_code, me()):
        raise not_yours()
    return row


def _change_form(row: Any, form: Form, revision: int) -> str:
    return page("admin/group_change", row=row, form=form, procedures=PROCEDURES, revision=revision)


def appoint(group_id: str) -> ResponseReturnValue:
    """Enter a member's term."""
    form = Form(request.form)
    values: dict[str, Any] = {
        "name": form.text("name"),
        "role": form.choice("role", ROLES),
        "since": form.day("since"),
    }
    actor, until = form.text("actor", longest=255), form.day("until", required=False)
    form.in_order("since", values["since"], "until", until)
    if form.errors or actor is None:
        return _shown(group_id, form, "member"), 422
    try:
        groups.add_member(runtime(), group_id, actor, **values, until=until, by=me())
    except Refused as refusal:
        form.refused(refusal)
        return _shown(group_id, form, "member"), refusal.status
    notify("groups.appointed")
    return redirect(url_for("creditbank.group", group_id=group_id), 303)


def meet(group_id: str) -> ResponseReturnValue:
    """Enter a meeting."""
    form = Form(request.form)
    held_on, minutes = form.day("held_on"), form.text("minutes", longest=1000)
    if held_on is None or minutes is None:
        return _shown(group_id, form, "meeting"), 422
    try:
        groups.hold_meeting(
            runtime(), group_id, held_on=held_on, present=form.values("present"), minutes=minutes, by=me()
        )
    except Refused as refusal:
        form.refused(refusal)
        return _shown(group_id, form, "meeting"), refusal.status
    notify("groups.met")
    return redirect(url_for("creditbank.group", group_id=group_id), 303)


def agreement() -> ResponseReturnValue:
    """Show how far raters agree, and how often a chair went another way."""
    return page("admin/agreement", figures=ratings.figures(runtime(), me()))


def _number(form: Form, field: str) -> int | None:
    found = whole(thai.digits(form.value(field).strip()), 4)
    if found is None:
        form.wrong(field, "wrong.whole")
    return found

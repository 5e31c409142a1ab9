"""Words that a working group holds for equal: listed, added, ended."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.comparing import synonyms
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import actor, desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

_LONGEST = 4000


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard = for_roles("admin", "committee")
    blueprint.add_url_rule("/admin/synonyms", "synonyms", guard(show), methods=["GET"])
    blueprint.add_url_rule("/admin/synonyms", "synonyms_add", guard(add), methods=["POST"])
    blueprint.add_url_rule("/admin/synonyms/<group_id>/end", "synonyms_end", guard(end), methods=["POST"])


def show() -> ResponseReturnValue:
    """List the words, with a form to add some."""
    return _draw(Form(MultiDict()))


def add() -> ResponseReturnValue:
    """Add the words of the form, one to a line, or show it again with what is wrong."""
    form, by = Form(request.form), actor()
    try:
        synonyms.add(runtime(), form.value("words")[:_LONGEST].splitlines(), by=by, body=by.acting_for)
    except Refused as refusal:
        form.refused(refusal)
        return _draw(form), refusal.status
    notify("synonyms.saved")
    return redirect(url_for("creditbank.synonyms"), 303)


def end(group_id: str) -> ResponseReturnValue:
    """End a group of words."""
    synonyms.end(runtime(), group_id, by=actor())
    notify("synonyms.ended_now")
    return redirect(url_for("creditbank.synonyms"), 303)


def _draw(form: Form) -> str:
    return page("admin/synonyms", form=form, rows=synonyms.all_groups(runtime()), desk=desk())

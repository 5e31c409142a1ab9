"""Proposals of comparisons: the list with what waits for the reader, one of them in full, drafting and editing."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.agreement import ADVICE, ASPECTS, CRITERIA_EVIDENCE, CRITERIA_SOURCE, MARKS
from creditbank_plugin.rules.hours import SCHEMES
from creditbank_plugin.rules.proposal import STATES
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.comparing import groups, proposal_views, proposals, suggestions
from creditbank_plugin.services.comparing.proposal_acts import ChangedMeanwhile
from creditbank_plugin.services.comparing.proposal_views import View
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web import query, terms_form
from creditbank_plugin.web.access import runtime
from creditbank_plugin.web.comparison_form import hints, outcomes
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.members import for_committees, me
from creditbank_plugin.web.page import notify, page

FOUND, SHOWN = 30, 50


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages of proposals to ``blueprint``."""
    add, guard = blueprint.add_url_rule, for_committees
    add("/admin/proposals", "proposals", guard(show))
    add("/admin/proposals/new", "proposal_new", guard(new), methods=["GET"])
    add("/admin/proposals/new", "proposal_begin", guard(begin), methods=["POST"])
    add("/admin/proposals/<proposal_id>", "proposal", guard(one))
    add("/admin/proposals/<proposal_id>/edit", "proposal_edit", guard(edit), methods=["GET"])
    add("/admin/proposals/<proposal_id>/edit", "proposal_save", guard(save), methods=["POST"])
    add("/admin/proposals/<proposal_id>/propose", "proposal_propose", guard(propose), methods=["POST"])
    add("/admin/proposals/<proposal_id>/take-back", "proposal_take_back", guard(take_back), methods=["POST"])


def show() -> ResponseReturnValue:
    """List proposals by state, newest first, and above them what waits for the reader."""
    state = request.args.get("state", "")
    after = request.args.get("after", "")
    found = proposal_views.page(
        runtime(),
        by=me(),
        states=[state] if state in STATES else (),
        after=after if is_uuid(after) else None,
        limit=SHOWN,
    )
    return page(
        "admin/proposals",
        found=found,
        state=state if state in STATES else "",
        states=STATES,
        counts=proposal_views.counts(runtime(), by=me()),
        mine=proposal_views.waiting_for(runtime(), me()),
        may_draft=bool(groups.groups_of(runtime(), me())),
    )


def one(proposal_id: str) -> ResponseReturnValue:
    """Show one proposal."""
    return shown(proposal_id)


def shown(proposal_id: str, form: Form | None = None, about: str = "") -> str:
    """Draw one proposal; ``form`` holds what was wrong with the form called ``about``."""
    view = proposal_views.get(runtime(), proposal_id, by=me())
    return page(
        "admin/proposal",
        view=view,
        aspects=ASPECTS,
        marks=MARKS,
        advice=ADVICE,
        source=CRITERIA_SOURCE,
        evidence=CRITERIA_EVIDENCE,
        form=form or Form(MultiDict()),
        about=about,
    )


def new() -> ResponseReturnValue:
    """Choose a course by a search; whoever sits in several groups chooses the group as well."""
    return _choose(Form(MultiDict()))


def _choose(form: Form) -> str:
    search = query.words()
    found = courses.courses_with(runtime(), search=search, limit=FOUND) if search else []
    mine = groups.groups_of(runtime(), me())
    return page("admin/proposal_new", form=form, search=search, courses=found, mine=mine)


def begin() -> ResponseReturnValue:
    """Begin a draft with what the course says of itself, and go on to its form."""
    form = Form(request.form)
    try:
        made = proposals.create(
            runtime(), course_id=form.value("course"), group_id=form.value("group") or None, by=me()
        )
    except Refused as refusal:
        form.refused(refusal)
        return _choose(form), refusal.status
    return redirect(url_for("creditbank.proposal_edit", proposal_id=made), 303)


def edit(proposal_id: str) -> ResponseReturnValue:
    """Show the form of a draft, or of what was returned."""
    view = _editable(proposal_id)
    return _form(view, terms_form.filled(view.terms), view.row.revision)


def save(proposal_id: str) -> ResponseReturnValue:
    """Save what was entered, or show it again: with outcomes found, with what is wrong, or with who was quicker."""
    view, form = _editable(proposal_id), Form(request.form)
    revision = seen(form) or 0
    if form.value("step") == "find":
        return _form(view, form, revision)
    read = terms_form.read(form, view.course)
    if read is None:
        return _form(view, form, revision), 422
    try:
        proposals.edit(runtime(), proposal_id, read, by=me(), revision=revision)
        if form.value("step") == "propose":
            proposals.propose(runtime(), proposal_id, by=me())
    except ChangedMeanwhile as late:
        form.refused(late)
        return _form(_editable(proposal_id), form, late.revision, late), 409
    except Refused as refusal:
        form.refused(refusal)
        present = _editable(proposal_id)
        return _form(present, form, present.row.revision), refusal.status
    notify("proposals.proposed" if form.value("step") == "propose" else "proposals.saved")
    return redirect(url_for("creditbank.proposal", proposal_id=proposal_id), 303)


def propose(proposal_id: str) -> ResponseReturnValue:
    """Put it before its group, as it was seen."""
    form = Form(request.form)
    try:
        proposals.propose(runtime(), proposal_id, by=me(), revision=seen(form))
    except Refused as refusal:
        form.refused(refusal)
        return shown(proposal_id, form, "propose"), refusal.status
    notify("proposals.proposed")
    return redirect(url_for("creditbank.proposal", proposal_id=proposal_id), 303)


def take_back(proposal_id: str) -> ResponseReturnValue:
    """Take back what is not decided yet."""
    form = Form(request.form)
    reason = form.text("reason", required=False, longest=4000)
    try:
        proposals.take_back(runtime(), proposal_id, by=me(), reason=reason, revision=seen(form))
    except Refused as refusal:
        form.refused(refusal)
        return shown(proposal_id, form, "take_back"), refusal.status
    notify("proposals.taken_back")
    return redirect(url_for("creditbank.proposals"), 303)


def seen(form: Form) -> int | None:
    """Return the revision that the form was made of, None where it does not say."""
    return number(form, "revision")


def number(form: Form, field: str) -> int | None:
    """Return the whole number that the page itself put into a form, None where there is none."""
    return whole(form.value(field))


def _editable(proposal_id: str) -> View:
    """Return a proposal that the reader may edit; ``Refused`` says why not."""
    view = proposal_views.get(runtime(), proposal_id, by=me())
    proposals.may_edit(runtime(), proposal_id, by=me())
    return view


def _form(view: View, form: Form, revision: int, late: ChangedMeanwhile | None = None) -> str:
    return page(
        "admin/proposal_form",
        view=view,
        form=form,
        revision=revision,
        late=late,
        schemes=SCHEMES,
        hints=hints(view.course.hours),
        suggested=suggestions.of_id(runtime(), view.course.id),
        **outcomes(form),
    )

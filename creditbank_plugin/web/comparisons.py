"""Comparisons that are law: listed, ended, and (by an administrator) entered as they were approved on paper.

How a working group comes to one is the business of `web.proposals` and `web.judging`.
"""

from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.hours import SCHEMES
from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.services.comparing.comparisons import ENDINGS
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web import choices, query
from creditbank_plugin.web.access import for_roles, runtime, this_user
from creditbank_plugin.web.comparison_form import Draft, hints, outcomes, read
from creditbank_plugin.web.desk import actor, desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

FOUND = 30


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages of comparisons to ``blueprint``."""
    guard, from_paper = for_roles("admin", "committee"), for_roles("admin")
    blueprint.add_url_rule("/admin/comparisons", "comparisons", guard(show))
    blueprint.add_url_rule("/admin/comparisons/new", "comparison_new", from_paper(new), methods=["GET"])
    blueprint.add_url_rule("/admin/comparisons/new", "comparison_save", from_paper(save), methods=["POST"])
    blueprint.add_url_rule("/admin/comparisons/<comparison_id>/end", "comparison_end", guard(end), methods=["POST"])


def show() -> ResponseReturnValue:
    """List comparisons, newest first; each can be ended from a day on."""
    return _list(Form(MultiDict()), None)


def _list(form: Form, ending: str | None) -> str:
    rows = comparisons.comparisons(runtime())
    return page("admin/comparisons", rows=rows, form=form, ending=ending, endings=ENDINGS, desk=desk())


def end(comparison_id: str) -> ResponseReturnValue:
    """Withdraw a comparison, or have it superseded, for completions from a day on."""
    who = actor()
    comparisons.may_end(runtime(), comparison_id, acting_for=who.acting_for)
    form = Form(request.form)
    ended_from, ended_as = form.day("ended_from"), form.choice("ended_as", ENDINGS)
    if ended_from is not None and ended_as is not None:
        try:
            comparisons.end_comparison(
                runtime(),
                comparison_id,
                ended_from=ended_from,
                ended_as=ended_as,
                by=who,
            )
        except Refused as refusal:
            form.refused(refusal)
        else:
            notify("comparisons.ended")
            return redirect(url_for("creditbank.comparisons"), 303)
    return _list(form, comparison_id), 422


def new() -> ResponseReturnValue:
    """First choose a course version by a search, then show the form for it; only to who may act for somebody."""
    desk().acting_for()
    course = _course(request.args.get("course", ""))
    search = query.words()
    if course is None:
        found = courses.courses_with(runtime(), search=search, limit=FOUND) if search else []
        return page("admin/comparison_course", search=search, courses=found)
    return _form(Form(MultiDict()), course)


def save() -> ResponseReturnValue:
    """Approve what was entered, or show it again: with outcomes found, or with what is wrong at its field."""
    who, form = actor(), Form(request.form)
    desk().refuse(form.value("body"))
    course = _course(form.value("course"))
    if course is None:
        return redirect(url_for("creditbank.comparison_new"), 303)
    if form.value("step") != "save":
        return _form(form, course)
    draft = read(form, course, [row.code for row in _bodies(course)], _today())
    if draft is None:
        return _form(form, course), 422
    try:
        _approve(course, draft, who)
    except Refused as refusal:
        form.refused(refusal)
        return _form(form, course), refusal.status
    notify("comparisons.saved", code=course.code)
    return redirect(url_for("creditbank.comparisons"), 303)


def _approve(course: Any, draft: Draft, who: Actor) -> None:
    comparisons.enter_from_paper(
        runtime(),
        course_id=course.id,
        body=draft.body,
        scheme=draft.scheme,
        credits=draft.credits,
        outcomes=draft.outcomes,
        nqf_level=draft.nqf_level,
        nqf_level_basis=draft.nqf_level_basis,
        conditions=draft.conditions,
        reference=draft.reference,
        approved_at=datetime.combine(draft.approved_on, time(), thai.BANGKOK),
        applies_from=draft.applies_from,
        applies_until=draft.applies_until,
        credits_rule=draft.credits_rule,
        by=who,
    )


def _form(form: Form, course: Any) -> str:
    return page(
        "admin/comparison_new",
        form=form,
        course=course,
        bodies=_bodies(course),
        own=this_user().organisation,
        schemes=SCHEMES,
        hints=hints(course.hours),
        **outcomes(form),
    )


def _course(course_id: str) -> Any:
    if not is_uuid(course_id):
        return None
    return next(iter(courses.courses_with(runtime(), ids=[course_id], limit=1)), None)


def _bodies(course: Any) -> list[Any]:
    """Return who may compare: the user's own organisation and those below it; of schools the owner and the own only."""
    place = desk()
    near = (course.owner_code, place.organisation)
    known = [row for row in organisations.organisations(runtime()).values() if place.may(row.code)]
    return [row for row in known if row.kind not in choices.MANY or row.code in near]


def _today() -> date:
    return thai.bangkok_day(runtime().clock())

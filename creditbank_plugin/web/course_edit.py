"""Entering and editing a course at the desk: judged as a row of a spreadsheet, never over what somebody else has saved."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin import reference
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.course import HOUR_FIELDS, KEY, LEVEL_GROUPS, SECTORS, CourseValues, lines_of
from creditbank_plugin.rules.course_row import COLUMNS, check_row
from creditbank_plugin.rules.hours import hours_text
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services.catalogue import course_entry, course_view
from creditbank_plugin.services.catalogue.course_view import CourseView
from creditbank_plugin.services.reach import not_yours
from creditbank_plugin.web.access import for_roles, runtime, this_user
from creditbank_plugin.web.courses import EDITORS, found
from creditbank_plugin.web.desk import actor, desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page
from creditbank_plugin.web.show import both
from creditbank_plugin.web.words import language

_DAYS = ("in_force_from", "in_force_until")
#: What the form says of a course; whatever else it holds stays.
_SPOKEN = (frozenset(COLUMNS) - set(KEY)) | set(_DAYS)


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard = for_roles(*EDITORS)
    blueprint.add_url_rule("/courses/new", "course_new", guard(new), methods=["GET"])
    blueprint.add_url_rule("/courses/new", "course_enter", guard(enter), methods=["POST"])
    blueprint.add_url_rule("/courses/<course_id>/edit", "course_edit", guard(edit), methods=["GET"])
    blueprint.add_url_rule("/courses/<course_id>/edit", "course_save", guard(save), methods=["POST"])


def new() -> ResponseReturnValue:
    """Show an empty form, or with ``?from=`` one for a new curriculum year of a course; only to who may act for somebody."""
    desk().acting_for()
    base = _base(request.args.get("from", ""))
    told = _fields(replace(base.values, version="", in_force_from=None, in_force_until=None)) if base else {}
    form = Form(MultiDict({"owner": this_user().organisation or "", **told}))
    return _draw(form, base=base)


def enter() -> ResponseReturnValue:
    """Enter a course, or show the form again with what is wrong at its field."""
    form, base = Form(request.form), _base(request.form.get("from", ""))
    if base is not None:
        form = _with_key(form, owner=base.values.owner, code=base.values.code)
    values = _read(form)
    if values is None:
        return _draw(form, base=base), 422
    try:
        done = course_view.edit(runtime(), values, revision=None, by=actor())
    except Refused as refusal:
        form.refused(refusal)
        return _draw(form, base=base), refusal.status
    notify("course_form.entered", code=values.code)
    return redirect(url_for("creditbank.course_one", course_id=done.course_id), 303)


def edit(course_id: str) -> ResponseReturnValue:
    """Show the form with what the course says now."""
    course = _mine(course_id)
    return _draw(Form(MultiDict({**_fields(course.values), "revision": str(course.revision)})), course=course)


def save(course_id: str) -> ResponseReturnValue:
    """Save an edit as a new revision; where somebody else was quicker, show what they changed and ask again."""
    course = _mine(course_id)
    form = _with_key(Form(request.form), **dict(zip(KEY, course.values.key, strict=True)))
    values, revision = _read(form), whole(form.value("revision"))
    if values is None or revision is None:
        return _draw(form, course=course), 422
    try:
        done = course_view.edit(runtime(), values, revision=revision, by=actor(), only=_SPOKEN)
    except Refused as refusal:
        if refusal.code != "changed_meanwhile":
            raise
        return _meanwhile(form, course_id, revision, refusal)
    notify("course_form.saved" if done.state == "changed" else "course_form.same", revision=done.revision)
    return redirect(url_for("creditbank.course_one", course_id=course_id), 303)


def _meanwhile(form: Form, course_id: str, seen: int, refusal: Refused) -> ResponseReturnValue:
    """Show the form as it was filled in, with what others have saved since; saving again is then meant."""
    course = _mine(course_id)
    changed = {name for each in course.revisions if each.number > seen for name in each.changed}
    again = Form(MultiDict({**form.sent.to_dict(), "revision": str(course.revision)}))
    again.refused(refusal)
    theirs = [name for name in COLUMNS if name in changed] + [name for name in _DAYS if name in changed]
    return _draw(again, course=course, theirs=theirs), 409


def _mine(course_id: str) -> CourseView:
    course = found(course_id)
    if not desk().may(course.values.owner):
        raise not_yours()
    return course


def _base(course_id: str) -> CourseView | None:
    return _mine(course_id) if course_id else None


def _with_key(form: Form, **key: str) -> Form:
    return Form(MultiDict({**form.sent.to_dict(), **key}))


def _fields(values: CourseValues) -> dict[str, str]:
    """Return what a course says as the fields of the form hold it."""
    told = {name: getattr(values, name) for name in COLUMNS}
    said = {name: str(value) for name, value in told.items() if value not in (None, ())}
    said.update({name: hours_text(told[name]) for name in HOUR_FIELDS if told[name] is not None})
    said["outcomes"] = lines_of(values.outcomes)
    for name in _DAYS:
        day = getattr(values, name)
        if day is not None:
            year = day.year + 543 if language() == "th" else day.year
            said.update({f"{name}_d": str(day.day), f"{name}_m": str(day.month), f"{name}_y": str(year)})
    return said


def _read(form: Form) -> CourseValues | None:
    """Return what the form says, or None with what is wrong at its fields."""
    cells = {name: form.value(name) for name in COLUMNS}
    read = check_row(cells, course_entry.context(runtime(), cells, by=actor()))
    if isinstance(read, list):
        for fault in read:
            form.errors.setdefault(fault.column, str(both(fault.th, fault.en)))
    first, last = (form.day(name, required=False) for name in _DAYS)
    if first is not None and last is not None and last < first:
        form.wrong("in_force_until", "course_form.before")
    if form.errors or isinstance(read, list):
        return None
    return replace(read, in_force_from=first, in_force_until=last)


def _draw(form: Form, *, course: CourseView | None = None, base: CourseView | None = None, **more: Any) -> str:
    values: dict[str, Any] = {"theirs": [], **more}
    return page(
        "course_form",
        form=form,
        course=course,
        base=base,
        level_groups=LEVEL_GROUPS,
        sectors=SECTORS,
        provinces=reference.provinces(),
        **values,
    )

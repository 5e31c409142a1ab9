"""Courses that completions name and we do not know: an administrator says which course of ours is meant."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.catalogue import aliases, courses
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import actor
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page


@dataclass(frozen=True)
class Unknown:
    """A name of a course that ``completions`` messages wait for: an address (IRI) or a foreign code.

    ``in_catalogue``: the code is one of ours, and only the version or the owner that was told is not; to map it would
    give everybody who names that course another one's credit.
    """

    name: str
    is_address: bool
    completions: int
    in_catalogue: bool


def add_pages(blueprint: Blueprint) -> None:
    """Add the page to ``blueprint``."""
    blueprint.add_url_rule("/admin/aliases", "aliases", for_roles("admin")(show), methods=["GET"])
    blueprint.add_url_rule("/admin/aliases", "alias_save", for_roles("admin")(save), methods=["POST"])


def show() -> ResponseReturnValue:
    """List unknown names and known aliases; with ``?name=`` search a course for one of them."""
    return _draw(Form(request.args))


def save() -> ResponseReturnValue:
    """Map a name to a course of ours and say how many completions were settled by that, or will be.

    A name that means another course already is asked about a second time, and changed only for who was shown which.
    """
    form = Form(request.form)
    name = form.text("name", longest=1000)
    chosen = form.text("course")
    course = None
    if chosen:
        found = courses.courses_with(runtime(), ids=[chosen], limit=1) if form.is_id("course") else []
        course = next(iter(found), None)
        if course is None:
            form.wrong("course", "wrong.unknown_choice")
    if form.errors or course is None or name is None:
        return _draw(form), 422
    present = aliases.mapped(runtime(), name)
    try:
        woken = aliases.alias(
            runtime(),
            name,
            course.code,
            owner=course.owner_code,
            version=course.version,
            by=actor().id,
            replace=present is not None and form.value("replaces") == present.text,
        )
    except Refused as refusal:
        if refusal.code != "alias_taken":
            raise
        return _draw(form, course), 409
    if woken.left:
        notify("aliases.saved_left", n=woken.messages, left=woken.left, code=course.code)
    else:
        notify("aliases.saved", n=woken.messages, code=course.code)
    return redirect(url_for("creditbank.aliases"), 303)


def _draw(form: Form, instead: Any = None) -> str:
    """Draw the page; with ``instead`` it asks whether a mapped name shall mean that course from now on."""
    search = form.value("q").strip()[:200]
    name = form.value("name").strip()[:1000]
    return page(
        "admin/aliases",
        form=form,
        name=name,
        search=search,
        present=aliases.mapped(runtime(), name) if name else None,
        instead=instead,
        courses=courses.courses_with(runtime(), search=search, limit=20) if search else [],
        unknown=_unknown(),
        aliases=aliases.aliases(runtime()),
    )


def _unknown() -> list[Unknown]:
    """Return each unknown name once: a message that has an address and a code waits under both."""
    found: dict[str, Unknown] = {}
    rows = [(*row.wait_key.partition(":")[::2], row) for row in aliases.unknown_courses(runtime())]
    ours = aliases.known_codes(runtime(), [name for _, name, _ in rows])
    for kind, name, row in rows:
        key = row.course_code or name
        if key not in found or kind == "iri":
            found[key] = Unknown(name, kind == "iri", row.completions, name in ours)
    return sorted(found.values(), key=lambda each: (-each.completions, each.name))

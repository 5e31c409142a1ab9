"""Outcomes that are suggested for a course, to be read by themselves by working groups."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from creditbank_plugin.services.catalogue import course_pages
from creditbank_plugin.services.catalogue.course_pages import Filter
from creditbank_plugin.services.comparing import suggestions
from creditbank_plugin.web import query
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.page import page


def add_pages(blueprint: Blueprint) -> None:
    """Add the page to ``blueprint``."""
    blueprint.add_url_rule("/admin/suggestions", "suggestions", for_roles("admin", "committee")(show), methods=["GET"])


def show() -> ResponseReturnValue:
    """Search a course with ``?q=``; with ``?course=`` show what is suggested for it."""
    search, chosen = query.words(), request.args.get("course", "")
    return page(
        "admin/suggestions",
        search=search,
        courses=course_pages.page(runtime(), Filter(), search, limit=20).items if search else (),
        found=suggestions.of_id(runtime(), chosen) if chosen else None,
    )

"""The catalogue for everybody who is logged in: find a course, and see before enrolling what it will count for."""

from typing import Any

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from creditbank_plugin import reference
from creditbank_plugin.formats.table_file import MEDIA
from creditbank_plugin.rules import course_codes
from creditbank_plugin.rules.course import LEVEL_GROUPS, SECTORS
from creditbank_plugin.rules.course_hours import of_tpn, parse_tpn
from creditbank_plugin.services import organisations
from creditbank_plugin.services.catalogue import course_export, course_pages, course_view
from creditbank_plugin.services.catalogue.course_pages import Filter
from creditbank_plugin.services.catalogue.course_view import CourseView
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.storage.queries.course_list import COLUMNS
from creditbank_plugin.web import query
from creditbank_plugin.web.access import for_everybody, for_roles, has_role, runtime, this_user
from creditbank_plugin.web.desk import desk
from creditbank_plugin.web.page import page

PER_PAGE = 20
#: Who may enter and edit the courses of their own organisation and those below it.
EDITORS = ("admin", "committee", "registrar", "director")


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages of the catalogue to ``blueprint``."""
    blueprint.add_url_rule("/courses", "courses", for_everybody(show))
    blueprint.add_url_rule("/courses/<course_id>", "course_one", for_everybody(one))
    blueprint.add_url_rule("/courses/export.<kind>", "course_export", for_roles(*EDITORS)(export))


def show() -> ResponseReturnValue:
    """List the catalogue: the best fits of ``?q=``, else in the order of codes, limited by filters."""
    asked = {name: told for name in COLUMNS if (told := _told(name))}
    words, own = _told("q"), _own_bank()
    counts, adopted = _told("counts") == "true" or None, own is not None and _told("mine") == "true"
    wanted = Filter(asked, counts, own if adopted else None)
    found = course_pages.page(runtime(), wanted, words, after=_told("after"), limit=PER_PAGE)
    marks = course_pages.marks(runtime(), [row.id for row in found.items], own)
    return page(
        "courses",
        found=found,
        marks=marks,
        search=words or "",
        asked=asked,
        counts=bool(counts),
        mine=adopted,
        own_bank=own,
        limited=bool(asked or counts or adopted),
        paged=_told("after") is not None,
        here_again=_here_again,
        level_groups=LEVEL_GROUPS,
        sectors=SECTORS,
        provinces=reference.provinces(),
        groups=[(each, each) for each in course_pages.choices(runtime(), "occupational_group")],
        may_edit=has_role(*EDITORS),
    )


def one(course_id: str) -> ResponseReturnValue:
    """Show one course: what it is, what it will count for, by which announcement, at which banks."""
    shown = found(course_id)
    tpn = parse_tpn(shown.values.tpn) if shown.values.tpn else None
    own = this_user().organisation or None
    return page(
        "course",
        course=shown,
        values=shown.values,
        code=course_codes.read(shown.values.code, shown.values.version),
        by_tpn=of_tpn(tpn) if tpn is not None else None,
        own=own if _own_bank() else None,
        may_edit=has_role(*EDITORS) and desk().may(shown.values.owner),
        is_staff=has_role(*EDITORS),
    )


def export(kind: str) -> ResponseReturnValue:
    """Hand out the courses that the filters leave, as a spreadsheet."""
    if kind not in course_export.KINDS:
        abort(404)
    asked = {name: told for name in COLUMNS if (told := _told(name))}
    content = course_export.exported(runtime(), kind, wanted=asked)
    answer = Response(content, content_type=MEDIA[kind])
    answer.headers["Content-Disposition"] = f"attachment; filename=courses.{kind}"
    return answer


def found(course_id: str) -> CourseView:
    """Return the course with this id as this visitor sees it; 404 where there is none."""
    if not is_uuid(course_id):
        abort(404)
    key = course_view.by_id(runtime(), course_id)
    return course_view.view(runtime(), key, organisation=this_user().organisation or None)


def _told(name: str) -> str | None:
    return query.words(name) or None


def _own_bank() -> str | None:
    """Return the code of the bank of the visitor's own organisation, if it has one."""
    own = this_user().organisation
    return organisations.bank_of(runtime(), own) if own else None


def _here_again(**more: Any) -> dict[str, Any]:
    """Return what was asked for, with ``more`` in its place; what is empty is left out."""
    kept = {name: told for name in (*COLUMNS, "q", "counts", "mine") if (told := _told(name))}
    return {name: told for name, told in {**kept, **more}.items() if told}

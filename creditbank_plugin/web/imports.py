"""Bringing in a spreadsheet of courses: send it, say what its columns mean, look at what was found, load it."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin import reference
from creditbank_plugin.errors import Refused
from creditbank_plugin.formats.sheets import LIMITS
from creditbank_plugin.formats.table_file import MEDIA
from creditbank_plugin.rules.course_words import COLUMNS, REQUIRED
from creditbank_plugin.services import organisations
from creditbank_plugin.services.importing import course_imports, course_template
from creditbank_plugin.services.importing.import_check import REFUSED, STATES
from creditbank_plugin.services.importing.import_work import CHECKED, CHECKING, FAILED, LOADED, LOADING, MAPPING
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.web import import_rows, query, uploads
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import Desk, actor, desk
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

ROLES = ("admin", "committee", "registrar", "director")
PER_PAGE = 50
#: How often the page of a file that is being checked or loaded is asked for again; seconds.
AGAIN = 2


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard = for_roles(*ROLES)
    blueprint.add_url_rule("/admin/imports", "imports", guard(show), methods=["GET"])
    blueprint.add_url_rule("/admin/imports", "import_send", guard(send), methods=["POST"])
    blueprint.add_url_rule("/admin/imports/template.xlsx", "import_template", guard(template))
    blueprint.add_url_rule("/admin/imports/<import_id>", "import_one", guard(show_one), methods=["GET"])
    for name, act in (("sheet", sheet), ("check", check), ("load", load), ("drop", drop), ("retry", retry)):
        path = f"/admin/imports/<import_id>/{name}"
        blueprint.add_url_rule(path, f"import_{name}", guard(act), methods=["POST"])
    uploads.allow(blueprint, "import_send", LIMITS.file_bytes)


def show() -> ResponseReturnValue:
    """Show the form to send a file, and what was sent before."""
    return _list(Form(MultiDict()))


def send() -> ResponseReturnValue:
    """Take in a file and go on to what its columns mean, or say at its field what is wrong with it."""
    form, by = Form(request.form), actor()
    province = form.choice("province", [each.code for each in reference.provinces()])
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        form.wrong("file", "imports.no_file")
    if form.errors or sent is None:
        return _list(form), 422
    try:
        import_id = course_imports.upload(runtime(), sent.read(), sent.filename or "", by=by, province=province)
    except Refused as refusal:
        form.refused(refusal)
        return _list(form), refusal.status
    return redirect(url_for("creditbank.import_one", import_id=import_id), 303)


def template() -> ResponseReturnValue:
    """Give out the template."""
    answer = Response(course_template.template("xlsx"), content_type=MEDIA["xlsx"])
    answer.headers["Content-Disposition"] = 'attachment; filename="course-template.xlsx"'
    return answer


def show_one(import_id: str) -> ResponseReturnValue:
    """Show where a file stands: its columns, how far it is checked, what was found, what became of it."""
    row = course_imports.get(runtime(), import_id, acting_for=desk().acting_for())
    return _draw(row, Form(MultiDict()))


def sheet(import_id: str) -> ResponseReturnValue:
    """Take another sheet of the file."""
    chosen = str(request.form.get("sheet", ""))
    return _act(import_id, lambda: course_imports.choose_sheet(runtime(), import_id, chosen, by=actor()))


def check(import_id: str) -> ResponseReturnValue:
    """Check the rows, the columns meaning what was chosen."""
    columns: dict[str, int] = {}
    form = Form(request.form)
    for name, meaning in request.form.items():
        place = name.removeprefix("column-")
        if name.startswith("column-") and meaning in COLUMNS and place.isascii() and place.isdigit():
            if meaning in columns:
                form.wrong("columns", "imports.twice", column=import_rows.column(meaning))
            columns[meaning] = int(place[:4])
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        form.wrong("columns", "imports.missing", columns=", ".join(import_rows.column(each) for each in missing))
    if form.errors:
        row = course_imports.get(runtime(), import_id, acting_for=desk().acting_for())
        return _draw(row, form, columns, 422)
    return _act(import_id, lambda: course_imports.check(runtime(), import_id, columns, by=actor()))


def load(import_id: str) -> ResponseReturnValue:
    """Load the good rows, or all of them or none, as was chosen."""
    form = Form(request.form)
    whole_only = form.value("whole_only", "no") == "yes"
    return _act(import_id, lambda: course_imports.load(runtime(), import_id, by=actor(), whole_only=whole_only), form)


def drop(import_id: str) -> ResponseReturnValue:
    """Give the file up."""
    course_imports.drop(runtime(), import_id, by=actor())
    notify("imports.dropped")
    return redirect(url_for("creditbank.imports"), 303)


def retry(import_id: str) -> ResponseReturnValue:
    """Check the file once more."""
    return _act(import_id, lambda: course_imports.retry(runtime(), import_id, by=actor()))


def _act(import_id: str, act: Any, form: Form | None = None) -> ResponseReturnValue:
    """Do it and show the file again, with what was refused where something was."""
    form = form or Form(MultiDict())
    try:
        act()
    except Refused as refusal:
        form.refused(Refused(refusal.code, refusal.th, refusal.en, status=refusal.status))
        row = course_imports.get(runtime(), import_id, acting_for=desk().acting_for())
        return _draw(row, form, status=refusal.status)
    return redirect(url_for("creditbank.import_one", import_id=import_id), 303)


def _list(form: Form) -> str:
    place = desk()
    return page(
        "admin/imports",
        form=form,
        rows=course_imports.history(runtime(), acting_for=place.acting_for()) if place.may_enter else [],
        desk=place,
        provinces=import_rows.provinces(),
        own_province=_own_province(place),
        required=REQUIRED,
    )


def _own_province(place: Desk) -> str:
    """Return the province of the user's own organisation, empty where it has none."""
    if place.organisation is None:
        return ""
    row = organisations.organisations(runtime(), [place.organisation]).get(place.organisation)
    return str(row.province or "") if row is not None else ""


def _draw(row: Stored, form: Form, columns: dict[str, int] | None = None, status: int = 200) -> ResponseReturnValue:
    acting_for = desk().acting_for()
    job = course_imports.job_of(runtime(), row, acting_for=acting_for)
    values: dict[str, Any] = {"row": row, "form": form, "job": job, "fault": row.fault}
    if job is not None and job.state in ("failed", "stopped"):
        return page("admin/import_failed", **{**values, "fault": job.fault}), status
    if row.state == MAPPING:
        chosen = row.mapping["columns"] if columns is None else columns
        meanings = {place: name for name, place in chosen.items()}
        return page("admin/import_columns", **values, meanings=meanings, rows=import_rows), status
    if row.state in (CHECKING, LOADING):
        return page("admin/import_waiting", **values), status, {"Refresh": str(AGAIN)}
    if row.state in (CHECKED, LOADED):
        return page("admin/import_found", **values, **_rows(row), whole_only=import_rows.ways(row.counts)), status
    return page("admin/import_failed" if row.state == FAILED else "admin/import_gone", **values), status


def _rows(row: Stored) -> dict[str, Any]:
    """Return the rows of the state that is asked for: those that are refused first, where there are any."""
    usual = (
        REFUSED if row.counts.get(REFUSED) else next((state for state in STATES if row.counts.get(state)), STATES[0])
    )
    asked = request.args.get("show", usual)
    chosen = asked if asked in STATES else usual
    last = query.number("after")
    found = course_imports.rows(runtime(), row.id, chosen, after=last, limit=PER_PAGE + 1)
    return {
        "chosen": chosen,
        "shown": [import_rows.shown(each) for each in found[:PER_PAGE]],
        "following": found[PER_PAGE - 1].number if len(found) > PER_PAGE else None,
        "states": STATES if row.state == CHECKED else (REFUSED,),
        "last": last,
    }

"""Loading a framework from a file: send it, look at what it would change, load it."""

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.rules.framework_row import COLUMNS, EVIDENCE
from creditbank_plugin.services.catalogue import framework_files, framework_jobs
from creditbank_plugin.services.catalogue.framework_files import About
from creditbank_plugin.storage.queries.jobs import DONE, QUEUED, RUNNING
from creditbank_plugin.web import uploads
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import actor
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import page

#: How often the page of a file that is being worked on is asked for again; seconds.
AGAIN = 2
_ABOUT = ("code", "title_th", "title_en", "version", "source", "publisher")


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard = for_roles("admin")
    blueprint.add_url_rule("/admin/frameworks", "editions", guard(show), methods=["GET"])
    blueprint.add_url_rule("/admin/frameworks", "edition_send", guard(send), methods=["POST"])
    uploads.allow(blueprint, "edition_send", framework_files.LARGEST)
    blueprint.add_url_rule("/admin/frameworks/<job_id>", "edition_one", guard(one), methods=["GET"])
    blueprint.add_url_rule("/admin/frameworks/<job_id>/load", "edition_load", guard(load), methods=["POST"])


def show() -> ResponseReturnValue:
    """Show the form to send a file."""
    return _form(Form(MultiDict()))


def _form(form: Form) -> str:
    return page(
        "admin/editions", form=form, columns=list(COLUMNS), evidence=EVIDENCE, megabytes=framework_files.LARGEST >> 20
    )


def send() -> ResponseReturnValue:
    """Take in a file and go on to what it would change."""
    form = Form(request.form)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        form.wrong("file", "editions.no_file")
    said = {name: form.text(name, required=False) for name in _ABOUT}
    evidence = form.choice("evidence", EVIDENCE, required=False)
    if form.errors or sent is None:
        return _form(form), 422
    about = About(**said, evidence=evidence)
    job_id = framework_jobs.look(runtime(), sent.read(), sent.filename or "", about, by=actor())
    return redirect(url_for("creditbank.edition_one", job_id=job_id), 303)


def one(job_id: str) -> ResponseReturnValue:
    """Show what a file would change, what is wrong with it, or what loading it has changed."""
    job = framework_jobs.get(runtime(), job_id, by=actor())
    working, told = job.state in (QUEUED, RUNNING), job.result if job.state == DONE else None
    may_load = (
        told is not None and not (told.get("faults") or told["loaded"] or told["nothing"]) and "content" in job.wanted
    )
    shown = page("admin/edition", job=job, working=working, told=told, may_load=may_load)
    answer = make_response(shown)
    if working:
        answer.headers["Refresh"] = str(AGAIN)
    return answer


def load(job_id: str) -> ResponseReturnValue:
    """Load the file that was looked at."""
    started = framework_jobs.load(runtime(), job_id, by=actor())
    return redirect(url_for("creditbank.edition_one", job_id=started), 303)

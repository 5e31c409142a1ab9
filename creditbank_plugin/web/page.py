"""How a page is drawn: everything a template needs is handed over by name.

Nothing is added to the application's Jinja environment, where the host's words would meet ours.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import current_app, render_template, request, session, url_for
from flask.sessions import NullSession

from creditbank_plugin.web import access, choices, course_words, explained, forgery, outcomes, pictures, show
from creditbank_plugin.web.menu import rooms, staff_pages
from creditbank_plugin.web.names import bank, course_line, edition_line, organisation
from creditbank_plugin.web.words import LANGUAGES, known, language, t, word

_NOTICE = "creditbank_notice"
#: The pages of the log-in that an application without a host has (`creditbank_plugin.login`).
OWN_LOGIN = "creditbank_login"


def page(template: str, **values: Any) -> str:
    """Draw ``creditbank/<template>.html`` for this visitor."""
    user = access.user()
    return render_template(
        f"creditbank/{template}.html",
        t=t,
        word=word,
        show=show,
        explained=explained,
        outcomes=outcomes,
        pictures=pictures,
        choices=choices,
        course_words=course_words,
        known=known,
        organisation=organisation,
        bank=bank,
        course_line=course_line,
        edition_line=edition_line,
        lang=language(),
        here=_here,
        user=user,
        is_learner=user is not None and user.learner is not None,
        rooms=rooms(),
        staff_pages=staff_pages(),
        token_field=forgery.FIELD,
        token=forgery.token,
        host_token=forgery.host_token,
        host_field=forgery.host_field,
        login_url=login_url(),
        log_out_url=_log_out_url(),
        back_url=_back_url(),
        home_url=_home_url(),
        notice=_take_notice(),
        **values,
    )


def notify(key: str, **values: str | int) -> None:
    """Say ``t(key, **values)`` on the visitor's next page: after a form was carried out and led elsewhere."""
    if not isinstance(session, NullSession):
        session[_NOTICE] = {"key": key, "values": values}


def _take_notice() -> str | None:
    if (request.endpoint or "").endswith(".static"):
        return None  # a file of a page that is missing: nobody looks at this error, the notice waits for a page
    kept = None if isinstance(session, NullSession) else session.pop(_NOTICE, None)
    return t(kept["key"], **kept["values"]) if kept else None


def _here(lang: str) -> str:
    """Return the address of this page in another language, everything else asked for kept.

    What a form was sent to may be no page: its answers lead home.
    """
    assert lang in LANGUAGES  # noqa: S101 - templates name it themselves
    if request.method != "GET":
        return url_for("creditbank.home", lang=lang)
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{request.script_root}{request.path}?{urlencode([*kept, ('lang', lang)])}"


def _back_url() -> str:
    """Return the page of this site that a refused form was on, where the browser says so; else home."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host or not came.path.startswith("/") or came.path.startswith("//"):
        return url_for("creditbank.home")
    return f"{came.path}?{came.query}" if came.query else came.path


def _home_url() -> str | None:
    """Return where the platform's own pages begin; unless the setting says otherwise, the root of its application.

    None where there is no platform.
    """
    found = access.runtime().settings.host_url
    if found == "/":
        return None if OWN_LOGIN in current_app.blueprints else f"{request.script_root}/"
    return found


def _log_out_url() -> str | None:
    """Return where the button of whoever logged in with us leads; a host has its own."""
    if OWN_LOGIN not in current_app.blueprints or access.user() is None:
        return None
    return url_for(f"{OWN_LOGIN}.log_out")


def login_url(back: str | None = None) -> str | None:
    """Return where the host logs people in (``CREDITBANK_LOGIN_URL``); None where it does not say.

    It leads to ``back`` afterwards, else to the present page.
    """
    base = access.runtime().settings.login_url
    if not base:
        return None
    here = f"{request.script_root}{request.full_path.rstrip('?')}"
    back = back or (here if request.method == "GET" else url_for("creditbank.home"))
    return f"{base}{'&' if '?' in base else '?'}{urlencode({'next': back})}"

"""How a page is drawn: everything a template needs is handed over by name.

Nothing is added to the application's Jinja environment, where the host's words would meet ours.
"""

from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, session, url_for
from flask.sessions import NullSession

from creditbank_plugin.web import access, choices, explained, forgery, pictures, show
from creditbank_plugin.web.names import organisation
from creditbank_plugin.web.words import LANGUAGES, known, language, t, word

_NOTICE = "creditbank_notice"

_STAFF_PAGES = (
    ("state", ("admin",)),
    ("inbox", ("admin",)),
    ("aliases", ("admin",)),
    ("comparisons", ("admin", "committee")),
    ("adoptions", ("admin", "committee")),
)


def page(template: str, **values: Any) -> str:
    """Draw ``creditbank/<template>.html`` for this visitor."""
    user = access.user()
    return render_template(
        f"creditbank/{template}.html",
        t=t,
        word=word,
        show=show,
        explained=explained,
        pictures=pictures,
        choices=choices,
        known=known,
        organisation=organisation,
        lang=language(),
        here=_here,
        user=user,
        is_learner=user is not None and user.learner is not None,
        staff_pages=[endpoint for endpoint, roles in _STAFF_PAGES if access.has_role(*roles)],
        token_field=forgery.FIELD,
        token=forgery.token,
        host_token=forgery.host_token,
        host_field=forgery.host_field,
        login_url=_login_url(),
        home_url=access.runtime().settings.host_url,
        notice=_take_notice(),
        **values,
    )


def notify(key: str, **values: str | int) -> None:
    """Say ``t(key, **values)`` on the visitor's next page: after a form was carried out and led elsewhere."""
    if not isinstance(session, NullSession):
        session[_NOTICE] = {"key": key, "values": values}


def _take_notice() -> str | None:
    kept = None if isinstance(session, NullSession) else session.pop(_NOTICE, None)
    return t(kept["key"], **kept["values"]) if kept else None


def _here(lang: str) -> str:
    """Return the address of this page in another language, everything else asked for kept."""
    assert lang in LANGUAGES  # noqa: S101 - templates name it themselves
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', lang)])}"


def _login_url() -> str | None:
    """Return where the host logs people in (``CREDITBANK_LOGIN_URL``), leading back here; None where it does not say."""
    base = access.runtime().settings.login_url
    if not base:
        return None
    back = request.full_path.rstrip("?") if request.method == "GET" else url_for("creditbank.home")
    return f"{base}{'&' if '?' in base else '?'}{urlencode({'next': back})}"

"""What the LMS keeps about a visitor: who they are, their language, their token against forged forms."""

import secrets
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from creditbank_plugin.demo.models import User, db

LANGUAGES = ("th", "en")
View = Callable[..., ResponseReturnValue]


def language() -> str:
    """Return the visitor's language, Thai unless they chose English."""
    chosen = session.get("lang")
    return chosen if chosen in LANGUAGES else "th"


def choose_language() -> None:
    """Remember the language that the address asks for; anything but th and en is ignored."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        session["lang"] = asked


def logged_in() -> User | None:
    """Return the user of this request, looked up once."""
    if "lms_user" not in g:
        number = session.get("lms_user_id")
        g.lms_user = db.session.get(User, number) if isinstance(number, int) else None
    user: User | None = g.lms_user
    return user


def log_in(user: User) -> None:
    """Begin a new session for ``user``: nothing of the old one lives on but the language."""
    chosen = language()
    session.clear()
    session["lang"] = chosen
    session["lms_user_id"] = user.id
    g.pop("lms_user", None)


def log_out() -> None:
    """End the session; the language stays."""
    chosen = language()
    session.clear()
    session["lang"] = chosen
    g.pop("lms_user", None)


def this_user() -> User:
    """Return the user of a page that ``for_roles`` guards."""
    user = logged_in()
    if user is None:
        abort(403)
    return user


def for_roles(*roles: str) -> Callable[[View], View]:
    """Guard a page: nobody goes to the log-in, a wrong role gets 403; without roles any user may enter."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(**values: object) -> ResponseReturnValue:
            user = logged_in()
            if user is None:
                back = request.full_path.rstrip("?") if request.method == "GET" else None
                return redirect(url_for("lms_door.login", next=back))
            if roles and user.role not in roles:
                abort(403)
            return view(**values)

        return guarded

    return guard


def form_token() -> str:
    """Return the session's token that every form of ours carries."""
    token = session.get("lms_token")
    if not isinstance(token, str):
        token = session["lms_token"] = secrets.token_urlsafe(32)
    return token


def refuse_forged_forms() -> None:
    """Refuse (403) a changing request of ours that does not carry the session's token."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    expected, sent = session.get("lms_token"), request.form.get("csrf_token", "")
    if not isinstance(expected, str) or not secrets.compare_digest(expected.encode(), sent.encode()):
        abort(403)


def safe_next(target: str | None) -> str:
    """Return ``target`` when it is a path of this site, else the home page: a log-in must not lead elsewhere."""
    home = url_for("lms_learn.home")
    if not target or not target.startswith("/") or target.startswith("//") or not target.isprintable():
        return home
    if "\\" in target or " " in target:
        return home
    try:
        parts = urlsplit(target)
    except ValueError:
        return home
    return home if parts.scheme or parts.netloc else target

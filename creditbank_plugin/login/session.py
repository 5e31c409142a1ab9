"""What a browser carries after a log-in: whose it is and since when, signed, out of reach of scripts."""

import time

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface

from creditbank_plugin.login.users import User, Users
from creditbank_plugin.web import words

#: How long a log-in holds, seconds: a working day.
LASTS = 12 * 3600
_USER, _TURN, _SINCE = "creditbank_user", "creditbank_turn", "creditbank_since"


class _Sessions(SecureCookieSessionInterface):
    """Flask's own sessions, whose cookie goes back over https alone where it was given over https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return super().get_cookie_secure(app) or request.is_secure


def prepare(app: Flask, public_url: str | None) -> None:
    """Set how the application's cookie is kept: not by scripts, not for forms of others, https where that is known."""
    app.session_interface = _Sessions()
    for name, value in (
        ("SESSION_COOKIE_NAME", "creditbank_session"),
        ("SESSION_COOKIE_HTTPONLY", True),
        ("SESSION_COOKIE_SAMESITE", "Lax"),
        ("SESSION_COOKIE_SECURE", (public_url or "").startswith("https:")),
    ):
        app.config[name] = value


def begin(user: User) -> None:
    """Begin a new session for ``user``: nothing of the one before lives on but the language."""
    _clear()
    session.update({_USER: user.id, _TURN: user.turn, _SINCE: int(time.time())})


def end() -> None:
    """End the session; the language stays."""
    _clear()


def holder(users: Users) -> User | None:
    """Return whose session this is; None for nobody, one that ended, and one of before another password."""
    id, since = session.get(_USER), session.get(_SINCE)
    if not isinstance(id, str) or not isinstance(since, int) or not 0 <= time.time() - since < LASTS:
        return None
    found = users.by_id(id)
    return found if found is not None and found.turn == session.get(_TURN) else None


def _clear() -> None:
    language = words.language()
    session.clear()
    words.remember(language)

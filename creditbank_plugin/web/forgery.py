"""The guard against forged forms: a token of our own in the visitor's session, on every form of ours.

Our own, because a module cannot know whether its host has one, and must not set one up for it.
"""

import secrets

from flask import Blueprint, abort, current_app, request, session
from flask.sessions import NullSession

FIELD = "creditbank_token"


_CHECKS_ITSELF: set[str] = set()


def excuse(blueprint: Blueprint, endpoint: str) -> None:
    """Let a page take what others post to it: it calls `check` itself before it changes anything."""
    _CHECKS_ITSELF.add(f"{blueprint.name}.{endpoint}")


def prepare(blueprint: Blueprint) -> None:
    """Refuse (400) every changing request of the blueprint that does not carry the session's token."""
    blueprint.before_request(_check)


def token() -> str:
    """Return the session's token; an application without sessions has no forms that work, and gets an empty one."""
    if isinstance(session, NullSession):
        return ""
    kept = session.get(FIELD)
    if not isinstance(kept, str):
        kept = session[FIELD] = secrets.token_urlsafe(32)
    return kept


def host_token() -> str | None:
    """Return the host's own token where it has Flask-WTF: one started after us does not know that we are exempt."""
    made = current_app.jinja_env.globals.get("csrf_token")
    return str(made()) if "csrf" in current_app.extensions and callable(made) else None


def host_field() -> str:
    """Return the name of the field in which the host looks for its token."""
    return str(current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"))


def _check() -> None:
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.endpoint not in _CHECKS_ITSELF:
        check()


def check() -> None:
    """Refuse (400) a form that does not carry the session's token."""
    kept, sent = session.get(FIELD), request.form.get(FIELD, "")
    if not isinstance(kept, str) or not secrets.compare_digest(kept.encode(), sent.encode()):
        abort(400, "creditbank_token")

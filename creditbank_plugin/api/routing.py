"""The two things that a blueprint cannot do for itself: errors of routing, and standing outside a host's form guard."""

from collections.abc import Sequence

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from creditbank_plugin.api.problem import http


def watch(app: Flask, prefix: str, blueprints: Sequence[Blueprint]) -> None:
    """Answer unknown addresses and methods below ``prefix``/api; leave every other request of the host untouched.

    A guard against forged forms (Flask-WTF) would refuse machines that send no cookie; it may be installed before us or
    after us, so it is told now and again with the first request of ours.
    """
    _excuse(app, blueprints)

    def before() -> Response | None:
        if not request.path.startswith(f"{prefix}/"):
            return None
        _excuse(app, blueprints)
        error = request.routing_exception
        if isinstance(error, NotFound | MethodNotAllowed) and f"{request.path}/".startswith(f"{prefix}/api/"):
            return http(error)
        return None

    app.before_request_funcs.setdefault(None, []).insert(0, before)


def _excuse(app: Flask, blueprints: Sequence[Blueprint]) -> None:
    guard = app.extensions.get("csrf")
    if guard is not None and hasattr(guard, "exempt"):
        for blueprint in blueprints:
            guard.exempt(blueprint)

"""What a request of ours stands in: the bank's runtime, and the reader's language."""

from typing import Any, Literal, cast

from flask import Flask, current_app, request

from creditbank_plugin import machines
from creditbank_plugin.services.runtime import Runtime

Language = Literal["th", "en"]


def app() -> Flask:
    """Return the application itself."""
    return cast(Flask, cast(Any, current_app)._get_current_object())


def runtime() -> Runtime:
    """Return the runtime of the bank attached to this app."""
    return cast(Runtime, current_app.extensions["creditbank"].runtime)


def language() -> Language:
    """Return the language that Accept-Language prefers; Thai where it says nothing of ours."""
    best = request.accept_languages.best_match(["th", "en"], default="th")
    return "en" if best == "en" else "th"


def body() -> bytes:
    """Return the request's body as it came; ``RequestEntityTooLarge`` (413) above ``max_body``."""
    return machines.body(runtime().settings.max_body)

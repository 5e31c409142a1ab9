"""What a request of ours stands in: the bank's runtime, its address, and the reader's language."""

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


def root() -> str:
    """Return where the application stands for others, without a slash at its end: the public address, where one is set.

    Else it is what this request reached it by, and that is what its sender wrote as Host.
    """
    return runtime().settings.public_root(request.url_root)


def issuer() -> str:
    """Return the issuer of our tokens."""
    return runtime().settings.oauth_issuer(request.url_root)


def language() -> Language:
    """Return the language that Accept-Language prefers; Thai where it says nothing of ours."""
    best = request.accept_languages.best_match(["th", "en"], default="th")
    return "en" if best == "en" else "th"


def body() -> bytes:
    """Return the request's body as it came; ``RequestEntityTooLarge`` (413) above ``max_body``."""
    return machines.body(runtime().settings.max_body)

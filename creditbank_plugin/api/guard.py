"""Which scope a route asks for; a test walks every route and finds one, or the word that it is public."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request

from creditbank_plugin.api.here import runtime
from creditbank_plugin.services.tokens import Access, authorise

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"


def scope(*codes: str) -> Callable[[View], View]:
    """Let only callers in whose token has one of the scopes; it is asked before anything of the request is read."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            g.creditbank_access = authorise(runtime(), request.headers.get("Authorization"), *codes)
            return view(*args, **values)

        guarded.creditbank_scope = codes  # type: ignore[attr-defined]
        return cast(View, guarded)

    return guard


def public(view: View) -> View:
    """Declare a route open to everybody."""
    view.creditbank_scope = PUBLIC  # type: ignore[attr-defined]
    return view


def caller() -> Access:
    """Return who calls, in a route behind ``scope``."""
    return cast(Access, g.creditbank_access)

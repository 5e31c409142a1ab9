"""Which scope a route asks for; a test walks every route and finds one, or the word that it is public."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request

from creditbank_plugin.api.here import runtime
from creditbank_plugin.errors import Refused, invalid
from creditbank_plugin.machines import is_kept_nowhere
from creditbank_plugin.services.access.tokens import ORGANISATIONS, Access, authorise, lacking, malformed
from creditbank_plugin.services.actor import Actor

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"


def scope(*codes: str, of: str = ORGANISATIONS) -> Callable[[View], View]:
    """Let only callers in whose token has one of the scopes; it is asked before anything of the request is read.

    ``of`` says whose affair the route is: `ORGANISATIONS`, `LEARNER` or `BOTH`.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            if "access_token" in request.args:
                raise malformed()
            g.creditbank_access = authorise(runtime(), request.headers.get("Authorization"), *codes, of=of)
            if is_kept_nowhere():
                named = next((name for name, value in request.args.items(multi=True) if "\0" in value), "")
                th, en = "มีอักขระ NUL", "There is a NUL in it."
                raise Refused("parameter_invalid", th, en, field=named, status=400)
            return view(*args, **values)

        guarded.creditbank_scope, guarded.creditbank_of = codes, of  # type: ignore[attr-defined]
        return cast(View, guarded)

    return guard


def public(view: View) -> View:
    """Declare a route open to everybody."""
    view.creditbank_scope = PUBLIC  # type: ignore[attr-defined]
    return view


def caller() -> Access:
    """Return who calls, in a route behind ``scope``."""
    return cast(Access, g.creditbank_access)


def require(code: str) -> None:
    """Let pass only a caller with this scope, where the route lets several in; ``Denied`` (403)."""
    if code not in caller().scopes:
        raise lacking(code)


# It stands in addresses and in what is kept of every step: nothing as long as a citizen's number.
_PERSON = re.compile(r"(?!.*\d{13})[A-Za-z0-9._-]{1,60}", re.ASCII)


def actor(on_behalf_of: str | None = None) -> Actor:
    """Return the caller as one who acts; ``on_behalf_of`` is the client's own short code of the person, no name.

    ``Refused`` (422, field ``on_behalf_of``) for anything but letters, digits, dots, hyphens and
    underscores, and for 13 digits in a row.
    """
    access = caller()
    who = f"client:{access.client_id}"
    if on_behalf_of is not None:
        if _PERSON.fullmatch(on_behalf_of) is None:
            raise invalid(
                "on_behalf_of",
                "ใช้ได้เฉพาะ A-Z a-z 0-9 จุด ขีด และขีดล่าง ไม่เกิน 60 ตัว และห้ามเป็นเลขประจำตัวประชาชน",
                "Only letters, digits, dots, hyphens and underscores, at most 60, and no citizen's number.",
            )
        who = f"{who}/{on_behalf_of}"
    return Actor(who, who.removeprefix("client:"), access.organisation)

"""Who works in working groups: members by their appointment, whatever their role at the host, and the committees above."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, g
from flask.typing import ResponseReturnValue

from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import groups
from creditbank_plugin.web import access
from creditbank_plugin.web.access import has_role, runtime, this_user, user

View = Callable[..., ResponseReturnValue]


def me() -> Actor:
    """Return the user as one who acts in groups; whoever is no committee's acts for no organisation ("")."""
    organisation = this_user().organisation or ""
    return access.actor(None if has_role("admin") else organisation if has_role("committee") else "")


def reader() -> Actor | None:
    """Return the visitor of a public page, None for nobody."""
    return me() if user() is not None else None


def is_member() -> bool:
    """Tell whether the user is or was a member of a group; asked once a request, and never of a learner."""
    found = user()
    if found is None or found.learner is not None:
        return False
    known: bool | None = g.get("creditbank_member")
    if known is None:
        known = g.creditbank_member = groups.is_member(runtime(), f"user:{found.id}")
    return known


def for_committees(view: View) -> View:
    """Guard a page of working groups: nobody gets 401, who is neither a member nor of a committee 403."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        this_user()
        if not has_role("admin", "committee") and not is_member():
            abort(403)
        return view(**values)

    return guarded

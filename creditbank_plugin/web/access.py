"""Who may enter: the host says who is logged in, each page says whom it is for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, abort, g, request
from flask.typing import ResponseReturnValue

from creditbank_hooks import HostUser
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.runtime import Runtime

View = Callable[..., ResponseReturnValue]


def know(blueprint: Blueprint, bank: Any) -> None:
    """Let every request of ``blueprint`` know its bank, and ask it once who is logged in."""

    def enter() -> None:
        g.creditbank = bank
        g.creditbank_user = None if request.endpoint == f"{blueprint.name}.static" else bank.current_user()

    blueprint.before_request(enter)


def runtime() -> Runtime:
    """Return the runtime of the bank whose page this is."""
    found: Runtime = g.creditbank.runtime
    return found


def user() -> HostUser | None:
    """Return who is logged in at the host, None for nobody or where that is not known yet."""
    found: HostUser | None = g.get("creditbank_user")
    return found


def this_user() -> HostUser:
    """Return the user of a page that is guarded."""
    found = user()
    if found is None:
        abort(401)
    return found


def actor(acting_for: str | None, nameless: str | None = None) -> Actor:
    """Return the user of this page as one who acts for an organisation.

    Whom the host gives no name is called ``nameless``, else by their id.
    """
    found = this_user()
    return Actor(f"user:{found.id}", found.display_name or nameless or found.id, acting_for)


def has_role(*roles: str) -> bool:
    """Tell whether the user has one of ``roles``."""
    found = user()
    return found is not None and not found.roles.isdisjoint(roles)


def for_everybody(view: View) -> View:
    """Guard a page of everybody whom the host knows: nobody gets 401."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        this_user()
        return view(**values)

    return guarded


def for_learners(view: View) -> View:
    """Guard a page of a learner: nobody gets 401, a user who does not learn gets 403."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        if this_user().learner is None:
            abort(403)
        return view(**values)

    return guarded


def for_roles(*roles: str) -> Callable[[View], View]:
    """Guard a page of staff: nobody gets 401, a user without one of ``roles`` gets 403."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> ResponseReturnValue:
            this_user()
            if not has_role(*roles):
                abort(403)
            return view(**values)

        return guarded

    return guard

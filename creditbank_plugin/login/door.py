"""The log-in page, the way out, and the answer to who is logged in; for an application without a host alone."""

import logging
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue

from creditbank_hooks import HostUser, hookimpl
from creditbank_plugin.login import passwords, session
from creditbank_plugin.login.throttle import Throttle
from creditbank_plugin.login.users import Users
from creditbank_plugin.login.way_back import is_ours
from creditbank_plugin.settings import Settings
from creditbank_plugin.web import access
from creditbank_plugin.web.blueprint import PREPARED
from creditbank_plugin.web.page import OWN_LOGIN, notify, page

if TYPE_CHECKING:
    from creditbank_plugin.host.attach import CreditBank

log = logging.getLogger(__name__)
PATH = "/login"


class WhoIsLoggedIn:
    """The application's answer to the credit bank, through the same hook as every host's."""

    def __init__(self, users: Users) -> None:
        self._users = users

    @hookimpl
    def current_user(self) -> HostUser | None:
        """Say whose session this request is of; None for nobody."""
        found = session.holder(self._users) if has_request_context() else None
        return None if found is None else found.as_host_user()


class Door:
    """The pages of a log-in over the users of one installation."""

    def __init__(self, users: Users, throttle: Throttle) -> None:
        self._users, self._throttle = users, throttle

    def log_in(self) -> ResponseReturnValue:
        """Show the form, or let in whoever it names; a wrong name and a wrong password are refused in the same words."""
        if request.method != "POST":
            if access.user() is not None:
                return redirect(_back(request.args))
            return _draw(request.args, "")
        name, password = request.form.get("name", "").strip().lower(), request.form.get("password", "")
        seconds = self._throttle.seconds(name, request.remote_addr or "")
        if seconds:
            log.warning("a log-in was refused: too many tries")
            return _draw(request.form, "too_often", seconds=seconds), 429, {"Retry-After": str(seconds)}
        found = self._users.named(name)
        if not passwords.is_right(found.password if found is not None else None, password) or found is None:
            log.warning("a log-in was refused")
            return _draw(request.form, "refused"), 401
        session.begin(found)
        log.info("user %s logged in", found.id)
        return redirect(_back(request.form), 303)

    def log_out(self) -> ResponseReturnValue:
        """End the session."""
        session.end()
        notify("login.left")
        return redirect(url_for(f"{OWN_LOGIN}.log_in"), 303)


def address(settings: Settings) -> str:
    """Return the address of the page as browsers see it: under the path at which the application is mounted, if any."""
    root = (settings.public_url or "").rstrip("/").partition("://")[2].partition("/")[2]
    return f"{f'/{root}' if root else ''}{settings.url_prefix}{PATH}"


def mount(app: Flask, bank: "CreditBank") -> None:
    """Mount the pages, and let the bank ask us who is logged in."""
    settings = bank.runtime.settings
    users = Users(settings.data)
    bank.register(WhoIsLoggedIn(users))
    door = Door(users, Throttle(bank.runtime))
    blueprint = Blueprint(OWN_LOGIN, __name__)
    access.know(blueprint, bank)
    blueprint.add_url_rule(PATH, "log_in", door.log_in, methods=["GET", "POST"])
    blueprint.add_url_rule("/logout", "log_out", door.log_out, methods=["POST"])
    for prepare in PREPARED:
        prepare(blueprint)
    app.register_blueprint(blueprint, url_prefix=settings.url_prefix or "/")


def _draw(sent: Any, wrong: str, **values: Any) -> str:
    return page("login", back=sent.get("next", ""), name=sent.get("name", ""), wrong=wrong, **values)


def _back(sent: Any) -> str:
    target = sent.get("next", "")
    return target if is_ours(target) else url_for("creditbank.home")

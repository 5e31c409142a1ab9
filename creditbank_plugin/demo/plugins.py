"""The LMS's plugin manager: the only way in which it knows any module.

A module that is installed is found by its entry point; in a checkout, where there are none, by the names in
``LMS_PLUGINS``.
"""

import importlib
import os
from collections.abc import Sequence
from typing import Any

import pluggy
from flask import Flask, current_app, has_request_context

from creditbank_hooks import HOST_GROUP, HOST_PROJECT, HostUser, LearnerIdentity, hookimpl, host
from creditbank_plugin.demo.models import ADMIN, COMMITTEE, DIRECTOR, STUDENT, User
from creditbank_plugin.demo.session import logged_in
from creditbank_plugin.demo.wording import t

EXTENSION = "lms"
BANK = "creditbank"


class WhoIsLoggedIn:
    """The LMS's answer to a module that asks who is at the keyboard."""

    @hookimpl
    def current_user(self) -> HostUser | None:
        """Name the user of this request, None for nobody."""
        user = logged_in() if has_request_context() else None
        return None if user is None else host_user(user, current_app.config["LMS_ISSUER"])


def host_user(user: User, issuer: str) -> HostUser:
    """Return a user of ours in the words of the contract; only one who learns has a learner."""
    learner = LearnerIdentity(issuer=issuer, id=user.learner_id) if user.role == STUDENT and user.learner_id else None
    return HostUser(
        id=str(user.id),
        roles=frozenset({user.role}),
        learner=learner,
        organisation=user.organisation,
        display_name=t(user.name_th, user.name_en) if has_request_context() else user.name_th,
    )


def manager(names: Sequence[str]) -> pluggy.PluginManager:
    """Return a manager with every installed plugin and those importable by ``names``; no names: no plugins at all.

    Raises ImportError for a name that cannot be imported and ``pluggy.PluginValidationError`` for a hook unknown here.
    """
    pm = pluggy.PluginManager(HOST_PROJECT)
    pm.add_hookspecs(host)
    if names:
        pm.load_setuptools_entrypoints(HOST_GROUP)
        for name in names:
            module = importlib.import_module(name)
            if not pm.is_registered(module):
                pm.register(module, name)
    pm.check_pending()
    return pm


def attach(app: Flask) -> None:
    """Give the application its manager, let modules attach themselves, and answer the credit bank's question."""
    names = app.config["LMS_PLUGINS"]
    pm = manager(names.replace(",", " ").split() if isinstance(names, str) else tuple(names))
    app.extensions[EXTENSION] = pm
    pm.hook.lms_load(app=app)
    register = getattr(app.extensions.get(BANK), "register", None)
    if callable(register):
        register(WhoIsLoggedIn())


def hooks() -> Any:
    """Return the hook caller of the running application's manager."""
    return current_app.extensions[EXTENSION].hook


#: Who has a page in the credit bank; a tab that leads others nowhere is not shown.
BANK_ROLES = (STUDENT, COMMITTEE, DIRECTOR, ADMIN)


def bank_url(user: User | None) -> str | None:
    """Return the address of the user's pages in the credit bank, None where they have none or no module is attached."""
    if BANK not in current_app.extensions or user is None or user.role not in BANK_ROLES:
        return None
    setting = "CREDITBANK_URL_PREFIX"
    prefix: str = current_app.config.get(setting) or os.environ.get(setting) or "/creditbank"
    return prefix.rstrip("/") + "/"

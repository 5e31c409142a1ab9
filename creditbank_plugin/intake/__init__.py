"""Doors for messages in the formats of other systems; each translates and hands on to the same inbox."""

from typing import Any

from flask import Flask

from creditbank_plugin.intake import xapi


def register(app: Flask, bank: Any) -> None:
    """Mount the doors under the bank's URL prefix; nothing app-wide is initialised.

    Their callers are machines without cookies, so a host's guard against forged forms (Flask-WTF) is told to let them
    pass, where one is installed.
    """
    blueprint = xapi.make_blueprint(lambda: app.extensions.get("csrf"))
    app.register_blueprint(blueprint, url_prefix=f"{bank.runtime.settings.url_prefix}/xapi")

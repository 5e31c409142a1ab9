"""Doors for messages in the formats of other systems; each translates and hands on to the same inbox."""

from typing import Any

from flask import Flask

from creditbank_plugin.intake import answers, xapi
from creditbank_plugin.machines import watch


def register(app: Flask, bank: Any) -> None:
    """Mount the doors under the bank's URL prefix; nothing app-wide is initialised."""
    blueprint, place = xapi.make_blueprint(), f"{bank.runtime.settings.url_prefix}/xapi"
    app.register_blueprint(blueprint, url_prefix=place)
    watch(app, [place], [blueprint], answers.routing)

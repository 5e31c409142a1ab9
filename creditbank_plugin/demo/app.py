"""The LMS as a Flask application."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from creditbank_plugin.demo import door, learn, pages, plugins, teach
from creditbank_plugin.demo.models import db

REQUIRED = ("SQLALCHEMY_DATABASE_URI", "SECRET_KEY", "LMS_ISSUER", "LMS_SCHOOL")
DEFAULTS: dict[str, Any] = {
    "LMS_CENTRE": None,
    "LMS_PLUGINS": ("creditbank_plugin.plugin",),
    "SESSION_COOKIE_NAME": "lms_session",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
}


def create_app(config: Mapping[str, Any]) -> Flask:
    """Return the LMS with its plugins attached; the tables are made by ``seed``.

    ``config`` goes into the application's settings.  It must name ``SQLALCHEMY_DATABASE_URI``, ``SECRET_KEY``,
    ``LMS_ISSUER`` (the home page by which learners of this LMS are known) and ``LMS_SCHOOL`` (the code of the
    organisation that runs it), else ValueError.  ``LMS_CENTRE`` is the code of the organisation that members of the
    working group belong to (the school's where it is missing).  ``LMS_PLUGINS`` names plugin modules; an empty one
    attaches none.
    """
    missing = [name for name in REQUIRED if not config.get(name)]
    if missing:
        raise ValueError(f"the LMS needs the settings {', '.join(missing)}")
    app = Flask(__name__)
    app.config.from_mapping({**DEFAULTS, **config})
    db.init_app(app)
    app.extensions["lms_throttle"] = door.Throttle()
    for blueprint in (door.blueprint, learn.blueprint, teach.blueprint):
        app.register_blueprint(blueprint)
    pages.register(app)
    plugins.attach(app)
    return app

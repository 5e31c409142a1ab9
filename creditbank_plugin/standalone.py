"""The module on its own, without a host: ``creditbank_plugin.standalone:serve()`` for any WSGI server.

Completions then come through the API and xAPI only.  Who logs in is a user of its own (`creditbank users`), unless
``CREDITBANK_LOGIN_URL`` names another log-in, of which a plugin's ``current_user`` tells.
"""

import gc
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy

from creditbank_plugin.services import private_file
from creditbank_plugin.settings import read

SESSION_FILE = "session.key"


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Return an application with the module attached to a database of its own.

    The database is ``CREDITBANK_DATABASE_URL``, else ``creditbank.db`` in the folder ``CREDITBANK_DATA``;
    run ``creditbank db upgrade`` first.  ``config`` goes over the environment.  ValueError names a bad setting.
    """
    # The secret of this module is also the demo's; the rest of the module is needed only for an application.
    from creditbank_plugin.login import door, session
    from creditbank_plugin.plugin import load

    app = Flask("creditbank")
    app.config.from_mapping(config or {})
    settings = read(app.config)
    url = settings.database_url or f"sqlite:///{settings.data / 'creditbank.db'}"
    app.config.setdefault("SQLALCHEMY_DATABASE_URI", url)
    app.config["SECRET_KEY"] = app.config.get("SECRET_KEY") or session_secret(settings.data)
    session.prepare(app, settings.public_url)
    own_login = settings.login_url is None
    if own_login:
        app.config["CREDITBANK_LOGIN_URL"] = door.address(settings)
    SQLAlchemy(app)
    bank = load(app)
    if own_login:
        door.mount(app, bank)
    if settings.url_prefix:
        app.add_url_rule("/", "root", _home)
    return app


def _home() -> ResponseReturnValue:
    """Lead from the root, where a host would be, to our first page."""
    return redirect(url_for("creditbank.home"))


def serve() -> Flask:
    """Return the application of the environment's settings, and write the log of this process as they say.

    For a WSGI server's command line: it is we who are the process here, so its log is ours to set up.
    """
    from creditbank_plugin.logs import configure

    configure(read())
    app = create_app()
    gc.freeze()  # what is loaded by now stays: nobody need look through it for rubbish, and forked processes share it
    return app


def session_secret(folder: Path) -> str:
    """Return the secret that signs sessions, made once and kept in ``folder`` for its owner's eyes only."""
    path = folder / SESSION_FILE
    if not path.exists():
        private_file.make(path, f"{secrets.token_urlsafe(32)}\n".encode())
    return path.read_text().strip()

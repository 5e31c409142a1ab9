"""A platform that works with the credit bank, with it switched off, and after it was uninstalled.

``flask --app platform_with_or_without finish 4711``: a learner finishes a course, whoever listens.  Two guarded imports and
one question are all that knows of the module; ``PLATFORM_BLOCKS=creditbank`` in the environment switches it off.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pluggy
from flask import Flask, session
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

try:
    from creditbank_hooks import Course, CourseCompleted, HostUser, Learner, LearnerIdentity, hookimpl
    from creditbank_plugin.storage.base import include_name
except ModuleNotFoundError:  # the credit bank is not installed: nobody listens, and the platform misses nothing
    CourseCompleted = include_name = None  # type: ignore[assignment,misc]

HOME_PAGE = "https://lms.school.example"
hookspec = pluggy.HookspecMarker("lms")
db = SQLAlchemy()


class Finished(db.Model):  # type: ignore[name-defined,misc]
    """The platform's own record of a finished course."""

    __tablename__ = "platform_finished"
    id = db.Column(db.Integer, primary_key=True)
    learner = db.Column(db.String(40), nullable=False)


class PlatformHooks:
    """What the platform fires: its own words, so that they are there without the module."""

    @hookspec
    def lms_load(self, app: Any) -> None:
        """Tell modules that the application is complete."""

    @hookspec
    def lms_course_completed(self, completion: Any, connection: Any) -> None:
        """Tell modules that a learner has finished a course; the transaction is still open."""


def create_app() -> Flask:
    """Return the platform; its database and the module's folder stand in the instance folder."""
    app = Flask(__name__)
    home = Path(app.instance_path)
    home.mkdir(exist_ok=True)
    app.config.update(
        SECRET_KEY="for an example only",  # noqa: S106
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{home / 'platform.db'}",
        CREDITBANK_DATA=str(home / "creditbank"),
        CREDITBANK_ISSUER=HOME_PAGE,
        CREDITBANK_SCHOOL="9951000001",
    )
    db.init_app(app)
    Migrate(app, db, include_name=include_name)
    app.extensions["platform"] = attach(app)
    app.cli.add_command(finish)
    with app.app_context():
        db.create_all()
    return app


def attach(app: Flask) -> pluggy.PluginManager:
    """Return the platform's plugin manager, with every module that is installed and not blocked."""
    pm = pluggy.PluginManager("lms")
    pm.add_hookspecs(PlatformHooks)
    for name in os.environ.get("PLATFORM_BLOCKS", "").split():
        pm.set_blocked(name)
    pm.load_setuptools_entrypoints("lms.plugins")
    pm.hook.lms_load(app=app)
    if "creditbank" in app.extensions:
        app.extensions["creditbank"].register(who_is_logged_in())
    return pm


def who_is_logged_in() -> object:
    """Return the plugin by which the credit bank's pages know their visitor."""

    class WhoIsLoggedIn:
        @hookimpl
        def current_user(self) -> "HostUser | None":
            number = session.get("user")
            if number is None:
                return None
            return HostUser(
                id=number, roles=frozenset({"student"}), learner=LearnerIdentity(issuer=HOME_PAGE, id=number)
            )

    return WhoIsLoggedIn()


@click.command()
@click.argument("learner")
def finish(learner: str) -> None:
    """Write that LEARNER has finished a course, tell whoever listens, and count the rows."""
    from flask import current_app

    with current_app.app_context():
        db.session.add(Finished(learner=learner))
        if CourseCompleted is not None:
            completion = CourseCompleted(
                learner=Learner(id=learner, issuer=HOME_PAGE),
                course=Course(code="ท21101"),
                completed_at=datetime.now(UTC),
            )
            current_app.extensions["platform"].hook.lms_course_completed(completion=completion, connection=db.session)
        db.session.commit()
        click.echo(db.session.query(Finished).count())

"""A school's own Flask application that was not written for the credit bank: its models, migrations, forms, pages.

It has a plugin manager of its own (project ``lms``, entry points ``lms.plugins``) and fires what happens to its learners;
it imports nothing of ours but the values of ``creditbank_hooks``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pluggy
from flask import Flask, Response, abort, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect, generate_csrf
from sqlalchemy import func, inspect, select, text

from creditbank_hooks import Tiding
from creditbank_plugin.services import events
from creditbank_plugin.services.settling import settle
from creditbank_plugin.storage.session import open_engine
from tests import builders

spec = pluggy.HookspecMarker("lms")


class SchoolHooks:
    """The hooks of the school's platform, in its own words; it fires two of the credit bank's five."""

    @spec
    def lms_load(self, app: Flask) -> None: ...

    @spec
    def lms_course_completed(self, completion: Any, connection: Any) -> None: ...

    @spec
    def lms_completion_revoked(self, revocation: Any, connection: Any) -> None: ...

    @spec
    def lms_learner_merged(self, merge: Any, connection: Any) -> None: ...

    @spec
    def lms_learner_erased(self, erasure: Any, connection: Any) -> None: ...


@dataclass
class School:
    """The running application and what a test asks of it."""

    app: Flask
    db: Any
    Completion: Any
    pm: pluggy.PluginManager

    @property
    def house(self) -> builders.House:
        return builders.House(self.app, self.app.extensions["creditbank"], self.db, builders.Visitor())

    def note(self, who: Any) -> None:
        """Write the school's own row, as yet uncommitted."""
        self.db.session.add(self.Completion(student=getattr(who, "id", f"s-{who}")))
        self.db.session.flush()

    def fire(self, completion: Tiding, connection: Any = None) -> None:
        self.pm.hook.lms_course_completed(completion=completion, connection=connection)

    def finish(self, who: Any = 1, **more: Any) -> None:
        """A learner finishes the course: the school's row and the tiding, in one transaction, committed."""
        with self.app.app_context():
            self.note(who)
            self.fire(builders.completed(who, **more), self.db.session)
            self.db.session.commit()

    def take_back(self, who: Any) -> None:
        """A learner finishes the course, and the host rolls back."""
        with self.app.app_context():
            self.note(who)
            self.fire(builders.completed(who), self.db.session)
            self.db.session.rollback()

    def rows(self) -> int:
        with self.app.app_context():
            found: int = self.db.session.scalar(select(func.count()).select_from(self.Completion))
            return found

    def tables(self) -> set[str]:
        with self.app.app_context():
            return set(inspect(self.db.engine).get_table_names())

    def told(self) -> dict[str, int]:
        """How many messages the credit bank has, by state."""
        return {state: number for state, number in events.counts(self.house.runtime).items() if number}

    def settle(self) -> None:
        settle.settle(self.house.runtime)

    @contextmanager
    def without_our_tables(self) -> Iterator[None]:
        """Take the inbox away, as a half-restored backup would, and bring it back."""
        engine = open_engine(
            self.app.config.get("CREDITBANK_DATABASE_URL") or self.app.config["SQLALCHEMY_DATABASE_URI"]
        )
        with engine.begin() as connection:
            connection.execute(text("alter table creditbank_inbox rename to creditbank_gone"))
        try:
            yield
        finally:
            with engine.begin() as connection:
                connection.execute(text("alter table creditbank_gone rename to creditbank_inbox"))
            engine.dispose()

    def close(self) -> None:
        with self.app.app_context():
            self.db.session.remove()
            for engine in self.db.engines.values():
                engine.dispose()
        if "creditbank" in self.app.extensions:
            self.house.runtime.engine.dispose()


def open_school(
    folder: Path, url: str, *, enabled: bool = True, migrate: dict[str, Any] | None = None, **config: Any
) -> School:
    """Start the application; ``enabled``: the credit bank is registered with its plugin manager."""
    app = Flask("school")
    app.config.update(
        SECRET_KEY="for tests only",
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 30}} if url.startswith("sqlite:///") else {},
        CREDITBANK_DATA=str(folder / "creditbank"),
        CREDITBANK_ISSUER=builders.ISSUER,
        CREDITBANK_SCHOOL=builders.SCHOOL,
    )
    app.config.update(config)
    db = SQLAlchemy(app)

    class Completion(db.Model):  # type: ignore[name-defined,misc]
        __tablename__ = "school_completion"
        id = db.Column(db.Integer, primary_key=True)
        student = db.Column(db.String(40), nullable=False)

    Migrate(app, db, directory=str(folder / "migrations"), **(migrate or {}))
    CSRFProtect(app)
    _pages(app)
    with app.app_context():
        Completion.__table__.create(db.engine, checkfirst=True)
    pm = pluggy.PluginManager("lms")
    pm.add_hookspecs(SchoolHooks)
    school = School(app, db, Completion, pm)
    if enabled:
        enable(pm)
    pm.hook.lms_load(app=app)
    return school


def enable(pm: pluggy.PluginManager) -> None:
    """Find installed plugins; in a checkout that is not installed there are none, and the module is named."""
    pm.load_setuptools_entrypoints("lms.plugins")
    if pm.get_plugin("creditbank") is None:
        from creditbank_plugin import plugin

        pm.register(plugin, "creditbank")
    pm.check_pending()


def _pages(app: Flask) -> None:
    @app.get("/")
    def home() -> str:
        return f"<h1>โรงเรียน</h1>{generate_csrf()}"

    @app.post("/enrol")
    def enrol() -> str:
        return "ลงทะเบียนแล้ว"

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("the school's own fault")

    @app.get("/forbidden")
    def forbidden() -> str:
        abort(403)

    @app.errorhandler(404)
    def lost(error: Exception) -> tuple[str, int]:
        return f"<p>โรงเรียนไม่มีหน้านี้: {request.path}</p>", 404

    @app.errorhandler(500)
    def fault(error: Exception) -> tuple[str, int]:
        return "<p>โรงเรียนขัดข้อง</p>", 500

    @app.before_request
    def count() -> None:
        app.config["SEEN"] = app.config.get("SEEN", 0) + 1

    @app.after_request
    def sign(response: Response) -> Response:
        response.headers["X-School"] = "1"
        return response

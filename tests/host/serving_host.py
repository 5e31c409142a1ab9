"""A small platform as a WSGI server loads it: ``tests.host.serving_host:app``; the environment says where its things are."""

import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

from creditbank_plugin import plugin
from tests import builders


def create_app() -> Flask:
    """A platform whose learners finish the furnished course by a POST to ``/finish/<learner>``."""
    app = Flask("served")
    app.config.update(
        SECRET_KEY="for tests only",
        SQLALCHEMY_DATABASE_URI=os.environ["SERVED_DATABASE"],
        CREDITBANK_ISSUER=builders.ISSUER,
        CREDITBANK_SCHOOL=builders.SCHOOL,
    )
    db = SQLAlchemy(app)
    plugin.lms_load(app)
    engine = app.extensions["creditbank"].runtime.engine

    @app.post("/finish/<learner>")
    def finish(learner: str) -> str:
        db.session.execute(text("insert into served_finished (learner) values (:learner)"), {"learner": learner})
        plugin.lms_course_completed(builders.completed(learner), db.session)
        db.session.commit()
        return str(os.getpid())

    # What a server that loads the application before it forks must not do, and hosts do: use the database on the way.
    with engine.connect() as one, engine.connect() as other:
        one.execute(text("select 1"))
        other.execute(text("select 1"))
    return app


app = create_app()

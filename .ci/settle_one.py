"""Attach the installed package to a small host in a folder, finish one course, see it wait for its catalogue entry."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pluggy
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

import creditbank_hooks
import creditbank_plugin
from creditbank_hooks import Course, CourseCompleted, Learner, host
from creditbank_plugin.services import events
from creditbank_plugin.services.proving.verify import verify
from creditbank_plugin.storage.session import open_engine
from creditbank_plugin.storage.upgrade import upgrade

folder = Path(sys.argv[1])
folder.mkdir(parents=True)
for module in (creditbank_plugin, creditbank_hooks):
    assert "site-packages" in str(module.__file__), f"{module.__file__} is not the installed one"
url = f"sqlite:///{folder / 'host.db'}"
app = Flask("host")
app.config.update(SQLALCHEMY_DATABASE_URI=url, CREDITBANK_DATA=str(folder), CREDITBANK_ISSUER="https://lms.example")
app.config.update(SECRET_KEY="only here")
db = SQLAlchemy(app)
upgrade(open_engine(url))
pm = pluggy.PluginManager("lms")
pm.add_hookspecs(host)
assert pm.load_setuptools_entrypoints("lms.plugins") == 1, "the entry point is there"
pm.hook.lms_load(app=app)
completion = CourseCompleted(
    learner=Learner(id="1", issuer="https://lms.example"), course=Course(code="ท21101"), completed_at=datetime.now(UTC)
)
with app.app_context():
    pm.hook.lms_course_completed(completion=completion, connection=db.session)
    db.session.commit()
runtime = app.extensions["creditbank"].runtime
told = {state: number for state, number in events.counts(runtime).items() if number}
assert told == {"waiting": 1}, told
assert verify(runtime)["broken"] == []
page = app.test_client().get("/creditbank/")
assert page.status_code < 500, page.status
print(f"Python {sys.version.split()[0]}: installed, attached, settled")

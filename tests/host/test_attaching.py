"""Attaching when something is missing: a setting, a key, a database, a name; and tidings fired from anywhere."""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any
from weakref import WeakSet

import pytest
from flask import Blueprint, Flask
from flask_sqlalchemy import SQLAlchemy

from creditbank_plugin import plugin
from creditbank_plugin.plugin import load
from creditbank_plugin.services import spool
from creditbank_plugin.services.health import health
from creditbank_plugin.settings import SettingError
from tests import builders
from tests.builders import completed
from tests.host.school import School, open_school


@pytest.fixture
def only(school: School, monkeypatch: pytest.MonkeyPatch) -> School:
    """The one school of this process."""
    monkeypatch.setattr(plugin, "_banks", WeakSet([school.house.bank]))
    return school


def test_a_thread_without_an_application_is_heard_by_the_only_bank(only: School) -> None:
    thread = Thread(target=only.fire, args=(completed(),))
    thread.start()
    thread.join()
    assert only.told() == {"credited": 1}


def test_a_worker_with_an_application_of_its_own_is_heard_too(only: School) -> None:
    with Flask("worker").app_context():
        only.fire(completed())
    assert only.told() == {"credited": 1}


def test_where_it_is_not_clear_who_is_meant_the_host_goes_on_and_it_is_logged(
    only: School, tmp_path: Path, make_url: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    second = open_school(tmp_path / "second", make_url("sqlite", name="second"))
    only.fire(completed())
    assert [record.levelno for record in caplog.records if "not heard" in record.message] == [logging.CRITICAL]
    assert (only.told(), second.told()) == ({}, {})
    second.close()


def test_lost_keys_neither_stop_the_platform_nor_get_a_new_file(
    school: School, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    school.finish(1)
    keys = tmp_path / "creditbank" / "keys.json"
    lost = keys.read_bytes()
    keys.unlink()
    again = open_school(tmp_path, school.app.config["SQLALCHEMY_DATABASE_URI"])
    assert [record.levelno for record in caplog.records if "key_missing" in record.message] == [logging.CRITICAL]
    again.finish(builders.learner(2, name="นักเรียนทดลอง"))
    assert not keys.exists()
    assert (again.rows(), again.told()) == (2, {"credited": 1})
    found = health(again.house.runtime)
    assert (found["ok"], found["keys"], found["spool"]["count"]) == (
        False,
        {"ok": False, "why": "the key file is gone"},
        1,
    )
    keys.write_bytes(lost)
    again.settle()
    assert again.told() == {"credited": 2}
    assert not spool.waiting(again.house.runtime)
    again.close()


def test_a_key_file_that_cannot_be_read_does_not_stop_the_platform_either(school: School, tmp_path: Path) -> None:
    keys = tmp_path / "creditbank" / "keys.json"
    keys.write_text("{")
    again = open_school(tmp_path, school.app.config["SQLALCHEMY_DATABASE_URI"])
    assert again.app.test_client().get("/").status_code == 200
    assert keys.read_text() == "{"
    again.close()


def test_what_is_missing_is_said_as_it_is(
    blank_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, make_url: Callable[..., str]
) -> None:
    school = open_school(tmp_path, blank_url)
    assert "stand at none" in caplog.text
    assert "db upgrade" in caplog.text
    school.close()
    caplog.clear()
    away = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
    school = open_school(tmp_path, make_url("sqlite", name="other"), CREDITBANK_DATABASE_URL=away)
    assert "the database cannot be used yet" in caplog.text
    assert "upgrade" not in caplog.text
    school.finish(1)
    assert len(spool.waiting(school.house.runtime)) == 1
    school.close()


def _app(tmp_path: Path, **config: Any) -> Flask:
    app = Flask("host")
    app.config.update(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/host.db", CREDITBANK_DATA=str(tmp_path / "data"))
    app.config.update(config)
    SQLAlchemy(app)
    return app


def test_an_application_that_could_not_be_attached_is_not_attached(tmp_path: Path) -> None:
    app = _app(tmp_path)
    app.register_blueprint(Blueprint("creditbank", __name__), url_prefix="/mine")
    for _ in range(2):
        with pytest.raises(ValueError, match="creditbank"):
            load(app)
        assert "creditbank" not in app.extensions
    assert len(app.teardown_appcontext_funcs) == 1, "the one of Flask-SQLAlchemy"


def test_a_host_with_named_databases_only_is_told_what_to_set(tmp_path: Path) -> None:
    named = {"SQLALCHEMY_DATABASE_URI": None, "SQLALCHEMY_BINDS": {"users": f"sqlite:///{tmp_path}/u.db"}}
    with pytest.raises(RuntimeError, match="CREDITBANK_DATABASE_URL"):
        load(_app(tmp_path, **named))
    own = f"sqlite:///{tmp_path}/own.db"
    assert load(_app(tmp_path, CREDITBANK_DATABASE_URL=own, **named)).host_engine is None


def test_a_folder_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingError, match=r"CREDITBANK_DATA .*ต้องเป็นโฟลเดอร์"):
        load(_app(tmp_path, CREDITBANK_DATA=str(tmp_path / "file" / "data")))


def test_the_application_that_is_asked_is_the_one_that_is_attached(tmp_path: Path) -> None:
    """A factory may run inside the context of another application."""
    with _app(tmp_path / "a", SQLALCHEMY_DATABASE_URI="sqlite://").app_context():
        bank = load(_app(tmp_path))
    assert bank.runtime.engine.url.database == f"{tmp_path}/host.db"

"""The host stays the master of its house: its pages, errors, forms, migrations; on, off and gone."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask, jsonify
from flask_smorest import Api, Blueprint

from creditbank_plugin.storage.base import VERSION_TABLE, include_name
from creditbank_plugin.storage.session import open_engine
from creditbank_plugin.storage.upgrade import current, downgrade, head
from tests import builders
from tests.host.school import School, enable, open_school
from tests.kept_logging import kept_logging


def test_the_hosts_error_pages_are_its_own(school: School) -> None:
    client = school.app.test_client()
    lost = client.get("/no-such-page", headers={"Accept": "application/json"})
    assert (lost.status_code, lost.mimetype) == (404, "text/html")
    assert lost.text == "<p>โรงเรียนไม่มีหน้านี้: /no-such-page</p>"
    assert (client.get("/broken").status_code, client.get("/broken").text) == (500, "<p>โรงเรียนขัดข้อง</p>")
    assert client.get("/forbidden").mimetype == "text/html"


def test_our_own_pages_have_our_own_errors(school: School) -> None:
    client = school.app.test_client()
    assert "โรงเรียนไม่มีหน้านี้" not in client.get("/creditbank/api/v1/records/none").text
    assert client.get("/creditbank/api/v1/records/none").mimetype == "application/problem+json"


def test_the_hosts_answers_carry_nothing_of_ours(school: School) -> None:
    plain = builders.Flask("plain")
    plain.add_url_rule("/", view_func=lambda: "x")
    ours = set(school.app.test_client().get("/").headers.keys()) - {"X-School", "Set-Cookie", "Vary"}
    assert ours == set(plain.test_client().get("/").headers.keys())


def test_before_and_after_request_still_run_for_the_host(school: School) -> None:
    answer = school.app.test_client().get("/")
    assert (answer.headers["X-School"], school.app.config["SEEN"]) == ("1", 1)


def test_the_hosts_csrf_protection_stands(school: School) -> None:
    client = school.app.test_client()
    assert client.post("/enrol").status_code == 400
    token = client.get("/").text.split("</h1>")[1]
    assert client.post("/enrol", data={"csrf_token": token}).text == "ลงทะเบียนแล้ว"


def test_the_hosts_csrf_protection_does_not_shut_our_doors(school: School) -> None:
    """A machine has no form token; what refuses it must be our own door, which asks for credentials."""
    client = school.app.test_client()
    for path in ("/creditbank/oauth/token", "/creditbank/api/v1/events", "/creditbank/xapi/statements"):
        answer = client.post(path)
        assert "CSRF" not in answer.text, path
        assert answer.status_code in (400, 401, 415), (path, answer.status_code)


def test_the_prefix_is_a_setting(url: str, tmp_path: Path) -> None:
    school = open_school(tmp_path, url, CREDITBANK_URL_PREFIX="/หน่วยกิต/bank/")
    client = school.app.test_client()
    assert client.get("/หน่วยกิต/bank/api/openapi.json").status_code == 200
    assert client.get("/creditbank/api/openapi.json").status_code == 404
    school.close()


def test_nothing_app_wide_is_initialised(school: School, tmp_path: Path, make_url: Callable[..., str]) -> None:
    alone = open_school(tmp_path / "alone", make_url("sqlite", blank=True, name="alone"), enabled=False)
    with_us, without = school.app, alone.app
    assert set(without.extensions) <= set(with_us.extensions)
    assert with_us.extensions["migrate"].db is school.db
    assert with_us.error_handler_spec[None].keys() == without.error_handler_spec[None].keys()
    assert len(with_us.after_request_funcs[None]) == len(without.after_request_funcs[None])
    assert set(with_us.jinja_env.globals) == set(without.jinja_env.globals)
    assert set(with_us.jinja_env.filters) == set(without.jinja_env.filters)
    assert {name for name in with_us.config if name not in without.config} == set()
    before = {str(rule) for rule in without.url_map.iter_rules()}
    rules = {str(rule) for rule in with_us.url_map.iter_rules()} - before
    assert rules
    assert {rule for rule in rules if not rule.startswith("/creditbank")} == {
        "/.well-known/oauth-authorization-server/creditbank",
        "/.well-known/oauth-protected-resource/creditbank/api",
    }, "where RFC 8414 and RFC 9728 look for them"
    alone.close()


def test_what_runs_before_every_request_of_the_host_does_nothing_there(school: School) -> None:
    ours = [each for each in school.app.before_request_funcs[None] if each.__module__.startswith("creditbank_plugin")]
    with school.app.test_request_context("/broken"):
        assert [school.app.ensure_sync(each)() for each in ours] == [None] * len(ours)


@pytest.mark.parametrize("before", [True, False])
def test_a_host_may_have_an_api_of_the_same_framework(url: str, tmp_path: Path, before: bool) -> None:
    def add_api(app: Flask) -> None:
        app.config.update(
            API_TITLE="School", API_VERSION="v1", OPENAPI_VERSION="3.0.3", OPENAPI_URL_PREFIX="/school-api"
        )
        own = Blueprint("grades", "grades", url_prefix="/school-api")
        own.route("/grades")(lambda: jsonify([]))
        Api(app).register_blueprint(own)

    school = open_school(tmp_path, url, enabled=not before)
    add_api(school.app)
    if before:
        enable(school.pm)
        school.pm.hook.lms_load(app=school.app)
    client = school.app.test_client()
    theirs = client.get("/school-api/openapi.json").get_json()
    ours = client.get("/creditbank/api/openapi.json").get_json()
    assert (theirs["info"]["title"], list(theirs["paths"])) == ("School", ["/school-api/grades"])
    assert ours["info"]["title"] != "School"
    assert not [path for path in ours["paths"] if "grades" in path]
    school.close()


def test_not_registered_the_host_works_and_our_tables_are_idle(school: School, tmp_path: Path) -> None:
    school.finish(1)
    off = open_school(tmp_path, school.app.config["SQLALCHEMY_DATABASE_URI"], enabled=False)
    off.finish(2)
    assert (off.rows(), school.told()) == (2, {"credited": 1})
    assert off.app.test_client().get("/creditbank/").status_code == 404
    again = open_school(tmp_path, school.app.config["SQLALCHEMY_DATABASE_URI"])
    assert again.told() == {"credited": 1}, "enabled again, everything is where it was"
    off.close()
    again.close()


def test_blocked_in_the_hosts_manager_is_off(url: str, tmp_path: Path) -> None:
    off = open_school(tmp_path, url, enabled=False)
    off.pm.set_blocked("creditbank")
    enable(off.pm)
    assert off.pm.get_plugin("creditbank") is None
    off.finish(1)
    assert off.rows() == 1
    off.close()


def test_uninstalled_nothing_of_ours_is_left(school: School, tmp_path: Path) -> None:
    school.finish(1)
    engine = open_engine(school.house.runtime.engine.url)
    downgrade(engine, "base")
    engine.dispose()
    gone = open_school(tmp_path, school.app.config["SQLALCHEMY_DATABASE_URI"], enabled=False)
    gone.finish(2)
    assert gone.rows() == 2
    assert gone.tables() == {"school_completion"}
    gone.close()


@pytest.fixture
def loggers() -> Iterator[None]:
    """Alembic's environment of a host configures logging for the whole process; put it back."""
    with kept_logging():
        yield


def _newest(folder: Path) -> str:
    """The way forward of the newest migration of the host."""
    newest = max((folder / "migrations" / "versions").glob("*.py"), key=lambda path: path.stat().st_mtime_ns)
    return newest.read_text().split("def downgrade")[0]


def _planned(folder: Path) -> set[str]:
    """The tables that the newest migration of the host would drop."""
    return set(re.findall(r"op\.drop_table\('([^']+)'", _newest(folder)))


@pytest.mark.usefixtures("loggers")
def test_the_hosts_autogenerate_leaves_our_tables_alone_with_one_line(url: str, tmp_path: Path) -> None:
    without = open_school(tmp_path, url)
    with without.app.app_context():
        flask_migrate.init()
        flask_migrate.migrate(message="one")
    dropped = _planned(tmp_path)
    assert {"creditbank_entry", "creditbank_inbox", VERSION_TABLE} <= dropped, "the trap is real"
    without.close()

    shutil.rmtree(tmp_path / "migrations")
    ours = open_school(tmp_path, url, migrate={"include_name": include_name})
    ours.db.Table("school_room", ours.db.Column("id", ours.db.Integer, primary_key=True))
    with ours.app.app_context():
        flask_migrate.init()
        flask_migrate.migrate(message="two")
    assert "create_table('school_room'" in _newest(tmp_path)
    assert _planned(tmp_path) == set()
    ours.close()


@pytest.mark.usefixtures("loggers")
def test_the_hosts_own_migrations_go_up_and_down_beside_ours(url: str, tmp_path: Path) -> None:
    school = open_school(tmp_path, url, migrate={"include_name": include_name})
    builders.furnish(school.house)
    with school.app.app_context():
        school.Completion.__table__.drop(school.db.engine)
        flask_migrate.init()
        flask_migrate.migrate(message="one")
        flask_migrate.upgrade()
    assert {"school_completion", "alembic_version", VERSION_TABLE} <= school.tables()
    school.finish(1)
    assert current(school.house.runtime.engine) == head()
    with school.app.app_context():
        flask_migrate.downgrade(revision="base")
    assert "school_completion" not in school.tables()
    assert current(school.house.runtime.engine) == head()
    assert school.told() == {"credited": 1}
    school.close()

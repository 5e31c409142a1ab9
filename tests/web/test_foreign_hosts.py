"""The pages in hosts that were not written for them: with Flask-WTF before or after us, without a secret key."""

import re

import pytest
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from creditbank_plugin.plugin import load
from tests.builders import Place, completed
from tests.web.world import empty_bank, log_in


def accept(client: FlaskClient) -> int:
    """Send the form of the page as it stands there; return the status."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', client.get("/creditbank/").text)
    assert fields
    return client.post("/creditbank/accept", data=dict(fields)).status_code


def test_forms_work_where_the_host_guards_its_own(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1))
    CSRFProtect(house.app)
    house.app.add_url_rule("/theirs", "theirs", lambda: "saved", methods=["POST"])
    client = log_in(house, "student", learner="s-1")
    assert accept(client) == 303
    assert client.post("/theirs").status_code == 400


def test_a_guard_set_up_before_us_is_told_to_leave_us_alone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    import tests.builders as builders

    def guarded(app: object) -> object:
        CSRFProtect(app)
        return load(app)  # type: ignore[arg-type]

    monkeypatch.setattr(builders, "load", guarded)
    house = empty_bank(place)
    house.bank.hear(completed(1))
    client = log_in(house, "student", learner="s-1")
    client.get("/creditbank/")
    with client.session_transaction() as session:
        token = session["creditbank_token"]
    assert client.post("/creditbank/accept", data={"creditbank_token": token}).status_code == 303
    assert client.post("/creditbank/accept", data={"creditbank_token": "another"}).status_code == 400


def test_pages_are_read_where_the_host_keeps_no_sessions(place: Place) -> None:
    house = empty_bank(place)
    house.app.secret_key = None
    house.bank.hear(completed(1))
    house.bank.hear(completed(1, "ค99999"))
    client = log_in(house, "student", learner="s-1")
    assert client.get("/creditbank/?lang=en").status_code == 200
    assert client.post("/creditbank/accept").status_code == 400


def test_another_prefix_moves_every_page(place: Place) -> None:
    house = empty_bank(place, CREDITBANK_URL_PREFIX="/bank")
    house.bank.hear(completed(1))
    client = log_in(house, "student", learner="s-1")
    text = client.get("/bank/").text
    assert 'href="/bank/static/creditbank.css"' in text
    assert client.get("/creditbank/").status_code == 404


def test_nothing_is_added_to_the_hosts_templates(place: Place) -> None:
    house = empty_bank(place)
    assert {"t", "word", "show"}.isdisjoint(house.app.jinja_env.globals)
    assert None not in house.app.error_handler_spec or not house.app.error_handler_spec[None]


def test_behind_a_proxy_with_a_prefix_every_link_keeps_it(place: Place) -> None:
    house = empty_bank(place, CREDITBANK_LOGIN_URL="/lms/login")
    house.app.wsgi_app = ProxyFix(house.app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    behind = {"X-Forwarded-Prefix": "/lms"}
    text = log_in(house, "admin").get("/creditbank/admin/inbox?state=waiting", headers=behind).text
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', text)
    assert [link for link in links if not link.startswith("/lms/")] == []
    assert any(link.startswith("/lms/creditbank/admin/inbox?state=waiting&amp;lang=") for link in links)
    house.user.now = None
    text = house.app.test_client().get("/creditbank/?after=x", headers=behind).text
    assert 'href="/lms/login?next=%2Flms%2Fcreditbank%2F%3Fafter%3Dx"' in text

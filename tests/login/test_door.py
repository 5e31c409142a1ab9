"""The log-in page of an application without a host: who is let in, who is not, and where it leads."""

import logging
import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from creditbank_plugin.login import door, passwords, session, throttle
from creditbank_plugin.login.users import FILE, Users
from creditbank_plugin.settings import read
from creditbank_plugin.standalone import create_app
from tests.builders import House, completed, make_app
from tests.login.alone import LOGIN, PASSWORD, STAFF, let_in, logged_in, make_alone, send
from tests.login.test_way_back import OURS, THEIRS
from tests.oauth_world import LOOPBACK, OAUTH, Agency, answer_of, hidden, make_public

WRONG = "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง"
LEAVE = "/creditbank/logout"


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """The same algorithm with less work: these tests log in many times."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = "scrypt:1024:8:1"
        patch.setattr(passwords, "_NOBODYS", passwords._NOBODYS.replace(passwords._METHOD, cheap))
        patch.setattr(passwords, "_METHOD", cheap)
        yield


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[House]:
    """On SQLite alone: users stand in a file."""
    made = make_alone(tmp_path_factory.mktemp("alone"), migrated_sqlite)
    made.bank.hear(completed(1))
    let_in(made)
    yield made
    made.runtime.engine.dispose()


@pytest.fixture(autouse=True)
def uncounted(house: House) -> None:
    """Each test may try as often as it must."""
    vars(house.runtime).pop("rates", None)


def users(house: House) -> Users:
    return Users(house.runtime.settings.data)


def test_each_kind_of_user_comes_to_pages_of_their_own(house: House) -> None:
    pages = {
        "admin1": "/creditbank/admin/clients",
        "officer1": "/creditbank/admin/proposals",
        "director1": "/creditbank/admin/adoptions",
    }
    assert pages.keys() == STAFF.keys()
    for name, path in pages.items():
        browser = logged_in(house, name)
        assert browser.get(path).status_code == 200, name
        assert f"ผู้ใช้ {name}" in browser.get(path).text
    assert logged_in(house, "officer1").get("/creditbank/admin/clients").status_code == 403
    learner = logged_in(house, "learner1")
    assert "ท21101" in learner.get("/creditbank/").text
    assert "ท21101" not in logged_in(house, "learner2").get("/creditbank/").text
    assert learner.get("/creditbank/admin/clients").status_code == 403


def test_nobody_sees_a_page_of_anybody_and_is_shown_the_way(house: House) -> None:
    refused = house.app.test_client().get("/creditbank/?lang=th")
    assert refused.status_code == 401
    assert f"{LOGIN}?next=%2Fcreditbank%2F%3Flang%3Dth" in refused.text
    assert "กลับไปที่เว็บเรียน" not in refused.text, "there is no platform to go back to"
    assert house.app.test_client().get("/").location == "/creditbank/"


@pytest.mark.parametrize(
    ("name", "password"), [("nobody", PASSWORD), ("admin1", "wrong password"), ("", ""), ("admin1", "")]
)
def test_every_wrong_try_gets_the_same_answer(house: House, name: str, password: str) -> None:
    browser = house.app.test_client()
    answers = [send(browser, name, password), send(browser, "another", "wrong")]
    assert [each.status_code for each in answers] == [401, 401]
    assert all(each.text.count(WRONG) == 1 for each in answers)
    same = [
        each.text.replace(f'name="name" value="{said}"', "")
        for each, said in zip(answers, (name, "another"), strict=True)
    ]
    assert same[0] == same[1]
    assert password == "" or password not in answers[0].text
    assert browser.get("/creditbank/").status_code == 401


def test_too_many_tries_close_the_door_for_the_right_password_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "PAIR", 2)
    browser = house.app.test_client()
    assert [send(browser, "admin1", "wrong").status_code for _ in range(3)] == [401, 401, 429]
    shut = send(browser, "Admin1 ")
    assert shut.status_code == 429
    assert 1 <= int(shut.headers["Retry-After"]) <= 60
    assert "ลองเข้าสู่ระบบหลายครั้งเกินไป" in shut.text
    assert send(browser, "director1").status_code == 303


def test_a_form_from_elsewhere_logs_nobody_in_or_out(house: House) -> None:
    said = {"name": "admin1", "password": PASSWORD}
    assert house.app.test_client().post(LOGIN, data=said).status_code == 400
    browser = logged_in(house, "admin1")
    assert browser.post(LOGIN, data={**said, "creditbank_token": "guessed"}).status_code == 400
    assert browser.post(LEAVE).status_code == 400
    assert browser.get(LEAVE).status_code == 405
    assert browser.get("/creditbank/admin/clients").status_code == 200


def test_a_log_in_begins_a_new_session(house: House) -> None:
    browser = house.app.test_client()
    browser.get(LOGIN, query_string={"lang": "en"})
    with browser.session_transaction() as kept:
        kept["planted"] = "by somebody else"
        before = kept["creditbank_token"]
    assert send(browser, "admin1").status_code == 303
    with browser.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.get("creditbank_token") != before
        assert kept["creditbank_lang"] == "en", "nothing else lives on"


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_cookie_is_for_this_site_alone(house: House, scheme: str, secure: bool) -> None:
    browser = house.app.test_client()
    cookie = browser.get(LOGIN, base_url=f"{scheme}://localhost").headers["Set-Cookie"]
    assert cookie.startswith("creditbank_session=")
    said = {each.strip() for each in cookie.split(";")[1:]}
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= said
    assert ("Secure" in said) is secure
    assert not any(each.startswith("Domain") for each in said)


def test_where_the_public_address_is_https_the_cookie_is_too(tmp_path: Path, migrated_sqlite: Path) -> None:
    made = make_alone(tmp_path, migrated_sqlite, CREDITBANK_PUBLIC_URL="https://bank.example/credits")
    assert "Secure" in made.app.test_client().get(LOGIN).headers["Set-Cookie"], "a proxy speaks plain http to us"
    assert made.runtime.settings.login_url == "/credits/creditbank/login", "as browsers see it"


@pytest.mark.parametrize("back", OURS)
def test_it_leads_back_to_the_whole_address(house: House, back: str) -> None:
    browser = house.app.test_client()
    led = send(browser, "admin1", back=back)
    assert led.status_code == 303
    assert led.location.replace("%E0%B8%97", "ท") == back
    assert browser.get(LOGIN, query_string={"next": back}).location == led.location, "whoever is in goes on at once"


@pytest.mark.parametrize("back", [each for each in THEIRS if "\x00" not in each])
def test_it_never_leads_elsewhere(house: House, back: str) -> None:
    browser = house.app.test_client()
    shown = browser.get(LOGIN)
    sent = browser.post(LOGIN, data={**hidden(shown.text), "next": back, "name": "admin1", "password": PASSWORD})
    assert (sent.status_code, sent.location) == (303, "/creditbank/")
    assert browser.get(LOGIN, query_string={"next": back}).location == "/creditbank/"


def test_a_wrong_try_keeps_the_way_back(house: House) -> None:
    browser = house.app.test_client()
    again = send(browser, "admin1", "wrong", back=OURS[2])
    assert hidden(again.text)["next"] == OURS[2]
    english = re.search(r'<a class="language" href="([^"]+)"', again.text)
    assert english is not None
    shown = browser.get(unescape(english[1]))
    assert ("Log in" in shown.text, hidden(shown.text)["next"]) == (True, OURS[2])


def test_to_leave_is_to_be_nobody(house: House) -> None:
    browser = logged_in(house, "admin1")
    form = hidden(browser.get("/creditbank/admin/clients").text)
    left = browser.post(LEAVE, data=form)
    assert (left.status_code, left.location) == (303, LOGIN)
    assert "ออกจากระบบแล้ว" in browser.get(LOGIN).text
    assert browser.get("/creditbank/admin/clients").status_code == 401


def test_who_is_removed_or_given_another_password_is_out_at_once(house: House) -> None:
    kept = users(house)
    kept.add("passing", PASSWORD, roles=frozenset({"admin"}))
    first, second = logged_in(house, "passing"), logged_in(house, "passing")
    kept.change_password("passing", "another long password")
    assert first.get("/creditbank/admin/clients").status_code == 401
    assert send(second, "passing").status_code == 401
    assert send(second, "passing", "another long password").status_code == 303
    kept.remove("passing")
    assert second.get("/creditbank/admin/clients").status_code == 401
    kept.add("passing", PASSWORD, roles=frozenset({"admin"}))
    assert second.get("/creditbank/admin/clients").status_code == 401, "another user of the same name"


@pytest.mark.parametrize(("later", "status"), [(-60, 401), (60, 200), (session.LASTS - 60, 200), (session.LASTS, 401)])
def test_a_log_in_ends_by_itself(house: House, monkeypatch: pytest.MonkeyPatch, later: int, status: int) -> None:
    browser = logged_in(house, "admin1")
    monkeypatch.setattr(session, "time", SimpleNamespace(time=lambda: time.time() + later))
    assert browser.get("/creditbank/admin/clients").status_code == status


def test_where_the_users_cannot_be_read_nobody_is_let_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, file = logged_in(house, "admin1"), house.runtime.settings.data / FILE
    kept = file.read_bytes()
    file.write_bytes(b"{")
    try:
        assert browser.get("/creditbank/admin/clients").status_code == 401
        assert send(browser, "admin1").status_code == 503
    finally:
        file.write_bytes(kept)
    assert browser.get("/creditbank/admin/clients").status_code == 200


def test_logs_hold_no_name_and_no_password(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logged_in(house, "learner1")
        send(house.app.test_client(), "typed in the wrong field", "wrong password")
    assert "logged in" in caplog.text
    for secret in ("learner1", PASSWORD, "wrong"):
        assert secret not in caplog.text


def test_an_authorization_request_is_understood_before_anybody_logs_in(house: House) -> None:
    """The whole request comes back after the log-in, and a wrong one never reaches it."""
    client = make_public(house)
    agency = Agency(house, "s-1", client, LOOPBACK)
    browser = house.app.test_client()
    for wrong in ({"client_id": "nobody"}, {"redirect_uri": "https://evil.example"}):
        refused = browser.get(f"{OAUTH}/authorize", query_string=agency.request(**wrong))
        assert (refused.status_code, refused.location) == (400, None)
    for wrong, error in (({"scope": "no:such"}, "invalid_scope"), ({"code_challenge": None}, "invalid_request")):
        refused = browser.get(f"{OAUTH}/authorize", query_string=agency.request(**wrong))
        assert answer_of(refused, LOOPBACK)["error"] == error
    asked = browser.get(f"{OAUTH}/authorize", query_string=agency.request(state="a b&c=d//e"))
    assert asked.location.startswith(f"{LOGIN}?next=")
    shown = browser.get(asked.location)
    form = {**hidden(shown.text), "name": "learner1", "password": PASSWORD}
    led = browser.post(LOGIN, data=form)
    assert led.location == f"{OAUTH}/authorize?{urlencode(agency.request(state='a b&c=d//e'))}&after=login"
    consent = browser.get(led.location)
    assert consent.status_code == 200
    agreed = browser.post(f"{OAUTH}/authorize", data={**hidden(consent.text), "decision": "agree"})
    told = answer_of(agreed, LOOPBACK)
    assert told["state"] == "a b&c=d//e"
    assert agency.exchange(told["code"]).status_code == 200


def test_staff_have_nothing_to_share(house: House) -> None:
    agency = Agency(house, "s-1", make_public(house), LOOPBACK)
    shown = logged_in(house, "admin1").get(f"{OAUTH}/authorize", query_string=agency.request())
    assert shown.status_code == 403


def test_a_host_never_sees_it(tmp_path: Path) -> None:
    host = make_app(tmp_path).app
    assert door.OWN_LOGIN not in host.blueprints
    for path in (LOGIN, LEAVE):
        assert host.test_client().get(path).status_code == 404
    assert "logout" not in host.test_client().get("/creditbank/").text


def test_with_another_log_in_there_is_none_of_ours(tmp_path: Path) -> None:
    app = create_app({"CREDITBANK_DATA": str(tmp_path), "CREDITBANK_LOGIN_URL": "/sso"})
    assert app.test_client().get(LOGIN).status_code == 404
    assert app.extensions["creditbank"].runtime.settings.login_url == "/sso"


def test_another_prefix_moves_it() -> None:
    assert door.address(read({"CREDITBANK_URL_PREFIX": "/bank"}, {})) == "/bank/login"
    assert door.address(read({"CREDITBANK_PUBLIC_URL": "https://a.example/"}, {})) == LOGIN

"""Log-in, forged forms, headers, languages and pages for what goes wrong."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from creditbank_plugin.demo import learn
from tests.demo.lms import PASSWORDS, Person, post


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(app: Flask) -> None:
    pages = []
    for username in ("student1", "nobody-here"):
        client = app.test_client()
        answer = post(client, "/login", {"username": username, "password": "wrong"}, form_at="/login")
        assert answer.status_code == 401
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert pages[0] == pages[1]
    assert "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง" in pages[0]


def test_guessing_passwords_is_slowed_down_for_that_name_only(app: Flask) -> None:
    client = app.test_client()
    guess = {"username": "student1", "password": "wrong"}
    answers = [post(client, "/login", guess, form_at="/login").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    assert post(client, "/login", {**guess, "password": PASSWORDS["student1"]}, form_at="/login").status_code == 429
    Person(app, "student2")


@pytest.mark.parametrize("token", ["", "forged", "ไทย"])
@pytest.mark.parametrize(
    "path", ["/logout", "/courses/1/lessons/1/done", "/courses/1/quiz", "/teach/courses/1/learners/s-0001/revoke"]
)
def test_a_form_without_our_token_is_refused(app: Flask, path: str, token: str) -> None:
    client = Person(app, "student1").client
    client.get("/courses/1/quiz")
    answer = client.post(path, data={"csrf_token": token})
    assert answer.status_code == 403
    assert client.get("/").status_code == 200, "still logged in"


def test_a_log_in_without_a_token_is_refused(app: Flask) -> None:
    client = app.test_client()
    form = {"username": "student1", "password": PASSWORDS["student1"]}
    assert client.post("/login", data=form).status_code == 403


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/courses/1", "/courses/1"),
        ("/creditbank/?lang=en", "/creditbank/?lang=en"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_the_log_in_leads_to_our_own_pages_only(app: Flask, target: str, lands: str) -> None:
    client = app.test_client()
    form = {"username": "student1", "password": PASSWORDS["student1"], "next": target}
    assert post(client, "/login", form, form_at="/login").headers["Location"] == lands
    assert client.get("/login", query_string={"next": target}).headers["Location"] == lands


def test_pages_lead_to_the_log_in_and_back(app: Flask) -> None:
    answer = app.test_client().get("/courses/1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/courses/1"


def test_logging_out_ends_the_session(app: Flask) -> None:
    student = Person(app, "student1")
    assert student.post("/logout", "/").status_code == 303
    assert student.client.get("/").status_code == 302


def test_cookie_and_headers_are_strict(app: Flask) -> None:
    answer = app.test_client().get("/login")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_english_by_switch_stays_and_survives_the_log_in(app: Flask) -> None:
    client = app.test_client()
    assert '<html lang="th">' in client.get("/login").text
    assert '<html lang="en">' in client.get("/login?lang=en").text
    assert "Log in" in client.get("/login").text
    form = {"username": "student1", "password": PASSWORDS["student1"]}
    post(client, "/login", form, form_at="/login")
    english = client.get("/").text
    assert '<html lang="en">' in english
    assert "Hello, Demo student 1" in english
    assert '<html lang="en">' in client.get("/?lang=xx").text
    assert '<html lang="th">' in client.get("/?lang=th").text


def test_the_other_language_of_the_log_in_leads_where_the_first_did(app: Flask) -> None:
    client = app.test_client()
    wrong = {"username": "student1", "password": "wrong", "next": "/courses/1"}
    for page in (client.get("/login?next=/courses/1").text, post(client, "/login", wrong, form_at="/login").text):
        (english,) = re.findall(r'href="([^"]+)" lang="en"', page)
        assert 'name="next" value="/courses/1"' in client.get(unescape(english)).text


def test_dates_are_in_the_buddhist_era_in_thai(app: Flask) -> None:
    student = Person(app, "student1")
    student.do_quiz()
    assert re.search(r"\d{1,2} \S+ 25\d\d เวลา \d\d\.\d\d น\.", student.get("/courses/1/quiz/result"))
    assert re.search(r"\d{1,2} [A-Z]\w+ 20\d\d,", student.get("/courses/1/quiz/result?lang=en"))


@pytest.mark.parametrize("path", ["/nowhere", "/courses/99", "/courses/1/lessons/9", "/creditbank/nothing"])
def test_what_is_not_there_says_so_in_thai(app: Flask, path: str) -> None:
    answer = Person(app, "student1").client.get(path)
    assert answer.status_code == 404
    assert "ไม่พบหน้านี้" in answer.text


def test_a_failure_shows_our_page_and_no_trace(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("secret detail")

    student = Person(app, "student1")
    monkeypatch.setattr(learn, "page", fails)
    answer = student.client.get("/")
    assert answer.status_code == 500
    assert "ระบบขัดข้อง" in answer.text
    assert "secret detail" not in answer.text

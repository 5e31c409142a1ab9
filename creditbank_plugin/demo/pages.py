"""How a page of ours is drawn, headed and refused; everything a template needs is handed over by name.

Nothing is added to the application's Jinja environment: the templates of an attached module must not meet our words.
"""

from urllib.parse import urlencode

from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from creditbank_plugin.demo import wording
from creditbank_plugin.demo.models import STUDENT, db
from creditbank_plugin.demo.plugins import bank_url
from creditbank_plugin.demo.session import form_token, language, logged_in

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_REFUSALS = {
    403: (
        ("เข้าหน้านี้ไม่ได้", "This page is not open to you"),
        (
            "บัญชีนี้ไม่มีสิทธิ์ทำรายการนี้ หรือหน้านี้เปิดค้างไว้นานเกินไป ลองกลับไปหน้าแรกแล้วทำใหม่อีกครั้ง",
            "Your account may not do this, or the page was open for too long. Go to the home page and try again.",
        ),
    ),
    404: (
        ("ไม่พบหน้านี้", "Page not found"),
        (
            "ที่อยู่นี้ไม่มีในระบบ อาจพิมพ์ผิดหรือหน้านี้ถูกย้ายไปแล้ว",
            "There is nothing at this address. It may be mistyped, or the page has moved.",
        ),
    ),
    429: (
        ("ลองเข้าสู่ระบบหลายครั้งเกินไป", "Too many log-in attempts"),
        ("รอหนึ่งนาทีแล้วลองใหม่อีกครั้ง", "Wait one minute and try again."),
    ),
    500: (
        ("ระบบขัดข้อง", "Something went wrong"),
        (
            "ขออภัย ระบบทำรายการนี้ไม่สำเร็จ สิ่งที่บันทึกไว้แล้วยังอยู่ครบ ลองใหม่อีกครั้งในอีกสักครู่",
            "We are sorry, this did not work. What was saved before is still there. Please try again in a moment.",
        ),
    ),
}
_OTHER = (
    ("ทำรายการนี้ไม่ได้", "This cannot be done"),
    ("คำขอนี้ไม่ถูกต้อง กลับไปหน้าแรกแล้วลองใหม่", "This request is not valid. Go to the home page and try again."),
)


def page(template: str, **values: object) -> str:
    """Draw ``lms/<template>.html`` with the words, the visitor and the navigation that every page shows."""
    user = logged_in()
    return render_template(
        f"lms/{template}.html",
        t=wording.t,
        words=wording.in_words,
        day=wording.day,
        clock=wording.clock,
        hours=wording.hours,
        owner=wording.owner,
        role_names=wording.ROLE_NAMES,
        lang=language(),
        here=_here,
        user=user,
        is_student=user is not None and user.role == STUDENT,
        form_token=form_token,
        bank_url=bank_url(user),
        school=current_app.config["LMS_SCHOOL"],
        **values,
    )


def _here(lang: str) -> str:
    """Return the address of this page in another language; a page that was sent by a form leads home.

    The log-in stays the log-in, and whoever was led there still comes to where they were going.
    """
    at_log_in = request.endpoint == "lms_door.login"
    path = request.path if request.method == "GET" or at_log_in else "/"
    kept = {"next": request.values["next"]} if at_log_in and request.values.get("next") else {}
    return f"{path}?{urlencode({**kept, 'lang': lang})}"


def refusal(error: HTTPException) -> ResponseReturnValue:
    """Draw the page of an error; a redirect or a ready-made answer passes as it is."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    title, text = _REFUSALS.get(code, _REFUSALS[500] if code >= 500 else _OTHER)
    sentences = {"title": wording.in_words(title), "text": wording.in_words(text)}
    if code >= 500:  # the database may be what failed: this page asks it nothing
        db.session.remove()
        return render_template("lms/broken.html", t=wording.t, lang=language(), **sentences), code
    return page("refusal", **sentences), code


def add_headers(response: Response) -> Response:
    """Set the security headers that a module has not already set for itself; pages with a visitor are not cached."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def register(app: Flask) -> None:
    """Give the application its error pages and its headers."""
    app.register_error_handler(HTTPException, refusal)
    app.after_request(add_headers)

"""The door: log-in and log-out."""

import time
from collections import deque
from threading import Lock

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from creditbank_plugin.demo import passwords
from creditbank_plugin.demo.models import User, db
from creditbank_plugin.demo.pages import page
from creditbank_plugin.demo.session import choose_language, log_in, log_out, logged_in, refuse_forged_forms, safe_next

blueprint = Blueprint("lms_door", __name__)
blueprint.before_request(choose_language)
blueprint.before_request(refuse_forged_forms)

TRIES, SECONDS = 10, 60.0


class Throttle:
    """Counts failed log-ins per key in this process: ``TRIES`` within ``SECONDS`` close the door for that key."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], deque[float]] = {}
        self._lock = Lock()

    def is_closed(self, key: tuple[str, str]) -> bool:
        """Say whether ``key`` must wait."""
        with self._lock:
            failures = self._fresh(key)
            return len(failures) >= TRIES

    def failed(self, key: tuple[str, str]) -> None:
        """Count one failure."""
        with self._lock:
            self._failures.setdefault(key, deque(maxlen=TRIES)).append(time.monotonic())
            if len(self._failures) > 10_000:  # somebody is trying many names: forget what is old
                for old in list(self._failures):
                    self._fresh(old)

    def _fresh(self, key: tuple[str, str]) -> deque[float]:
        failures = self._failures.get(key, deque())
        while failures and failures[0] < time.monotonic() - SECONDS:
            failures.popleft()
        if not failures:
            self._failures.pop(key, None)
        return failures


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Show the form and let somebody in; the refusal is the same for an unknown name and a wrong password."""
    if request.method == "GET":
        if logged_in() is not None:
            return redirect(safe_next(request.args.get("next")))
        return page("login", next=request.args.get("next", ""), failed=False, username="")
    username, password = request.form.get("username", "").strip(), request.form.get("password", "")
    throttle: Throttle = current_app.extensions["lms_throttle"]
    key = (request.remote_addr or "", username[:60])
    if throttle.is_closed(key):
        abort(429)
    user = db.session.scalars(select(User).where(User.username == username)).one_or_none()
    right = passwords.is_right(user.password_hash if user else None, password)
    if user is None or not right:
        throttle.failed(key)
        return page("login", next=request.form.get("next", ""), failed=True, username=username), 401
    log_in(user)
    return redirect(safe_next(request.form.get("next")), 303)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session."""
    log_out()
    return redirect(url_for("lms_door.login"), 303)

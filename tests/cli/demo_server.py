"""A demo in a process of its own, as a newcomer starts it, and somebody who uses it with a browser."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from creditbank_plugin.demo.content import pool

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_SECONDS = 30
#: Whose the students of the shared demo are: who agreed once is not asked again, and some tests count the credits.
STUDENTS = {
    "foreign": ("student1",),
    "oauth": ("student2",),
    "whole way": ("student2", "student3"),
    "connect": ("student4", "student5"),
}
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def environment(**more: str) -> dict[str, str]:
    """The environment of a checkout that is not installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CREDITBANK_")}
    return {**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}", **more}


def start(folder: Path, *options: str, **more: str) -> "subprocess.Popen[str]":
    """Start the demo on ``folder``."""
    command = [sys.executable, "-m", "creditbank_plugin.cli.main", "demo", "--data", str(folder), *options]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment(**more), cwd=folder.parent, **pipes)


def command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run another command on the demo's folder."""
    full = [sys.executable, "-m", "creditbank_plugin.cli.main", *arguments]
    named = environment(CREDITBANK_DATA=str(folder))
    return subprocess.run(full, env=named, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def running(folder: Path, *options: str, **more: str) -> Iterator[dict[str, Any]]:
    """Run a demo on a free port and give what it printed; at the end it must stop cleanly."""
    process = start(folder, "--port", "0", *options, **more)
    try:
        yield _printed(process, folder)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 0, err
        assert "Traceback" not in err
    finally:
        process.kill()
        process.communicate()


def _printed(process: "subprocess.Popen[str]", folder: Path) -> dict[str, Any]:
    """Read the JSON document that the demo prints just before it serves, and wait until it answers."""
    until = time.monotonic() + READY_WITHIN_SECONDS
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.rstrip() == "}":
            break
    assert lines, process.communicate()[1]
    about: dict[str, Any] = json.loads("".join(lines))
    assert requests.get(f"{about['base_url']}/login", timeout=max(1, until - time.monotonic())).status_code == 200
    assert time.monotonic() < until
    return about


@dataclass
class Demo:
    """A demo that runs: what it says of itself, and its folder."""

    about: dict[str, Any]
    folder: Path

    def students(self, file: str) -> list[dict[str, Any]]:
        """Return the students who belong to a file's tests."""
        return [user for user in self.about["users"] if user["username"] in STUDENTS[file]]


@dataclass
class Browser:
    """Somebody who is logged in."""

    about: dict[str, Any]
    session: requests.Session

    @classmethod
    def log_in(cls, about: dict[str, Any], username: str) -> "Browser":
        user = next(user for user in about["users"] if user["username"] == username)
        found = cls(about, requests.Session())
        answer = found.post("/login", "/login", username=username, password=user["password"])
        assert answer.status_code == 200
        assert not answer.url.endswith("/login")
        return found

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.about["base_url"] + path, timeout=20)

    def post(self, path: str, form_at: str, **values: str) -> requests.Response:
        token = CSRF.search(self.get(form_at).text)
        assert token is not None
        data = {"csrf_token": token.group(1), **values}
        return self.session.post(self.about["base_url"] + path, data=data, timeout=20)

    def finish(self, code: str) -> None:
        """Find a course by its code, do its lessons and answer its quiz rightly."""
        row = re.search(
            rf'href="(/courses/\d+)">[^<]*</a>\s*<span class="facts">{re.escape(code)} ', self.get("/").text
        )
        assert row is not None, code
        course = row.group(1)
        lessons = sorted(set(re.findall(rf'"({course}/lessons/\d+)"', self.get(course).text)))
        assert lessons
        for lesson in lessons:
            assert self.post(f"{lesson}/done", lesson).status_code == 200
        page = self.get(f"{course}/quiz").text
        answers = {number: str(question.answer) for number, question in pool().items() if f'name="{number}"' in page}
        assert answers
        assert self.post(f"{course}/quiz", f"{course}/quiz", **answers).status_code == 200


def token(about: dict[str, Any], client: str) -> str:
    """Get a token for one of the demo's clients, with all that it may do."""
    known = about["clients"][client]
    answer = requests.post(
        f"{about['base_url']}/creditbank/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(known["client_id"], known["client_secret"]),
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def read_api(about: dict[str, Any], path: str, **query: str) -> Any:
    """Ask the API with the reader's token."""
    bearer = {"Authorization": f"Bearer {token(about, 'reader')}"}
    url = f"{about['base_url']}/creditbank/api/v1{path}"
    answer = requests.get(url, params=query, headers=bearer, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()

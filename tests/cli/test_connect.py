"""The examples of docs/connect.md, run as they stand there, with a learner who agrees in between."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.cli.demo_server import ROOT, Browser, Demo
from tests.oauth_world import LOOPBACK, hidden

PAGE = ROOT / "docs" / "connect.md"


@pytest.fixture(scope="module")
def demo(shared_demo: Demo) -> Demo:
    """A demo in which two students have a credit: whoever agreed is not asked again by the same client."""
    about = shared_demo.about
    for student in shared_demo.students("connect"):
        Browser.log_in(about, student["username"]).finish(about["courses"]["approved"][0]["code"])
    return shared_demo


def example(language: str) -> list[str]:
    """The blocks of a language, as they stand in the page."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def environ(about: dict[str, Any], client: str) -> dict[str, str]:
    known = about["clients"][client]
    more = {"CLIENT_SECRET": known["client_secret"]} if "client_secret" in known else {}
    return {**os.environ, "SERVER": about["base_url"], "CLIENT_ID": known["client_id"], **more}


def agree(about: dict[str, Any], address: str, student: dict[str, Any]) -> str:
    """Open an address as the student's browser does, log in, agree, and return where it is sent back to."""
    browser = requests.Session()
    log_in = browser.get(address, timeout=20)
    fields = {**hidden(log_in.text), "username": student["username"], "password": student["password"]}
    asked = browser.post(f"{about['base_url']}/login", data=fields, timeout=20)
    said = {**hidden(asked.text), "decision": "agree"}
    agreed = browser.post(
        f"{about['base_url']}/creditbank/oauth/authorize", data=said, allow_redirects=False, timeout=20
    )
    assert agreed.headers["Location"].startswith(f"{LOOPBACK}?"), agreed.text
    return agreed.headers["Location"]


def has_the_credit(about: dict[str, Any], told: str) -> bool:
    found = json.loads(told)["items"]
    return [each["course"]["code"] for each in found] == [about["courses"]["approved"][0]["code"]]


def test_curl(demo: Demo) -> None:
    for program in ("curl", "openssl"):
        if shutil.which(program) is None:
            pytest.skip(f"the program {program} is missing: the example of docs/connect.md is not run")
    first, second = example("sh")
    steps = f"set -eu\n{first}\nread -r CODE\n{second}"
    shell = subprocess.Popen(
        ["sh", "-c", steps],
        env=environ(demo.about, "partner"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shell.stdin is not None
    assert shell.stdout is not None
    back = agree(demo.about, shell.stdout.readline().strip(), demo.students("connect")[0])
    code = re.search(r"code=([^&]+)", back)
    assert code is not None
    told, _ = shell.communicate(f"{code.group(1)}\n", timeout=30)
    assert shell.returncode == 0
    assert has_the_credit(demo.about, told)


def through(demo: Demo, command: list[str], client: str) -> None:
    """Run a program that prints an address, waits for the browser, and prints what it read."""
    running_ = subprocess.Popen(command, env=environ(demo.about, client), stdout=subprocess.PIPE, text=True)
    try:
        assert running_.stdout is not None
        back = agree(demo.about, running_.stdout.readline().strip(), demo.students("connect")[1])
        assert requests.get(back, timeout=20).status_code == 200
        told, _ = running_.communicate(timeout=30)
        assert running_.returncode == 0
        assert has_the_credit(demo.about, told)
    finally:
        running_.kill()
        running_.wait()


def test_python(demo: Demo, tmp_path: Path) -> None:
    (program,) = example("python")
    file = tmp_path / "connect.py"
    file.write_text(program, encoding="utf-8")
    through(demo, [sys.executable, str(file)], "partner")


def test_javascript(demo: Demo, tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("the program node is missing: the example of docs/connect.md is not run")
    (program,) = example("js")
    file = tmp_path / "connect.mjs"
    file.write_text(program, encoding="utf-8")
    through(demo, ["node", str(file)], "public")

"""Without a host, as it is served: users added on the command line, a learner who logs in and agrees, a token that reads."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from creditbank_plugin.login.users import Users
from creditbank_plugin.services.access.clients import NewClient
from tests.builders import ISSUER, House, completed
from tests.house.tree import ROOT
from tests.login.alone import LOGIN, PASSWORD, make_alone
from tests.oauth_world import LOOPBACK, OAUTH, VERIFIER, challenge_of, hidden, make_public
from tests.serving import answers, free_port
from tests.web.browser import FORMS, Look
from tests.web.conftest import axe

__all__ = ["axe"]  # a fixture


@dataclass(frozen=True)
class Served:
    """A server of the application, its folder and a client of another agency."""

    address: str
    data: Path
    client: NewClient

    def command(self, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a command as its administrator does."""
        full = [sys.executable, "-m", "creditbank_plugin.cli.main", *arguments]
        environ = environment(self.data)
        return subprocess.run(
            full, env=environ, cwd=ROOT, input=typed, capture_output=True, text=True, timeout=60, check=False
        )


def environment(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CREDITBANK_")}
    where = {"CREDITBANK_DATA": str(data), "CREDITBANK_ISSUER": ISSUER, "CREDITBANK_LOG_FORMAT": "text"}
    return {**kept, **where, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    house: House = make_alone(folder, migrated_sqlite)
    house.bank.hear(completed(1))
    client, data = make_public(house), house.runtime.settings.data
    house.runtime.engine.dispose()
    port = free_port()
    program = [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{port}", "--call"]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [*program, "creditbank_plugin.standalone:serve"], env=environment(data), cwd=ROOT, stdout=log, stderr=log
        )
    try:
        found = Served(f"http://127.0.0.1:{port}", data, client)
        assert answers(f"{found.address}{LOGIN}", process), (folder / "server.log").read_text()
        yield found
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        said = (folder / "server.log").read_text()
        assert "Traceback" not in said, said
        assert PASSWORD not in said
    finally:
        process.kill()
        process.wait()


def test_the_whole_way(served: Served) -> None:
    """The server runs before there is any user; the one who is added may log in without a restart."""
    added = served.command("users", "add", "learner1", "--learner", "s-1", "--json", typed=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout)["learner"] == {"issuer": ISSUER, "id": "s-1"}
    assert PASSWORD not in added.stdout + added.stderr

    browser = requests.Session()
    asked = {
        "response_type": "code",
        "client_id": served.client.client_id,
        "redirect_uri": LOOPBACK,
        "scope": "credits:read",
        "state": "//evil.example?x=1&y=2",
        "code_challenge": challenge_of(),
        "code_challenge_method": "S256",
    }
    log_in = browser.get(f"{served.address}{OAUTH}/authorize?{urlencode(asked)}", timeout=20)
    assert urlsplit(log_in.url).path == LOGIN
    form = {**hidden(log_in.text), "name": "learner1"}
    refused = browser.post(f"{served.address}{LOGIN}", data={**form, "password": "not the password"}, timeout=20)
    assert refused.status_code == 401
    consent = browser.post(f"{served.address}{LOGIN}", data={**form, "password": PASSWORD}, timeout=20)
    assert (consent.status_code, urlsplit(consent.url).path) == (200, f"{OAUTH}/authorize"), consent.text
    said = {**hidden(consent.text), "decision": "agree"}
    agreed = browser.post(f"{served.address}{OAUTH}/authorize", data=said, allow_redirects=False, timeout=20)
    assert agreed.headers["Location"].startswith(f"{LOOPBACK}?")
    told = {name: values[0] for name, values in parse_qs(urlsplit(agreed.headers["Location"]).query).items()}
    assert told["state"] == asked["state"]
    assert told["iss"] == f"{served.address}/creditbank"

    bring = {
        "grant_type": "authorization_code",
        "code": told["code"],
        "redirect_uri": LOOPBACK,
        "code_verifier": VERIFIER,
    }
    token = requests.post(
        f"{served.address}{OAUTH}/token", data={**bring, "client_id": served.client.client_id}, timeout=20
    ).json()["access_token"]
    read = requests.get(
        f"{served.address}/creditbank/api/v1/me/credits", headers={"Authorization": f"Bearer {token}"}, timeout=20
    )
    assert [each["course"]["code"] for each in read.json()["items"]] == ["ท21101"]


@pytest.mark.browser
@FORMS
def test_the_page_has_no_fault_that_axe_can_find(
    served: Served, chromium: Any, axe: str, lang: str, width: int
) -> None:
    look = Look(chromium, axe, served.address, lang, width)
    look.at(LOGIN)
    look.page.fill("#name", "nobody")
    look.page.fill("#password", "not the password")
    look.page.click("main button")
    look.here("a wrong try")
    assert look.page.input_value("#name") == "nobody"
    assert look.page.input_value("#password") == ""
    look.close()


@pytest.mark.browser
def test_in_a_browser_one_comes_in_and_leaves_again(served: Served, chromium: Any, axe: str) -> None:
    Users(served.data).add("admin1", PASSWORD, roles=frozenset({"admin"}), display_name="ผู้ดูแลทดลอง")
    look = Look(chromium, axe, served.address, "th", 360)
    look.page.goto(f"{served.address}{LOGIN}?next=/creditbank/courses")
    look.page.fill("#name", "admin1")
    look.page.fill("#password", PASSWORD)
    look.page.keyboard.press("Enter")
    look.page.wait_for_url(f"{served.address}/creditbank/courses")
    look.here("logged in")
    look.page.click(".leave")
    look.page.wait_for_url(f"{served.address}{LOGIN}")
    look.here("left")
    look.close()

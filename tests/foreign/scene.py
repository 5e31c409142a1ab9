"""The demo as a foreign client meets it, and the learner whom the client asks."""

import json
import sqlite3
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from joserfc.jwk import ECKey

from creditbank_client import discover
from creditbank_client.login import Pending, begin
from tests.cli.demo_server import command
from tests.oauth_world import LOOPBACK, hidden


@dataclass
class Scene:
    about: dict[str, Any]
    folder: Path
    student: dict[str, Any]
    browser: requests.Session = field(default_factory=requests.Session)

    @property
    def server(self) -> str:
        return str(self.about["base_url"])

    @property
    def oauth(self) -> str:
        return f"{self.server}/creditbank/oauth"

    def client(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.about["clients"][name]
        return found

    def decide(self, url: str, decision: str = "agree") -> str | None:
        """Open an address as the student's browser does, log in where that is asked, press a button.

        Return where the browser is led; None where it stays on a page of the server.
        """
        student = self.student
        answer = self._open(url)
        if 'name="password"' in answer.text:
            said = {**hidden(answer.text), "username": student["username"], "password": student["password"]}
            answer = self._open(f"{self.server}/login", said)
        if 'name="decision"' in answer.text:
            answer = self._open(f"{self.oauth}/authorize", {**hidden(answer.text), "decision": decision})
        return answer.headers.get("Location")

    def _open(self, url: str, form: dict[str, str] | None = None) -> requests.Response:
        """Follow redirects as long as they stay with the server."""
        answer = self.browser.request("POST" if form else "GET", url, data=form, allow_redirects=False, timeout=20)
        while (to := answer.headers.get("Location", "")).startswith(("/", self.server)):
            answer = self.browser.get(f"{self.server}{to.removeprefix(self.server)}", allow_redirects=False, timeout=20)
        return answer

    def ask(self, client: str = "partner") -> tuple[Pending, str]:
        """A question of a client, and what the learner's browser brings back."""
        server = discover(f"{self.server}/creditbank/api")
        pending = begin(server, self.client(client)["client_id"], LOOPBACK, ["credits:read"], prompt="consent")
        came = self.decide(pending.url)
        assert came is not None
        return pending, came

    @cached_property
    def keyed(self) -> dict[str, Any]:
        """A client that the administrator registered with a key of its own; ``jwk`` is the key."""
        key = ECKey.generate_key("P-256", {"kid": "k-1"}, private=True)
        file = self.folder.parent / "jwks.json"
        file.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
        about = ["--name", "ระบบทดลอง", "--organisation", self.about["school"], "--scope", "credits:read"]
        done = command(
            self.folder, "client", "create", *about, "--proof", "private_key_jwt", "--jwks", str(file), "--json"
        )
        assert done.returncode == 0, done.stderr
        return {"client_id": json.loads(done.stdout)["client_id"], "jwk": {**key.as_dict(private=True), "kid": "k-1"}}

    def age_codes(self) -> None:
        """Let every code that is still unused be of yesterday."""
        with sqlite3.connect(self.folder / "creditbank.db", timeout=20) as link:
            link.execute("UPDATE creditbank_code SET expires_at = datetime('now', '-1 day') WHERE used_at IS NULL")
        link.close()

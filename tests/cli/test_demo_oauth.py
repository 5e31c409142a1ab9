"""The demo's clients that ask learners: from a log-in at the LMS to tokens, and what other schools' clients do not see."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.cli.demo_server import Browser, Demo, token
from tests.oauth_world import LOOPBACK, VERIFIER, challenge_of, hidden


def request(about: dict[str, Any], client: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": about["clients"][client]["client_id"],
        "redirect_uri": LOOPBACK,
        "scope": "credits:read",
        "state": "st-1",
        "code_challenge": challenge_of(),
        "code_challenge_method": "S256",
    }


def code(about: dict[str, Any], student: dict[str, Any], client: str) -> str:
    """Log a student in on the way, as their browser would, and agree."""
    base, browser = about["base_url"], requests.Session()
    found = browser.get(f"{base}/.well-known/oauth-authorization-server/creditbank", timeout=20).json()
    log_in = browser.get(found["authorization_endpoint"], params=request(about, client), timeout=20)
    assert urlsplit(log_in.url).path == "/login"
    fields = {**hidden(log_in.text), "username": student["username"], "password": student["password"]}
    asked = browser.post(f"{base}/login", data=fields, timeout=20)
    assert urlsplit(asked.url).path == "/creditbank/oauth/authorize", asked.url
    assert "/ Demo" in asked.text
    agreed = browser.post(
        found["authorization_endpoint"],
        data={**hidden(asked.text), "decision": "agree"},
        allow_redirects=False,
        timeout=20,
    )
    assert agreed.headers["Location"].startswith(f"{LOOPBACK}?"), agreed.text
    told = parse_qs(urlsplit(agreed.headers["Location"]).query)
    assert told["iss"] == [found["issuer"]] == [f"{base}/creditbank"]
    return told["code"][0]


def exchange(about: dict[str, Any], client: str, **form: str) -> dict[str, Any]:
    known = about["clients"][client]
    proof = {name: known[name] for name in ("client_id", "client_secret") if name in known}
    answer = requests.post(f"{about['base_url']}/creditbank/oauth/token", data={**proof, **form}, timeout=20)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_student_lets_a_program_and_a_partner_in(shared_demo: Demo) -> None:
    about, (person,) = shared_demo.about, shared_demo.students("oauth")
    public, partner = about["clients"]["public"], about["clients"]["partner"]
    assert "client_secret" not in public
    assert public["redirect_uris"] == [LOOPBACK]
    brought = {"grant_type": "authorization_code", "redirect_uri": LOOPBACK, "code_verifier": VERIFIER}
    got = exchange(about, "public", **brought, code=code(about, person, "public"))
    assert (got["scope"], "refresh_token" in got) == ("credits:read", False)
    got = exchange(about, "partner", **brought, code=code(about, person, "partner"))
    again = exchange(about, "partner", grant_type="refresh_token", refresh_token=got["refresh_token"])
    assert again["refresh_token"] != got["refresh_token"]
    assert partner["grants"] == ["authorization_code", "refresh_token"]

    student = Browser.log_in(about, person["username"])
    student.finish(about["courses"]["approved"][0]["code"])
    asked = {"issuer": about["issuer"], "id": person["learner_id"]}
    seen = [
        requests.get(
            f"{about['base_url']}/creditbank/api/v1/learners",
            params=asked,
            headers={"Authorization": f"Bearer {token(about, name)}"},
            timeout=20,
        ).json()["items"]
        for name in ("reader", "other_school")
    ]
    assert [len(items) for items in seen] == [1, 0]

"""The demo in a process of its own: from the log-in to the credit, stopped, started again, begun anew."""

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.cli.demo_server import Browser, Demo, command, read_api, running, start, token
from tests.cli.shell import Shell

SECRETS = ("demo.json", "session.key", "keys.json")


def test_a_student_finishes_a_course_and_the_credit_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with running(folder) as about:
        assert json.loads((folder / "demo.json").read_text(encoding="utf-8")) == about
        assert all((folder / name).stat().st_mode & 0o777 == 0o600 for name in SECRETS)
        code = about["courses"]["approved"][0]["code"]
        student = Browser.log_in(about, "student1")
        student.finish(code)
        student.finish(about["courses"]["waiting"][0]["code"])
        assert student.get("/creditbank/").status_code == 200

        found = read_api(about, "/learners", issuer=about["issuer"], id="s-0001")["items"]
        assert len(found) == 1
        credits = read_api(about, f"/learners/{found[0]['id']}/credits")
        assert [item["course"]["code"] for item in credits["items"]] == [code]
        assert credits["items"][0]["outcomes"]
        assert credits["balances"] == [
            {"scheme": "basic", "available": "1.50", "held": "0.00", "redeemed": "0.00", "under_review": "0.00"}
        ]

        # every command works on the running demo, and with --json says nothing but JSON
        verified = command(folder, "verify", "--json")
        assert (verified.returncode, verified.stderr) == (0, "")
        assert json.loads(verified.stdout) == {"accounts": 1, "entries": 1, "broken": []}
        listed = Shell(folder)("events", "list", "--json").json["items"]
        assert [item["state"] for item in listed[:2]] == ["waiting", "credited"]
        assert {item["reason"]["code"] for item in listed[2:]} == {"no_comparison"}, "what the seed lets wait"
        assert Shell(folder)("settle", "--json").json["settled"] == 0

    with running(folder) as again:
        assert {**again, "base_url": ""} == {**about, "base_url": ""}
        assert len(read_api(again, "/learners", issuer=again["issuer"], id="s-0001")["items"]) == 1
        Browser.log_in(again, "admin1")
        second = start(folder, "--port", "0")
        out, err = second.communicate(timeout=30)
        assert (second.returncode, out) == (1, "")
        assert "another demo is running" in err

    ours = folder / "notes.txt"
    ours.write_text("not the demo's")
    (folder / "spool").mkdir(exist_ok=True)
    (folder / "spool" / "kept.txt").write_text("not the demo's either")
    with running(folder, "--reset") as anew:
        assert anew["users"] != about["users"]
        assert read_api(anew, "/learners", issuer=anew["issuer"], id="s-0001")["items"] == []
    assert ours.exists()
    assert (folder / "spool" / "kept.txt").exists()


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(tmp_path / "demo", "--port", str(port))
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert err.splitlines() == [line for line in err.splitlines() if line.startswith("creditbank: ")]
    assert str(port) in err


def test_the_demo_runs_on_postgresql(make_url: Callable[..., str], tmp_path: Path) -> None:
    url, folder = make_url("postgresql", blank=True), tmp_path / "demo"
    with running(folder, CREDITBANK_DATABASE_URL=url) as about:
        Browser.log_in(about, "student2").finish(about["courses"]["approved"][1]["code"])
        assert len(read_api(about, "/learners", issuer=about["issuer"], id="s-0002")["items"]) == 1
    assert not (folder / "creditbank.db").exists()
    process = start(folder, "--port", "0", "--reset", CREDITBANK_DATABASE_URL=url)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert "--reset" in err


def test_every_door_is_open_to_its_client_and_only_on_this_machine(shared_demo: Demo) -> None:
    about = shared_demo.about
    base, code = about["base_url"], about["courses"]["approved"][2]["code"]
    assert requests.get(f"{base}/creditbank/api/openapi.json", timeout=20).status_code == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", int(base.rsplit(":", 1)[1])), timeout=5)

    # the working group acts for the province's centre: for its schools, and for no other province
    page = Browser.log_in(about, "committee1").get("/creditbank/admin/adoptions/new").text
    banks = set(re.findall(r'value="BANK-([^"]+)"', page))
    assert {about["school"], "province-51"} <= banks
    assert all(code.startswith(("9951", "province-51")) for code in banks)

    told = Shell(shared_demo.folder)("keys", "rotate", "--json").json  # under the running server
    assert told["rewrapped"] == 2

    intake = {"Authorization": f"Bearer {token(about, 'intake')}", "Content-Type": "application/cloudevents+json"}
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": about["issuer"],
        "type": "lms.course.completed.v1",
        "time": "2026-03-01T10:00:00Z",
        "data": {
            "learner": {"id": "t-1", "issuer": about["issuer"], "name": "นักเรียนทดลอง 9"},
            "school": about["school"],
            "course": {"code": code},
            "completed_at": "2026-03-01T10:00:00Z",
            "score": 75,
        },
    }
    sent = requests.post(f"{base}/creditbank/api/v1/events", json=event, headers=intake, timeout=20)
    assert sent.status_code == 202
    assert sent.json()["events"][0]["state"] == "credited"

    xapi = about["clients"]["xapi"]
    statement = {
        "actor": {"account": {"homePage": xapi["issuer"], "name": "7"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {
            "id": f"{xapi['issuer']}/course/view.php?id=4",
            "definition": {
                "type": "https://w3id.org/xapi/cmi5/activitytype/course",
                "extensions": {"https://w3id.org/learning-analytics/external-id": code},
            },
        },
        "timestamp": "2026-03-01T10:00:00.000Z",
    }
    sent = requests.post(
        f"{base}/creditbank/xapi/statements",
        json=[statement],
        headers={"X-Experience-API-Version": "1.0.3"},
        auth=(xapi["client_id"], xapi["client_secret"]),
        timeout=20,
    )
    assert sent.status_code == 200, sent.text
    for issuer, number in ((about["issuer"], "t-1"), (xapi["issuer"], "7")):
        (found,) = read_api(about, "/learners", issuer=issuer, id=number)["items"]
        items = read_api(about, f"/learners/{found['id']}/credits")["items"]
        assert [item["course"]["code"] for item in items] == [code]

"""Every command against a furnished database."""

from pathlib import Path

import pytest
from sqlalchemy import text

from creditbank_plugin.services import events
from creditbank_plugin.services.access import clients
from creditbank_plugin.storage.session import writing
from tests.builders import ISSUER, SCHOOL, House, add_course, completed, furnish, make_app
from tests.cli.shell import Shell


@pytest.fixture
def shell(house: House) -> Shell:
    return Shell.of(house)


def test_verify_counts_and_exits_0_when_all_is_well(house: House, shell: Shell) -> None:
    house.bank.hear(completed(1))
    ran = shell("verify", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {"accounts": 1, "entries": 1, "broken": []}


def test_verify_exits_1_and_names_what_was_tampered_with(house: House, shell: Shell) -> None:
    house.bank.hear(completed(1))
    with writing(house.runtime.engine) as connection:
        postgres = connection.dialect.name == "postgresql"
        name = "creditbank_entry_guard on creditbank_entry" if postgres else "creditbank_entry_guard_update"
        connection.execute(text(f"drop trigger {name}"))
        connection.execute(text("update creditbank_entry set amount = amount + 100"))
    ran = shell("verify", "--json")
    assert ran.code == 1
    assert set(ran.json) == {"accounts", "entries", "broken"}
    assert set(ran.json["broken"][0]) == {"account_id", "seq", "why"}
    assert shell("verify").code == 1


def test_settle_settles_what_was_left(url: str, tmp_path: Path) -> None:
    house = furnish(make_app(tmp_path, url, CREDITBANK_SETTLE="manual"))
    house.bank.hear(completed(1))
    shell = Shell.of(house)
    assert shell("settle", "--json").json == {"settled": 1, "states": {"credited": 1}}
    assert shell("settle", "--json").json == {"settled": 0, "states": {}}


def test_events_are_listed_by_state_and_search_page_by_page(house: House, shell: Shell) -> None:
    house.bank.hear(completed(1))
    house.bank.hear(completed(2, "ไม่มี-1"))
    house.bank.hear(completed(3, "ไม่มี-2"))
    page = shell("events", "list", "--json", "--limit", "2").json
    assert [item["state"] for item in page["items"]] == ["waiting", "waiting"]
    rest = shell("events", "list", "--json", "--after", page["next"]).json
    assert [item["state"] for item in rest["items"]] == ["credited"]
    assert rest["next"] is None
    found = shell("events", "list", "--json", "--state", "waiting", "--search", "ไม่มี-1").json["items"]
    assert [item["tiding"]["course"]["code"] for item in found] == ["ไม่มี-1"]


def test_an_event_is_shown_with_its_reason_in_both_languages(house: House, shell: Shell) -> None:
    house.bank.hear(completed(1))
    event_id = shell("events", "list", "--json").json["items"][0]["event_id"]
    shown = shell("events", "show", event_id, "--json").json
    assert shown["decision"]["state"] == "credited"
    assert shown["record_id"] is not None
    assert set(shown["reason"]) == {"code", "th", "en"}
    assert event_id in shell("events", "show", event_id).out


def test_parked_and_waiting_messages_can_be_tried_again(house: House, shell: Shell) -> None:
    house.bank.hear(completed(1, "ไม่มี-1"))
    assert shell("events", "retry", "--state", "waiting", "--json").json == {"retried": 1, "states": {"waiting": 1}}
    event_id = shell("events", "list", "--json").json["items"][0]["event_id"]
    assert shell("events", "retry", event_id, "--json").json["retried"] == 1
    assert shell("events", "retry", "--state", "parked", "--json").json["retried"] == 0


def test_an_alias_settles_what_waited_for_it(house: House, shell: Shell) -> None:
    house.bank.hear(completed(1, "SCI-101"))
    ran = shell("courses", "alias", "SCI-101", "ท21101", "--json")
    assert ran.json == {"iri": "SCI-101", "code": "ท21101", "owner": None, "version": None, "settled": 1, "left": 0}
    assert events.counts(house.runtime) == {"credited": 1}


def test_an_alias_of_another_course_is_changed_only_when_asked_for(house: House, shell: Shell) -> None:
    add_course(house, "ค21101")
    house.bank.hear(completed(1, "SCI-101"))
    shell("courses", "alias", "SCI-101", "ท21101")
    assert shell("courses", "alias", "SCI-101", "ท21101", "--json").json["settled"] == 0
    (line,) = shell.refused("courses", "alias", "SCI-101", "ค21101", "--json").splitlines()
    assert "already mapped to ท21101" in line
    assert "credited: 1" in line
    assert "(alias_taken)" in line
    changed = shell("courses", "alias", "SCI-101", "ค21101", "--replace", "--json")
    assert changed.json["code"] == "ค21101"
    assert "it meant ท21101 before; 1 completions decided through that stay as they are" in changed.err
    assert events.counts(house.runtime) == {"credited": 1}


def test_a_client_is_created_rotated_and_revoked(house: House, shell: Shell) -> None:
    create = ["client", "create", "--name", "ระบบทะเบียน", "--organisation", SCHOOL, "--json"]
    made = shell(*create, "--scope", "events:write", "--scope", "events:read", "--issuer", ISSUER).json
    assert made["scopes"] == ["events:write", "events:read"]
    client_id, secret = made["client_id"], made["client_secret"]
    assert clients.authenticate(house.runtime, client_id, secret) is not None
    new = shell("client", "rotate", client_id, "--json").json["client_secret"]
    assert new != secret
    assert clients.authenticate(house.runtime, client_id, new) is not None
    assert shell("client", "revoke", client_id, "--json").json == {"client_id": client_id, "revoked": True}
    assert clients.authenticate(house.runtime, client_id, new) is None
    assert "client_unknown" in shell.refused("client", "rotate", client_id)


def test_a_client_that_speaks_for_an_unknown_issuer_makes_it_trusted(house: House, shell: Shell) -> None:
    create = ["client", "create", "--name", "n", "--organisation", SCHOOL, "--scope", "events:write", "--json"]
    assert shell(*create, "--issuer", "https://new.example").json["issuer_trusted"] is True
    shell("issuers", "distrust", "https://new.example")
    assert shell(*create, "--issuer", "https://new.example").json["issuer_trusted"] is False


def test_rotated_keys_still_open_what_was_sealed_before(house: House, shell: Shell) -> None:
    house.bank.hear(completed(1, "SCI-101"))
    before = house.runtime.keyring.masters.path.read_text()
    told = shell("keys", "rotate", "--json").json
    assert told == {"drained": 0, "spool_left": 0, "rewrapped": 2, "old_master_kept": False}
    assert house.runtime.keyring.masters.path.read_text() != before
    assert shell("courses", "alias", "SCI-101", "ท21101", "--json").json["settled"] == 1
    house.bank.hear(completed(2))
    assert events.counts(house.runtime) == {"credited": 2}


def test_rotating_takes_in_the_spool_first_and_keeps_the_old_key_while_a_file_is_left(
    house: House, shell: Shell
) -> None:
    house.bank._spool(completed(1), None)
    foreign = house.runtime.settings.data / "spool" / "zz.sealed"
    foreign.write_bytes(b"sealed by a key that is gone")
    told = shell("keys", "rotate", "--json").json
    assert (told["drained"], told["spool_left"], told["old_master_kept"]) == (1, 1, True)


def test_an_issuer_is_trusted_and_listed(shell: Shell) -> None:
    assert shell("issuers", "trust", "https://lms.example.org", "--json").json["trusted"] is True
    items = shell("issuers", "list", "--json").json["items"]
    assert {"issuer": "https://lms.example.org", "name": None, "trusted": True} in items
    assert "home page" in shell.refused("issuers", "trust", "lms")


def test_an_organisation_is_added_with_its_bank(shell: Shell) -> None:
    added = shell("organisations", "add", "9951000009", "--kind", "school", "--name-th", "โรงเรียน", "--bank", "B-9")
    assert added.code == 0
    assert "9951000009" in [item["code"] for item in shell("organisations", "list", "--json").json["items"]]
    assert "parent" in shell.refused("organisations", "add", "1", "--kind", "x", "--name-th", "x", "--parent", "no")

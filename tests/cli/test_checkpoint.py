"""``creditbank checkpoint`` and what ``creditbank verify`` does with its files."""

import json
from pathlib import Path

import pytest

from creditbank_plugin.services.proving.checkpoint_key import FILE
from tests.builders import House, completed, moment, revoked
from tests.cli.shell import Shell
from tests.services.ledger_attacks import accounts, behind_the_guards, cut_tail


@pytest.fixture
def shell(house: House) -> Shell:
    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    house.bank.hear(revoked(1, revoked_at=moment(4)))
    return Shell.of(house)


def test_a_checkpoint_is_made_kept_elsewhere_and_held_against(house: House, shell: Shell, tmp_path: Path) -> None:
    kept, fingerprint_file = tmp_path / "kept.json", tmp_path / "fingerprint"
    made = shell("checkpoint", "--out", str(kept), "--json")
    assert (made.code, made.json, made.err) == (0, json.loads(kept.read_text()), "")
    assert (made.json["number"], made.json["accounts"], made.json["entries"]) == (1, 2, 3)
    fingerprint_file.write_text(made.json["fingerprint"] + "\n")
    house.bank.hear(completed(3))
    for key in (made.json["fingerprint"], str(fingerprint_file), str(kept)):
        ran = shell("verify", "--against", str(kept), "--key", key, "--json")
        assert (ran.code, ran.err, ran.json["broken"]) == (0, "", [])
        assert set(ran.json) == {"accounts", "entries", "broken", "checkpoint"}
        assert (ran.json["checkpoint"]["number"], ran.json["checkpoint"]["fits"]) == (1, True)
    wrong = shell("verify", "--against", str(kept), "--key", "ab" * 32, "--json")
    assert (wrong.code, wrong.json["broken"][0]["account_id"], wrong.json["checkpoint"]["fits"]) == (1, None, False)
    unnamed = shell("verify", "--against", str(kept))
    assert (unnamed.code, "compare its fingerprint" in unnamed.err) == (0, True)
    assert "fits / ตรงกัน" in unnamed.out

    longest = accounts(house)[0]
    with behind_the_guards(house) as connection:
        cut_tail(connection, longest)
    assert shell("verify", "--json").code == 0, "chains alone do not show it"
    ran = shell("verify", "--against", str(kept), "--json")
    assert (ran.code, [(each["account_id"], each["seq"]) for each in ran.json["broken"]]) == (1, [(longest, 2)])
    told = shell("verify", "--against", str(kept)).out
    assert f"account {longest} entry 2: the entry that was the last when checkpoint 1 was signed is gone" in told
    assert "does NOT fit / ไม่ตรงกัน" in told
    assert "(ledger_rewritten)" in shell.refused("checkpoint")


def test_a_checkpoint_is_printed_and_given_once_more(shell: Shell, tmp_path: Path) -> None:
    told, again = shell("checkpoint").out, shell("checkpoint", "--number", "1", "--json").json
    for name in ("root", "public_key", "fingerprint"):
        assert again[name] in told
    assert "checkpoint 1 of 2" in told
    assert shell("checkpoint", "--json").json["previous"] != "00" * 32
    assert "not_found" in shell.refused("checkpoint", "--number", "3")
    missing = str(tmp_path / "nowhere" / "file.json")
    assert "no folder" in shell.refused("checkpoint", "--out", missing)
    assert "not_found" in shell.refused("checkpoint", "--number", "3"), "nothing was made for a file that has no place"


def test_an_account_is_proved_offline(house: House, shell: Shell, tmp_path: Path) -> None:
    signed = shell("checkpoint", "--json").json
    account, proof = accounts(house)[0], tmp_path / "proof.json"
    assert shell("checkpoint", "--prove", account, "--out", str(proof)).code == 0
    assert shell("checkpoint", "--prove", account).out == proof.read_text()
    nowhere = Shell(tmp_path / "no-installation")
    ran = nowhere("verify", "--proof", str(proof), "--key", signed["fingerprint"], "--json")
    assert (ran.code, ran.json["fits"], ran.json["account_id"], ran.err) == (0, True, account, "")
    said = nowhere("verify", "--proof", str(proof))
    assert f"was the last of account {account} in checkpoint 1" in said.out
    assert "หลักฐานถูกต้อง" in said.out
    proof.write_text(proof.read_text().replace(account, accounts(house)[1]))
    ran = nowhere("verify", "--proof", str(proof))
    assert (ran.code, "NOT proved" in ran.out) == (1, True)
    assert "account_not_in_checkpoint" in shell.refused("checkpoint", "--prove", "nobody")


def test_a_key_that_is_gone_is_not_replaced_unless_one_says_so(house: House, shell: Shell) -> None:
    shell("checkpoint")
    key = house.runtime.settings.data / FILE
    key.unlink()
    assert "--new-key" in shell.refused("checkpoint")
    assert shell("checkpoint", "--new-key", "--json").json["number"] == 2


def test_the_doctor_tells_of_the_last_one_and_of_a_key_that_others_may_read(house: House, shell: Shell) -> None:
    def told() -> list[tuple[str, str]]:
        checks = shell("doctor", "--json").json["checks"]
        return [(each["level"], each["found"]) for each in checks if each["name"] == "checkpoint"]

    assert told() == [("OK", "none yet")]
    made = shell("checkpoint", "--json").json
    assert told() == [("OK", f"number 1 of {made['made_at']}")]
    (house.runtime.settings.data / FILE).chmod(0o640)
    assert [level for level, _ in told()] == ["OK", "FAIL"]


def test_questions_that_make_no_sense_are_one_line(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_text("{}")
    assert "checkpoint_unreadable" in shell.refused("verify", "--against", str(file))
    assert "checkpoint_unreadable" in shell.refused("verify", "--proof", str(file))
    assert "checkpoint_key_unreadable" in shell.refused("verify", "--proof", str(file), "--key", "mine")
    assert "one at a time" in shell.refused("verify", "--proof", str(file), "--against", str(file))
    assert "--key belongs" in shell.refused("verify", "--key", "ab" * 32)
    assert "does not exist" in shell.refused("verify", "--against", str(tmp_path / "none"))

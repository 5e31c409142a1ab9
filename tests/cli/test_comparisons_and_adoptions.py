"""``creditbank comparisons`` and ``creditbank adoptions``: what stands is read, orders on paper are entered."""

from datetime import date

import pytest

from creditbank_hooks import Course
from creditbank_plugin.services import events
from tests.builders import BANK, PROVINCE, House, completed
from tests.cli.shell import Shell
from tests.committee import CHAIR, NEW_CODE, Committee, convene

NUMBERS = {"learners", "completions", "credited", "withheld", "already_used"}
ORDER = ("--order-number", "๗/2569", "--signatory", "ผู้อำนวยการ", "--ordered-on", "2026-01-05")


@pytest.fixture
def committee(house: House) -> Committee:
    made = convene(house)
    house.bank.hear(completed(1, course=Course(code=NEW_CODE)))
    return made


@pytest.fixture
def shell(committee: Committee) -> Shell:
    return Shell.of(committee.house)


def test_comparisons_are_listed_shown_and_weighed(committee: Committee, shell: Shell) -> None:
    made = committee.rated()
    items = shell("comparisons", "list", "--json").json["items"]
    assert (items[0]["id"], items[0]["state"]) == (made, "under_judgement")
    assert len(items) == 2
    (only,) = shell("comparisons", "list", "--state", "under_judgement", "--json").json["items"]
    assert only["id"] == made
    assert shell("comparisons", "list", "--limit", "1", "--json").json["next"] == made
    assert "กำลังพิจารณา / under judgement" in shell("comparisons", "list").out
    shown = shell("comparisons", "show", made, "--json").json
    assert [step["action"] for step in shown["steps"]] == ["create", "propose", "judge", "rate", "rate"]
    assert NEW_CODE in shell("comparisons", "show", made).out
    before = shell("comparisons", "impact", made, "--json").json
    assert before == {"learners": 1, "completions": 1, "credited": 0, "withheld": 0, "already_used": 0}
    committee.approve(made, CHAIR)
    assert set(shell("comparisons", "impact", made, "--json").json) == NUMBERS
    for command in ("show", "impact"):
        assert "not_found" in shell.refused("comparisons", command, "nonsense")


def test_an_order_is_weighed_entered_and_revoked(committee: Committee, shell: Shell) -> None:
    made = committee.approved()
    scope = ("--bank", BANK, "--body", PROVINCE, "--standing", "--applies-from", "2020-01-01")
    seen = shell("adoptions", "add", *scope, "--dry-run", "--json").json
    assert seen == {"learners": 1, "completions": 1, "credited": 1, "withheld": 0, "already_used": 0}
    assert events.page(committee.house.runtime, search=NEW_CODE).items[0].state == "waiting", "nothing was entered"
    assert shell("adoptions", "add", *scope).code == 2, "an order has a number, a signatory and a date"
    entered = shell("adoptions", "add", *scope, *ORDER, "--json").json
    assert (entered["new"], entered["items"][0]["order_number"], entered["items"][0]["standing"]) == (1, "7/2569", True)
    assert events.page(committee.house.runtime, search=NEW_CODE).items[0].state == "credited"
    assert shell("adoptions", "add", *scope, *ORDER, "--json").json["new"] == 0
    one = shell("adoptions", "add", "--bank", BANK, "--comparison", made, "--applies-from", "2026-01-01", *ORDER)
    assert one.code == 0
    assert NEW_CODE in one.out
    adoption = entered["items"][0]["id"]
    assert adoption in [each["id"] for each in shell("adoptions", "list", "--bank", BANK, "--json").json["items"]]
    revoked = shell(
        *(
            "adoptions",
            "revoke",
            adoption,
            "--from",
            "2026-06-01",
            "--order-number",
            "9/2569",
            "--reason",
            "ใหม่",
            "--json",
        )
    ).json
    assert (revoked["state"], revoked["revocation"]["revoked_from"]) == ("revoked", date(2026, 6, 1).isoformat())
    assert "revoked" in shell("adoptions", "list").out
    assert events.page(committee.house.runtime, search=NEW_CODE).items[0].state == "credited", "credits given stay"
    assert shell("adoptions", "list", "--state", "revoked", "--body", PROVINCE, "--json").json["items"] != []


def test_what_cannot_be_is_one_line(shell: Shell) -> None:
    scope = ("--body", PROVINCE, "--applies-from", "2020-01-01")
    assert "bank" in shell.refused("adoptions", "add", "--bank", "nowhere", *scope, *ORDER)
    assert "body" in shell.refused("adoptions", "add", "--bank", BANK, "--applies-from", "2020-01-01", *ORDER).lower()
    shell.refused("adoptions", "revoke", "x", "--from", "2026-01-01", "--order-number", "1", "--reason", "x")

"""``creditbank groups``, and the working group that the demo brings along."""

from collections import Counter
from pathlib import Path

import pytest

from creditbank_plugin.cli import demo_run
from creditbank_plugin.cli.demo_committee import BY, READY, WAITING
from creditbank_plugin.cli.demo_folder import Folder
from creditbank_plugin.cli.demo_seed import HOME, group_code, province_code
from creditbank_plugin.cli.installation import database_url, engine_of, open_runtime
from creditbank_plugin.rules.scopes import COMPARISONS_APPROVE
from creditbank_plugin.services import events
from creditbank_plugin.services.access import clients
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import approvals, groups, proposal_views
from creditbank_plugin.services.runtime import Runtime
from tests.builders import PROVINCE, House
from tests.cli.shell import Shell


@pytest.fixture
def shell(house: House) -> Shell:
    return Shell.of(house)


ADD = (
    *("groups", "add", "--body", PROVINCE, "--name-th", "คณะทำงาน", "--order-number", "1/2569"),
    *("--signatory", "ผู้ว่าราชการจังหวัด", "--ordered-on", "2026-01-05"),
)


def test_a_group_is_added_with_its_members_and_listed(house: House, shell: Shell) -> None:
    made = shell(*ADD, "--comment-days", "14", "--json").json["id"]
    appoint = ("groups", "member", made, "client:abc/r1", "--name", "ผู้ประเมิน", "--role", "rater")
    told = shell(*appoint, "--since", "2026-01-05", "--json").json
    assert told == {"group": made, "actor": "client:abc/r1", "role": "rater", "since": "2026-01-05", "until": None}
    assert shell(*appoint, "--since", "2026-01-05", "--until", "2026-12-31").code == 0
    (listed,) = shell("groups", "list", "--json").json["items"]
    assert (listed["id"], listed["body"], listed["comment_days"]) == (made, PROVINCE, 14)
    assert [(each["actor"], each["until"]) for each in listed["members"]] == [("client:abc/r1", "2026-12-31")]
    assert "client:abc/r1" in shell("groups", "list").out
    assert groups.group(house.runtime, made)[0].made_by == "system:cli"


def test_what_cannot_be_is_one_line(shell: Shell) -> None:
    assert shell(*[part if part != PROVINCE else "nowhere" for part in ADD]).code == 1
    assert shell(*ADD, "--raters", "1").code == 1
    assert shell("groups", "member", "nonsense", "user:1", "--name", "x", "--role", "chair").code == 1
    assert shell("groups", "member", "nonsense", "user:1", "--name", "x", "--role", "king").code == 2


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Runtime, dict, Path]:
    folder = tmp_path_factory.mktemp("demo")
    settings = demo_run._settings(folder)
    about = demo_run.furnish(settings, Folder(folder), {}, "http://127.0.0.1:1")[1]
    return open_runtime(settings, engine_of(database_url(settings))), about, folder


def test_the_demo_has_proposals_in_every_state_that_is_worked_on(demo) -> None:
    runtime, about, _ = demo
    found = proposal_views.page(runtime, by=BY, group_id=about["working_group"], limit=100).items
    assert Counter(row.state for row in found) == {
        "draft": 1,
        "proposed": 1,
        "under_judgement": 2,
        "returned": 1,
        "rejected": 1,
        "approved": 1,
        "withdrawn": 1,
    }


def test_the_demo_s_clients_are_members_by_their_scopes(demo) -> None:
    runtime, about, _ = demo
    row, members, _ = groups.group(runtime, about["working_group"])
    assert row.body_code == group_code(HOME)
    roles = {each.actor: each.role for each in members}
    named = {
        name: roles[f"client:{about['clients'][name]['client_id']}"]
        for name in ("proposer", "rater1", "rater2", "chair")
    }
    assert named == {"proposer": "secretary", "rater1": "rater", "rater2": "rater", "chair": "chair"}
    known = clients.authenticate(runtime, *(about["clients"]["chair"][key] for key in ("client_id", "client_secret")))
    assert known is not None
    assert COMPARISONS_APPROVE in about["clients"]["chair"]["scopes"]
    assert [each["role"] for each in about["users"][-4:]] == ["committee", "committee", "committee", "director"]


def test_making_the_demo_again_adds_nothing(demo) -> None:
    runtime, about, folder = demo
    before = len(groups.group(runtime, about["working_group"])[1])
    again = demo_run.furnish(demo_run._settings(folder), Folder(folder), about, "http://127.0.0.1:1")[1]
    assert (again["working_group"], again["clients"]) == (about["working_group"], about["clients"])
    assert len(groups.group(runtime, about["working_group"])[1]) == before
    assert len(proposal_views.page(runtime, by=BY, group_id=about["working_group"], limit=100).items) == 8


def test_the_chair_of_the_demo_credits_who_waits_by_signing(demo) -> None:
    runtime, about, _ = demo
    chair = next(each for each in groups.group(runtime, about["working_group"])[1] if each.role == "chair")
    who = Actor(chair.actor, chair.name, province_code(HOME))
    (waits,) = proposal_views.waiting_for(runtime, who)
    assert (waits.row.code, waits.act) == (READY, "approve")
    assert {each.reason for each in events.page(runtime, search=READY).items} == {"no_comparison"}
    approvals.approve(runtime, waits.row.id, by=who, reference="ประกาศสาธิต 2/2569")
    told = Counter(each.reason for each in events.page(runtime, search=READY).items)
    assert told == {"credited": 2, "score_below": 1}
    assert len(WAITING) == 3

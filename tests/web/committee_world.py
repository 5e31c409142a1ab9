"""A working group on the pages: who is logged in is one of its members, and its courses have proposals in several states."""

from typing import Any

from flask.testing import FlaskClient

from creditbank_hooks import HostUser
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import approvals
from tests.builders import PROVINCE, House, add_course
from tests.committee import CHAIR, ONE, TWO, WRITER, Committee, convene

MEMBERS = {"writer": WRITER, "one": ONE, "two": TWO, "chair": CHAIR}


def enter(house: House, who: Actor, *roles: str, organisation: str | None = PROVINCE) -> FlaskClient:
    """Let a member be logged in at the host; the role there is no matter for what they do in the group."""
    house.user.now = HostUser(
        id=who.id.removeprefix("user:"),
        roles=frozenset(roles or ("committee",)),
        organisation=organisation,
        display_name=who.name,
    )
    return house.app.test_client()


def make_proposals(house: House, **group: Any) -> tuple[Committee, dict[str, str]]:
    """A proposal in every state that somebody works on, each of its own course, and one that became law."""
    committee = convene(house, **group)

    def course(code: str) -> str:
        return add_course(house, code, level_group="lower_secondary")

    made = {
        "draft": committee.draft(course=course("ง21101")),
        "proposed": committee.propose(committee.draft(course=course("ง21102"))),
        "half": committee.propose(committee.draft(course=course("ง21103"))),
        "ready": committee.propose(committee.draft()),
        "returned": committee.propose(committee.draft(course=course("ง21104"))),
        "law": committee.rated(committee.draft(course=course("ง21105"))),
    }
    committee.rate(made["half"], ONE)
    committee.rate(made["ready"], ONE)
    committee.rate(made["ready"], TWO, design="partly", level=3, notes={"design": "ควรระบุโครงสร้างหน่วยการเรียน"})
    approvals.send_back(house.runtime, made["returned"], by=CHAIR, reason="ขอให้ระบุชั่วโมงปฏิบัติ")
    committee.approve(made["law"])
    return committee, made

"""A working group at work: members who propose, rate and sign, and one course that a learner waits for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.comparing import approvals, groups, proposals, ratings
from tests.builders import PROVINCE, House, add_course, item_ids

ADMIN = administrator("test")
WRITER, ONE, TWO, CHAIR, OTHER_CHAIR = (
    Actor(f"user:{name}", said, PROVINCE)
    for name, said in (
        ("writer", "เลขานุการทดลอง"),
        ("one", "ผู้ประเมินทดลอง 1"),
        ("two", "ผู้ประเมินทดลอง 2"),
        ("chair", "ประธานทดลอง"),
        ("chair-2", "รองประธานทดลอง"),
    )
)
ROLES = ((WRITER, "secretary"), (ONE, "rater"), (TWO, "rater"), (CHAIR, "chair"), (OTHER_CHAIR, "chair"))
NEW_CODE = "ค21101"
SINCE = date(2020, 1, 1)
MET = {"design": "met", "measurement": "met", "quality": "met", "level": 2, "advice": "approve"}


@dataclass
class Committee:
    """A group of the province in a house, and the course it has before it."""

    house: House
    group: str
    course: str
    terms: Mapping[str, Any] = field(default_factory=dict)

    def draft(self, by: Actor = WRITER, *, course: str | None = None, **terms: Any) -> str:
        return proposals.create(
            self.house.runtime,
            course_id=course or self.course,
            group_id=self.group,
            terms={**self.terms, **terms},
            by=by,
        )

    def propose(self, proposal: str | None = None, by: Actor = WRITER, **terms: Any) -> str:
        made = proposal or self.draft(**terms)
        proposals.propose(self.house.runtime, made, by=by)
        return made

    def rate(self, proposal: str, by: Actor, **marks: Any) -> None:
        ratings.rate(self.house.runtime, proposal, by=by, **{**MET, **marks})

    def rated(self, proposal: str | None = None, **terms: Any) -> str:
        made = self.propose(proposal, **terms)
        self.rate(made, ONE)
        self.rate(made, TWO)
        return made

    def approve(self, proposal: str, by: Actor = CHAIR, **more: Any) -> None:
        approvals.approve(self.house.runtime, proposal, by=by, **{"reference": "ประกาศทดสอบ 9/2569", **more})

    def approved(self, **terms: Any) -> str:
        made = self.rated(**terms)
        self.approve(made)
        return made


def appoint(house: House, **more: Any) -> str:
    """A group of the province by an order, with its members since 2020."""
    values: dict[str, Any] = {
        "body": PROVINCE,
        "name_th": "คณะทำงานเปรียบเทียบรายวิชา",
        "order_number": "12/2562",
        "order_signatory": "ผู้ว่าราชการจังหวัด",
        "ordered_on": date(2019, 12, 1),
        "by": ADMIN,
    }
    group = groups.add_group(house.runtime, **{**values, **more})
    for who, role in ROLES:
        groups.add_member(house.runtime, group, who.id, name=who.name, role=role, since=SINCE, by=ADMIN)
    return group


def convene(house: House, **more: Any) -> Committee:
    """The group, and a course of 60 hours that nobody has compared yet."""
    course = add_course(house, NEW_CODE, level_group="lower_secondary")
    terms = {
        "scheme": "basic",
        "credits": 150,
        "credits_rule": "BE-H1",
        "outcomes": tuple(item_ids("ท 1.1", "ท 2.1")),
        "applies_from": date(2020, 1, 1),
    }
    return Committee(house, appoint(house, **more), course, terms)


def let_days_pass(house: House, days: int) -> None:
    """Move the clock of the bank forward."""
    clock = house.runtime.clock
    house.runtime.clock = lambda: clock() + timedelta(days=days)

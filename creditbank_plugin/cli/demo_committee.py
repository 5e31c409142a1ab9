"""The demo's working group, and a proposal of it in every state, so that each can be looked at.

Orders, members and judgements are the demo's own example and say so.  None of them changes what is credited today: the
courses without a comparison go on waiting, one of them with learners who would be credited at once, and what is superseded
or withdrawn is so from a day a year ahead on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from creditbank_hooks import Assurance, Course, CourseCompleted, Learner
from creditbank_plugin.cli.demo_courses import DemoCourse
from creditbank_plugin.cli.demo_seed import (
    APPLIES_FROM,
    EXAMPLE_EN,
    EXAMPLE_TH,
    HOME,
    LMS_ISSUER,
    MIN_SCORE,
    SCHOOL,
    Placed,
    group_code,
    group_name,
    province_code,
)
from creditbank_plugin.reference.frameworks import frameworks
from creditbank_plugin.rules import thai
from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.comparing import approvals, comparisons, groups, proposal_views, proposals, ratings
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.keep import Sender
from creditbank_plugin.services.settling.receive import letter, receive

SINCE = date(2020, 1, 1)
WRITER, ONE, TWO, CHAIR = "committee1", "committee2", "committee3", "committee4"
#: The roles of the LMS's users and of the API's clients in the group.
USERS = {WRITER: "secretary", ONE: "rater", TWO: "rater", CHAIR: "chair"}
SYSTEMS = {"proposer": "secretary", "rater1": "rater", "rater2": "rater", "chair": "chair"}
BY = administrator("demo")
#: Learners whose completions of `READY` wait for the chair.
WAITING = tuple(f"sample-{number:04d}" for number in range(1, 4))
DRAFT, PROPOSED, HALF, READY, RETURNED, REJECTED = (
    "30000-1408",
    "พ21201",
    "อช32001",
    "อ33201",
    "20204-2111",
    "30000-1609",
)
#: Courses with a comparison in force: one is superseded by another, one withdrawn, both from a day to come on.
SUPERSEDED, WITHDRAWN = "พ31101", "ท32201"
#: What each is compared with, by codes of standards of the core curriculum.
OUTCOMES = {
    PROPOSED: ("พ 3.1", "พ 3.2"),
    HALF: ("ง 2.1",),
    READY: ("ต 1.1", "ต 1.2"),
    RETURNED: ("ศ 1.1",),
    REJECTED: ("พ 3.1",),
}


@dataclass(frozen=True)
class Appointed:
    """Somebody whom the order names."""

    actor: str
    name: str
    role: str


class User(Protocol):
    """A user of the LMS, as far as the group knows them."""

    @property
    def id(self) -> int:
        """Return the number at the LMS."""

    @property
    def name_th(self) -> str:
        """Return the Thai name."""


def seed_group(runtime: Runtime, members: Sequence[Appointed]) -> str:
    """Enter Lamphun's working group with its members where it is missing; return its id."""
    body = group_code(HOME)
    known = groups.groups(runtime, [body])
    group = known[-1].id if known else _add_group(runtime, body)
    for each in members:
        groups.add_member(runtime, group, each.actor, name=each.name, role=each.role, since=SINCE, until=None, by=BY)
    return str(group)


def _add_group(runtime: Runtime, body: str) -> str:
    return groups.add_group(
        runtime,
        body=body,
        name_th=f"{group_name(HOME)} {EXAMPLE_TH}",
        name_en=f"Comparison working group {EXAMPLE_EN}",
        order_number=f"สาธิต 1/2562 {EXAMPLE_TH}",
        order_signatory=f"ผู้ว่าราชการจังหวัด {EXAMPLE_TH}",
        ordered_on=date(2019, 12, 2),
        raters=2,
        quorum=3,
        by=BY,
    )


def seed_proposals(runtime: Runtime, group: str, users: Mapping[str, User], placed: Sequence[Placed]) -> None:
    """Let the group's members bring a proposal into each state, once; and let some learners wait for one of them."""
    if proposal_views.page(runtime, by=BY, group_id=group, limit=1).items:
        return
    who = {name: Actor(f"user:{users[name].id}", users[name].name_th, province_code(HOME)) for name in USERS}
    courses = {each.course.code: each for each in placed}
    made = {code: _draft(runtime, group, courses[code], who[WRITER]) for code in (DRAFT, *OUTCOMES)}
    for code in OUTCOMES:
        proposals.propose(runtime, made[code], by=who[WRITER])
    _rate(runtime, made[HALF], who[ONE])
    _rate(runtime, made[READY], who[ONE], level=2)
    _rate(runtime, made[READY], who[TWO], measurement="partly", level=3, measurement_note="ควรมีการสอบพูดเพิ่ม")
    approvals.send_back(runtime, made[RETURNED], by=who[CHAIR], reason=f"ขอให้ระบุผลลัพธ์ด้านเทคโนโลยีเพิ่ม {EXAMPLE_TH}")
    _rate(runtime, made[REJECTED], who[ONE], design="not_met", advice="reject", design_note="สูงกว่าระดับของผลลัพธ์ที่เสนอ")
    _rate(runtime, made[REJECTED], who[TWO], design="partly", advice="reject", design_note="ควรเทียบกับมาตรฐานอาชีพ")
    approvals.reject(runtime, made[REJECTED], by=who[CHAIR], reason=f"รายวิชา ปวส. ให้เทียบกับมาตรฐานอาชีพ {EXAMPLE_TH}")
    _let_wait(runtime, courses[READY])
    _end_some(runtime, group, courses, who)


def _end_some(runtime: Runtime, group: str, courses: Mapping[str, Placed], who: Mapping[str, Actor]) -> None:
    """Let one comparison be superseded, one withdrawn, and a draft taken back by its author."""
    later = thai.bangkok_day(runtime.clock()) + timedelta(days=365)
    made = _draft(runtime, group, courses[SUPERSEDED], who[WRITER], applies_from=later)
    proposals.propose(runtime, made, by=who[WRITER])
    for rater in (ONE, TWO):
        _rate(runtime, made, who[rater])
    approvals.approve(runtime, made, by=who[CHAIR], reference=f"ประกาศสาธิต 2/2569 {EXAMPLE_TH}")
    named = courses[WITHDRAWN]
    course_id = proposals.course_named(runtime, named.owner, named.course.code, named.course.version)
    (law,) = comparisons.comparisons(runtime, course_id)
    reason = f"มีหลักสูตรใหม่ {EXAMPLE_TH}"
    approvals.withdraw(runtime, law.id, by=BY, ended_from=later, reason=reason)
    taken_back = _draft(runtime, group, courses[DRAFT], who[WRITER])
    proposals.take_back(runtime, taken_back, by=who[WRITER], reason=f"เสนอซ้ำกับร่างเดิม {EXAMPLE_TH}")


def _draft(runtime: Runtime, group: str, placed: Placed, by: Actor, applies_from: date = APPLIES_FROM) -> str:
    course = placed.course
    course_id = proposals.course_named(runtime, placed.owner, course.code, course.version)
    if course_id is None:
        raise LookupError(course.code)
    terms: dict[str, Any] = {
        "scheme": course.scheme,
        "credits": course.credits,
        "credits_rule": "BE-H1" if _by_hours(course) else None,
        "outcomes": _items(OUTCOMES[course.code]) if course.code in OUTCOMES else course.outcomes,
        "conditions": {"min_score": MIN_SCORE},
        "evidence": ({"title": f"แผนการจัดการเรียนรู้ {EXAMPLE_TH}"},),
        "applies_from": applies_from,
    }
    return proposals.create(runtime, course_id=course_id, group_id=group, terms=terms, by=by)


def _by_hours(course: DemoCourse) -> bool:
    return course.scheme == "basic" and course.hours is not None and course.hours == course.credits * 40


def _items(codes: Sequence[str]) -> tuple[str, ...]:
    items = {item.code: item.id for framework in frameworks() for item in framework.items}
    return tuple(items[code] for code in codes)


def _rate(runtime: Runtime, proposal: str, by: Actor, **told: Any) -> None:
    notes = {name.removesuffix("_note"): told.pop(name) for name in list(told) if name.endswith("_note")}
    marks = {"design": "met", "measurement": "met", "quality": "met", "level": None, "advice": "approve"}
    ratings.rate(runtime, proposal, by=by, **{**marks, **told}, notes=notes)


def _let_wait(runtime: Runtime, placed: Placed) -> None:
    """Let some made-up learners of the demo school have finished the course that waits for the chair's signature."""
    sender = Sender(door="events", organisation=SCHOOL, issuer=LMS_ISSUER, client_id=None, may_open=True)
    told = [
        CourseCompleted(
            learner=Learner(id=learner, issuer=LMS_ISSUER),
            course=Course(code=placed.course.code, owner=placed.owner, version=placed.course.version),
            completed_at=datetime(2026, 3, number, 3, tzinfo=UTC),
            score=Decimal(score),
            assurance=Assurance(identity="login", assessment="automatic"),
            source=LMS_ISSUER,
            event_id=f"demo-{learner}",
        )
        for number, (learner, score) in enumerate(zip(WAITING, (82, 64, 41), strict=True), start=2)
    ]
    receive(runtime, [letter(each) for each in told], sender)

"""Two provinces at work: courses of every kind, proposals in every state, credits given and taken back, and who waits.

Months pass: the clock of the house is moved, so that what is entered has its day.
"""

from datetime import UTC, date, datetime
from typing import Any

from creditbank_hooks import Course, LearnerMerged
from creditbank_plugin.services import organisations
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import writing
from tests.builders import (
    BANK,
    ISSUER,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    Place,
    add_course,
    adopt,
    beside,
    compare,
    completed,
    furnish,
    learner,
    make_app,
    moment,
    revoked,
)

NEIGHBOUR, NEIGHBOURS_SCHOOL = "P50", "9950000001"
NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)  # in Bangkok it is the 21st already
GROUP, OTHER_GROUP = "ช่างอุตสาหกรรม", "ท่องเที่ยว"


def at(house: House, when: datetime) -> None:
    """Let it be ``when`` in the house."""
    house.runtime.clock = lambda: when


def enter(house: House, table: Any, **values: Any) -> str:
    """Write one row; return its id."""
    row = {"id": new_id(), **values}
    with writing(house.runtime.engine) as connection:
        insert_all(connection, table, [row])
    return str(row["id"])


def course(house: House, code: str, *, owner: str = SCHOOL, **values: Any) -> str:
    """A course version as an import would enter it."""
    given = {"version": "2567", "title_th": f"รายวิชา {code}", "added_at": house.runtime.clock(), **values}
    return enter(house, tables.CourseVersion, owner_code=owner, code=code, **given)


def propose(house: House, course_id: str, state: str, *, body: str = PROVINCE, **values: Any) -> str:
    """A proposal as its workflow would leave it."""
    now = house.runtime.clock()
    given = {"revision": 1, "round": 1, "terms": {}, "made_at": now, "made_by": "user:u-1", "changed_at": now}
    if state not in ("draft",):
        given |= {"proposed_at": now, "proposed_by": "user:u-1"}
    given |= values
    return enter(house, tables.Proposal, course_id=course_id, course_revision=1, body_code=body, state=state, **given)


def rate(house: House, proposal_id: str, actor: str, round_: int = 1) -> None:
    enter(
        house,
        tables.Rating,
        proposal_id=proposal_id,
        round=round_,
        actor=actor,
        name="ผู้ประเมินทดลอง",
        design="met",
        measurement="met",
        quality="partly",
        advice="approve",
        notes={},
        rated_at=house.runtime.clock(),
    )


def group(house: House, name: str, body: str = PROVINCE, **values: Any) -> str:
    return enter(
        house,
        tables.WorkingGroup,
        body_code=body,
        name_th=name,
        order_number="1/2569",
        order_signatory="ผู้ว่าราชการจังหวัด",
        ordered_on=date(2026, 1, 5),
        procedure="raters_and_chair",
        raters=2,
        quorum=0,
        comment_days=0,
        made_at=house.runtime.clock(),
        **values,
    )


def memorandum(house: House, owner: str, parties: list[tuple[str, str | None]], **values: Any) -> None:
    made = enter(
        house,
        tables.Memorandum,
        owner_code=owner,
        title="บันทึกข้อตกลงความร่วมมือ",
        entered_at=house.runtime.clock(),
        entered_by="user:u-1",
        **{"signed_on": date(2026, 3, 26), **values},
    )
    rows = [
        {"memorandum_id": made, "position": place, "name": name, "organisation_code": code}
        for place, (name, code) in enumerate(parties, start=1)
    ]
    with writing(house.runtime.engine) as connection:
        insert_all(connection, tables.MemorandumParty, rows)


def make_world(place: Place, **config: Any) -> House:
    """The world of these tests; ``house.ids`` names what they look for."""
    house = furnish(make_app(place.folder, place.url, **config))
    runtime = house.runtime
    at(house, moment(10, month=9, year=2025))
    organisations.add_organisation(runtime, code=NEIGHBOUR, kind="province", name_th="ศูนย์จังหวัดเชียงใหม่", province="50")
    organisations.add_organisation(
        runtime, code=NEIGHBOURS_SCHOOL, kind="school", name_th="วิทยาลัยเพื่อนบ้าน", parent=NEIGHBOUR
    )
    organisations.add_bank(
        runtime, code="B-N", organisation=NEIGHBOURS_SCHOOL, tier="school", name_th="ธนาคารหน่วยกิตเพื่อนบ้าน"
    )
    _courses_and_proposals(house)
    _papers(house)
    _credits(house)
    _waiting(house)
    at(house, NOW)
    return house


def _courses_and_proposals(house: House) -> None:
    ids = house.ids
    ids["group"], ids["idle"] = group(house, "คณะทำงานที่ 1"), group(house, "คณะทำงานที่ 2", dissolved_on=date(2026, 6, 1))
    group(house, "คณะทำงานเชียงใหม่", NEIGHBOUR)
    kinds = (
        ("lower_secondary", "formal", "สพป.ลำพูน เขต 1", None),
        ("lower_secondary", "formal", "สพป.ลำพูน เขต 2", GROUP),
        ("upper_secondary_vocational", "formal", "สอจ.ลำพูน", GROUP),
        ("diploma", "formal", "สอจ.ลำพูน", OTHER_GROUP),
        ("short_course", "non_formal", "สกร.ลำพูน", OTHER_GROUP),
        ("short_course", "work_experience", None, None),
        (None, None, None, None),
    )
    for number, (level_group, sector, agency, occupational_group) in enumerate(kinds):
        kind = {
            "level_group": level_group,
            "sector": sector,
            "agency": agency,
            "occupational_group": occupational_group,
        }
        at(house, moment(1 + number, month=1 + number))
        for state in ("draft", "proposed", "under_judgement", "returned", "rejected", "open"):
            code = f"L{number}-{state}"
            made = ids[code] = course(house, code, owner=(SCHOOL, OTHER_SCHOOL, PROVINCE)[number % 3], **kind)
            if state != "open":
                proposal = propose(house, made, state, group_id=ids["group"] if number % 2 else None)
                ids.setdefault(f"first-{state}", proposal)
                if state == "under_judgement" and number > 3:
                    rate(house, proposal, "user:r-1")
                    rate(house, proposal, "user:r-2")
                elif state == "under_judgement":
                    rate(house, propose(house, made, "under_judgement", round=2), "user:r-1", round_=1)
    at(house, moment(8, month=8))
    for code, ends in (("L2-open", None), ("L3-open", date(2026, 9, 1)), ("L4-rejected", None)):
        made = compare(house, ids[code], 100, body=NEIGHBOUR if code == "L2-open" else PROVINCE)
        if ends:
            comparisons.end_comparison(house.runtime, made, ended_from=ends)
    # A course of the neighbour's owner that names our province is ours; one that our school owns may name another.
    course(house, "X1", owner=NEIGHBOURS_SCHOOL, province="51", level_group="diploma", sector="informal")
    course(house, "X2", owner=SCHOOL, province="50", level_group="diploma", sector="informal")
    law = {
        "scheme": "basic",
        "credits": 100,
        "conditions": {},
        "reference": "ประกาศ 2/2569",
        "applies_from": date(2026, 1, 1),
    }
    at(house, datetime(2026, 8, 31, 18, tzinfo=UTC))  # the first of September in Bangkok
    for code in ("L5-open", "L5-proposed"):
        approved = {"course_id": ids[code], "body_code": PROVINCE, "group_id": ids["group"]}
        enter(house, tables.Comparison, **law, **approved, approved_at=house.runtime.clock())
    theirs = course(house, "N1", owner=NEIGHBOURS_SCHOOL, level_group="diploma", sector="formal")
    propose(house, theirs, "proposed", body=NEIGHBOUR)
    propose(house, course(house, "N2", owner="national", level_group="diploma"), "proposed", body="national")
    taken = course(house, "L-withdrawn", level_group="diploma", sector="formal")
    propose(house, taken, "withdrawn")


def _papers(house: House) -> None:
    at(house, moment(1, month=10))
    memorandum(house, PROVINCE, [("สพป.ลำพูน เขต 1", None), ("วิทยาลัยเพื่อนบ้าน", NEIGHBOURS_SCHOOL), ("สกร.ลำพูน", None)])
    memorandum(house, SCHOOL, [("สพป.ลำพูน เขต 1", None), ("ชื่ออื่นของวิทยาลัย", NEIGHBOURS_SCHOOL), ("บริษัททดลอง", None)])
    memorandum(house, PROVINCE, [("หน่วยงานที่เลิกแล้ว", None)], ended_on=date(2026, 10, 5))
    memorandum(house, PROVINCE, [("หน่วยงานที่หมดอายุ", None)], applies_until=date(2026, 11, 20))
    memorandum(house, NEIGHBOUR, [("มหาวิทยาลัยทดลอง", None)])


def _credits(house: House) -> None:
    """Credits of two schemes and of none in our province, one course in the neighbour's, and what was taken back."""
    ids = house.ids
    ids["trade"] = add_course(house, "20000-1101", level_group="upper_secondary_vocational")
    adopt(house, compare(house, ids["trade"], 200, scheme="vocational", credits_rule="VE-H1"))
    ids["unit"] = add_course(house, "DG-WPJL-028", level_group="short_course")
    adopt(house, compare(house, ids["unit"], 0, scheme="none", credits_rule=None))
    ids["theirs"] = add_course(house, "ค21101")
    adopt(house, compare(house, ids["theirs"], 100, body=NEIGHBOUR), bank="B-N")
    ended = compare(house, add_course(house, "ส21101"), 100)
    comparisons.end_comparison(house.runtime, ended, ended_from=date(2026, 5, 1), ended_as="superseded")
    both = add_course(house, "พ21101")
    again = compare(house, both, 100)
    comparisons.end_comparison(house.runtime, again, ended_from=date(2026, 5, 1))
    with beside():
        compare(house, both, 50)
    at(house, moment(3, month=10, year=2025))
    house.bank.hear(completed(0, completed_at=moment(2, month=10, year=2025)))
    for month, learners in ((3, range(1, 12)), (4, range(12, 14)), (5, range(14, 30))):
        at(house, moment(28, month=month))
        for number in learners:
            house.bank.hear(completed(number, completed_at=moment(27, month=month)))
    at(house, datetime(2026, 6, 30, 17, 30, tzinfo=UTC))  # the first of July in Bangkok
    for number in (1, 2, 3):
        house.bank.hear(completed(number, course=Course(code="20000-1101"), completed_at=moment(20, month=6)))
    for number in range(1, 8):
        house.bank.hear(completed(number, course=Course(code="DG-WPJL-028"), completed_at=moment(20, month=6)))
        theirs = {"course": Course(code="ค21101"), "school": NEIGHBOURS_SCHOOL}
        house.bank.hear(completed(number + 20, completed_at=moment(20, month=6), **theirs))
    at(house, moment(5, month=8))
    house.bank.hear(revoked(4, revoked_at=moment(4, month=8)))
    house.bank.hear(revoked(5, "DG-WPJL-028", revoked_at=moment(4, month=8)))
    for number in range(21, 27):
        house.bank.hear(revoked(number, "ค21101", revoked_at=moment(4, month=8)))
    house.bank.hear(LearnerMerged(learner=learner(12), merged=learner(13), merged_at=moment(5, month=8), source=ISSUER))


def _waiting(house: House) -> None:
    """Who waits: for comparisons of three courses, for an order, and one whose decision is no wait any more."""
    ids = house.ids
    at(house, moment(1, month=9))
    for code, learners in (("W1", range(40, 48)), ("W2", range(44, 51)), ("W3", range(50, 52))):
        ids[code] = add_course(house, code)
        for number in learners:
            house.bank.hear(completed(number, course=Course(code=code), completed_at=moment(30, month=8)))
    for number in range(60, 66):
        house.bank.hear(completed(number, school=OTHER_SCHOOL, completed_at=moment(30, month=8)))
    for number in range(70, 73):
        house.bank.hear(
            completed(number, course=Course(code="W1"), school=NEIGHBOURS_SCHOOL, completed_at=moment(30, month=8))
        )
    house.bank.hear(completed(73, course=Course(code="W9"), completed_at=moment(30, month=8)))
    settled = add_course(house, "W8")
    house.bank.hear(completed(74, course=Course(code="W8"), completed_at=moment(30, month=8)))
    adopt(house, compare(house, settled, 50), BANK)

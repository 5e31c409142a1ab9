"""A name of a course that a host uses means one course of ours; changing that never gives a second credit."""

from datetime import datetime
from typing import Any

import pytest

from creditbank_hooks import Course
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import events
from creditbank_plugin.services.catalogue import aliases
from creditbank_plugin.services.catalogue.aliases import Mapped
from creditbank_plugin.services.views import Event
from tests.builders import CODE, House, add_course, adopt, compare, completed, moment, revoked

IRI = "https://moodle.example/course/view.php?id=5"
OTHER = "ค21101"
COURSE = Course(code=IRI, iri=IRI)


@pytest.fixture
def mapped(house: House) -> House:
    """Two courses that give credit; the name means the first, and learner 1 has its credit through the name."""
    adopt(house, compare(house, add_course(house, OTHER)))
    aliases.alias(house.runtime, IRI, CODE, owner="national", version="2551", by="first")
    tell(house, "e1")
    return house


def tell(house: House, event_id: str, who: int = 1, at: datetime | None = None, **more: Any) -> Event:
    """Tell of a completion of the course as its host names it, and return what became of it."""
    values = {"course": COURSE, "event_id": event_id, "completed_at": at or moment(), **more}
    house.bank.hear(completed(who, **values))
    return event(house, event_id)


def event(house: House, event_id: str) -> Event:
    return events.page(house.runtime, search=event_id).items[0]


def replace(house: House, code: str = OTHER) -> int:
    return aliases.alias(house.runtime, IRI, code, replace=True).messages


def credited(house: House) -> list[str]:
    """The codes of the courses that have credit, one for each record."""
    found = {each.record_id: each for each in events.page(house.runtime, state="credited").items}
    return sorted(str(each.course_title.th) if each.course_title else "" for each in found.values())


def test_a_name_keeps_its_course_unless_told_otherwise(mapped: House) -> None:
    with pytest.raises(Refused) as refusal:
        aliases.alias(mapped.runtime, IRI, OTHER)
    assert (refusal.value.code, refusal.value.status) == ("alias_taken", 409)
    assert f"national/{CODE}/2551" in refusal.value.en
    assert "credited: 1" in refusal.value.en
    assert "ได้หน่วยกิต 1 รายการ" in refusal.value.th
    assert aliases.mapped(mapped.runtime, IRI) == Mapped(CODE, "national", "2551", 1, 1)


def test_the_code_of_a_course_is_never_mapped_to_another(house: House) -> None:
    """Else everybody who names that course, version and owner and all, would get another one's credit."""
    course = add_course(house, OTHER)
    with pytest.raises(Refused) as refusal:
        aliases.alias(house.runtime, " ค ๒๑๑๐๑ ".replace(" ", ""), CODE)
    assert (refusal.value.code, refusal.value.status) == ("alias_is_course", 409)
    assert f"national/{OTHER}/2551" in refusal.value.th
    adopt(house, compare(house, course))
    assert tell(house, "e1", course=Course(code=OTHER)).reason == "credited"


def test_a_mapped_code_is_no_course_of_its_own(house: House) -> None:
    aliases.alias(house.runtime, "TH-1", CODE)
    with pytest.raises(Refused) as refusal:
        add_course(house, "TH-1")
    assert (refusal.value.code, refusal.value.status) == ("code_is_alias", 409)


def test_the_explanation_names_what_was_mapped(mapped: House) -> None:
    first = event(mapped, "e1").explanation[0]
    assert (first["rule"], first["inputs"]["alias"]) == ("course", IRI)
    assert "ผู้ดูแลระบบจับคู่ไว้" in first["th"]
    assert first["en"].endswith("by a name that an administrator mapped to it")
    assert "alias" not in tell(mapped, "e2", who=2, course=Course(code=OTHER)).explanation[0]["inputs"]


def test_another_version_is_another_course(mapped: House) -> None:
    add_course(mapped, CODE, version="2560")
    with pytest.raises(Refused, match="alias_taken"):
        aliases.alias(mapped.runtime, IRI, CODE, version="2560")


@pytest.mark.parametrize("more", [{}, {"owner": "national"}, {"owner": "national", "version": "2551"}])
def test_the_same_again_changes_nothing(mapped: House, more: dict[str, str]) -> None:
    before = aliases.aliases(mapped.runtime)
    assert aliases.alias(mapped.runtime, IRI, CODE, by="second", **more).messages == 0
    assert aliases.aliases(mapped.runtime) == before
    assert before[0].added_by == "first"


def test_replacing_leaves_what_was_decided_and_holds_for_everybody_else(mapped: House) -> None:
    before = event(mapped, "e1")
    replace(mapped)
    assert event(mapped, "e1") == before
    assert tell(mapped, "e2", who=2).state == "credited"
    assert aliases.mapped(mapped.runtime, IRI) == Mapped(OTHER, None, None, 1, 1)


@pytest.mark.parametrize("when", [moment(), moment(9)])
def test_the_same_course_of_the_host_gives_no_second_credit(mapped: House, when: datetime) -> None:
    replace(mapped)
    resent = tell(mapped, "e2", at=when, completed_at_precision="upper_bound")
    assert (resent.state, resent.reason, resent.record_id) == ("waiting", "course_ambiguous", None)
    assert len(credited(mapped)) == 1


def test_taking_the_change_back_settles_what_waited(mapped: House) -> None:
    replace(mapped)
    tell(mapped, "e2", at=moment(9))
    assert replace(mapped, CODE) == 1
    assert event(mapped, "e2").state == "credited"
    assert event(mapped, "e2").record_id == event(mapped, "e1").record_id
    assert len(credited(mapped)) == 1


def test_a_message_that_is_tried_again_keeps_the_course_it_was_decided_for(mapped: House) -> None:
    record = event(mapped, "e1").record_id
    replace(mapped)
    events.retry(mapped.runtime, [event(mapped, "e1").event_id])
    assert (event(mapped, "e1").state, event(mapped, "e1").record_id) == ("credited", record)
    assert len(credited(mapped)) == 1


def test_a_revocation_takes_back_what_was_given_through_the_name(mapped: House) -> None:
    replace(mapped)
    mapped.bank.hear(revoked(1, course=COURSE, revoked_at=moment(20), event_id="r1"))
    assert event(mapped, "r1").state == "applied"
    assert event(mapped, "e1").reason == "completion_revoked"
    assert tell(mapped, "e2", at=moment(21)).state == "credited"
    assert len(credited(mapped)) == 1


def test_a_new_curriculum_year_of_the_same_course_is_no_change_of_the_name(house: House) -> None:
    aliases.alias(house.runtime, IRI, CODE)
    assert tell(house, "e1", course=Course(code=IRI, iri=IRI, version="2551")).state == "credited"
    adopt(house, compare(house, add_course(house, CODE, version="2560")))
    assert tell(house, "e2", course=Course(code=IRI, iri=IRI, version="2560"), at=moment(9)).state == "credited"

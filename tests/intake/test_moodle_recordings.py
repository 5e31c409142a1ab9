"""What a real Moodle 4.3 sent, replayed at the door: one credit for each learner and course, however often it comes."""

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from creditbank_plugin.services import accounts, events, organisations
from creditbank_plugin.services.catalogue import aliases
from creditbank_plugin.services.proving import verify
from tests.api.builders import basic, make_client, make_house
from tests.builders import PROVINCE, SCHOOL, House, add_course, adopt, compare

RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures" / "moodle"
MOODLE = "https://lms.example.org"
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
COURSE = "https://w3id.org/xapi/cmi5/activitytype/course"

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason=f"SKIPPED: the Moodle recordings are not at {RECORDINGS}"
)


def recorded() -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(RECORDINGS.glob("*.jsonl"))
        for line in path.read_text().splitlines()
        if line.strip()
    ]


def statements() -> list[dict[str, Any]]:
    return list(itertools.chain.from_iterable(json.loads(each["body"]) for each in recorded()))


def completions() -> set[tuple[str, str]]:
    """The learners and courses that were completed and not undone: what the recordings say, read without our code."""
    return {
        (each["actor"]["account"]["name"], each["object"]["id"])
        for each in statements()
        if each["verb"]["id"] == COMPLETED and each["object"].get("definition", {}).get("type") == COURSE
    }


def make_moodle(place: Path) -> tuple[House, dict[str, str]]:
    """A house where Moodle's home page is a trusted issuer and every course it names is compared and adopted."""
    house = make_house(place)
    organisations.trust_issuer(house.runtime, MOODLE)
    for number, course in enumerate(sorted({course for _, course in completions()})):
        made = add_course(house, f"M-{number}", owner=SCHOOL)
        adopt(house, compare(house, made, conditions={}, body=PROVINCE))
        aliases.alias(house.runtime, course, f"M-{number}", owner=SCHOOL)
    return house, basic(make_client(house, "events:write", issuer=MOODLE))


def replay(house: House, headers: dict[str, str], body: str | list[dict[str, Any]]) -> None:
    answer = house.app.test_client().post(
        "/creditbank/xapi/statements",
        data=body if isinstance(body, str) else json.dumps(body),
        headers={**headers, "X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert len(answer.get_json()) == len(json.loads(body) if isinstance(body, str) else body)


def credited(house: House) -> list[tuple[str, str]]:
    """Every learner and the credits of each record they have."""
    found = []
    for name in sorted({name for name, _ in completions()}):
        for learner in accounts.find_learners(house.runtime, MOODLE, name):
            found += [(name, each.course_code) for each in accounts.credits(house.runtime, learner.id).items]
    return found


def test_there_is_something_to_replay():
    assert len(completions()) == len(statements()) >= 30


def test_every_learner_and_course_has_exactly_one_credit_in_whatever_order(place):
    house, headers = make_moodle(place)
    for each in recorded():
        replay(house, headers, each["body"])
    once = credited(house)
    assert len(once) == len(set(once)) == len(completions())
    for seed in range(3):
        shuffled = statements() * 2
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order, not a secret
        for start in range(0, len(shuffled), 25):
            replay(house, headers, shuffled[start : start + 25])
    assert credited(house) == once
    assert verify.verify(house.runtime)["broken"] == []


def test_the_other_order_alone_comes_to_the_same(place):
    house, headers = make_moodle(place)
    for each in reversed(statements()):
        replay(house, headers, [each])
    assert len(credited(house)) == len(completions())


def test_a_new_registration_and_time_is_no_new_credit(place):
    house, headers = make_moodle(place)
    replay(house, headers, statements())
    once = credited(house)
    again = json.loads(json.dumps(statements()))
    for each in again:
        each.setdefault("context", {})["registration"] = "11111111-2222-4333-8444-555555555555"
        each["timestamp"] = "2026-11-20T23:59:59.000Z"
    replay(house, headers, again)
    assert credited(house) == once


def upstream(folder: str) -> list[dict[str, Any]]:
    """The statements that Moodle's plugin makes of its own test events; they carry no timestamp."""
    paths = sorted((RECORDINGS / folder).glob("*/statements.json"))
    return list(itertools.chain.from_iterable(json.loads(path.read_text()) for path in paths))


def test_activities_give_nothing_and_their_course_gives_one_credit(place):
    house = make_house(place)
    home = "http://www.example.org"
    organisations.trust_issuer(house.runtime, home)
    adopt(house, compare(house, add_course(house, "M-1", owner=SCHOOL), conditions={}))
    for course in ("course/view.php?id=2", "mod/book/view.php?id=1"):
        aliases.alias(house.runtime, f"{home}/{course}", "M-1", owner=SCHOOL)
    headers = basic(make_client(house, "events:write", issuer=home))
    activities = upstream("course_module_completion_update")
    assert any(each["verb"]["id"] == COMPLETED for each in activities)
    replay(house, headers, activities)
    assert {each.state for each in events.page(house.runtime).items} == {"ignored"}
    assert accounts.find_learners(house.runtime, home, "1") == []
    for _ in range(2):
        replay(house, headers, upstream("upstream-course_completed") + activities)
    (learner,) = accounts.find_learners(house.runtime, home, "1")
    assert [each.course_code for each in accounts.credits(house.runtime, learner.id).items] == ["M-1"]


def test_a_course_that_is_not_known_waits_and_settles_with_its_alias(place):
    house = make_house(place)
    organisations.trust_issuer(house.runtime, MOODLE)
    headers = basic(make_client(house, "events:write", issuer=MOODLE))
    replay(house, headers, statements())
    assert credited(house) == []
    course = sorted({course for _, course in completions()})[0]
    adopt(house, compare(house, add_course(house, "M-1", owner=SCHOOL), conditions={}))
    aliases.alias(house.runtime, course, "M-1", owner=SCHOOL)
    waited = {name for name, each in completions() if each == course}
    assert {name for name, _ in credited(house)} == waited

"""Every route of the API, called by another organisation that has all scopes, and with texts that are no texts.

The routes are taken from the application: one that is added later is called as well, and must be named here if strangers
may use it.
"""

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.catalogue import course_entry
from creditbank_plugin.services.comparing import groups
from tests.api.builders import (
    API,
    ask_token,
    bearer,
    completion,
    get,
    learners_bearer,
    make_client,
    make_house,
    send,
)
from tests.builders import CODE, ISSUER, OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, item_ids
from tests.committee import ADMIN, SINCE, convene

SCOPED = tuple(SCOPES)
#: What everybody with the scope may ask, whoever they are: the catalogue, acts of authority, numbers of a province.
OPEN = {
    *("GET /adoptions", "GET /adoptions/<adoption_id>", "GET /comparisons", "GET /events", "GET /learners"),
    *("GET /courses", "GET /courses/<owner>/<code>/<version>", "GET /courses/<owner>/<code>/<version>/suggestions"),
    *("GET /frameworks", "GET /frameworks/<framework_id>", "GET /frameworks/<framework_id>/items"),
    *("GET /items/<item_id>", "GET /reports/provinces", "GET /reports/provinces/<code>"),
    *("GET /public-comparisons", "GET /reviews"),
    *("GET /working-groups", "GET /working-groups/<group_id>", "GET /working-groups/<group_id>/meetings"),
}
#: Those that answer each of many apart, say at a field that it is not the caller's, or that no public round is open.
COMMENT = "POST /public-comparisons/<comparison_id>/comments"
APART = {"POST /courses:bulk": 200, "POST /events": 422, COMMENT: 409}
#: What a learner's token is answered about somebody else, where it is not simply refused; their own is theirs to read.
OF_LEARNERS = {
    "GET /learners": 200,
    "GET /learners/<learner_id>/credits": 404,
    "GET /records/<record_id>": 404,
    "GET /me": 200,
    "GET /me/credits": 200,
}
MARKS = {"design": "met", "measurement": "met", "quality": "met", "advice": "approve"}
TERMS: dict[str, Any] = {
    "credits_rule": "BE-H1",
    "nqf_level": 2,
    "nqf_level_basis": "comparison",
    "outcomes": item_ids("ท 1.1"),
    "hours": {"theory": 40},
    "applies_from": "2026-01-01",
    "applies_until": None,
    "replaces": None,
    "conditions": {
        "min_score": 50,
        "min_grade": "1",
        "min_attendance": 80,
        "min_identity": "login",
        "min_assessment": "teacher",
        "required": ["score"],
    },
}
GROUP = {
    "body": PROVINCE,
    "name_th": "คณะทำงาน",
    "order_number": "1",
    "order_signatory": "ใคร",
    "ordered_on": "2026-01-01",
    "procedure": "raters_and_chair",
    "raters": 2,
    "quorum": 3,
    "comment_days": 0,
}
COURSE = {"title_th": "ชื่อใหม่", "level_group": "lower_secondary", "sector": "formal", "province": "51"}
PAPER = {"order_number": "1/1", "signatory": "ใคร", "ordered_on": "2026-01-01", "applies_from": "2026-01-01"}


class World:
    """A bank in which there is one of everything, all of it the province's and its first school's."""

    def __init__(self, house: House) -> None:
        self.house = house
        committee = convene(house)
        told = send(house, bearer(house), completion()).get_json()["events"][0]
        learner = get(house, "learners", bearer(house), issuer=ISSUER, id="s-1").get_json()["items"][0]
        own = {"owner": SCHOOL, "code": "ว20201", "version": "2567", **COURSE}
        course_entry.enter(house.runtime, [own], by=Actor("user:r", "r", SCHOOL))
        client = make_client(house, *SCOPED, organisation=PROVINCE)
        self.ours = {"Authorization": f"Bearer {ask_token(house, client).get_json()['access_token']}"}
        said = {"name": "ระบบของจังหวัด", "role": "secretary", "since": SINCE, "by": ADMIN}
        groups.add_member(house.runtime, committee.group, f"client:{client.client_id}", **said)
        self.draft = committee.draft()
        self.names = {
            "adoption_id": house.ids["adoption"],
            "comparison_id": committee.propose(),
            "group_id": committee.group,
            "event_id": told["event_id"],
            "record_id": told["record_id"],
            "learner_id": learner["id"],
            "item_id": item_ids("ท 1.1")[0],
            "framework_id": get(house, "frameworks", bearer(house, *SCOPED)).get_json()["items"][0]["id"],
            **{name: own[name] for name in ("owner", "code", "version")},
        }
        named = {name: own[name] for name in ("owner", "code", "version")}
        scope = {"bank": f"B-{SCHOOL}", "comparison_ids": [house.ids["comparison"]], "applies_from": "2026-01-01"}
        course = {"owner": "national", "code": CODE, "version": "2551"}
        self.bodies: dict[str, Any] = {
            "POST /comparisons": {"course": course, "group": committee.group, "credits": "1.00", "scheme": "basic"},
            "PATCH /comparisons/<comparison_id>": {
                **TERMS,
                "evidence": [{"title": "แผน", "url": "https://a.example/"}],
            },
            "POST /comparisons/<comparison_id>/rate": {**MARKS, "notes": {"general": "ดี"}},
            "POST /comparisons/<comparison_id>/approve": {"reference": "ประกาศ 1", "reason": "x", "resolution": "x"},
            "POST /comparisons/<comparison_id>/return": {"reason": "x"},
            "POST /comparisons/<comparison_id>/reject": {"reason": "x"},
            "POST /comparisons/<comparison_id>/withdraw": {"reason": "x", "ended_from": "2026-06-01"},
            "POST /adoptions": {**scope, **PAPER},
            "POST /adoptions:forecast": scope,
            COMMENT: {"text": "x"},
            "POST /working-groups": GROUP,
            "PATCH /working-groups/<group_id>": {"raters": 3, "dissolved_on": None},
            "POST /working-groups/<group_id>/members": {
                "actor": "user:1",
                "name": "x",
                "role": "chair",
                "since": "2026-01-01",
                "until": None,
            },
            "POST /working-groups/<group_id>/meetings": {
                "held_on": "2026-02-01",
                "present": ["user:1"],
                "minutes": "1",
            },
            "POST /reviews/<record_id>/decide": {"decision": "uphold", "reason": "x"},
            "POST /adoptions/<adoption_id>/revoke": {"revoked_from": "2026-02-01", "order_number": "2", "reason": "x"},
            "PUT /courses/<owner>/<code>/<version>": {**COURSE, "revision": 1},
            "POST /courses:bulk": {"courses": [{**named, **COURSE}]},
            "POST /events": completion(2, school=SCHOOL),
        }

    def routes(self) -> Iterator[tuple[str, str, str]]:
        """Yield method, path as it is called here and as it is mounted, of every route that has a scope."""
        for rule in self.house.app.url_map.iter_rules():
            if rule.rule.startswith(API):
                names = {**self.names, "code": "51"} if "/reports/" in rule.rule else self.names
                path = rule.rule
                for name in rule.arguments:
                    path = path.replace(f"<{name}>", names[name])
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield method, path, rule.rule.removeprefix(API)

    def call(
        self, method: str, path: str, headers: dict[str, str], body: Any, query: dict[str, str] | None = None
    ) -> TestResponse:
        media = {"content_type": "application/cloudevents+json"} if path.endswith("/events") and body else {}
        if method == "PATCH":
            seen = get(self.house, path.removeprefix(f"{API}/"), headers).headers.get("ETag", '"1"')
            headers = {**headers, "If-Match": seen}
        return self.house.app.test_client().open(
            path, method=method, headers=headers, query_string=query or {}, json=body, **media
        )


@pytest.fixture(scope="module")
def world(shared_place: Place) -> World:
    return World(make_house(shared_place))


def test_another_organisation_reads_and_changes_nothing_of_others(world: World) -> None:
    stranger, called = bearer(world.house, *SCOPED, organisation=OTHER_SCHOOL), set()
    wrong: dict[str, tuple[int, str]] = {}
    query = {"reference": "x", "issuer": ISSUER, "id": "s-1"}
    for method, path, rule in world.routes():
        name = f"{method} {rule}"
        answer = world.call(method, path, stranger, world.bodies.get(name), query)
        expected = {200} if name in OPEN else {APART.get(name, 403), APART.get(name, 404)}
        if answer.status_code not in expected:
            wrong[name] = answer.status_code, answer.text
        if name in ("GET /events", "GET /learners", "GET /reviews"):
            assert answer.get_json()["items"] == []
        called.add(name)
    assert wrong == {}
    assert {*OPEN, *APART, *world.bodies} <= called
    bulk = world.call("POST", f"{API}/courses:bulk", stranger, world.bodies["POST /courses:bulk"]).get_json()
    assert [each["state"] for each in bulk["results"]] == ["refused"]
    listed = world.call("GET", f"{API}/comparisons", stranger, None).get_json()["items"]
    assert world.names["comparison_id"] not in {each["id"] for each in listed}


def test_another_learner_reads_nothing_of_others(world: World) -> None:
    """A learner's token with every scope there is: at each route nothing, or nothing of anybody else."""
    send(world.house, bearer(world.house), completion(7, course={"code": "none"}))
    other = get(world.house, "learners", bearer(world.house), issuer=ISSUER, id="s-7").get_json()["items"][0]["id"]
    theirs, called, wrong = learners_bearer(world.house, other, *SCOPED), set(), {}
    query = {"reference": "x", "issuer": ISSUER, "id": "s-1"}
    for method, path, rule in world.routes():
        name = f"{method} {rule}"
        answer = world.call(method, path, theirs, world.bodies.get(name), query)
        if answer.status_code != OF_LEARNERS.get(name, 403):
            wrong[name] = answer.status_code, answer.text
        for secret in (world.names["learner_id"], world.names["record_id"]):
            assert secret not in answer.text, name
        called.add(name)
    assert wrong == {}
    assert OF_LEARNERS.keys() <= called
    assert get(world.house, "learners", theirs, issuer=ISSUER, id="s-1").get_json()["items"] == []
    assert get(world.house, "me", theirs).get_json()["learner_id"] == other
    assert get(world.house, "me/credits", theirs).get_json()["items"] == []


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the holder and the key of everything in a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in list(pairs):
        yield value, key
        yield from places_in(each)


def asked_by(world: World) -> dict[str, list[str]]:
    """Return what may be asked in the address of each route that reads, as the document of the API has it."""
    told = world.house.app.test_client().get("/creditbank/api/openapi.json").get_json()
    shared = told["components"]["parameters"]
    found = {}
    for path, methods in told["paths"].items():
        parameters = [
            shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
            for each in methods.get("get", {}).get("parameters", ())
        ]
        rule = path.removeprefix(API).replace("{", "<").replace("}", ">")
        found[f"GET {rule}"] = [each["name"] for each in parameters if each["in"] == "query"]
    return found


@pytest.mark.parametrize("odd", ["a\0b", "[" * 5000])
def test_whatever_is_asked_nothing_breaks(world: World, odd: str) -> None:
    """In the address, and in what is asked."""
    asked = asked_by(world)
    assert asked["GET /comparisons"][:2] == ["state", "course"]
    for method, path, rule in world.routes():
        name, body = f"{method} {rule}", world.bodies.get(f"{method} {rule}")
        answers = [
            world.call(method, path.replace(said, quote(odd)), world.ours, body)
            for argument, said in world.names.items()
            if f"<{argument}>" in rule
        ]
        answers += [world.call(method, path, world.ours, None, {each: odd}) for each in asked.get(name, ())]
        assert [each.text for each in answers if each.status_code >= 500] == [], name


@pytest.mark.parametrize("odd", ["a\0b", "[" * 5000, [[]], [{"a": None}], {"a": {}}, 1e300, -1, True])
def test_whatever_is_sent_nothing_breaks(world: World, odd: Any) -> None:
    """In the place of every value of what is sent, one after the other."""
    for method, path, rule in world.routes():
        path = path.replace(world.names["comparison_id"], world.draft) if method == "PATCH" else path
        name, body = f"{method} {rule}", copy.deepcopy(world.bodies.get(f"{method} {rule}"))
        for holder, key in list(places_in(body)):
            was, holder[key] = holder[key], odd
            answer = world.call(method, path, world.ours, body)
            holder[key] = was
            assert answer.status_code < 500, (name, key, answer.text)
            assert method != "PATCH" or answer.status_code in (200, 400, 422), "its caller may edit this draft"

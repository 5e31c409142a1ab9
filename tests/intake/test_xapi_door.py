"""The statement receiver: what a conforming sender may expect, and what it is refused."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from creditbank_plugin.storage.session import open_engine
from tests.api.builders import basic, bearer, get, let_pass, make_client, make_house
from tests.builders import CODE, ISSUER, House, Place
from tests.conftest import close

STATEMENTS = "/creditbank/xapi/statements"
VERSION = {"X-Experience-API-Version": "1.0.3"}
COURSE = "https://w3id.org/xapi/cmi5/activitytype/course"


def statement(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Learner ``<number>`` completed the furnished course, as Moodle says it; None removes a property."""
    made: dict[str, Any] = {
        "actor": {"account": {"homePage": ISSUER, "name": str(number)}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {
            "id": f"{ISSUER}/course/view.php?id=4",
            "definition": {"type": COURSE, "extensions": {"https://w3id.org/learning-analytics/external-id": CODE}},
        },
        "timestamp": "2026-03-01T10:00:00.000Z",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def post(house: House, headers: dict[str, str], body: Any, **more: Any) -> TestResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return house.app.test_client().post(
        STATEMENTS, data=raw, headers={**VERSION, **headers}, **{"content_type": "application/json", **more}
    )


def events_of(house: House) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = get(house, "events", bearer(house, "events:read")).get_json()["items"]
    return items


@pytest.fixture(scope="module")
def empty(shared_place: Place) -> Iterator[House]:
    """One house for all who are refused: nothing is ever kept in it."""
    made = make_house(shared_place)
    yield made
    close(made)


def test_an_array_is_answered_with_ids_and_gives_credit(place):
    house = make_house(place)
    own = str(uuid.uuid4())
    answer = post(house, basic(make_client(house)), [statement(1), statement(2, id=own), statement(3)])
    assert answer.status_code == 200
    ids = answer.get_json()
    assert ids[1] == own
    assert [uuid.UUID(each).version for each in (ids[0], ids[2])] == [5, 5]
    assert len(set(ids)) == 3
    assert [each["state"] for each in events_of(house)] == ["credited"] * 3


def test_one_object_outside_an_array_and_a_token_will_do(place):
    house = make_house(place)
    answer = post(house, bearer(house, "events:write"), statement())
    assert answer.status_code == 200
    assert len(answer.get_json()) == 1
    assert [each["state"] for each in events_of(house)] == ["credited"]


def test_a_repeat_has_the_same_id_and_is_kept_once(place):
    house = make_house(place)
    headers = basic(make_client(house))
    first = post(house, headers, [statement()]).get_json()
    changed = statement(context={"registration": str(uuid.uuid4())})
    assert post(house, headers, [changed]).get_json() == first
    assert len(events_of(house)) == 1


def test_an_uncompleted_course_without_a_timestamp_may_be_sent_again(place):
    house = make_house(place)
    headers = basic(make_client(house))
    undone = statement(verb={"id": "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted"}, timestamp=None)
    post(house, headers, [statement()])
    first = post(house, headers, [undone])
    let_pass(house, seconds=5)
    again = post(house, headers, [undone])
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.get_json() == again.get_json()
    assert sorted(each["state"] for each in events_of(house)) == ["applied", "withheld"]


def test_a_known_id_with_other_content_is_a_409_and_nothing_of_the_array_is_kept(place):
    house = make_house(place)
    headers = basic(make_client(house))
    own = str(uuid.uuid4())
    assert post(house, headers, [statement(1, id=own)]).status_code == 200
    for other in (statement(2, id=own), statement(1, id=own, verb={"id": "http://adlnet.gov/expapi/verbs/attended"})):
        answer = post(house, headers, [statement(3), other])
        assert answer.status_code == 409
        assert answer.get_json()["errors"][0]["index"] == 1
    assert len(events_of(house)) == 1
    assert post(house, headers, [statement(1, id=own.upper())]).status_code == 200


def test_an_id_of_a_statement_that_is_no_course_is_kept_too(place):
    house = make_house(place)
    headers = basic(make_client(house))
    viewed = statement(id=str(uuid.uuid4()), verb={"id": "http://id.tincanapi.com/verb/viewed"})
    assert [post(house, headers, viewed).status_code for _ in range(2)] == [200, 200]
    assert post(house, headers, {**viewed, "actor": statement(2)["actor"]}).status_code == 409
    assert [each["reason"]["code"] for each in events_of(house)] == ["not_a_course_completion"]


BAD = [
    (b"{", "statement"),
    (b'"x"', "statement"),
    ([statement(), 5], "statement[1]"),
    (statement(actor=None), "actor"),
    (statement(verb={"id": "completed"}), "verb.id"),
    (statement(id="1"), "id"),
    (statement(timestamp="yesterday"), "timestamp"),
    (statement(timestamp="2569-03-01T10:00:00Z"), "timestamp"),
    (statement(timestamp="2026-03-01T10:00:00"), "timestamp"),
    (statement(result={"score": {"scaled": 1.01}}), "result.score.scaled"),
    (statement(result={"completion": "true"}), "result.completion"),
    (statement(actor={"account": {"homePage": "https://other.example", "name": "1"}}), "actor.account.homePage"),
    (statement(actor={"account": {"homePage": ISSUER, "name": "mailto:s-1@school.example"}}), "actor.account.name"),
    (statement(actor={"account": {"homePage": ISSUER, "name": "MAILTO:x"}}), "actor.account.name"),
    (statement(actor={"account": {"homePage": ISSUER, "name": "\u200b"}}), "actor"),
    (statement(surprise=1), "statement"),
    (statement(context={"platform": None}), "context.platform"),
]


@pytest.mark.parametrize(("bad", "field"), BAD)
def test_one_bad_statement_refuses_the_whole_array(empty, bad, field):
    headers = basic(make_client(empty))
    answer = post(empty, headers, [statement(7), bad] if isinstance(bad, dict) else bad)
    assert (answer.status_code, answer.content_type) == (400, "application/json")
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"
    (error,) = answer.get_json()["errors"]
    assert error["field"] == field
    assert error["th"]
    assert error["en"]
    assert error.get("index") == (1 if isinstance(bad, dict) else None)
    assert events_of(empty) == []


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        ({"raw": 3, "max": 10}, "score_below"),
        ({"raw": 3, "min": 0, "max": 10}, "score_below"),
        ({"raw": -5, "min": -10, "max": 10}, "score_below"),
        ({"scaled": -0.5}, "score_below"),
        ({"raw": 30}, "evidence_missing"),
        ({"raw": 5, "max": 10}, "credited"),
        ({}, "credited"),
    ],
)
def test_a_score_that_was_sent_decides_or_waits(place, score, reason):
    house = make_house(place)
    assert post(house, basic(make_client(house)), [statement(result={"score": score})]).status_code == 200
    (event,) = events_of(house)
    assert event["reason"]["code"] == reason
    if reason == "evidence_missing":
        assert "no known maximum" in event["decision"]["explanation"][-1]["en"]


def test_what_is_not_there_is_told_in_the_form_of_the_door(place):
    house = make_house(place)
    house.app.register_error_handler(404, lambda error: ("<h1>หน้าของโฮสต์</h1>", 404))
    house.app.register_error_handler(405, lambda error: ("<h1>หน้าของโฮสต์</h1>", 405))

    @house.app.after_request
    def loosen(answer):
        answer.headers["Content-Security-Policy"] = "default-src *"
        return answer

    client = house.app.test_client()
    answers = [
        *(
            (client.get(f"/creditbank/xapi{path}"), 404)
            for path in ("", "/", "/nothing", "/statements/", "/about/", "/activities/state")
        ),
        (client.delete("/creditbank/xapi/about"), 405),
        (client.get("/creditbank/xapi/statements"), 405),
        (client.get("/creditbank/xapi/about"), 200),
        (client.post("/creditbank/xapi/statements"), 401),
    ]
    for answer, status in answers:
        assert (answer.status_code, answer.content_type) == (status, "application/json")
        assert answer.headers["X-Experience-API-Version"] == "1.0.3"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["Cache-Control"] == "no-store"
        assert status != 405 or answer.headers["Allow"]
    assert client.get("/creditbank/xapix").get_data(as_text=True) == "<h1>หน้าของโฮสต์</h1>"


def test_an_id_twice_in_an_array_is_refused(empty):
    own = str(uuid.uuid4())
    answer = post(empty, basic(make_client(empty)), [statement(1, id=own), statement(2, id=own)])
    assert answer.status_code == 400
    assert events_of(empty) == []


def test_too_much_is_a_413(empty):
    headers = basic(make_client(empty))
    for body in (b" " * 10_000_000, [statement(number) for number in range(1001)]):
        answer = post(empty, headers, body)
        assert (answer.status_code, answer.content_type) == (413, "application/json")
    assert events_of(empty) == []


def test_who_may_not_send_is_told_why(empty):
    client = make_client(empty)
    wrong = {"Authorization": basic(type(client)(client.client_id, "wrong"))["Authorization"]}
    for headers, status, code, challenge in (
        ({}, 401, "unauthenticated", "Basic realm="),
        (wrong, 401, "invalid_client", "Basic realm="),
        ({"Authorization": "Basic x"}, 401, "invalid_client", "Basic realm="),
        ({"Authorization": "Bearer x"}, 401, "invalid_token", "Bearer realm="),
        (basic(make_client(empty, "events:read")), 403, "insufficient_scope", "Bearer realm="),
        (bearer(empty, "credits:read"), 403, "insufficient_scope", "Bearer realm="),
    ):
        answer = post(empty, headers, [statement()])
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
        assert answer.headers["WWW-Authenticate"].startswith(challenge)
        assert answer.headers["X-Experience-API-Version"] == "1.0.3"
    assert events_of(empty) == []


@pytest.mark.parametrize("version", [None, "", "0.95", "1.1.0", "2.0.0", "1.0.3.1", "๑.๐.๓"])
def test_a_version_that_is_not_understood_is_a_400(empty, version):
    headers = dict(basic(make_client(empty)))
    if version is not None:
        headers["X-Experience-API-Version"] = version.encode().decode("latin-1")
    answer = empty.app.test_client().post(STATEMENTS, json=[statement()], headers=headers)
    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (400, "1.0.3")


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.3", "1.0.9"])
def test_every_version_1_0_is_understood(place, version):
    house = make_house(place)
    headers = {**basic(make_client(house)), "X-Experience-API-Version": version}
    assert house.app.test_client().post(STATEMENTS, json=[statement()], headers=headers).status_code == 200


def test_about_is_open_to_everybody(empty):
    answer = empty.app.test_client().get("/creditbank/xapi/about")
    assert (answer.status_code, answer.get_json()) == (200, {"version": ["1.0.3"]})
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"


def test_a_statement_may_be_put_under_its_id(place):
    house = make_house(place)
    headers = {**VERSION, **basic(make_client(house))}
    own, other = str(uuid.uuid4()), str(uuid.uuid4())

    def put(said: Any, **query: str) -> int:
        return house.app.test_client().put(STATEMENTS, json=said, headers=headers, query_string=query).status_code

    assert put(statement(), statementId=own) == 204
    assert put(statement(id=own), statementId=own) == 204
    assert put(statement(2), statementId=own) == 409
    assert put(statement(id=other), statementId=own) == 400
    assert put([statement()], statementId=other) == 400
    assert put(statement()) == 400
    assert put(statement(), statementId="x") == 400
    assert len(events_of(house)) == 1


def test_other_methods_and_media_types_are_refused_in_json(empty):
    headers = basic(make_client(empty))
    answer = empty.app.test_client().get(STATEMENTS, headers={**VERSION, **headers})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, PUT, OPTIONS")
    told = empty.app.test_client().options(STATEMENTS)
    assert (told.status_code, told.headers["Allow"]) == (200, "POST, PUT, OPTIONS")
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"
    assert post(empty, headers, [statement()], content_type="text/plain").status_code == 400
    assert events_of(empty) == []


def test_a_dead_database_is_a_503(place):
    house = make_house(place)
    headers = basic(make_client(house))
    house.runtime.engine = open_engine(f"sqlite:///{place.folder / 'gone' / 'away.db'}")
    answer = post(house, headers, [statement()])
    assert (answer.status_code, answer.content_type) == (503, "application/json")
    assert int(answer.headers["Retry-After"]) > 0

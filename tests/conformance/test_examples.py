"""Every example of the document is carried out: the request is taken, and the answer looks as the example of it does."""

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from werkzeug.test import TestResponse

from creditbank_plugin.api.problem_types import types
from tests.api.builders import basic
from tests.builders import Place
from tests.conformance.differences import METHODS, followed
from tests.conformance.stage import Stage, staged
from tests.conftest import close

Json = dict[str, Any]
_JSON = ("application/json", "application/cloudevents+json", "application/cloudevents-batch+json")
#: What takes an example's place where there can be none: a cursor, a log-in, a learner, an address.
_QUERY: dict[str, dict[str, str]] = {
    "find_learners": {"issuer": "https://lms.school.example", "id": "s-1"},
    "text_of_comparison": {"reference": "ประกาศจังหวัด ที่ 9/2569"},
    "put_statement": {"statementId": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c41"},
}
#: Whose affair it is to do this: the school's, whose bank gives the credit; everything else the province's client does.
_SCHOOL = {
    *("send_events", "list_events", "get_event", "find_learners", "list_credits", "get_record", "list_changes"),
    *("enter_adoption", "forecast_adoption", "revoke_adoption", "list_reviews", "get_review", "decide_review"),
    *("list_webhooks", "create_webhook", "get_webhook", "delete_webhook", "rotate_webhook_secret", "list_deliveries"),
    *("resend_delivery", "put_course", "send_courses"),
}
#: What is changed only by who names what they have read.
_READ_FIRST = ("edit_comparison", "change_group", "put_course")
#: CASE's answers have the official schemas (tests/api/test_case.py): here each is compared with its example, word by word.
_CASE = "/creditbank/ims/"
#: What is there only where a framework brought it has no example.
_NOT_EVERYWHERE = {"get_case_concept", "get_case_license", "get_case_rubric"}


@pytest.fixture(scope="module")
def stage(shared_place: Place) -> Iterator[Stage]:
    with staged(shared_place) as made:
        yield made
        close(made.house)


@pytest.fixture(scope="module")
def document(stage: Stage) -> Json:
    found: Json = stage.house.app.test_client().get("/creditbank/api/openapi.json").get_json()
    return found


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, every in document["paths"].items():
        if not path.startswith(_CASE):
            for method in METHODS:
                if method in every:
                    yield method, path, every[method]


def faults_of(document: Json, schema: Json, value: Any) -> list[str]:
    """What of a value does not fit its schema."""
    whole = {**schema, "components": document["components"]}
    found = OAS30Validator(whole, format_checker=OAS30Validator.FORMAT_CHECKER).iter_errors(value)
    return [f"{'/'.join(map(str, each.absolute_path))}: {each.message}" for each in found]


def unlike(document: Json, schema: Json, shown: Any, answered: Any, at: str = "") -> Iterator[str]:
    """Yield where an answer and the example of it have other fields; objects of free form are not looked into."""
    schema = followed(document, schema)
    if isinstance(shown, dict) and isinstance(answered, dict) and "properties" in schema:
        if shown.keys() != answered.keys():
            yield f"{at}: {sorted(shown.keys() ^ answered.keys())}"
        for name in shown.keys() & answered.keys() & schema["properties"].keys():
            yield from unlike(document, schema["properties"][name], shown[name], answered[name], f"{at}/{name}")
    if isinstance(shown, list) and isinstance(answered, list) and shown and answered:
        yield from unlike(document, schema.get("items", {}), shown[0], answered[0], f"{at}[]")
    for part in schema.get("allOf", ()):
        yield from unlike(document, part, shown, answered, at)


def carry_out(stage: Stage, method: str, path: str, operation: Json, media: str | None, example: Any) -> TestResponse:
    """Do what an example says."""
    named, browser = operation["operationId"], stage.house.app.test_client()
    names, body = stage.ready(named), stage.put_in_place(example)
    where = path.format(**names)
    headers, query = dict(_proof(stage, named, operation)), dict(_QUERY.get(named, {}))
    if named == "authorize":
        stage.log_in()
        query = stage.asks_a_learner()
    if named in _READ_FIRST:
        headers["If-Match"] = browser.get(where, headers=headers).headers["ETag"]
    if "xapi" in operation["tags"]:
        headers["X-Experience-API-Version"] = "1.0.3"
    sent: Json = {"data": body} if media == "application/x-www-form-urlencoded" else {}
    if media in _JSON:
        sent = {"json": body, "content_type": media}
    try:
        return browser.open(where, method=method.upper(), headers=headers, query_string=query, **sent)
    finally:
        stage.house.user.now = None


def _proof(stage: Stage, named: str, operation: Json) -> dict[str, str]:
    ways = [name for each in operation["security"] for name in each]
    if "client_basic" in ways:
        return basic(stage.school if "xapi" in operation["tags"] else stage.client)
    if "client_credentials" in ways:
        return stage.bearer(stage.school if named in _SCHOOL else stage.client)
    return stage.learner if ways else {}


def test_every_example_is_carried_out_and_answered_as_the_document_shows(stage: Stage, document: Json) -> None:
    wrong: dict[str, Any] = {}
    done = 0
    for method, path, operation in operations(document):
        bodies = operation.get("requestBody", {}).get("content", {}) or {None: {}}
        for media, content in bodies.items():
            answer = carry_out(stage, method, path, operation, media, content.get("example"))
            said = list(faults(document, operation, answer))
            if media is not None:
                said += faults_of(document, content["schema"], content["example"])
            if said:
                wrong[f"{operation['operationId']} {media}"] = said
            done += 1
    assert wrong == {}
    assert done > 65


def faults(document: Json, operation: Json, answer: TestResponse) -> Iterator[str]:
    """Yield what of an answer is not as the document shows it."""
    told = operation["responses"].get(str(answer.status_code))
    if told is None or answer.status_code >= 400:
        yield f"{answer.status_code} {answer.text[:500]}"
        return
    for media, content in followed(document, told).get("content", {}).items():
        if answer.mimetype != media:
            yield f"{answer.mimetype} instead of {media}"
        elif media == "application/json":
            yield from (f"the answer: {each}" for each in faults_of(document, content["schema"], answer.get_json()))
            if "example" in content:
                shown = content["example"]
                yield from (f"the example: {each}" for each in faults_of(document, content["schema"], shown))
                yield from unlike(document, content["schema"], shown, answer.get_json())


def test_every_example_of_case_is_read_as_it_stands(stage: Stage, document: Json) -> None:
    browser, without = stage.house.app.test_client(), set()
    for path, every in document["paths"].items():
        if not path.startswith(_CASE):
            continue
        content = every["get"]["responses"]["200"]["content"]["application/json"]
        if "example" not in content:
            without.add(every["get"]["operationId"])
            continue
        shown = content["example"]
        answered = browser.get(path.format(identifier=identifier_in(shown)))
        assert answered.status_code == 200, path
        assert list(other_than(shown, answered.get_json())) == [], path
    assert without == _NOT_EVERYWHERE


def identifier_in(shown: Json) -> str:
    """What an example is of: itself, the document of a package, the item of associations, the first of a set."""
    first = next(iter(shown.values()))
    of = first[0] if isinstance(first, list) else first if isinstance(first, dict) else shown
    found: str = of["identifier"]
    return found


def other_than(shown: Any, answered: Any, at: str = "") -> Iterator[str]:
    """Yield where an answer says other than its example: of lists what that names, addresses and moments left out."""
    if isinstance(shown, dict) and isinstance(answered, dict):
        if shown.keys() != answered.keys():
            yield f"{at}: {sorted(shown.keys() ^ answered.keys())}"
        for name in shown.keys() & answered.keys() - {"uri", "lastChangeDateTime"}:
            yield from other_than(shown[name], answered[name], f"{at}/{name}")
    elif isinstance(shown, list) and isinstance(answered, list) and shown and answered:
        named = {each["identifier"]: each for each in answered if isinstance(each, dict)}
        same = named.get(shown[0]["identifier"]) if isinstance(shown[0], dict) else answered[0]
        yield from other_than(shown[0], same, f"{at}[]")
    elif shown != answered:
        yield f"{at}: {answered!r}"


def test_every_example_of_a_problem_is_of_a_type_with_a_page(stage: Stage, document: Json) -> None:
    shown = {
        content["example"]["code"]: content["example"]
        for answer in document["components"]["responses"].values()
        for media, content in answer.get("content", {}).items()
        if media == "application/problem+json"
    }
    assert len(shown) == 15
    for code, example in shown.items():
        assert example["status"] in types()[code].status
        assert stage.house.app.test_client().get(example["type"]).status_code == 200
        assert faults_of(document, {"$ref": "#/components/schemas/Problem"}, example) == []

"""Changes of a small document: which of them break a client, in either direction."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.differences import differences

Json = dict[str, Any]
Change = Callable[[Json], Any]

_THING: Json = {
    "type": "object",
    "required": ["id", "state"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "state": {"type": "string", "enum": ["open", "shut"]},
        "note": {"type": "string", "nullable": True},
        "count": {"type": "integer", "minimum": 0, "maximum": 10},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
    },
}
_SENT: Json = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 20},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "amount": {"oneOf": [{"type": "string"}, {"type": "number"}]},
        "days": {"type": "integer", "minimum": 1},
    },
}
_THINGS: Json = {"$ref": "#/components/schemas/Thing"}
DOCUMENT: Json = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "get_thing",
                "security": [{"machine": ["things:read"]}, {"learner": ["things:read"]}],
                "parameters": [
                    {"name": "state", "in": "query", "schema": {"type": "string", "enum": ["open", "shut"]}},
                    {"$ref": "#/components/parameters/limit"},
                ],
                "responses": {
                    "200": {
                        "description": "it",
                        "headers": {"ETag": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": _THINGS, "example": {"id": "1"}}},
                        "links": {"more": {"operationId": "get_thing"}},
                    },
                    "404": {"description": "none"},
                },
            },
        },
        "/things": {
            "post": {
                "operationId": "make_thing",
                "summary": "Make",
                "security": [{"machine": ["things:write"]}],
                "requestBody": {"content": {"application/json": {"schema": _SENT}}},
                "responses": {"201": {"description": "made", "content": {"application/json": {"schema": _THINGS}}}},
            }
        },
        "/open": {"get": {"operationId": "look", "security": [], "responses": {"200": {"description": "all"}}}},
    },
    "components": {
        "schemas": {"Thing": _THING},
        "parameters": {"limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}},
    },
}


def _get(document: Json) -> Json:
    found: Json = document["paths"]["/things/{id}"]["get"]
    return found


def _post(document: Json) -> Json:
    found: Json = document["paths"]["/things"]["post"]
    return found


def _sent(document: Json) -> Json:
    found: Json = _post(document)["requestBody"]["content"]["application/json"]["schema"]
    return found


def _thing(document: Json) -> Json:
    found: Json = document["components"]["schemas"]["Thing"]
    return found


_PATH = {"get": {"operationId": "n", "security": [], "responses": {"200": {"description": ""}}}}
#: What is done to the document, whether that breaks, and whether taking it back does.
CHANGES: dict[str, tuple[Change, bool, bool]] = {
    "a path is new": (lambda d: d["paths"].update({"/new": _PATH}), False, True),
    "an operation is new": (lambda d: d["paths"]["/things"].update(_PATH), False, True),
    "an operation is called otherwise": (lambda d: _get(d).update(operationId="read"), True, True),
    "another scope opens it as well": (lambda d: _get(d)["security"].append({"machine": ["all:read"]}), False, True),
    "another scope is needed": (lambda d: _post(d).update(security=[{"machine": ["things:make"]}]), True, True),
    "two scopes are needed": (lambda d: _post(d)["security"][0]["machine"].append("all:write"), True, True),
    "what was open needs a scope": (
        lambda d: d["paths"]["/open"]["get"].update(security=[{"machine": ["x"]}]),
        True,
        False,
    ),
    "a parameter is new": (
        lambda d: _get(d)["parameters"].append({"name": "q", "in": "query", "schema": {}}),
        False,
        True,
    ),
    "a new parameter is required": (
        lambda d: _get(d)["parameters"].append({"name": "q", "in": "query", "required": True, "schema": {}}),
        True,
        True,
    ),
    "a parameter is required": (lambda d: _get(d)["parameters"][0].update(required=True), True, False),
    "a parameter takes more": (lambda d: _get(d)["parameters"][0]["schema"]["enum"].append("lost"), False, True),
    "a shared parameter takes less": (
        lambda d: d["components"]["parameters"]["limit"]["schema"].update(maximum=50),
        True,
        False,
    ),
    "a parameter takes any text": (lambda d: _get(d)["parameters"][0]["schema"].pop("enum"), False, True),
    "a body is required": (lambda d: _post(d)["requestBody"].update(required=True), True, False),
    "a body may be said in another way": (
        lambda d: _post(d)["requestBody"]["content"].update({"text/csv": {"schema": {}}}),
        False,
        True,
    ),
    "a field may be sent": (lambda d: _sent(d)["properties"].update(more={"type": "string"}), False, True),
    "a field must be sent": (
        lambda d: (_sent(d)["properties"].update(more={"type": "string"}), _sent(d)["required"].append("more")),
        True,
        True,
    ),
    "a field that may be sent must be": (lambda d: _sent(d)["required"].append("kind"), True, False),
    "one value more may be sent": (lambda d: _sent(d)["properties"]["kind"]["enum"].append("c"), False, True),
    "a field may be null": (lambda d: _sent(d)["properties"]["kind"].update(nullable=True), False, True),
    "a number may have a fraction": (lambda d: _sent(d)["properties"]["days"].update(type="number"), False, True),
    "a text becomes a number": (lambda d: _sent(d)["properties"]["name"].update(type="number"), True, True),
    "a text may be longer": (lambda d: _sent(d)["properties"]["name"].update(maxLength=30), False, True),
    "a text must look so": (lambda d: _sent(d)["properties"]["name"].update(pattern="^a"), True, False),
    "a number may be smaller": (lambda d: _sent(d)["properties"]["days"].update(minimum=0), False, True),
    "a choice more": (lambda d: _sent(d)["properties"]["amount"]["oneOf"].append({"type": "boolean"}), False, True),
    "unknown fields are taken": (lambda d: _sent(d).update(additionalProperties=True), False, True),
    "a field comes": (lambda d: _thing(d)["properties"].update(more={"type": "string"}), False, True),
    "a field may be missing": (lambda d: _thing(d)["required"].remove("state"), True, False),
    "a field that came may be null": (lambda d: _thing(d)["properties"]["id"].update(nullable=True), True, False),
    "a field of another kind comes": (lambda d: _thing(d)["properties"]["note"].update(type="integer"), True, True),
    "one value more comes": (lambda d: _thing(d)["properties"]["state"]["enum"].append("lost"), True, True),
    "a number that comes may be larger": (lambda d: _thing(d)["properties"]["count"].update(maximum=99), True, False),
    "a text that comes is described closer": (
        lambda d: _thing(d)["properties"]["note"].update(format="uri"),
        False,
        True,
    ),
    "another good answer": (lambda d: _post(d)["responses"].update({"202": {"description": ""}}), True, True),
    "another refusal": (lambda d: _post(d)["responses"].update({"409": {"description": ""}}), False, False),
    "a header comes": (
        lambda d: _post(d)["responses"]["201"].update(headers={"Location": {"schema": {"type": "string"}}}),
        False,
        True,
    ),
    "a link is new": (
        lambda d: _get(d)["responses"]["200"]["links"].update(other={"operationId": "look"}),
        False,
        True,
    ),
    "another media type comes": (
        lambda d: _get(d)["responses"]["200"]["content"].update({"text/csv": {"schema": {}}}),
        False,
        True,
    ),
    "it will end": (lambda d: _get(d).update(deprecated=True), False, False),
    "it is described otherwise": (lambda d: _post(d).update(summary="Make one"), False, False),
    "another example": (lambda d: _sent(d)["properties"]["name"].update(example="x"), False, False),
    "another version": (lambda d: d["info"].update(version="2"), False, False),
    "an unknown word of a schema": (lambda d: _sent(d).update(contains={}), True, True),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_breaks_or_not_in_either_direction(name: str) -> None:
    change, breaks, back_breaks = CHANGES[name]
    changed = copy.deepcopy(DOCUMENT)
    change(changed)
    there, back = differences(DOCUMENT, changed), differences(changed, DOCUMENT)
    assert there, "it was not seen"
    assert back, "taking it back was not seen"
    assert any(each.breaking for each in there) is breaks, [str(each) for each in there]
    assert any(each.breaking for each in back) is back_breaks, [str(each) for each in back]


def test_equal_documents_do_not_differ() -> None:
    assert differences(DOCUMENT, copy.deepcopy(DOCUMENT)) == []


def test_a_change_of_what_is_referred_to_is_told_at_each_operation() -> None:
    changed = copy.deepcopy(DOCUMENT)
    del _thing(changed)["properties"]["note"]
    assert [str(each) for each in differences(DOCUMENT, changed)] == [
        "BREAKING: GET /things/{id}: 200: application/json/note: is gone",
        "BREAKING: POST /things: 201: application/json/note: is gone",
    ]

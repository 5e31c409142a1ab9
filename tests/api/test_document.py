"""The OpenAPI document and the page that shows it."""

import json
import re
import warnings

import pytest
from flask_smorest import Api
from openapi_spec_validator import validate

from creditbank_hooks.checks import TidingError
from creditbank_hooks.tidings import ASSESSMENT_ASSURANCE, IDENTITY_ASSURANCE, PRECISIONS
from creditbank_plugin.api import docs, event_schemas, examples, schemas
from creditbank_plugin.formats import cloudevents, xapi_statement
from creditbank_plugin.rules.scopes import LEARNERS_GRANT, SCOPES
from creditbank_plugin.services.access.tokens import BOTH, LEARNER, ORGANISATIONS
from tests.api.builders import API, ask_token, completion, make_client, make_house
from tests.builders import ISSUER, make_app
from tests.oauth_world import make_partner, settle_in

XAPI, OAUTH = "/creditbank/xapi", "/creditbank/oauth"
TOKEN = f"{OAUTH}/token"
CHECKPOINTS = "/creditbank/checkpoints"  # need no token: tests/api/test_checkpoints.py
CASE = "/creditbank/ims/case/v1p1"  # nor do these: tests/api/test_case.py


def _document(house):
    return house.app.test_client().get("/creditbank/api/openapi.json").get_json()


@pytest.fixture(scope="module")
def document(open_house):
    """Made once for all who only read it."""
    return _document(open_house)


def test_the_document_is_valid_and_complete(document, tmp_path):
    validate(document)
    assert document["openapi"] == "3.0.3"
    house = make_app(tmp_path)
    ours = {
        (re.sub(r"<(\w+)>", r"{\1}", each.rule), method.lower())
        for each in house.app.url_map.iter_rules()
        for method in each.methods - {"HEAD", "OPTIONS"}
        if each.rule.startswith((API, XAPI, "/creditbank/oauth", CHECKPOINTS, CASE))
        and not each.endpoint.endswith("no_such_method")
    }
    documented = {(path, method) for path, each in document["paths"].items() for method in each.keys() - {"parameters"}}
    assert documented == ours
    tags = {each["name"] for each in document["tags"]}
    assert {tag for path, method in documented for tag in document["paths"][path][method]["tags"]} == tags


def test_the_document_is_made_without_a_warning(place):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        document = _document(make_house(place))
    doubled = [name for name in document["components"]["schemas"] if name[-1].isdigit()]
    assert doubled == []  # a second schema of the same name is given a number


def test_every_operation_names_its_scope_its_problems_and_an_example(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters" or path.startswith((XAPI, OAUTH, CHECKPOINTS, CASE)):
                continue
            assert operation["security"]
            answers = operation["responses"]
            assert {"401", "403", "500", "503"} <= set(answers)
            for status, answer in answers.items():
                if int(status) >= 400:
                    assert re.fullmatch(rf"#/components/responses/Problem{status}(OfACall)?", answer["$ref"])
                    answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
                    assert answer["content"]["application/problem+json"]["example"]["status"] == int(status)
                if status == "304":
                    assert "content" not in answer
                    continue
                (media,) = answer["content"]
                assert media == ("application/json" if int(status) < 400 else "application/problem+json")
                assert answer["content"][media]["schema"]
                assert int(status) >= 400 or answer["content"][media]["example"]


def test_every_operation_names_what_opens_it(open_house, document):
    """As the table of routes has it: a machine's token, a learner's, or either, and any one of the scopes."""
    opened = {
        ORGANISATIONS: ["client_credentials"],
        LEARNER: ["authorization_code"],
        BOTH: ["client_credentials", "authorization_code"],
    }
    for rule in open_house.app.url_map.iter_rules():
        if rule.rule.startswith(API):
            view = open_house.app.view_functions[rule.endpoint]
            (method,) = rule.methods - {"HEAD", "OPTIONS"}
            operation = document["paths"][re.sub(r"<(\w+)>", r"{\1}", rule.rule)][method.lower()]
            expected = [{scheme: [code]} for scheme in opened[view.creditbank_of] for code in view.creditbank_scope]
            assert operation["security"] == expected, rule.rule


def test_the_document_says_where_either_kind_of_token_comes_from(document):
    schemes = document["components"]["securitySchemes"]
    (machine,) = schemes["client_credentials"]["flows"].items()
    assert (machine[0], set(machine[1]["scopes"]), machine[1]["tokenUrl"]) == ("clientCredentials", set(SCOPES), TOKEN)
    (learner,) = schemes["authorization_code"]["flows"].items()
    assert (learner[0], set(learner[1]["scopes"])) == ("authorizationCode", set(LEARNERS_GRANT))
    assert [learner[1][name] for name in ("authorizationUrl", "tokenUrl", "refreshUrl")] == [
        f"{OAUTH}/authorize",
        TOKEN,
        TOKEN,
    ]


def test_the_xapi_door_is_documented_with_basic_and_what_it_answers(document):
    paths = document["paths"]
    assert document["components"]["securitySchemes"]["client_basic"]["scheme"] == "basic"
    for operation, good in ((paths[f"{XAPI}/statements"]["post"], "200"), (paths[f"{XAPI}/statements"]["put"], "204")):
        assert operation["security"][0] == {"client_basic": []}
        assert {good, "400", "401", "403", "409", "413", "500", "503"} == set(operation["responses"])
        assert operation["requestBody"]["content"]["application/json"]["example"]
        for answer in operation["responses"].values():
            assert "X-Experience-API-Version" in answer["headers"]
    assert paths[f"{XAPI}/about"]["get"]["security"] == []
    example = paths[f"{XAPI}/statements"]["post"]["requestBody"]["content"]["application/json"]["example"]
    for each in example:
        xapi_statement.check(each)


def test_the_oauth_endpoints_are_documented_as_they_answer(open_house, document):
    shapes = document["components"]["schemas"]
    agency = settle_in(open_house, make_partner(open_house))
    token = agency.tokens()
    metadata = open_house.app.test_client().get("/.well-known/oauth-authorization-server/creditbank").get_json()
    answers = {
        "token": [
            ask_token(open_house, make_client(open_house)),
            ask_token(open_house, make_client(open_house), scope="nonsense"),
            agency.refresh(token["refresh_token"]),
            agency.call("token", client_secret="wrong", grant_type="refresh_token"),
        ],
        "introspect": [agency.call("introspect", token=token["access_token"]), agency.call("introspect", token="x")],
        "revoke": [agency.call("revoke", token="x"), agency.call("revoke")],
        "jwks": [open_house.app.test_client().get(metadata["jwks_uri"])],
    }
    for endpoint, given in answers.items():
        (operation,) = document["paths"][f"{OAUTH}/{endpoint}"].values()
        if "requestBody" in operation:
            assert operation["security"] == [{"client_basic": []}, {}]
            assert list(operation["requestBody"]["content"]) == ["application/x-www-form-urlencoded"]
        for answer in given:
            (content,) = operation["responses"][str(answer.status_code)]["content"].items()
            shape = shapes.get(
                content[1]["schema"].get("$ref", "").rpartition("/")[2], {"required": [], "properties": {}}
            )
            assert answer.content_type == content[0]
            assert set(shape["required"]) <= set(answer.get_json()) <= set(shape["properties"])
    grants = document["paths"][TOKEN]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert grants["properties"]["grant_type"]["enum"] == metadata["grant_types_supported"]


def test_the_document_says_which_types_the_door_takes_and_what_a_repeat_is_answered(document):
    told = document["components"]["schemas"]["CloudEvent"]["properties"]["type"]["description"]
    assert told.split(" or ") == list(cloudevents.TOLD_FROM_OUTSIDE)
    sending = document["paths"][f"{API}/events"]["post"]["description"]
    assert "the state it is in now" in sending
    assert "`completion_revoked`" in sending


def test_the_limits_of_an_event_are_those_that_the_door_enforces(document):
    shapes = document["components"]["schemas"]
    completed = shapes["CompletedData"]["properties"]
    assert [
        (completed[name]["minimum"], completed[name]["maximum"]) for name in ("score", "attendance", "attempt")
    ] == [
        (0, 100),
        (0, 100),
        (1, 9999),
    ]
    assert completed["hours"]["minimum"] == 0
    assert {*completed["completed_at_precision"]["enum"]} - {None} == set(PRECISIONS)
    assured = shapes["ToldAssurance"]["properties"]
    assert {*assured["identity"]["enum"]} - {None} == set(IDENTITY_ASSURANCE)
    assert {*assured["assessment"]["enum"]} - {None} == set(ASSESSMENT_ASSURANCE)
    assert (shapes["ToldLearner"]["properties"]["id"]["minLength"], completed["grade"]["maxLength"]) == (1, 20)
    data = shapes["CloudEvent"]["properties"]["data"]["anyOf"]
    assert {each["$ref"].rpartition("/")[2] for each in data} == set(event_schemas.DATA) <= set(shapes)


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"score": 0}, True),
        ({"score": 100, "attempt": 9999, "hours": 0, "attendance": 0, "grade": "ก" * 20}, True),
        ({"completed_at_precision": "upper_bound", "assurance": {"identity": "login", "assessment": "teacher"}}, True),
        ({"surprise": {"kept": 1}}, True),
        *(({name: value}, False) for name in ("score", "attendance") for value in (-1, 101)),
        ({"hours": -1}, False),
        ({"hours": 100_001}, False),
        ({"attempt": 0}, False),
        ({"attempt": 10_000}, False),
        ({"grade": "ก" * 21}, False),
        ({"school": "9" * 61}, False),
        ({"learner": {"id": "", "issuer": ISSUER}}, False),
        ({"learner": {"id": "x" * 256, "issuer": ISSUER}}, False),
        ({"course": {}}, False),
        ({"course": {"code": "x", "version": "2" * 21}}, False),
        ({"completed_at_precision": "about"}, False),
        ({"assurance": {"identity": "sure"}}, False),
        ({"assurance": {"assessment": "guess"}}, False),
    ],
)
def test_document_and_door_agree_on_what_is_taken(changes, good):
    event = completion(**changes)
    assert (event_schemas.CompletedDataSchema().validate(event["data"]) == {}) is good
    message = cloudevents.read(json.dumps(event).encode(), cloudevents.SINGLE).message
    if good:
        assert cloudevents.translate(message) is not None
    else:
        with pytest.raises(TidingError):
            cloudevents.translate(message)


def test_the_examples_fit_their_schemas():
    for schema, example in (
        (schemas.ToldSchema, examples.TOLD),
        (schemas.EventSchema, examples.EVENT),
        (schemas.RecordSchema, examples.RECORD),
        (schemas.CreditsSchema, examples.CREDITS),
        (schemas.LearnerListSchema, examples.LEARNERS),
        (schemas.ProblemSchema, examples.PROBLEM),
        (event_schemas.CloudEventSchema, examples.cloud_event()),
        (event_schemas.CompletedDataSchema, examples.cloud_event()["data"]),
    ):
        assert schema().validate(example) == {}, schema.__name__


def test_the_document_knows_where_the_host_is_mounted(place):
    client = make_house(place).app.test_client()
    document = client.get("/creditbank/api/openapi.json", environ_overrides={"SCRIPT_NAME": "/lms"}).get_json()
    assert document["servers"] == [{"url": "/lms"}]
    assert client.get("/creditbank/api/openapi.json").get_json()["servers"] == [{"url": "/"}]


def test_the_document_is_not_kept_for_every_place_that_somebody_says(place, monkeypatch):
    """Each is half a megabyte, and behind a careless proxy a caller says where the application is mounted."""
    made = []
    monkeypatch.setattr(docs.document, "of", lambda app, root, prefix: made.append(root) or {})
    client = make_house(place).app.test_client()
    roots = [f"/{number}" for number in range(docs.MOST_ROOTS + 1)]
    for root in (*roots, roots[-1], roots[0]):
        client.get("/creditbank/api/openapi.json", environ_overrides={"SCRIPT_NAME": root})
    assert made == [*roots, roots[0]]


def test_the_page_is_offline_and_runs_no_inline_script(open_house):
    client = open_house.app.test_client()
    page = client.get("/creditbank/api/docs")
    text = page.get_data(as_text=True)
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?! src=)", text) == []
    assert "style=" not in text
    assert '<html lang="th">' in text
    addresses = re.findall(r'(?:src|href|data-spec)="([^"]+)"', text)
    assert len(addresses) >= 5
    for address in addresses:
        assert address.startswith("/creditbank/")
        assert client.get(address).status_code == 200


def test_a_hosts_own_flask_smorest_stays_its_own(place):
    house = make_house(place)
    Api(
        house.app,
        spec_kwargs={"title": "host", "version": "1", "openapi_version": "3.0.3"},
    )
    for _ in range(2):  # before and after our own document is made
        apis = house.app.extensions["flask-smorest"]["apis"]
        assert apis[""]["ext_obj"].spec.title == "host"
        assert "openapi" in house.app.cli.commands
        ours = house.app.test_client().get("/creditbank/api/openapi.json").get_json()
        assert ours["info"]["title"].startswith("Credit bank")

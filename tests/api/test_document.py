"""The OpenAPI document and the page that shows it."""

import re
from pathlib import Path

from flask_smorest import Api
from openapi_spec_validator import validate

from creditbank_plugin.api import examples, schemas
from creditbank_plugin.rules.scopes import SCOPES
from tests.api.builders import API, make_house
from tests.builders import make_app


def _new(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def _document(place):
    return make_house(place).app.test_client().get("/creditbank/api/openapi.json").get_json()


def test_the_document_is_valid_and_complete(place):
    document = _document(place)
    validate(document)
    assert document["openapi"] == "3.0.3"
    house = make_app(_new(place.folder, "second"))
    ours = {re.sub(r"<(\w+)>", r"{\1}", each.rule) for each in house.app.url_map.iter_rules()}
    assert {path for path in ours if path.startswith(API)} == set(document["paths"])


def test_every_operation_names_its_scope_its_problems_and_an_example(place):
    document = _document(place)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            (security,) = operation["security"]
            assert set(security["client_credentials"]) <= set(SCOPES), path
            answers = operation["responses"]
            assert {"401", "403", "500", "503"} <= set(answers)
            for status, answer in answers.items():
                (media,) = answer["content"]
                assert media == ("application/json" if int(status) < 400 else "application/problem+json")
                assert answer["content"][media]["schema"]
                assert int(status) >= 400 or answer["content"][media]["example"]
    flow = document["components"]["securitySchemes"]["client_credentials"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == set(SCOPES)
    assert flow["tokenUrl"] == "/creditbank/oauth/token"


def test_the_examples_fit_their_schemas():
    for schema, example in (
        (schemas.ToldSchema, examples.TOLD),
        (schemas.EventSchema, examples.EVENT),
        (schemas.RecordSchema, examples.RECORD),
        (schemas.CreditsSchema, examples.CREDITS),
        (schemas.LearnerListSchema, examples.LEARNERS),
        (schemas.ProblemSchema, examples.PROBLEM),
        (schemas.CloudEventSchema, examples.cloud_event()),
    ):
        assert schema().validate(example) == {}, schema.__name__


def test_the_document_knows_where_the_host_is_mounted(place):
    client = make_house(place).app.test_client()
    document = client.get("/creditbank/api/openapi.json", environ_overrides={"SCRIPT_NAME": "/lms"}).get_json()
    assert document["servers"] == [{"url": "/lms"}]
    assert client.get("/creditbank/api/openapi.json").get_json()["servers"] == [{"url": "/"}]


def test_the_page_is_offline_and_runs_no_inline_script(place):
    client = make_house(place).app.test_client()
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
        assert address.startswith("/creditbank/api/")
        assert client.get(address).status_code == 200


def test_a_hosts_own_flask_smorest_stays_its_own(place):
    house = make_house(place)
    Api(
        house.app,
        spec_kwargs={"title": "host", "version": "1", "openapi_version": "3.0.3"},
    )
    apis = house.app.extensions["flask-smorest"]["apis"]
    assert apis[""]["ext_obj"].spec.title == "host"
    assert apis["CREDITBANK_"]["ext_obj"].spec.title.startswith("Credit bank")
    assert "openapi" in house.app.cli.commands

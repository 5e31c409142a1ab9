"""The structure of statements: the recorded conformance requests, and the field that a refusal names."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditbank_plugin.formats.xapi import read_statements
from creditbank_plugin.formats.xapi_statement import check
from creditbank_plugin.formats.xapi_values import BadStatement

VECTORS = Path(__file__).parents[2].parent / "shared" / "fixtures" / "xapi" / "adl-statement-vectors-1.0.3.jsonl"
FLOOR = 1.0  # share of the recorded requests that must be answered as the conformance suite expects


def refused(raw: str) -> bool:
    try:
        for statement in read_statements(raw.encode()):
            check(statement)
    except BadStatement:
        return True
    return False


def test_recorded_conformance_requests() -> None:
    if not VECTORS.exists():
        pytest.skip(f"the recorded conformance requests are not at {VECTORS}")
    requests = [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]
    wrong = [each for each in requests if refused(each["body"]) != (each["expect"] == 400)]
    assert len(requests) > 800
    assert 1 - len(wrong) / len(requests) >= FLOOR, [each["body"][:300] for each in wrong[:3]]


def statement(**changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "actor": {"mbox": "mailto:a@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/attended"},
        "object": {"id": "https://example.org/meeting"},
    }
    return {name: value for name, value in (told | changes).items() if value is not ...}


AGENT = {"mbox": "mailto:a@example.org"}
SUB = {"objectType": "SubStatement", **statement()}
CHOICE = {"interactionType": "choice"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"actor": ...}, "actor"),
        ({"verb": None}, "verb"),
        ({"object": "https://example.org"}, "object"),
        ({"colour": "red"}, "statement"),
        ({"id": "12345"}, "id"),
        ({"version": "2"}, "version"),
        ({"timestamp": "2026-02-30T00:00:00Z"}, "timestamp"),
        ({"timestamp": "2026-02-03"}, "timestamp"),
        ({"actor": {}}, "actor"),
        ({"actor": AGENT | {"openid": "https://example.org"}}, "actor"),
        ({"actor": {"mbox": "a@example.org"}}, "actor.mbox"),
        ({"actor": {"account": {"homePage": "https://example.org"}}}, "actor.account.name"),
        ({"actor": {"account": {"homePage": "here", "name": "1"}}}, "actor.account.homePage"),
        ({"actor": {"objectType": "Group"}}, "actor.member"),
        ({"actor": {"objectType": "Group", "member": [{}]}}, "actor.member[0]"),
        ({"authority": {"objectType": "Group", "member": [AGENT]}}, "authority.member"),
        ({"verb": {"id": "attended"}}, "verb.id"),
        ({"verb": {"id": "http://x/y", "display": {"th_TH!": "x"}}}, "verb.display"),
        ({"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}}, "object"),
        ({"object": {"id": "https://x/y", "objectType": "Thing"}}, "object.objectType"),
        ({"object": {"id": "https://x/y", "objectType": ["Activity"]}}, "object.objectType"),
        ({"object": SUB | {"id": "https://x/y"}}, "object"),
        ({"object": SUB | {"object": SUB}}, "object.object"),
        ({"object": {"id": "https://x/y", "definition": CHOICE | {"steps": []}}}, "object.definition.steps"),
        ({"result": {"success": "true"}}, "result.success"),
        ({"result": {"duration": "1 hour"}}, "result.duration"),
        ({"result": {"score": {"scaled": 1.1}}}, "result.score.scaled"),
        ({"result": {"score": {"raw": 11, "min": 0, "max": 10}}}, "result.score.raw"),
        ({"result": {"score": {"raw": True}}}, "result.score.raw"),
        ({"context": {"registration": "x"}}, "context.registration"),
        ({"context": {"contextActivities": {"parent": [{"id": "x"}]}}}, "context.contextActivities.parent[0].id"),
        ({"context": {"extensions": {"not an iri": 1}}}, "context.extensions"),
        ({"attachments": [{}]}, "attachments[0].usageType"),
    ],
)
def test_a_refusal_names_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadStatement) as error:
        check(statement(**changes))
    assert error.value.field == field
    assert any("ก" <= sign <= "๛" for sign in error.value.th)


def test_null_may_stand_in_extensions_only() -> None:
    check(statement(result={"extensions": {"https://example.org/x": None}}))
    with pytest.raises(BadStatement):
        check(statement(result={"response": None}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(statement())), inner),
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from((*statement(), "result", "context", "attachments", "authority")), json_values))
def test_rubbish_is_refused_and_never_breaks_the_check(rubbish: dict[str, Any]) -> None:
    with pytest.raises(BadStatement):
        check(statement() | rubbish | {"surplus": 1})

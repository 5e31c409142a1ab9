"""Nobody reads or writes without the scope, and nobody sees another organisation's."""

import re

import pytest

from creditbank_plugin.api.guard import PUBLIC
from creditbank_plugin.rules.scopes import SCOPES
from tests.api.builders import API, bearer, completion, get, make_house, send
from tests.builders import ISSUER, OTHER_SCHOOL

_ACTS = "comparisons:propose or comparisons:rate or comparisons:approve"
#: Every route and the scopes it asks for, any of them; the tests below call each.
NEEDS = {
    ("POST", "/events"): "events:write",
    ("GET", "/events"): "events:read",
    ("GET", "/events/x"): "events:read",
    ("GET", "/learners?issuer=i&id=1"): "credits:read",
    ("GET", "/learners/x/credits"): "credits:read",
    ("GET", "/records/x"): "credits:read",
    ("GET", "/comparisons"): "comparisons:read",
    ("POST", "/comparisons"): "comparisons:propose",
    ("PATCH", "/comparisons/x"): "comparisons:propose",
    ("POST", "/comparisons/x/propose"): "comparisons:propose",
    ("POST", "/comparisons/x/rate"): "comparisons:rate",
    ("POST", "/comparisons/x/approve"): "comparisons:approve",
    ("POST", "/comparisons/x/return"): "comparisons:approve",
    ("POST", "/comparisons/x/reject"): "comparisons:approve",
    ("GET", "/comparisons/x/text?reference=r"): "comparisons:approve",
    ("GET", "/comparisons/x/impact"): "comparisons:read",
    ("POST", "/adoptions:forecast"): "adoptions:write or comparisons:read",
    ("GET", "/reviews"): "reviews:decide",
    ("GET", "/reviews/x"): "reviews:decide",
    ("POST", "/reviews/x/decide"): "reviews:decide",
    ("GET", "/working-groups"): "comparisons:read",
    ("GET", "/working-groups/x"): "comparisons:read or groups:write",
    ("POST", "/working-groups"): "groups:write",
    ("PATCH", "/working-groups/x"): "groups:write",
    ("POST", "/working-groups/x/members"): "groups:write",
    ("GET", "/working-groups/x/meetings"): "comparisons:read or groups:write or comparisons:approve",
    ("POST", "/working-groups/x/meetings"): "groups:write or comparisons:approve",
    ("GET", "/public-comparisons"): "comparisons:read or comparisons:comment",
    ("GET", "/public-comparisons/x"): "comparisons:read or comparisons:comment",
    ("POST", "/public-comparisons/x/comments"): "comparisons:comment",
    ("GET", "/comparisons/x"): f"comparisons:read or {_ACTS}",
    ("POST", "/comparisons/x/judge"): "comparisons:approve or comparisons:rate",
    ("POST", "/comparisons/x/withdraw"): "comparisons:approve or comparisons:propose",
    ("GET", "/adoptions"): "comparisons:read or adoptions:write",
    ("GET", "/adoptions/x"): "comparisons:read or adoptions:write",
    ("POST", "/adoptions"): "adoptions:write",
    ("POST", "/adoptions/x/revoke"): "adoptions:write",
    ("GET", "/courses"): "catalogue:read",
    ("GET", "/courses/x/x/x"): "catalogue:read",
    ("GET", "/courses/x/x/x/suggestions"): "catalogue:read or comparisons:read",
    ("PUT", "/courses/x/x/x"): "catalogue:write",
    ("POST", "/courses:bulk"): "catalogue:write",
    ("GET", "/frameworks"): "catalogue:read",
    ("GET", "/frameworks/x"): "catalogue:read",
    ("GET", "/frameworks/x/items"): "catalogue:read",
    ("GET", "/items/x"): "catalogue:read",
    ("GET", "/changes"): "credits:read",
    ("GET", "/webhooks"): "webhooks:manage",
    ("POST", "/webhooks"): "webhooks:manage",
    ("GET", "/webhooks/x"): "webhooks:manage",
    ("DELETE", "/webhooks/x"): "webhooks:manage",
    ("POST", "/webhooks/x/rotate-secret"): "webhooks:manage",
    ("GET", "/webhooks/x/deliveries"): "webhooks:manage",
    ("POST", "/webhooks/x/deliveries/x/resend"): "webhooks:manage",
    ("GET", "/reports/provinces"): "reports:read",
    ("GET", "/reports/provinces/x"): "reports:read",
}


def test_every_route_has_a_scope_or_is_declared_public(place):
    house = make_house(place)
    found = {}
    for rule in house.app.url_map.iter_rules():
        if rule.rule.startswith(("/creditbank/api/", "/creditbank/oauth/")):
            scope = getattr(house.app.view_functions[rule.endpoint], "creditbank_scope", None)
            if rule.rule.startswith(API):
                assert scope, rule.rule
                assert set(scope) <= SCOPES.keys(), rule.rule
                path = re.sub("<[^>]+>", "x", rule.rule.removeprefix(API))
                found |= {(method, path): set(scope) for method in rule.methods - {"HEAD", "OPTIONS"}}
            else:
                assert scope == PUBLIC, rule.rule
    assert found == {
        (method, path.partition("?")[0]): set(said.split(" or ")) for (method, path), said in NEEDS.items()
    }


@pytest.mark.parametrize(("method", "path"), list(NEEDS))
def test_without_credentials_the_answer_names_no_error_code(place, method, path):
    house = make_house(place)
    for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}):
        answer = house.app.test_client().open(API + path, method=method, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="creditbank"'
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), list(NEEDS))
def test_a_wrong_token_is_invalid(place, method, path):
    house = make_house(place)
    for token in ("wrong", "ก", "x" * 5000):
        header = f"Bearer {token}".encode().decode("latin-1")
        answer = house.app.test_client().open(API + path, method=method, headers={"Authorization": header})
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
        assert answer.get_json()["code"] == "invalid_token"


@pytest.mark.parametrize(("method", "path"), list(NEEDS))
def test_another_scope_is_not_enough(place, method, path):
    house = make_house(place)
    needed, *others = NEEDS[method, path].split(" or ")
    headers = bearer(house, *(scope for scope in SCOPES if scope not in (needed, *others)))
    answer = house.app.test_client().open(API + path, method=method, headers=headers)
    assert answer.status_code == 403
    assert f'error="insufficient_scope", scope="{needed}"' in answer.headers["WWW-Authenticate"]
    assert answer.get_json()["code"] == "insufficient_scope"


def test_another_organisation_sees_nothing(place):
    house = make_house(place)
    ours, theirs = bearer(house), bearer(house, organisation=OTHER_SCHOOL)
    told = send(house, ours, completion()).get_json()["events"][0]
    learner = get(house, "learners", ours, issuer=ISSUER, id="s-1").get_json()["items"][0]["id"]
    hidden = (f"events/{told['event_id']}", f"learners/{learner}/credits", f"records/{told['record_id']}")
    assert [get(house, path, ours).status_code for path in hidden] == [200, 200, 200]
    assert [get(house, path, theirs).status_code for path in hidden] == [404, 404, 404]
    assert get(house, "events", theirs).get_json()["items"] == []
    assert get(house, "learners", theirs, issuer=ISSUER, id="s-1").get_json()["items"] == []


def test_a_client_speaks_for_its_own_issuer_and_school_only(place):
    house = make_house(place)
    headers = bearer(house)
    foreign = completion(learner={"id": "s-1", "issuer": "https://other.example"})
    for event, field in ((foreign, "learner.issuer"), (completion(school=OTHER_SCHOOL), "school")):
        answer = send(house, headers, event)
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["field"] == field
    assert get(house, "events", headers).get_json()["items"] == []

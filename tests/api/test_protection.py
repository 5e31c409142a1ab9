"""Nobody reads or writes without the scope, and nobody sees another organisation's."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from creditbank_plugin.api.guard import PUBLIC
from creditbank_plugin.rules.scopes import LEARNERS_GRANT, SCOPES
from creditbank_plugin.services.access import clients
from creditbank_plugin.services.access.tokens import BOTH, LEARNER, ORGANISATIONS
from creditbank_plugin.storage.queries import access
from creditbank_plugin.storage.session import writing
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
from tests.builders import ISSUER, OTHER_SCHOOL, House, Place

_ACTS = "comparisons:propose or comparisons:rate or comparisons:approve"
#: Every route and the scopes it asks for, any of them; a route that is added must be named here.
NEEDS = {
    ("POST", "/events"): "events:write",
    ("GET", "/events"): "events:read",
    ("GET", "/events/x"): "events:read",
    ("GET", "/learners"): "credits:read",
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
    ("GET", "/comparisons/x/text"): "comparisons:approve",
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
    ("GET", "/reports/provinces"): "reports:read",
    ("GET", "/reports/provinces/x"): "reports:read",
    ("GET", "/me"): "credits:read",
    ("GET", "/me/credits"): "credits:read",
}
#: Whose affair they are, where it is not that of organisations alone.
LEARNERS = {
    ("GET", "/learners"): BOTH,
    ("GET", "/learners/x/credits"): BOTH,
    ("GET", "/records/x"): BOTH,
    ("GET", "/me"): LEARNER,
    ("GET", "/me/credits"): LEARNER,
}
METADATA = 'resource_metadata="http://localhost/.well-known/oauth-protected-resource/creditbank/api"'
NOBODY = f'Bearer realm="creditbank", {METADATA}'
INVALID = f'Bearer realm="creditbank", error="invalid_token", {METADATA}'
LACKING = f'Bearer realm="creditbank", error="insufficient_scope", scope="([^"]+)", {METADATA}'


class Doorstep:
    """A house, its routes as they are mounted, and tokens of every kind that is not good."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._with: dict[frozenset[str], dict[str, str]] = {}
        learner = send(house, bearer(house), completion()).get_json()["events"][0]["record_id"]
        found = get(house, "learners", bearer(house), issuer=ISSUER, id="s-1").get_json()["items"]
        assert learner
        self.person = str(found[0]["id"])
        self.all = learners_bearer(house, self.person, *SCOPES)

    def routes(self) -> Iterator[tuple[str, str, set[str], str]]:
        """Yield method, path, scopes (any of them) and whose affair it is, of every route of the API."""
        for rule in self.house.app.url_map.iter_rules():
            if rule.rule.startswith(f"{API}/"):
                view = self.house.app.view_functions[rule.endpoint]
                path = re.sub("<[^>]+>", "x", rule.rule)
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield method, path, set(view.creditbank_scope), view.creditbank_of

    def refused(self, headers: dict[str, str]) -> list[tuple[int, str, str]]:
        """Return status, code and challenge of every route; they are equal, as a rule."""
        answers = [self.call(method, path, headers) for method, path, _, _ in self.routes()]
        return [(each.status_code, each.get_json()["code"], each.headers["WWW-Authenticate"]) for each in answers]

    def call(self, method: str, path: str, headers: dict[str, str]) -> TestResponse:
        return self.house.app.test_client().open(path, method=method, headers=headers)

    def machine(self, *scopes: str) -> dict[str, str]:
        """The token of a machine with these scopes."""
        wanted = frozenset(scopes)
        if wanted not in self._with:
            self._with[wanted] = bearer(self.house, *sorted(wanted))
        return self._with[wanted]

    def token(self, **changed: Any) -> dict[str, str]:
        """The token of a machine with every scope, in another state."""
        now, made, client = self.house.runtime.clock(), clients.new_secret(), make_client(self.house, *SCOPES)
        values = {"issued_at": now, "expires_at": now + timedelta(hours=1), "revoked_at": None, **changed}
        with writing(self.house.runtime.engine) as connection:
            access.add_token(
                connection,
                token_hash=clients.hash_of(made),
                client_id=client.client_id,
                scopes=" ".join(SCOPES),
                family_id=None,
                **values,
            )
        return {"Authorization": f"Bearer {made}"}


@pytest.fixture(scope="module")
def doorstep(shared_place: Place) -> Doorstep:
    return Doorstep(make_house(shared_place))


def test_every_route_has_a_scope_or_is_declared_public(doorstep: Doorstep) -> None:
    found, apart = {}, {}
    for rule in doorstep.house.app.url_map.iter_rules():
        if rule.rule.startswith(("/creditbank/api/", "/creditbank/oauth/", "/.well-known/")):
            view = doorstep.house.app.view_functions[rule.endpoint]
            scope = getattr(view, "creditbank_scope", None)
            if rule.rule.startswith(API):
                assert scope, rule.rule
                assert set(scope) <= SCOPES.keys(), rule.rule
                path = re.sub("<[^>]+>", "x", rule.rule.removeprefix(API))
                each = {(method, path): set(scope) for method in rule.methods - {"HEAD", "OPTIONS"}}
                found |= each
                if view.creditbank_of != ORGANISATIONS:
                    apart |= dict.fromkeys(each, view.creditbank_of)
            else:
                assert scope == PUBLIC, rule.rule
    assert found == {key: set(said.split(" or ")) for key, said in NEEDS.items()}
    assert apart == LEARNERS


def test_learners_grant_what_their_routes_ask_for(doorstep: Doorstep) -> None:
    asked = {code for _, _, scopes, of in doorstep.routes() if of != ORGANISATIONS for code in scopes}
    assert asked == LEARNERS_GRANT


@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer ", "Bearer", "bearer\t", "Negotiate x"])
def test_without_credentials_the_answer_names_no_error_code(doorstep: Doorstep, header: str | None) -> None:
    told = doorstep.refused({"Authorization": header} if header is not None else {})
    assert set(told) == {(401, "unauthenticated", NOBODY)}


@pytest.mark.parametrize("token", ["wrong", "ก", "x" * 5000, "x" * 20_000, "a.b.c", "a b", "a, Bearer b", "=", '"'])
def test_a_wrong_token_is_invalid(doorstep: Doorstep, token: str) -> None:
    header = f"Bearer {token}".encode().decode("latin-1")
    assert set(doorstep.refused({"Authorization": header})) == {(401, "invalid_token", INVALID)}


@pytest.mark.parametrize(
    "state", ["ended", "revoked", "of a revoked client", "of an ended family", "of an ended consent"]
)
def test_a_token_that_was_good_is_invalid(doorstep: Doorstep, state: str) -> None:
    house, now = doorstep.house, doorstep.house.runtime.clock()
    if state == "of a revoked client":
        client = make_client(house, *SCOPES)
        headers = {"Authorization": f"Bearer {ask_token(house, client).get_json()['access_token']}"}
        assert doorstep.call("GET", f"{API}/events", headers).status_code == 200
        clients.revoke(house.runtime, client.client_id)
    elif state == "ended":
        headers = doorstep.token(expires_at=now - timedelta(seconds=1))
    elif state == "revoked":
        headers = doorstep.token(revoked_at=now)
    else:
        headers = learners_bearer(house, doorstep.person, *SCOPES, **{state.split()[-1]: now})
    assert set(doorstep.refused(headers)) == {(401, "invalid_token", INVALID)}


def test_another_scope_is_not_enough(doorstep: Doorstep) -> None:
    """A machine with every other scope; where a learner's is asked for, a learner's with every other."""
    wrong = {}
    for method, path, scopes, of in doorstep.routes():
        others = [each for each in SCOPES if each not in scopes]
        makers = [doorstep.machine(*others)] if of != LEARNER else []
        makers += [learners_bearer(doorstep.house, doorstep.person, *others)] if of != ORGANISATIONS else []
        for headers in makers:
            answer = doorstep.call(method, path, headers)
            found = re.fullmatch(LACKING, answer.headers.get("WWW-Authenticate", ""))
            told = answer.status_code, answer.get_json()["code"], set(found[1].split()) if found else None
            if told != (403, "insufficient_scope", scopes):
                wrong[method, path] = told
    assert wrong == {}


def test_each_kind_of_token_has_its_routes(doorstep: Doorstep) -> None:
    """With every scope there is: a learner's at the affairs of organisations, a machine's at those of a learner."""
    told = {}
    for method, path, _, of in doorstep.routes():
        for name, headers in (("learner", doorstep.all), ("machine", doorstep.machine(*SCOPES))):
            answer = doorstep.call(method, path, headers)
            if answer.status_code == 403 and answer.get_json()["code"] in ("organisations_only", "learners_only"):
                assert answer.headers["WWW-Authenticate"] == INVALID.replace("invalid_token", "insufficient_scope")
                told.setdefault((name, of, answer.get_json()["code"]), set()).add((method, path))
    every = list(doorstep.routes())
    assert told == {
        ("learner", ORGANISATIONS, "organisations_only"): {
            (method, path) for method, path, _, of in every if of == ORGANISATIONS
        },
        ("machine", LEARNER, "learners_only"): {(method, path) for method, path, _, of in every if of == LEARNER},
    }


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

"""Whose token sees what: a learner's that learner, an organisation's its own and its further schools' learners."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from creditbank_hooks import LearnerMerged
from creditbank_plugin.services.access import clients
from tests.api.builders import ask_token, bearer, completion, get, learners_bearer, make_client, make_house, send
from tests.builders import BANK, ISSUER, OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, learner, moment


@dataclass
class World:
    """A house where two learners hold a credit each."""

    house: House
    own: dict[str, str]

    def person(self, number: int) -> str:
        found = get(self.house, "learners", self.own, issuer=ISSUER, id=f"s-{number}").get_json()["items"]
        return str(found[0]["id"])


@pytest.fixture(scope="module")
def world(shared_place: Place) -> World:
    house = make_house(shared_place)
    own = bearer(house)
    assert send(house, own, [completion(1), completion(2)]).status_code == 202
    return World(house, own)


def test_a_learners_token_reads_that_learner(world: World) -> None:
    person = world.person(1)
    headers = learners_bearer(world.house, person)
    me = get(world.house, "me", headers).get_json()
    assert (me["learner_id"], me["state"], me["scopes"]) == (person, "provisional", ["credits:read"])
    assert datetime.fromisoformat(me["token_ends"]) < datetime.fromisoformat(me["until"])
    mine = get(world.house, "me/credits", headers).get_json()
    assert len(mine["items"]) == 1
    assert mine["balances"][0]["available"] == "1.50"
    for wanted in ({}, {"include": "movements"}, {"fields": "id,scheme"}):
        same = [get(world.house, path, headers, **wanted) for path in ("me/credits", f"learners/{person}/credits")]
        assert [each.status_code for each in same] == [200, 200]
        assert same[0].get_json() == same[1].get_json()
    record = get(world.house, f"records/{mine['items'][0]['id']}", headers)
    assert record.get_json() == mine["items"][0]
    found = get(world.house, "learners", headers, issuer=ISSUER, id="s-1").get_json()["items"]
    assert [each["id"] for each in found] == [person]


def test_a_learners_token_sees_nobody_else(world: World) -> None:
    headers, other = learners_bearer(world.house, world.person(1)), world.person(2)
    theirs = get(world.house, f"learners/{other}/credits", world.own).get_json()["items"][0]["id"]
    assert get(world.house, f"learners/{other}/credits", headers).status_code == 404
    assert get(world.house, f"records/{theirs}", headers).status_code == 404
    assert get(world.house, "learners", headers, issuer=ISSUER, id="s-2").get_json()["items"] == []


def test_my_credits_are_read_page_by_page(world: World) -> None:
    headers = learners_bearer(world.house, world.person(1))
    first = get(world.house, "me/credits", headers, limit="1").get_json()
    assert len(first["items"]) == 1
    assert first["next"] is None
    assert get(world.house, "me/credits", headers, limit="0").status_code == 400
    assert get(world.house, "me/credits", headers, cursor="x").status_code == 400


def test_each_has_its_own_routes(world: World) -> None:
    """A learner's token is not for affairs of organisations whatever its scopes say; a machine has no learner."""
    headers = learners_bearer(world.house, world.person(1), "credits:read", "events:read", "events:write")
    for path in ("events", "comparisons"):
        answer = get(world.house, path, headers)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "organisations_only")
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert send(world.house, headers, completion(3)).get_json()["code"] == "organisations_only"
    xapi = world.house.app.test_client().post("/creditbank/xapi/statements", headers=headers, json=[])
    assert (xapi.status_code, xapi.get_json()["code"]) == (403, "organisations_only")
    for path in ("me", "me/credits"):
        answer = get(world.house, path, world.own)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "learners_only")


@pytest.mark.parametrize("ended", ["family", "consent"])
def test_what_has_ended_lets_nobody_in(world: World, ended: str) -> None:
    headers = learners_bearer(world.house, world.person(1), **{ended: world.house.runtime.clock()})
    assert get(world.house, "me", headers).status_code == 401


def test_a_client_with_further_schools_sees_their_learners(world: World) -> None:
    wish = {"name": "x", "scopes": ["credits:read"], "issuer": ISSUER}
    far = clients.create(world.house.runtime, clients.Wish(organisation=OTHER_SCHOOL, **wish))
    near = clients.create(world.house.runtime, clients.Wish(organisation=OTHER_SCHOOL, schools=[SCHOOL], **wish))
    seen = {}
    for name, client in (("far", far), ("near", near)):
        headers = {"Authorization": f"Bearer {ask_token(world.house, client).get_json()['access_token']}"}
        answer = get(world.house, f"learners/{world.person(1)}/credits", headers)
        seen[name] = answer.status_code
        if answer.status_code == 200:
            assert [each["bank"]["code"] for each in answer.get_json()["items"]] == [BANK]
    assert seen == {"far": 404, "near": 200}


def test_a_learners_token_stays_theirs_when_people_are_merged(place: Place) -> None:
    house = make_house(place)
    own = bearer(house)
    send(house, own, [completion(1), completion(2)])
    world = World(house, own)
    old, kept = world.person(2), world.person(1)
    headers = learners_bearer(house, old)
    house.bank.hear(LearnerMerged(learner=learner(1), merged=learner(2), merged_at=moment(3), source=ISSUER))
    me = get(house, "me", headers).get_json()
    assert me["learner_id"] == kept
    assert get(house, "me/credits", headers).get_json()["learner_id"] == kept
    assert get(house, f"learners/{old}/credits", headers).get_json()["learner_id"] == kept
    assert len(get(house, "me/credits", headers).get_json()["items"]) == 2


def test_a_token_in_the_address_is_refused(world: World) -> None:
    token = world.own["Authorization"].partition(" ")[2]
    for headers in ({}, world.own):
        answer = get(world.house, "events", headers, access_token=token)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "token_in_address")
        assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]
        assert token not in answer.text


def test_a_province_sees_no_learners_by_itself(world: World) -> None:
    """They are enrolled with schools, which its client must name."""
    client = make_client(world.house, "credits:read", organisation=PROVINCE)
    headers = {"Authorization": f"Bearer {ask_token(world.house, client).get_json()['access_token']}"}
    assert get(world.house, f"learners/{world.person(1)}/credits", headers).status_code == 404

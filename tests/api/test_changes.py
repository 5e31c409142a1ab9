"""The feed over HTTP: whose changes, from where, and whose place it is."""

import pytest

from tests.api.builders import bearer, completion, get, make_house, send
from tests.builders import ISSUER, OTHER_SCHOOL, House, Place
from tests.oauth_world import LOOPBACK, Agency, make_public

CHANGE = {"id", "type", "time", "learner_id", "account_id", "record_id", "event_id", "statement_id"}


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    house = make_house(shared_place)
    for number in (1, 2, 3):
        send(house, bearer(house), completion(number))
    return house


def test_a_change_leads_to_record_learner_and_message(house: House) -> None:
    ours = bearer(house)
    page = get(house, "changes", ours, limit="2").get_json()
    assert ([set(each) for each in page["items"]], page["more"]) == ([CHANGE, CHANGE], True)
    (first, _) = page["items"]
    assert first["type"] == "credit.posted"
    for path in ("records/{record_id}", "learners/{learner_id}/credits", "events/{event_id}"):
        assert get(house, path.format(**first), ours).status_code == 200


def test_pages_go_on_to_the_end_and_a_reader_may_begin_at_the_present(house: House) -> None:
    ours = bearer(house)
    first = get(house, "changes", ours, limit="2").get_json()
    rest = get(house, "changes", ours, after=first["next"]).get_json()
    assert (len(rest["items"]), rest["more"]) == (1, False)
    assert get(house, "changes", ours, after=rest["next"]).get_json() == {**rest, "items": []}
    assert get(house, "changes", ours, after="now").get_json() == {**rest, "items": []}


def test_another_school_has_no_changes_and_cannot_use_our_place(house: House) -> None:
    place = get(house, "changes", bearer(house), limit="1").get_json()["next"]
    theirs = bearer(house, organisation=OTHER_SCHOOL)
    assert get(house, "changes", theirs).get_json()["items"] == []
    answer = get(house, "changes", theirs, after=place)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, "after")


def test_a_learners_token_reads_that_learners_changes(house: House) -> None:
    """A token as a program gets it: the learner logged in, agreed, and the code was brought with its verifier."""
    learner = Agency(house, "s-2", make_public(house), LOOPBACK)
    token = learner.tokens()["access_token"]
    (wanted,) = get(house, "learners", bearer(house), issuer=ISSUER, id="s-2").get_json()["items"]
    mine = [
        each for each in get(house, "changes", bearer(house)).get_json()["items"] if each["learner_id"] == wanted["id"]
    ]
    assert len(mine) == 1
    assert get(house, "changes", {"Authorization": f"Bearer {token}"}).get_json()["items"] == mine


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "MS4w"}, {"limit": "0"}, {"limit": "1001"}])
def test_what_is_no_place_or_no_number_is_refused(house: House, query: dict[str, str]) -> None:
    answer = get(house, "changes", bearer(house), **query)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, next(iter(query)))

"""Opening, rotating and revoking clients."""

import threading

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services.access import clients
from tests.api.builders import make_client, make_house
from tests.builders import ISSUER, SCHOOL, House, Place


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scopes": []}, "scope_missing"),
        ({"scopes": ["credits:read", "admin"]}, "scope_unknown"),
        ({"issuer": None}, "issuer_missing"),
        ({"issuer": " "}, "issuer_invalid"),
        ({"issuer": "lms.example"}, "issuer_invalid"),
        ({"issuer": "https://lms example"}, "issuer_invalid"),
        ({"name": ""}, "name_invalid"),
        ({"organisation": "99404"}, "organisation_unknown"),
    ],
)
def test_a_client_that_makes_no_sense_is_refused(place, change, code):
    house = make_house(place)
    asked = {"name": "ก", "organisation": SCHOOL, "scopes": ["events:write"], "issuer": ISSUER, **change}
    with pytest.raises(Refused) as refused:
        clients.create(house.runtime, clients.Wish(**asked))
    assert refused.value.code == code
    assert refused.value.th
    assert refused.value.en


def test_every_client_has_its_own_secret(place):
    house = make_house(place)
    made = [make_client(house) for _ in range(3)]
    assert len({each.client_id for each in made}) == len({each.client_secret for each in made}) == 3
    assert clients.authenticate(house.runtime, made[0].client_id, made[0].client_secret) is not None
    assert clients.authenticate(house.runtime, made[0].client_id, made[1].client_secret) is None


def test_a_client_that_is_not_there_cannot_be_rotated_or_revoked(place):
    house = make_house(place)
    gone = make_client(house)
    clients.revoke(house.runtime, gone.client_id)
    clients.revoke(house.runtime, gone.client_id)
    for attempt in (
        lambda: clients.rotate(house.runtime, gone.client_id),
        lambda: clients.rotate(house.runtime, "cb_unknown"),
        lambda: clients.revoke(house.runtime, "cb_unknown"),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert (refused.value.code, refused.value.status) == ("client_unknown", 404)


def rotated_at_once(house: House, client_id: str, turn: str | None) -> list[str]:
    """Rotate twice in the same moment; return for each the new secret, or the code of its refusal."""
    together, told = threading.Barrier(2), ["", ""]

    def rotate(place: int) -> None:
        together.wait()
        try:
            told[place] = str(clients.rotate(house.runtime, client_id, turn=turn).client_secret)
        except Refused as refusal:
            told[place] = refusal.code

    threads = [threading.Thread(target=rotate, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


def works(house: House, client_id: str, secret: str) -> bool:
    return clients.authenticate(house.runtime, client_id, secret) is not None


def test_of_two_rotations_at_once_no_new_secret_is_lost(place: Place) -> None:
    """Without a turn, as commands rotate: one after the other, and both secrets that were handed out open the door."""
    house = make_house(place)
    for _ in range(10):
        made = make_client(house)
        new = rotated_at_once(house, made.client_id, None)
        assert len({made.client_secret, *new}) == 3
        assert [works(house, made.client_id, each) for each in new] == [True, True]
        assert not works(house, made.client_id, str(made.client_secret)), "two rotations are two"
        last = clients.rotate(house.runtime, made.client_id)
        assert sum(works(house, made.client_id, each) for each in new) == 1, "the later of the two is the old one now"
        assert works(house, made.client_id, str(last.client_secret))


def test_of_two_who_saw_the_same_page_one_rotates(place: Place) -> None:
    house = make_house(place)
    for _ in range(10):
        made = make_client(house)
        told = rotated_at_once(house, made.client_id, clients.turn_of(None))
        assert told.count("secret_changed") == 1, told
        (new,) = [each for each in told if each != "secret_changed"]
        assert works(house, made.client_id, new)
        assert works(house, made.client_id, str(made.client_secret)), "the one in use goes on for a while"


def test_every_scope_is_explained_in_both_languages():
    assert set(SCOPES) == {
        *("credits:read", "events:write", "events:read", "catalogue:read", "catalogue:write", "comparisons:read"),
        *("comparisons:propose", "comparisons:rate", "comparisons:approve", "comparisons:comment", "groups:write"),
        *("adoptions:write", "reviews:decide", "reports:read", "webhooks:manage"),
    }
    assert all(each.th and each.en for each in SCOPES.values())

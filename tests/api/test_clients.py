"""Opening, rotating and revoking clients."""

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services.access import clients
from tests.api.builders import make_client, make_house
from tests.builders import ISSUER, SCHOOL


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


def test_every_scope_is_explained_in_both_languages():
    assert set(SCOPES) == {
        *("credits:read", "events:write", "events:read", "catalogue:read", "catalogue:write", "comparisons:read"),
        *("comparisons:propose", "comparisons:rate", "comparisons:approve", "comparisons:comment", "groups:write"),
        *("adoptions:write", "reviews:decide", "reports:read", "webhooks:manage"),
    }
    assert all(each.th and each.en for each in SCOPES.values())

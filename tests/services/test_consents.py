"""What learners agreed to: remembered, begun anew, taken back with all that came of it."""

from datetime import timedelta

from creditbank_hooks import LearnerErased, LearnerMerged
from creditbank_plugin.services.access import authorising, consents
from creditbank_plugin.storage.tables import Consent
from tests.api.builders import let_pass
from tests.builders import learner
from tests.oauth_world import Standing, make_partner, stand
from tests.services.authorisations import at_once, count, exchange, is_good, refresh, refused, why


def test_consent_is_remembered_for_the_same_or_less_until_it_ends(at: Standing) -> None:
    house, request = at.house, at.request()
    assert authorising.needs_page(house.runtime, request, at.person_id)
    at.code()
    assert not authorising.needs_page(house.runtime, request, at.person_id)
    assert authorising.needs_page(house.runtime, at.request(prompt="consent"), at.person_id)
    assert not consents.is_remembered(house.runtime, at.person_id, at.client.client_id, {"credits:read", "events:read"})
    other = Standing(house, at.person_id, make_partner(house))
    assert authorising.needs_page(house.runtime, other.request(), at.person_id)
    let_pass(house, days=365)
    assert authorising.needs_page(house.runtime, request, at.person_id)
    assert authorising.grant(house.runtime, request.asked, at.person_id, agreed=False) is None


def test_agreeing_again_begins_the_same_consent_anew(at: Standing) -> None:
    at.code()
    let_pass(at.house, days=10)
    at.code()
    at.code(agreed=False)
    (shared,) = consents.list_for_person(at.house.runtime, at.person_id)
    assert (shared.client_name, shared.scopes) == ("ระบบรับสมัครทดลอง", {"credits:read"})
    assert shared.given_at > at.house.runtime.clock() - timedelta(minutes=1)
    assert count(at, Consent) == 1
    assert len(why(at)) == 3


def test_agreeing_twice_at_once_is_agreeing_once(at: Standing) -> None:
    asked = at.request().asked
    codes = at_once([lambda: authorising.grant(at.house.runtime, asked, at.person_id, agreed=True)] * 4)
    assert all(isinstance(each, str) for each in codes)
    assert len(consents.list_for_person(at.house.runtime, at.person_id)) == count(at, Consent) == 1
    assert len(why(at)) == 4


def test_taking_consent_back_ends_everything_at_once(at: Standing) -> None:
    first, second, open_code = exchange(at, at.code()), exchange(at, at.code()), at.code()
    assert is_good(at, first)
    assert is_good(at, second)  # from now on they are remembered
    (shared,) = consents.list_for_person(at.house.runtime, at.person_id)
    consents.end(at.house.runtime, shared.id, "user:u-1", person_id=at.person_id)
    assert not is_good(at, first)
    assert not is_good(at, second)
    assert refused(refresh, at, first.refresh_token) == "invalid_grant"
    assert refused(exchange, at, open_code) == "invalid_grant"
    assert authorising.needs_page(at.house.runtime, at.request(), at.person_id)
    assert set(why(at)) == {"consent_ended"}
    assert consents.list_for_person(at.house.runtime, at.person_id) == []
    assert refused(consents.end, at.house.runtime, shared.id, "user:u-1") == "not_found"


def test_nobody_takes_back_what_another_learner_gave(at: Standing) -> None:
    issued = exchange(at, at.code())
    (shared,) = consents.list_for_client(at.house.runtime, at.client.client_id)
    stranger = stand(at.house).person_id
    assert refused(consents.end, at.house.runtime, shared.id, "user:x", person_id=stranger) == "not_found"
    assert refused(consents.end, at.house.runtime, "nonsense", "user:x") == "not_found"
    assert is_good(at, issued)


def test_an_erasure_by_the_last_host_that_knows_a_learner_ends_what_they_share(at: Standing) -> None:
    issued = exchange(at, at.code())
    assert is_good(at, issued)
    at.house.bank.hear(LearnerErased(learner=learner(at.learner), erased_at=at.house.runtime.clock()))
    assert not is_good(at, issued)
    assert why(at) == ["consent_ended"]


def test_after_a_merge_a_learner_sees_and_takes_back_what_either_gave(at: Standing) -> None:
    other = stand(at.house)
    issued = exchange(at, at.code())
    merged = LearnerMerged(
        learner=learner(other.learner), merged=learner(at.learner), merged_at=at.house.runtime.clock()
    )
    at.house.bank.hear(merged)
    (shared,) = consents.list_for_person(at.house.runtime, other.person_id)
    assert is_good(at, issued)
    at.house.bank.hear(LearnerErased(learner=learner(at.learner), erased_at=at.house.runtime.clock()))
    assert is_good(at, issued)  # the other id still leads to them
    consents.end(at.house.runtime, shared.id, "user:u-1", person_id=other.person_id)
    assert not is_good(at, issued)

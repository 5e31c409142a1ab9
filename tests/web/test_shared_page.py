"""The page on which a learner sees who may read their credits, and takes it back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from creditbank_plugin.rules import thai
from creditbank_plugin.services.access import consents
from tests.builders import House, Place, furnish, make_app
from tests.oauth_world import Standing, stand
from tests.services.authorisations import exchange, is_good
from tests.web.world import log_in, post

pytestmark = pytest.mark.both_databases

PAGE = "/creditbank/shared"


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    return furnish(make_app(shared_place.folder, shared_place.url))


@pytest.fixture
def at(house: House) -> Standing:
    return stand(house)


def mine(at: Standing) -> list[str]:
    return [each.id for each in consents.list_for_person(at.house.runtime, at.person_id)]


def test_a_learner_sees_who_reads_what_since_when_and_until_when(at: Standing) -> None:
    client = log_in(at.house, "student", learner=f"s-{at.learner}")
    assert "ตอนนี้คุณไม่ได้ยินยอมให้ระบบใด" in client.get(PAGE).text
    at.code()
    shown = client.get(PAGE)
    today = thai.bangkok_day(at.house.runtime.clock())
    days = at.house.runtime.settings.consent_days
    for said in (
        *("ระบบรับสมัครทดลอง", "ใช้ประกอบการรับสมัคร", "ดูได้อย่างเดียว แก้ไขไม่ได้", "ยืนยันการยกเลิก"),
        *(thai.date_th(today), thai.date_th(today + timedelta(days=days))),
    ):
        assert said in shown.text
    assert shown.headers["Cache-Control"] == "private, no-store"
    english = client.get(PAGE, query_string={"lang": "en"}).text
    assert "To process an application" in english
    assert "Yes, stop sharing" in english


def test_the_page_is_in_the_learner_s_menu(at: Standing) -> None:
    assert f'href="{PAGE}"' in log_in(at.house, "student", learner=f"s-{at.learner}").get("/creditbank/").text


def test_what_is_taken_back_can_be_read_no_longer(at: Standing) -> None:
    issued = exchange(at, at.code())
    assert is_good(at, issued)
    client = log_in(at.house, "student", learner=f"s-{at.learner}")
    (shared,) = mine(at)
    answer = post(client, f"{PAGE}/{shared}/end")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "ยกเลิกความยินยอมแล้ว" in client.get(PAGE).text
    assert mine(at) == []
    assert not is_good(at, issued)
    assert post(client, f"{PAGE}/{shared}/end").status_code == 404


def test_only_the_learner_s_own_form_takes_it_back(at: Standing) -> None:
    at.code()
    (shared,) = mine(at)
    other = stand(at.house)
    for who in (f"s-{other.learner}", "s-nobody-knows"):
        assert post(log_in(at.house, "student", learner=who), f"{PAGE}/{shared}/end").status_code == 404
    forged = log_in(at.house, "student", learner=f"s-{at.learner}").post(f"{PAGE}/{shared}/end")
    assert forged.status_code == 400
    assert post(log_in(at.house, "admin"), f"{PAGE}/{shared}/end").status_code == 403
    assert mine(at) == [shared]
    assert "ตอนนี้คุณไม่ได้ยินยอม" in log_in(at.house, "student", learner="s-nobody-knows").get(PAGE).text

"""What the administrator sees of webhooks, and does: sending again, stopping; and how it looks."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from creditbank_plugin.services.access import clients
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.services.telling import post as sending
from creditbank_plugin.services.telling import subscriptions
from creditbank_plugin.services.telling.subscriptions import Subscribed
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Delivery
from tests.builders import SCHOOL, House, Place, completed, moment, revoked
from tests.conftest import databases
from tests.services.receiver import Receiver, receiving
from tests.web.browser import FORMS, Look
from tests.web.test_learner_pages import plain
from tests.web.world import empty_bank, log_in, post, serving

pytestmark = pytest.mark.both_databases

AT = "/creditbank/admin/webhooks"


def subscribe(house: House, receiver: Receiver) -> Subscribed:
    wish = clients.Wish(name="ระบบของวิทยาลัย", organisation=SCHOOL, scopes=["webhooks:manage"])
    return subscriptions.subscribe(
        house.runtime,
        client_id=clients.create(house.runtime, wish).client_id,
        organisation=SCHOOL,
        organisations={SCHOOL},
        url=receiver.url,
        types=["credit.posted", "credit.reversed"],
    )


def make(place: Place) -> tuple[House, Subscribed]:
    """A bank that told of two changes, was not heard about a third, and has one to tell."""
    config = {"CREDITBANK_WEBHOOK_PRIVATE": True, "CREDITBANK_SETTLE": "worker", "CREDITBANK_WEBHOOK_ATTEMPTS": 1}
    house = empty_bank(place, **config)
    with receiving() as receiver:
        made = subscribe(house, receiver)
        for tiding in (completed(1), completed(2)):
            house.bank.hear(tiding)
        settle(house.runtime)
        sending.deliver(house.runtime)
        receiver.answer = lambda _: 500
        house.bank.hear(revoked(1, revoked_at=moment(9)))
        settle(house.runtime)
        sending.deliver(house.runtime)
    subscriptions.resend(house.runtime, made.id, deliveries(house)[0])
    return house, made


def deliveries(house: House) -> list[str]:
    with reading(house.runtime.engine) as connection:
        return list(connection.scalars(select(Delivery.id).order_by(Delivery.id)))


def test_an_administrator_sees_what_was_sent_sends_again_and_stops(place: Place) -> None:
    house, made = make(place)
    admin = log_in(house, "admin")
    listed = plain(admin.get(AT).text)
    assert "ระบบของวิทยาลัย" in listed
    assert "รอส่ง 1" in listed
    assert "ส่งไม่สำเร็จ 1" in listed
    one = f"{AT}/{made.id}"
    shown = admin.get(one).text
    assert "ปลายทางตอบว่าไม่รับ" in plain(shown)
    assert "(500)" in plain(shown)
    assert made.secret not in shown
    parked = plain(admin.get(one, query_string={"state": "parked"}).text)
    assert ("หน่วยกิตถูกพักหรือยกเลิก" in parked, "ได้หน่วยกิต " in parked.split("ผลของครั้งล่าสุด")[1]) == (True, False)
    answer = post(admin, f"{one}/deliveries/{deliveries(house)[2]}/resend")
    assert answer.status_code == 303
    assert "จะส่งข้อความนี้อีกครั้ง" in admin.get(one).text
    assert subscriptions.numbers(house.runtime)["due"] == 2
    assert post(admin, f"{one}/stop").status_code == 303
    assert "หยุดส่งไปที่อยู่นี้แล้ว" in admin.get(one).text
    assert "หยุดส่งเมื่อ" in plain(admin.get(AT).text)
    post(admin, f"{one}/deliveries/{deliveries(house)[2]}/resend")
    assert "จึงไม่ได้ส่ง" in admin.get(one).text


def test_nobody_but_the_platforms_administrator_enters(place: Place) -> None:
    house = empty_bank(place)
    assert log_in(house).get(AT).status_code == 401
    for role in ("committee", "director", "registrar"):
        assert log_in(house, role).get(AT).status_code == 403
        assert post(log_in(house, role), f"{AT}/x/stop").status_code == 403
    assert log_in(house, "admin").get(f"{AT}/x").status_code == 404
    assert log_in(house, "admin").post(f"{AT}/x/stop").status_code == 400


@pytest.fixture(scope="module")
def looked_at(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, Subscribed]]:
    folder = tmp_path_factory.mktemp("webhooks-axe")
    with databases(request, folder) as make_database:
        yield make(Place(folder, make_database("sqlite")))


@pytest.mark.browser
@FORMS
def test_the_pages_are_accessible_and_fit(
    chromium: Any, axe: str, looked_at: tuple[House, Subscribed], lang: str, width: int
) -> None:
    house, made = looked_at
    log_in(house, "admin")
    with serving(house) as address:
        look = Look(chromium, axe, address, lang, width)
        look.at(AT, f"{AT}/{made.id}", f"{AT}/{made.id}?state=parked")
        look.close()

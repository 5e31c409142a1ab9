"""The pages of orders, banks, mandates and memoranda in a real browser: accessible, and no wider than a phone."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from creditbank_hooks import Course
from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.adopting import adoption_register, memoranda
from creditbank_plugin.services.catalogue import courses
from tests.builders import BANK, PROVINCE, SCHOOL, House, Place, adopt, compare, completed, give_mandate, revoke
from tests.conftest import databases
from tests.web.browser import FORMS, Look
from tests.web.test_authority_pages import course_id
from tests.web.world import MATHS, SCIENCE, UNMATCHED, log_in, make_world, serving

pytestmark = pytest.mark.browser
ADMIN = "/creditbank/admin"


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A bank whose page has something in every part, on SQLite alone."""
    folder = tmp_path_factory.mktemp("axe")
    with databases(request, folder) as make:
        yield rich(Place(folder, make("sqlite")))


def rich(place: Place) -> House:
    """A bank with standing, revoked, disagreeing and missing orders, a mandate, and a memorandum of 29 agencies."""
    house = make_world(place)
    near = {"code": "P50", "kind": "province", "name_th": "ศูนย์ธนาคารหน่วยกิตจังหวัดเชียงใหม่", "province": "50"}
    organisations.add_organisation(house.runtime, **near)
    wanted = courses.add_course(
        house.runtime, owner="national", code="ล20101", version="2567", title_th="การแปรรูปลำไยอบแห้ง", hours=4000
    )
    compare(house, wanted, 100, body="P50")
    compare(house, course_id(house, SCIENCE[0]), 200, body="P50", applies_from=date(2025, 1, 1))
    for learner in (1, 2, 3):
        house.bank.hear(completed(learner, course=Course(code="ล20101")))
    adopt(house, None, body=PROVINCE, level_group="lower_secondary", order_number="4/2568")
    doubtful = course_id(house, UNMATCHED[0])
    for credits, body in ((100, PROVINCE), (150, "P50")):
        compare(house, doubtful, credits, body=body, applies_from=date(2026, 2, 1))
    orders = {"applies_from": date(2026, 2, 1), "ordered_on": date(2026, 1, 20)}
    adopt(house, None, body=PROVINCE, order_number="5/2569", **orders)
    adopt(
        house,
        None,
        body="P50",
        level_group=None,
        order_number="6/2569",
        **{**orders, "applies_until": date(2029, 1, 1)},
    )
    house.bank.hear(completed(2, course=Course(code=UNMATCHED[0])))
    revoke(house, house.ids["adoption"], revoked_from=date(2026, 6, 1))
    give_mandate(house)
    names = ["ศูนย์จังหวัดลำพูน", f"โรงเรียนตัวอย่าง ({SCHOOL})", *(f"หน่วยงานที่ร่วมลงนาม {n}" for n in range(3, 30))]
    house.ids["memorandum"] = memoranda.enter(
        house.runtime,
        owner=PROVINCE,
        title="บันทึกข้อตกลงความร่วมมือการขับเคลื่อนธนาคารหน่วยกิตจังหวัดลำพูน",
        number="1/2568",
        signed_on=date(2025, 3, 1),
        reference="https://example.go.th/mou",
        parties=names,
        by=administrator("ผู้ดูแล"),
    )
    return house


def pages(house: House) -> list[str]:
    order = next(row for row in adoption_register.adoptions(house.runtime) if not row.revoked_from)
    return [
        f"{ADMIN}/adoptions",
        f"{ADMIN}/adoptions?state=revoked",
        f"{ADMIN}/adoptions/new?bank={BANK}&comparison={house.ids['comparison']}",
        f"{ADMIN}/adoptions/{order.id}/revoke",
        f"{ADMIN}/banks",
        f"{ADMIN}/banks/{BANK}",
        f"{ADMIN}/banks/{BANK}?part=adopted",
        f"{ADMIN}/mandates",
        f"{ADMIN}/memoranda",
        f"{ADMIN}/memoranda/new",
        f"{ADMIN}/memoranda/{house.ids['memorandum']}",
    ]


@FORMS
def test_pages_are_accessible_and_fit(chromium: Any, axe: str, house: House, lang: str, width: int) -> None:
    log_in(house, "admin")
    with serving(house) as address:
        look = Look(chromium, axe, address, lang, width)
        look.at(*pages(house))
        page = look.page
        page.goto(f"{address}{ADMIN}/adoptions/new?bank={BANK}&kind=list&body={PROVINCE}")
        page.click("button[value=look]")
        look.here("faults of the choice")
        page.fill("#applies_from_d", "1")
        page.select_option("#applies_from_m", "1")
        page.fill("#applies_from_y", "2569" if lang == "th" else "2026")
        page.click("button[value=look]")
        assert MATHS[0] in page.inner_text("main")
        look.here("signing")
        page.click("button[value=sign]")
        assert page.locator(".wrong").count() == 3
        look.here("faults of the order")
        look.close()

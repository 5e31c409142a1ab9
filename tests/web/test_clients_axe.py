"""Who shares what, and the administrator's pages of clients, in a real browser: accessible, and no wider than a phone."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import OTHER_SCHOOL, SCHOOL, House, furnish, make_app
from tests.conftest import databases
from tests.oauth_world import make_partner, make_public, stand
from tests.web.browser import FORMS, Look
from tests.web.world import log_in, serving

pytestmark = pytest.mark.browser
LIST = "/creditbank/admin/clients"


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On SQLite alone: what a browser is sent does not depend on the database."""
    folder = tmp_path_factory.mktemp("axe")
    with databases(request, folder) as make:
        yield furnish(make_app(folder, make("sqlite")))


@FORMS
def test_pages_are_accessible_and_fit(chromium: Any, axe: str, house: House, lang: str, width: int) -> None:
    long = f"https://admission.example/{'very-long-path/' * 12}back"
    at = stand(house, schools=[SCHOOL], pkce=False, redirect_uris=["https://agency.example/back", long])
    at.code()
    make_public(house)
    with serving(house) as address:
        look = Look(chromium, axe, address, lang, width)
        log_in(house, "student", learner=f"s-{at.learner}")
        look.at("/creditbank/shared")
        log_in(house, "student", learner="s-nobody")
        look.at("/creditbank/shared")
        log_in(house, "admin")
        mine = f"{LIST}/{at.client.client_id}"
        look.at(LIST, f"{LIST}?q=nothing-like-it", mine, f"{LIST}/new")
        page = look.page
        page.click("main form.long button")
        assert page.locator(".wrong").count() >= 2
        look.here("faults of the form")
        page.fill("#name", "ระบบรับสมัคร")
        page.fill("#organisation", OTHER_SCHOOL)
        page.check("input[value='credits:read']")
        page.click("main form.long button")
        assert "cb_" in page.inner_text("main")
        look.here("the secret")
        page.goto(f"{address}{mine}")
        page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
        page.click("form[action$=rotate] button")
        look.here("the new secret")
        page.goto(f"{address}{mine}")
        page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
        page.click("form[action$=stop] button")
        look.here("stopped")
        look.close()


def test_the_pages_work_without_javascript(chromium: Any, house: House) -> None:
    made = make_partner(house)
    with serving(house) as address:
        context = chromium.new_context(java_script_enabled=False)
        page = context.new_page()
        log_in(house, "admin")
        page.goto(f"{address}{LIST}/{made.client_id}")
        page.get_by_text("หยุดใช้งานระบบนี้").click()
        page.get_by_role("button", name="ยืนยันหยุดใช้งาน").click()
        page.get_by_text("หยุดใช้งานระบบนี้แล้ว").wait_for(timeout=10_000)
        context.close()

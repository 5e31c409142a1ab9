"""Every page in a real browser, on a phone and on a desk, in both languages: no WCAG 2.2 AA fault that axe can find."""

import io
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import House, Place
from tests.conftest import databases
from tests.frameworks import package, raw
from tests.web.browser import FORMS, Look, faults, opened
from tests.web.world import FOREIGN, log_in, make_world, post, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On SQLite alone: what a browser is sent does not depend on the database; other tests read the pages on both."""
    folder = tmp_path_factory.mktemp("axe")
    with databases(request, folder) as make:
        yield make_world(Place(folder, make("sqlite")), CREDITBANK_LOGIN_URL="/login")


def pages(house: House) -> dict[str, list[str]]:
    """Every page by who sees it."""
    client = log_in(house, "student", learner="s-1")
    home = client.get("/creditbank/").text
    records = re.findall(r'"(/creditbank/records/[\w-]+)"', home)
    events = re.findall(r'"(/creditbank/events/[\w-]+)"', home)
    course = house.ids["course"]
    core, outcome = "/creditbank/frameworks/core-curriculum-2551", house.ids["items"].split(",")[0]
    return {
        "learner": [
            *("/creditbank/", *records[-2:], events[0], "/creditbank/records/none"),
            *("/creditbank/courses", "/creditbank/courses?q=1&counts=true", f"/creditbank/courses/{course}"),
            "/creditbank/frameworks",
        ],
        "new": ["/creditbank/"],
        "nobody": ["/creditbank/"],
        "admin": [
            "/creditbank/admin/",
            "/creditbank/admin/inbox",
            "/creditbank/admin/inbox?state=parked",
            events[0].replace("/events/", "/admin/inbox/"),
            "/creditbank/admin/aliases",
            f"/creditbank/admin/aliases?name={FOREIGN.replace('?', '%3F')}&q=1",
            "/creditbank/admin/comparisons",
            "/creditbank/admin/comparisons/new?q=1",
            f"/creditbank/admin/comparisons/new?course={course}",
            "/creditbank/admin/adoptions",
            "/creditbank/admin/adoptions/new",
            f"/creditbank/admin/suggestions?q=1&course={course}",
            "/creditbank/admin/synonyms",
            f"/creditbank/courses/{course}",
            f"/creditbank/courses/{course}/edit",
            "/creditbank/courses/new",
            "/creditbank/frameworks",
            core,
            f"{core}?group=0",
            f"{core}?q=1",
            f"{core}/{outcome}",
            "/creditbank/admin/frameworks",
            looked_at(house),
        ],
    }


def looked_at(house: House) -> str:
    """The page of a framework's file that was looked at."""
    client, file = log_in(house, "admin"), (io.BytesIO(raw(package())), "f.json")
    address = post(client, "/creditbank/admin/frameworks", file=file).location
    for _ in range(200):
        if "Refresh" not in client.get(address).headers:
            break
        time.sleep(0.05)
    return str(address)


@FORMS
def test_pages_are_accessible_and_fit(chromium: Any, axe: str, house: House, lang: str, width: int) -> None:
    who: dict[str, dict[str, Any]] = {
        "learner": {"learner": "s-1"},
        "new": {"learner": "s-9"},
        "nobody": {},
        "admin": {},
    }
    with serving(house) as address:
        look = Look(chromium, axe, address, lang, width)
        for visitor, paths in pages(house).items():
            log_in(house, *(["admin"] if visitor == "admin" else []), **who[visitor])
            look.at(*paths)
        look.close()


def test_faults_of_a_form_are_accessible_too(chromium: Any, axe: str, house: House) -> None:
    log_in(house, "admin")
    with serving(house) as address:
        page = opened(chromium, axe, viewport={"width": 360, "height": 800})
        page.goto(f"{address}/creditbank/admin/comparisons/new?course={house.ids['course']}")
        page.click("button[value=save]")
        assert page.locator(".wrong").count() >= 5
        assert faults(page) == []
        page.close()


def test_axe_does_find_faults(chromium: Any, axe: str, house: House) -> None:
    log_in(house, learner="s-1")
    with serving(house) as address:
        page = opened(chromium, axe)
        page.goto(f"{address}/creditbank/")
        page.evaluate("document.querySelector('main').append(document.createElement('button'))")
        assert any(fault.startswith("button-name") for fault in faults(page))
        page.close()


def test_the_keyboard_reaches_the_content_first(chromium: Any, house: House) -> None:
    log_in(house, learner="s-1")
    with serving(house) as address:
        page = chromium.new_page()
        page.goto(f"{address}/creditbank/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.close()


def test_a_learner_accepts_and_reads_why_without_scripts(chromium: Any, place: Place) -> None:
    house = make_world(place)
    log_in(house, learner="s-1")
    with serving(house) as address:
        context = chromium.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}/creditbank/")
        page.get_by_role("button", name="รับบัญชี").click()
        assert page.locator("[role=status]").inner_text() == "รับบัญชีเรียบร้อยแล้ว"
        page.get_by_role("link", name="คณิตศาสตร์ 1").click()
        assert page.locator("h1").inner_text() == "คณิตศาสตร์ 1"
        page.locator("main summary").first.click()
        assert page.locator("details[open]").count() == 1
        page.click("text=English")
        assert page.locator("html").get_attribute("lang") == "en"
        context.close()

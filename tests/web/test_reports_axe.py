"""The report's pages in a real browser: no fault that axe can find, no wider than a phone, and tables on paper."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import House, Place
from tests.conftest import databases
from tests.reports_world import make_world
from tests.web.browser import FORMS, Look
from tests.web.world import log_in, serving

pytestmark = pytest.mark.browser
PATHS = ("/creditbank/reports", "/creditbank/reports/51", "/creditbank/reports/96")


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("reports-axe")
    with databases(request, folder) as make:
        yield make_world(Place(folder, make("sqlite")))


@FORMS
def test_reports_are_accessible_and_fit(chromium: Any, axe: str, house: House, lang: str, width: int) -> None:
    log_in(house, "admin")
    with serving(house) as address:
        look = Look(chromium, axe, address, lang, width)
        look.at(*PATHS)
        look.close()


def test_on_a4_tables_are_tables_and_nothing_is_cut_off(chromium: Any, house: House) -> None:
    log_in(house, "admin")
    with serving(house) as address:
        page = chromium.new_page(viewport={"width": 703, "height": 1000})  # A4 less margins of 12 mm
        page.emulate_media(media="print")
        for path in PATHS[:2]:
            page.goto(f"{address}{path}")
            assert page.evaluate("getComputedStyle(document.querySelector('table.stack')).display") == "table"
            wide = "[...document.querySelectorAll('table')].filter(each => each.getBoundingClientRect().right > 703).length"
            assert page.evaluate(wide) == 0, path
        page.close()

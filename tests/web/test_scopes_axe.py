"""The API's pages of scopes and of documentation, in a real browser: axe, and whether they fit a phone and a desk."""

from typing import Any

import pytest

from tests.builders import House
from tests.web.browser import DESK, PHONE, faults, opened
from tests.web.world import serving

pytestmark = pytest.mark.browser


def test_the_page_of_scopes_is_accessible_and_fits(chromium: Any, axe: str, house: House) -> None:
    with serving(house) as address:
        for language in ("th", "en"):
            page = opened(chromium, axe, locale=language, viewport={"width": PHONE, "height": 800})
            stopped: list[str] = []
            page.on("console", lambda said, stopped=stopped: stopped.append(said.text))
            page.goto(f"{address}/creditbank/api/scopes")
            assert page.evaluate("document.documentElement.lang") == language
            assert faults(page) == []
            for width in (PHONE, DESK):
                page.set_viewport_size({"width": width, "height": 800})
                fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
                assert page.evaluate(fits), width
            assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "1024px"
            assert stopped == []
            page.close()


def test_the_documentation_without_javascript_says_where_to_read_on(chromium: Any, house: House) -> None:
    with serving(house) as address:
        context = chromium.new_context(java_script_enabled=False, locale="th", viewport={"width": PHONE, "height": 800})
        page = context.new_page()
        page.goto(f"{address}/creditbank/api/docs")
        assert "เบราว์เซอร์นี้ไม่ได้เปิดใช้" in page.inner_text("main")
        assert page.locator("main a").count() == 4
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "1024px"
        context.close()

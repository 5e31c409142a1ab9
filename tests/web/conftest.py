"""What every test in a browser may ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.browser import QUIET, chromium_file


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for the tests of one file."""
    file = chromium_file()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=file, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility rules, as a script."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
